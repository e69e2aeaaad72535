"""Who a fact is about: pure decisions over one batch, no database, no clock.

Certain identifiers name one human and link at once. Weak ones (a device) only find somebody when nothing certain is
there, and never join two known people; hints are kept and find nobody. A guarded value (a shop's tablet, a guide's own phone,
13800138000) names nobody. Which kind is what, the live rules say (`ruleset`).

Whoever already has a card and comes with another one under the same phone is born anew with it and linked by the phone,
so that the two can part again when the phone turns out to be a guide's.

A device is of one person after another: a fact with nothing certain is of whoever was known there last when it happened; before
anybody was, of the visitor the device was first seen with.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from huoshui.core.phone import normalise
from huoshui.people.identity.apart import Apart, Pair
from huoshui.people.identity.kinds import DELIVERED
from huoshui.people.identity.ruleset import Ruleset, delivered, narrow
from huoshui.people.identity.types import Assignment, Conflict, NewLink, PartedAgain, Seen

KINDS = DELIVERED
"""What is the same whatever a house changes: which kinds there are, their names, which are contacts."""

AS_DELIVERED = delivered()

Name = tuple[str, str, str]
Held = tuple[str, str]  # kind and scope
JOINED_ENOUGH = 1_000_000
"""So many links has a value made of which somebody has said, by taking one back, that it is several people's."""

VISIT = timedelta(minutes=30)
"""For so long after he was known on a device somebody need not be known there again: kept is one moment of each visit."""

Moment = tuple[datetime, int]  # since when, and who

NOTHING_COUNTED: Mapping[int, Mapping[Held, int]] = {}


def plain(kind: str, value: str) -> str:
    """The one way in which a value is kept and looked up. Raises NotAPhone."""
    if kind == "phone":
        return normalise(value)
    value = narrow(value)
    return value.lower() if kind == "email" else value


def beside_unknown(seen: Sequence[Seen], by: Ruleset = AS_DELIVERED) -> set[int]:
    """Clusters, by canonical id, on whose fact stands a strong identifier never seen before: is it one more of theirs?"""
    found: set[int] = set()
    for _, rows in _by_fact(seen):
        if len(rows) > 1 and any(s.identifier_id is None and _is_certain(s, by) for s in rows):
            found |= {s.canonical_id for s in rows if s.canonical_id is not None}
    return found


def may_meet(seen: Sequence[Seen], by: Ruleset = AS_DELIVERED) -> set[int]:
    """Clusters, by canonical id, of which this batch may make one out of several, in however many steps."""
    root: dict[int | Name, int | Name] = {}

    def top(one: int | Name) -> int | Name:
        while (above := root.get(one, one)) != one:
            one = above
        return one

    for _, rows in _by_fact(seen):
        if len(rows) > 1:
            some = {
                s.name if s.canonical_id is None else s.canonical_id
                for s in rows
                if _is_certain(s, by) and not s.is_guarded
            }
            first, *others = some or {0}
            for other in others:
                root[top(other)] = top(first)
    heads: dict[int | Name, list[int]] = defaultdict(list)
    for one in {*root, *root.values()}:
        if isinstance(one, int):
            heads[top(one)].append(one)
    return {one for some in heads.values() if len(some) > 1 for one in some}


def _is_certain(s: Seen, by: Ruleset) -> bool:
    return by.kinds[s.kind].is_certain(s.scope)


def perhaps_visitors(seen: Sequence[Seen], by: Ruleset = AS_DELIVERED) -> set[int]:
    """Persons of devices that have joined nobody yet and stand beside something strong of somebody else: are they
    visitors, of whom nothing is known but their device?"""
    found: set[int] = set()
    for _, rows in _by_fact(seen):
        if len(rows) > 1 and any(_is_certain(s, by) for s in rows):
            whose = {s.canonical_id for s in rows if _is_certain(s, by)}
            found |= {
                s.person_id
                for s in rows
                if by.kinds[s.kind].of_a_visitor
                and by.kinds[s.kind].finds(s.scope)
                and s.person_id is not None
                and not s.links_made
                and not s.is_guarded
                and s.canonical_id not in whose
            }
    return found


