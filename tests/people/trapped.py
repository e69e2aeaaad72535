"""Histories of `traps` carried out through the real doors, many at once, and what came of them held against what is true."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.crypto import lookup_key
from huoshui.core.facts.types import IDENTIFY, ORDER_COMPLETED, Source
from huoshui.core.tests.ground import NOON, a_source
from huoshui.intake.river.api import Item, Line, Order, part_shared, submit
from huoshui.people import api as people
from huoshui.people.identity import sharing
from tests.people.traps import ROUNDS, Event, History, Identifier, Parting, Shared, history

Human = tuple[int, int]  # of a history, by its place
Name = tuple[str, str, str]

_STRETCH = 400  # facts of one delivery


@dataclass
class Found:
    """`mixed`: clusters with data of two humans, told by the seed of their history. `joined` of `to_join` identifiers of one human
    that stood on one record, or were led to each other by several, are one's."""

    histories: int = 0
    events: int = 0
    clusters: int = 0
    mixed: list[tuple[int, tuple[str, ...], str]] = field(default_factory=list)
    joined: int = 0
    to_join: int = 0
    guarded: int = 0
    traps: Counter[str] = field(default_factory=Counter)

    @property
    def recall(self) -> float:
        return self.joined / self.to_join if self.to_join else 0.0

    def add(self, other: Found) -> None:
        for name in ("histories", "events", "clusters", "joined", "to_join", "guarded"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.mixed += other.mixed
        self.traps += other.traps


def play(seeds: Iterable[int], *, first: int, traps: Sequence[str] = ()) -> Found:
    """Carry out one history for each seed; `first` numbers them, and no number may come twice on one database."""
    brand.ensure_headquarters("总部")
    source = a_source()
    told = [history(seed, first + place, traps) for place, seed in enumerate(seeds)]
    parted: dict[Name, int] = {}
    for number in range(ROUNDS + 1):
        for one in told:
            for shared in one.found_out:
                # What had not come yet is found out about later
                if shared.round <= number:
                    _find_out(shared, parted, number)
            for parting in one.partings:
                if parting.round == number:
                    _part(parting)
        part_shared()
        if number < ROUNDS:
            _tell([e for one in told for e in one.rounds[number]], source)
    part_shared()
    return _judge(told, source, parted)


def _tell(events: Sequence[Event], source: Source) -> None:
    for turn in sorted({event.turn for event in events}):
        some = [event for event in events if event.turn == turn]
        for start in range(0, len(some), _STRETCH):
            submit(list(map(_item, some[start : start + _STRETCH])), source=source, actor=SYSTEM)


def _item(event: Event) -> Item:
    at = NOON + timedelta(minutes=event.minutes)
    if not event.amount:
        return Item(IDENTIFY, event.key, at, event.identifiers, dict(event.traits))
    order = Order(event.key, "S-one", (Line("P-milk", 1000, event.amount),))
    return Item(ORDER_COMPLETED, event.key, at, event.identifiers, order=order)


def _find_out(shared: Shared, parted: dict[Name, int], number: int) -> None:
    kind, scope, key = name = _name(shared.identifier)
    row = sql.fetch_one(_ROW, kind=kind, scope=scope, key=key)
    if row is None or row.is_guarded:
        return
    links = [r.id for r in sql.fetch(_LINKS, id=row.id)]
    with transaction.atomic():
        if shared.by_link and links:
            parted[name] = number
            for link_id in links:
                people.unmerge(link_id=link_id, reason="是两个人", actor=SYSTEM)
        elif name not in parted:
            sharing.say_shared(row.person_id, identifier_id=row.id, reason="全家共用", actor=SYSTEM)


def _part(parting: Parting) -> None:
    rows = [_row(identifier) for identifier in (parting.one, parting.other)]
    if any(row is None or row.person_id is None for row in rows):
        return
    one, other = (row.person_id for row in rows if row is not None)
    with transaction.atomic():
        for link in people.why(one, other):
            people.unmerge(link_id=link.link_id, reason="是两个人", actor=SYSTEM)


def _row(identifier: Identifier) -> sql.Row | None:
    kind, scope, key = _name(identifier)
    return sql.fetch_one(_ROW, kind=kind, scope=scope, key=key)


def _name(one: Identifier) -> Name:
    """As it is kept."""
    kind, _, scope = one[0].partition("@")
    plain = people.plain_identifier(kind, one[1])
    scope = people.scope_of(kind, plain, scope)
    return kind, scope, lookup_key(plain) if people.KINDS[kind].is_contact else plain


# ── what came of it ──────────────────────────────────────────────────────────────────────────────────────────────────


def _judge(told: Sequence[History], source: Source, parted: Mapping[Name, int]) -> Found:
    heads = {r.person_id: r.canonical_id for r in sql.fetch(_CLUSTERS)}
    whose = {_name(i): (n, h) for n, one in enumerate(told) for h, own in enumerate(one.own) for i in own}
    of_fact = {e.key: (n, e.human) for n, one in enumerate(told) for e in one.events() if e.certain}
    data: dict[int, dict[Human, str]] = defaultdict(dict)
    place: dict[Name, int] = {}
    rows = sql.fetch(_IDENTIFIERS, source_id=source.id)
    guarded = {(r.kind, r.scope, r.key) for r in rows if r.is_guarded}
    told_as_one = set(_recorded_as_one(told, {n: at for n, at in parted.items() if n not in guarded}))
    of_fact = {key: human for key, human in of_fact.items() if key not in told_as_one}
    for r in rows:
        name = (r.kind, r.scope, r.key)
        if name in whose and not r.is_guarded:
            place[name] = heads.get(r.person_id, r.person_id)
            data[place[name]].setdefault(whose[name], f"identifier {r.kind}")
    for person_id, human, what in _facts(source, of_fact, told):
        data[heads.get(person_id, person_id)].setdefault(human, what)
    found = Found(len(told), sum(1 for one in told for _ in one.events()), len(data))
    found.guarded = sum(r.is_guarded for r in rows)
    for one in told:
        found.traps.update(one.traps)
    for humans in data.values():
        if len(humans) > 1:
            one = told[min(n for n, _ in humans)]
            found.mixed.append((one.seed, tuple(one.traps), str(humans)))
    _recall(told, place, found)
    return found


def _recorded_as_one(told: Sequence[History], parted: Mapping[Name, int]) -> Iterator[str]:
    """Of two whom somebody has parted since: records under their phone, of the time while it made them one, of her who came second
    with it. Whoever parts two by hand leaves what was recorded where it stands (balances too); so these alone may be the first's.
    Should the phone come with the second once more, it is guarded, and these are judged too."""
    for one in told:
        for name in {_name(shared.identifier) for shared in one.found_out} & parted.keys():
            before = [e for some in one.rounds[: parted[name]] for e in some if name in _names(e)]
            yield from (e.key for e in before if e.human != before[0].human)


def _facts(
    source: Source, of_fact: dict[str, Human], told: Sequence[History]
) -> Iterator[tuple[int, Human, str]]:
    """(person, human, what): of whom each fact is, and what it told of him."""
    for r in sql.fetch(_FACTS, source_id=source.id):
        key = r.client_key.partition(" again ")[0]
        if key in of_fact:
            yield r.person_id, of_fact[key], f"fact {key}"
    numbers = {e.key.partition(":")[0]: n for n, one in enumerate(told) for e in one.events()}
    for r in sql.fetch(_NAMES, source_id=source.id):
        number, _, human = r.value.partition("/")
        if r.client_key.partition(" again ")[0] in of_fact:
            yield r.person_id, (numbers[number], int(human)), f"name {r.value}"


def _recall(told: Sequence[History], place: dict[Name, int], found: Found) -> None:
    for one in told:
        own = {_name(i) for some in one.own for i in some}
        root: dict[Name, Name] = {}

        def top(name: Name, root: dict[Name, Name] = root) -> Name:
            while root.setdefault(name, name) != name:
                name = root[name]
            return name

        for event in one.events():
            if event.certain:
                names = [n for n in _names(event) if n in own]
                for other in names[1:]:
                    root[top(other)] = top(names[0])
        for name in list(root):
            if top(name) != name:
                found.to_join += 1
                found.joined += name in place and place.get(top(name)) == place[name]


def _names(event: Event) -> Iterator[Name]:
    for kind, value in event.identifiers:
        if not people.is_blocked(kind.partition("@")[0], value):
            yield _name((kind, value))


_ROW = sql.Statement(
    "row",
    "select id, person_id, is_guarded from identifier where kind = %(kind)s and scope = %(scope)s and key = %(key)s",
)
_LINKS = sql.Statement(
    "links", "select id from link where identifier_id = %(id)s and unlinked_at is null order by id"
)
_CLUSTERS = sql.Statement("clusters", "select person_id, canonical_id from person_cluster")
_IDENTIFIERS = sql.Statement(
    "identifiers",
    "select i.kind, i.scope, i.key, i.person_id, i.is_guarded from identifier i join settlement s on s.fact_id = i.fact_id"
    " where s.source_id = %(source_id)s and i.person_id is not null",
)
_FACTS = sql.Statement(
    "facts",
    "select f.client_key, s.person_id from settlement s join fact f on f.id = s.fact_id and f.occurred_at = s.occurred_at"
    " where s.source_id = %(source_id)s and s.person_id is not null"
    " and not exists (select from fact_withdrawn w where w.fact_id = s.fact_id)",
)
_NAMES = sql.Statement(
    "names",
    "select a.person_id, a.value, f.client_key from attribute a join settlement s on s.fact_id = a.fact_id"
    " join fact f on f.id = s.fact_id and f.occurred_at = s.occurred_at"
    " where a.name = 'name' and a.source_id = %(source_id)s and a.value <> ''",
)
