"""Who is who once some facts count no more: what the rules would make of those that are left. Pure.

The facts that are left are told to the very rules that decided when they came, from nothing and in their order. Persons keep
their ids, and with them all that was settled under these; only a fact that would be somebody else's now is told again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from huoshui.core.facts.types import ORDER_REFUNDED
from huoshui.people.identity import rules
from huoshui.people.identity.apart import Apart
from huoshui.people.identity.ruleset import Ruleset
from huoshui.people.identity.types import Assignment, NewLink, Seen


class Told(NamedTuple):
    """An identifier that a fact carries, and whose it is at present."""

    fact_id: int
    person_id: int | None
    name: str
    kind: str
    scope: str
    key: str
    identifier_id: int | None
    owner_id: int | None
    canonical_id: int | None
    links_made: int
    is_guarded: bool
    has_voucher: bool
    settled_at: datetime | None
    at: datetime | None = None  # of a device: when the fact happened

    @property
    def identifier(self) -> rules.Name:
        return (self.kind, self.scope, self.key)


class Owned(NamedTuple):
    id: int
    kind: str
    scope: str
    key: str
    person_id: int
    fact_id: int
    is_guarded: bool

    @property
    def name(self) -> rules.Name:
        return (self.kind, self.scope, self.key)


class Living(NamedTuple):
    """A link. `is_gone`: the fact that is its evidence counts no more; `is_by_shared`: it carries what many share."""

    id: int
    person_a: int
    person_b: int
    rule: str
    fact_id: int | None
    is_gone: bool
    is_by_shared: bool = False


class Parted(NamedTuple):
    """Two whom somebody has parted by hand, when, and the identifier that had joined them."""

    person_a: int
    person_b: int
    identifier_id: int | None
    at: datetime


class Kept(NamedTuple):
    """An identifier that stays: whose it is, which fact it is known from, how many it has joined."""

    id: int
    person_id: int
    fact_id: int
    links_made: int


class Proof(NamedTuple):
    """What makes two persons one now. `link_id`: of a link that is there already."""

    person_a: int
    person_b: int
    fact_id: int
    via: rules.Name
    link_id: int | None


@dataclass
class Plan:
    kept: list[Kept] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)  # identifiers
    unlinked: list[int] = field(default_factory=list)
    proofs: list[Proof] = field(default_factory=list)
    born: list[tuple[int, int]] = field(default_factory=list)  # person, the fact he is first told of by
    retold: list[int] = field(default_factory=list)  # facts that would be somebody else's
    guarded: list[tuple[rules.Name, int]] = field(default_factory=list)  # found to be shared, by which fact
    held: list[tuple[rules.Name, int, int]] = field(default_factory=list)  # device, fact, who was known there


def regroup(
    told: Sequence[Told],
    owned: Sequence[Owned],
    links: Sequence[Living],
    persons: Set[int],
    *,
    held: Mapping[int, Set[rules.Held]],
    visitors: Set[int] = frozenset(),
    by: Ruleset = rules.AS_DELIVERED,
    parted: Sequence[Parted] = (),
) -> Plan:
    """What is to be done to these persons, who are whole clusters. `held` and `visitors` are of others whom the facts name;
    `parted` are pairs of persons that somebody has parted by hand."""
    now = rules.assign(seen_of(told, persons), held, visitors, by)
    return _Regrouping(told, owned, links, persons, now, parted, by).plan()


def seen_of(told: Sequence[Told], persons: Set[int]) -> list[Seen]:
    """The facts as if nothing were known of these persons yet. What is nobody's stays so."""
    return [_as_seen(t, is_mine=t.owner_id is None or t.owner_id in persons) for t in told]


def _as_seen(t: Told, *, is_mine: bool) -> Seen:
    if is_mine and not t.is_guarded:
        return Seen(t.fact_id, *t.identifier, None, None, None, 0, is_guarded=False, at=t.at)
    known = (t.identifier_id, t.owner_id, t.canonical_id)
    return Seen(t.fact_id, *t.identifier, *known, t.links_made, t.is_guarded, at=t.at)


class _Groups:
    def __init__(self) -> None:
        self._root: dict[int, int] = {}

    def find(self, one: int) -> int:
        while self._root.get(one, one) != one:
            one = self._root[one]
        return one

    def join(self, one: int, other: int) -> bool:
        a, b = self.find(one), self.find(other)
        if a != b:
            self._root[max(a, b)] = min(a, b)
        return a != b