def holder(s: Seen, by: Ruleset = AS_DELIVERED) -> Moment | None:
    """Who was known last on this device, as far as was known before this batch."""
    if s.holder_id is None or s.held_since is None or not by.kinds[s.kind].is_handed_on:
        return None
    return s.held_since, s.holder_id


def is_visiting(last: Moment | None, person: int, at: datetime) -> bool:
    """Whether that he is known there at this moment says nothing new."""
    return last is not None and last[1] == person and at - last[0] < VISIT


def assign(
    seen: Sequence[Seen],
    held: Mapping[int, Set[Held]],
    visitors: Set[int] = frozenset(),
    by: Ruleset = AS_DELIVERED,
    counts: Mapping[int, Mapping[Held, int]] = NOTHING_COUNTED,
    apart: Iterable[Pair] = (),
) -> Assignment:
    """Decide persons, new identifiers and links for a batch of facts, in the order of `seen` (by fact id).

    `held` tells for the clusters of `beside_unknown` of which (kind, scope) each has a strong identifier already;
    `visitors` are those of `perhaps_visitors` who have nothing strong and are one with nobody. `counts` tells, where the rules
    limit it, how many values of each kind a cluster has, by its canonical id (`Ruleset.counted_as`). `apart` are pairs of
    canonical ids whom somebody has parted: nothing here makes them one, on whichever way round.
    """
    batch = _Batch(seen, held, visitors, by, counts, apart)
    trust = by.trust
    for fact_id, rows in _by_fact(seen):
        if len(rows) > 1:
            rows.sort(key=lambda s: trust.get(s.kind, len(trust)))
        batch.decide(fact_id, rows)
    return batch.out


def _by_fact(seen: Sequence[Seen]) -> Iterator[tuple[int, list[Seen]]]:
    for fact_id, rows in groupby(seen, key=lambda s: s.fact_id):
        yield fact_id, list(rows)


class _Batch:
    def __init__(
        self,
        seen: Sequence[Seen],
        held: Mapping[int, Set[Held]],
        visitors: Set[int],
        by: Ruleset,
        counts: Mapping[int, Mapping[Held, int]],
        apart: Iterable[Pair],
    ) -> None:
        self.out = Assignment()
        self._by = by
        self._counts = {person: Counter(kinds) for person, kinds in counts.items()}
        self._person: dict[Name, int | None] = {s.name: s.person_id for s in seen if s.identifier_id}
        self._held: dict[int, set[Held]] = defaultdict(
            set, {person: set(kinds) for person, kinds in held.items()}
        )
        self._guarded: set[Name] = {s.name for s in seen if s.is_guarded}
        self._links_made: dict[Name, int] = {s.name: s.links_made for s in seen}
        self._visitors = set(visitors)
        self._apart = Apart(apart)
        self._refused: set[Pair] = set()
        self._moments: dict[Name, list[Moment]] = {}
        self._root: dict[int, int] = {}
        for s in seen:
            if s.person_id is not None and s.canonical_id not in (None, s.person_id):
                self._join(s.person_id, s.canonical_id)

    def decide(self, fact_id: int, rows: list[Seen]) -> None:
        # The everyday fact: a card known for long, and nothing beside it that could be news
        if len(rows) == 1 and (person := self._standing(rows[0])) is not None:
            self.out.person_of_fact[fact_id] = person
            return
        usable = [s for s in rows if s.name not in self._guarded]
        finders = [s for s in usable if self._by.kinds[s.kind].finds(s.scope)]
        if not finders:
            own = next((s.own_person_id for s in rows if s.own_person_id is not None), None)
            if own is not None:
                self.out.person_of_fact[fact_id] = own
            return
        strong = [s for s in finders if _is_certain(s, self._by)]
        anchor = self._first_known(strong or finders)
        if anchor is None:
            person = self._bear(fact_id)
            self._own(usable, person, fact_id)
            if strong:
                self._sign_in(usable, person, fact_id)
            return
        known = self._stands_for(anchor)
        held = self._held[self._find(known)]
        is_another = any(s.name not in self._person and s.name[:2] in held for s in strong)
        others = [s for s in strong if s.name in self._person and not self._same(self._whose(s), known)]
        if (is_another or any(self._is_news(s, anchor) for s in others)) and self._is_shared(anchor, fact_id):
            self.decide(fact_id, rows)
            return
        person = self._bear(fact_id) if is_another else known
        self._own(usable, person, fact_id)
        if is_another:
            self._link(person, known, anchor, (anchor,), fact_id)
        for s in others:
            if self._same(self._whose(s), known) or (
                self._is_news(s, anchor) and self._is_shared(s, fact_id)
            ):
                continue
            self._link(known, self._whose(s), s, (anchor, s), fact_id)
        if strong:
            self._sign_in(usable, person, fact_id)

    def _is_news(self, s: Seen, anchor: Seen) -> bool:
        """Whether it says of either that it is many people's. Beside one from whom somebody has parted its human it does not,
        unless it is by this that the two had been one."""
        if self._between(self._whose(s), self._stands_for(anchor)) is None:
            return True
        return any(self._links_made.get(one.name, 0) >= JOINED_ENOUGH for one in (s, anchor))

    def _between(self, one: int, other: int) -> Pair | None:
        return self._apart.between(self._find(one), self._find(other))

    def _sign_in(self, usable: Sequence[Seen], person: int, fact_id: int) -> None:
        """Who is known beside a device has it from then on, until another is."""
        self._welcome(usable, person, fact_id)
        for s in usable:
            if s.at is None or not self._by.kinds[s.kind].is_handed_on:
                continue
            if not is_visiting(self._holder(s), person, s.at):
                insort(self._moments.setdefault(s.name, []), (s.at, person), key=itemgetter(0))
                self.out.held.append((s.name, fact_id))

    def _holder(self, s: Seen) -> Moment | None:
        """Whoever was known on this device last when the fact happened. Of two at one moment, who was told of later."""
        before = holder(s, self._by)
        moments = self._moments.get(s.name)
        if not moments or s.at is None:
            return before
        place = bisect_right(moments, s.at, key=itemgetter(0))
        if not place or (before is not None and moments[place - 1][0] < before[0]):
            return before
        return moments[place - 1]

    def _stands_for(self, s: Seen) -> int:
        """Whose a fact is that this is trusted most on."""
        found = self._holder(s)
        return self._whose(s) if found is None else found[1]

    def _welcome(self, usable: Iterable[Seen], person: int, fact_id: int) -> None:
        """The visitor of a device is whoever is first known on it. Once for a device: the next to sign in is another."""
        for s in usable:
            kind = self._by.kinds[s.kind]
            if not (kind.of_a_visitor and kind.finds(s.scope)) or self._links_made.get(s.name, 0):
                continue
            visitor = self._whose(s)
            if visitor in self._visitors and not self._same(visitor, person):
                self._link(visitor, person, s, (s,), fact_id)

    def _standing(self, s: Seen) -> int | None:
        if s.name in self._guarded or not self._by.kinds[s.kind].finds(s.scope):
            return None
        return self._person.get(s.name) and self._stands_for(s)

    def _first_known(self, rows: Iterable[Seen]) -> Seen | None:
        return next((s for s in rows if self._person.get(s.name) is not None), None)

    def _whose(self, s: Seen) -> int:
        person = self._person[s.name]
        assert person is not None  # only a guarded identifier is nobody's
        return person

    def _bear(self, fact_id: int) -> int:
        person = -1 - len(self.out.born)
        self.out.born[person] = fact_id
        self._visitors.add(person)
        return person

    def _own(self, usable: Iterable[Seen], person: int, fact_id: int) -> None:
        """The fact is this person's, and so are those of its identifiers that were nobody's."""
        self.out.person_of_fact[fact_id] = person
        for s in usable:
            if s.name not in self._person:
                self._person[s.name] = person
                self.out.new_identifiers[s.name] = (person, fact_id)
                if self._by.limits_values:
                    self._counts.setdefault(self._find(person), Counter())[self._by.counted_as(s.name)] += 1
                if _is_certain(s, self._by):
                    self._held[self._find(person)].add(s.name[:2])
                    self._visitors.discard(person)

    def _is_shared(self, s: Seen, fact_id: int) -> bool:
        """Whether a value has joined as many people as one human may have accounts; it is guarded from now on."""
        if self._links_made.get(s.name, 0) < self._by.kinds[s.kind].most_links:
            return False
        self._guarded.add(s.name)
        self.out.newly_guarded.append((s.name, fact_id))
        return True

    def _link(self, one: int, other: int, via: Seen, charged: tuple[Seen, ...], fact_id: int) -> None:
        names = tuple(s.name for s in charged)
        if (pair := self._between(one, other)) is not None:
            self.out.parted.append(PartedAgain(via.name, fact_id, *pair))
            return
        if self._by.limits_values and (kind := self._too_many(one, other)):
            self.out.conflicts.append(Conflict(kind, via.name, fact_id, one, other, names))
            if (one, other) not in self._refused:
                self._refused.add((one, other))
                self._charge(names)
            return
        self._join(one, other)
        self._visitors -= {one, other}
        self.out.links.append(NewLink(one, other, via.name, fact_id, names))
        self._charge(names)

    def _charge(self, names: Iterable[Name]) -> None:
        for name in names:
            self._links_made[name] = self._links_made.get(name, 0) + 1

    def _too_many(self, one: int, other: int) -> str:
        """Of which kind the two together would have more than one human has. Who has none of it brings no more."""
        first, second = (self._counts.get(self._find(person), Counter()) for person in (one, other))
        for held in first.keys() & second.keys():
            most = self._by.kinds[held[0]].most_of_person
            if most is not None and first[held] + second[held] > most:
                return held[0]
        return ""

    def _same(self, one: int, other: int) -> bool:
        return self._find(one) == self._find(other)

    def _find(self, person: int) -> int:
        while self._root.get(person, person) != person:
            person = self._root[person]
        return person

    def _join(self, one: int, other: int) -> None:
        a, b = self._find(one), self._find(other)
        if a != b:
            self._root[max(a, b)] = min(a, b)
            self._apart.joined(max(a, b), min(a, b))
            # By cluster: else each of several ids would take in another human's card under one phone, and nobody would count it
            if max(a, b) in self._held:
                self._held[min(a, b)] |= self._held.pop(max(a, b))
            if b in self._counts or a in self._counts:
                first, second = self._counts.pop(a, Counter()), self._counts.pop(b, Counter())
                self._counts[min(a, b)] = first + second


def clusters(persons: Iterable[int], links: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Person → canonical id (the smallest of the cluster) over living links; pure, so that a rebuild equals the present."""
    root: dict[int, int] = {p: p for p in persons}

    def find(person: int) -> int:
        while root[person] != person:
            root[person] = root[root[person]]
            person = root[person]
        return person

    for a, b in links:
        ra, rb = find(a), find(b)
        root[max(ra, rb)] = min(ra, rb)
    return {p: find(p) for p in root}


def path(start: int, goal: int, links: Iterable[tuple[int, int, int]]) -> list[int]:
    """The ids of the links on a shortest path from one person to another; empty when none leads there."""
    next_to: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for link_id, a, b in links:
        next_to[a].append((b, link_id))
        next_to[b].append((a, link_id))
    came: dict[int, tuple[int, int]] = {start: (start, 0)}
    front = [start]
    while front and goal not in came:
        front = [
            other
            for person in front
            for other, link_id in next_to[person]
            if came.setdefault(other, (person, link_id)) == (person, link_id) and other != start
        ]
    steps: list[int] = []
    while goal in came and goal != start:
        goal, link_id = came[goal]
        steps.append(link_id)
    return steps[::-1]