class _Regrouping:
    def __init__(
        self,
        told: Sequence[Told],
        owned: Sequence[Owned],
        links: Sequence[Living],
        persons: Set[int],
        now: Assignment,
        parted: Sequence[Parted],
        by: Ruleset,
    ) -> None:
        self._told, self._owned, self._links, self._now = told, owned, links, now
        self._parted, self._by = parted, by
        self._persons = persons
        self._by_shared = {t.fact_id for t in told if t.is_guarded}
        self._groups = _Groups()
        self._kin = _Groups()
        self._first: dict[int, int] = {}  # person → his first fact
        self._place: dict[int, int] = {}  # person → one of those that the rules bear now
        self._find_homes()
        for living in links:
            if living.rule == "by_hand" and {living.person_a, living.person_b} <= self._place.keys():
                self._groups.join(self._place[living.person_a], self._place[living.person_b])
        self._joined = list(self._those_not_parted())
        # Whoever was born beside somebody, under a value that both have, may part from him again
        self._near = [x for x in self._joined if now.born.get(x.person_a) != x.fact_id]
        for link in self._near:
            self._kin.join(link.person_a, link.person_b)
        others = [one for x in self._near for one in (x.person_a, x.person_b) if one > 0]
        self._settled = {self._kin.find(one) for one in (*self._place.values(), *others)}

    def _those_not_parted(self) -> Iterator[NewLink]:
        """What the rules would link, but for those whom somebody has parted, however the way between them goes."""
        heads = ((self._placed(p.person_a), self._placed(p.person_b)) for p in self._parted)
        apart = Apart((self._groups.find(a), self._groups.find(b)) for a, b in heads)
        for link in self._now.links:
            a, b = self._groups.find(link.person_a), self._groups.find(link.person_b)
            if apart.between(a, b) is None:
                if self._groups.join(a, b):
                    apart.joined(max(a, b), min(a, b))
                yield link

    def _placed(self, person_id: int) -> int:
        """Others than these persons stay who they are."""
        return self._place.get(person_id, person_id)

    def _find_homes(self) -> None:
        """A person is whoever his first fact is of now; without a fact, whoever has his identifier."""
        # A device alone says where somebody belongs only of whom nothing else does: what was told on it may stand before that
        # by which he was known there, where this was told again
        says_more = {t.fact_id for t in self._told if t.at is None}
        for t in sorted(self._told, key=lambda t: t.fact_id not in says_more):
            placed = self._now.person_of_fact.get(t.fact_id)
            if placed is not None and t.person_id is not None and self._tells(t):
                self._place.setdefault(t.person_id, placed)
                self._first.setdefault(t.person_id, t.fact_id)
        for i in self._owned:
            owner = self._now.new_identifiers.get(i.name)
            if owner is not None and owner[0] is not None:
                self._place.setdefault(i.person_id, owner[0])
                self._first.setdefault(i.person_id, owner[1])

    def _tells(self, t: Told) -> bool:
        # A refund is its order's customer's, whatever it says itself
        return t.person_id in self._persons and t.name != ORDER_REFUNDED

    def home(self, person_id: int) -> int | None:
        place = self._place.get(person_id)
        return None if place is None else self._groups.find(place)

    def plan(self) -> Plan:
        out = Plan(born=sorted(self._first.items()))
        self._identifiers(out)
        self._link(out)
        out.retold = list(dict.fromkeys(t.fact_id for t in self._told if self._is_anothers(t)))
        out.guarded = list(self._found_shared().items())
        # What is told again says so itself
        stay = {
            t.fact_id: t.person_id
            for t in self._told
            if t.person_id is not None and t.person_id in self._persons
        }
        for fact_id in out.retold:
            stay.pop(fact_id, None)
        out.held = [(name, fact_id, stay[fact_id]) for name, fact_id in self._now.held if fact_id in stay]
        return out

    def _found_shared(self) -> dict[rules.Name, int]:
        """Values by which somebody had parted two, and under which both came again while something else made them one: had that
        not been, the value had been known to be shared by then. Each with the first such fact."""
        if not self._parted:
            return {}
        since = {p.identifier_id: p.at for p in sorted(self._parted, key=lambda p: p.at, reverse=True)}
        found: dict[rules.Name, int] = {}
        for fact_id, rows in groupby(self._told, key=lambda t: t.fact_id):
            of_fact = list(rows)
            for t in of_fact:
                at = since.get(t.identifier_id) if t.identifier_id else None
                if at is None or t.links_made < rules.JOINED_ENOUGH or t.is_guarded:
                    continue
                if t.settled_at is not None and t.settled_at > at and self._are_several(of_fact):
                    found.setdefault(t.identifier, fact_id)
        return found

    def _are_several(self, of_fact: Iterable[Told]) -> bool:
        """Whether the numbers that name these persons are several people's now."""
        owners = (
            self._now.new_identifiers.get(t.identifier)
            for t in of_fact
            if not t.is_guarded and self._by.kinds[t.kind].is_certain(t.scope)
        )
        return len({self._groups.find(o[0]) for o in owners if o is not None and o[0] is not None}) > 1

    def _is_anothers(self, t: Told) -> bool:
        placed = self._now.person_of_fact.get(t.fact_id)
        if t.person_id is None or placed is None or not self._tells(t) or t.has_voucher:
            return False
        if self._is_empty(placed) or self._groups.find(placed) != self.home(t.person_id):
            return True
        # What a shared value led to is told to whom its own numbers name, even where the two are one: they may part again
        return t.fact_id in self._by_shared and self._kin.find(placed) != self._kin_of(t.person_id)

    def _is_empty(self, place: int) -> bool:
        """Whether it is somebody's who is none of these persons, though one with them: he is born by what is told again."""
        return place < 0 and self._kin.find(place) not in self._settled

    def _identifiers(self, out: Plan) -> None:
        charged = Counter(self._now.charged)
        by_home: dict[int | None, int] = {}
        by_place: dict[int | None, int] = {}
        by_kin: dict[int | None, int] = {}
        for person in sorted(self._persons):
            by_home.setdefault(self.home(person), person)
            by_place.setdefault(self._place.get(person), person)
            by_kin.setdefault(self._kin_of(person), person)
        for i in self._owned:
            if i.is_guarded:
                continue
            place, fact_id = self._now.new_identifiers.get(i.name, (None, 0))
            if place is None:
                out.dropped.append(i.id)
                continue
            wanted = self._kin.find(place)
            otherwise = None if self._is_empty(place) else by_home.get(self._groups.find(place))
            # Of those who are one rather to whom it was first told of: they may part again
            owner = (
                i.person_id
                if self._kin_of(i.person_id) == wanted
                else self._nearest(place, by_place, by_kin.get(wanted, otherwise))
            )
            if owner is None:  # whoever is told of again will have it
                out.dropped.append(i.id)
            else:
                out.kept.append(Kept(i.id, owner, fact_id, charged[i.name]))

    def _kin_of(self, person_id: int) -> int | None:
        place = self._place.get(person_id)
        return None if place is None else self._kin.find(place)

    def _nearest(self, place: int, by_place: Mapping[int | None, int], otherwise: int | None) -> int | None:
        """Whoever stands there, else whom the fewest links lead to from there."""
        seen, front = {place}, [place]
        while front:
            for one in front:
                if one in by_place:
                    return by_place[one]
            ends = [(x.person_a, x.person_b) for x in self._near]
            front = [b if a in front else a for a, b in ends if (a in front) != (b in front)]
            front = [one for one in front if one not in seen]
            seen.update(front)
        return otherwise

    def _link(self, out: Plan) -> None:
        """Links whose ends have parted go; those that nothing proves any more are proved anew; and who is one stays one."""
        joined = _Groups()
        unproved = []
        for link in self._links:
            a, b = self.home(link.person_a), self.home(link.person_b)
            if link.rule == "by_hand":
                joined.join(link.person_a, link.person_b)
            elif a is None or a != b or (link.is_by_shared and not self._stands(link)):
                out.unlinked.append(link.id)
            elif link.is_gone:
                unproved.append(link)
            else:
                joined.join(link.person_a, link.person_b)
        for link in unproved:
            joined.join(link.person_a, link.person_b)
            out.proofs.append(self._proof(link.person_a, link.person_b, link.id))
        out.proofs += self._told_now(joined)
        by_home: dict[int, int] = {}
        for person in sorted(self._persons):
            home = self.home(person)
            if home is None:
                continue
            first = by_home.setdefault(home, person)
            if joined.join(first, person):
                out.proofs.append(self._proof(first, person, None))

        out.proofs += self._with_others(by_home)

    def _stands(self, link: Living) -> bool:
        """Whether these two are one now by what either has of its own, not by way of somebody else."""
        ends = frozenset((self._placed(link.person_a), self._placed(link.person_b)))
        return len(ends) == 1 or any(ends == {x.person_a, x.person_b} for x in self._joined)

    def _told_now(self, joined: _Groups) -> Iterator[Proof]:
        """Between those whom no link joins any more, what makes them one now."""
        at: dict[int, int] = {}
        for person in sorted(self._persons & self._place.keys()):
            at.setdefault(self._place[person], person)
        for x in self._joined:
            a, b = at.get(x.person_a), at.get(x.person_b)
            if a is not None and b is not None and joined.join(a, b):
                yield Proof(a, b, x.fact_id, x.via, None)

    def _with_others(self, by_home: Mapping[int, int]) -> Iterator[Proof]:
        """Links to persons who are none of these: they had been one with them by what joins nobody any more."""
        for link in self._joined:
            for place, other in ((link.person_a, link.person_b), (link.person_b, link.person_a)):
                mine = by_home.get(self._groups.find(place))
                if place < 0 < other and other not in self._persons and mine is not None:
                    yield Proof(mine, other, link.fact_id, link.via, None)

    def _proof(self, a: int, b: int, link_id: int | None) -> Proof:
        home = self.home(a)
        for link in self._joined:
            if self._groups.find(link.person_a) == home:
                return Proof(a, b, link.fact_id, link.via, link_id)
        # They would be born as one now: by the first fact that tells of the later
        fact_id = max(self._first[a], self._first[b])
        via = next(t.identifier for t in self._told if t.fact_id == fact_id)
        return Proof(a, b, fact_id, via, link_id)
