"""Who would be one by some rules, of people who are here already. Pure.

All that facts have said is told to the very rules that decide when facts come, from nothing and in their order. Persons stay
whole: what a person was born with, and whatever was settled under his id, stays his; the rules say which of them are one human.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import count, groupby, pairwise
from operator import attrgetter, itemgetter
from typing import NamedTuple

from huoshui.people.identity import rules
from huoshui.people.identity.apart import Apart
from huoshui.people.identity.kinds import Kind
from huoshui.people.identity.ruleset import Ruleset
from huoshui.people.identity.types import Assignment, Seen


class Owned(NamedTuple):
    """An identifier, and whose it is."""

    person_id: int
    kind: str
    scope: str


class Made(NamedTuple):
    """What would make two persons one: an identifier, and the fact that carries it."""

    person_a: int
    person_b: int
    identifier_id: int
    fact_id: int


@dataclass
class Told:
    """What is known of some people, who share nothing with anybody else: (fact, identifier) in the order of facts."""

    carried: Sequence[tuple[int, int]]
    owned: Mapping[int, Owned]
    by_hand: Sequence[tuple[int, int]] = ()
    parted: Set[tuple[int, int]] = frozenset()
    component: Mapping[int, int] | None = None  # identifier → which of those people, where there are several


@dataclass
class Judged:
    """`root` gives each person who is one with others the smallest of them; whoever is missing is alone."""

    root: dict[int, int] = field(default_factory=dict)
    made: list[Made] = field(default_factory=list)
    guarded: dict[int, int] = field(default_factory=dict)  # identifier → the fact at which it had too many
    conflicts: list[tuple[str, int]] = field(default_factory=list)  # kind, fact
    apart: Apart = field(default_factory=Apart)  # whom somebody has parted: by hand alone they are one again
    charged: dict[int, int] = field(default_factory=dict)  # identifier → how many it joined

    def find(self, person: int) -> int:
        while (above := self.root.get(person, person)) != person:
            person = above
        return person

    def join(self, one: int, other: int) -> bool:
        a, b = self.find(one), self.find(other)
        if a != b:
            self.root[max(a, b)] = min(a, b)
            self.apart.joined(max(a, b), min(a, b))
        return a != b

    def join_by_evidence(self, one: int, other: int) -> bool:
        a, b = self.find(one), self.find(other)
        return self.apart.between(a, b) is None and self.join(a, b)

    def flatten(self) -> None:
        self.root = {p: self.find(p) for p in self.root}


def judge(told: Told, by: Ruleset, *, excluded: Set[int] = frozenset()) -> Judged:
    """`excluded` are identifiers that name nobody: somebody said so, or the rules block their values.

    What turns out to be shared by too many never named anybody: it is told again without it.
    """
    here = {o.person_id for o in told.owned.values()}
    out = Judged(apart=Apart((a, b) for a, b in told.parted if a in here and b in here))
    for a, b in told.by_hand:
        out.join(a, b)
    without, carried = set(excluded), told.carried
    while True:
        assignment = _assign(told, carried, by, without)
        guarded = crowds(told, carried, by, without)
        guarded |= {int(name[2]): fact_id for name, fact_id in assignment.newly_guarded}
        again = {_place(told, i) for i in guarded}
        _take(out, told, assignment, again, by)
        if not guarded:
            break
        out.guarded |= guarded
        without |= guarded.keys()
        carried = [one for one in carried if _place(told, one[1]) in again]
    out.flatten()
    return out


def crowds(
    told: Told, carried: Sequence[tuple[int, int]], by: Ruleset, without: Set[int] = frozenset()
) -> dict[int, int]:
    """Identifiers beside which more of one kind stand than one human has, and at which fact: the worker guards them too,
    whatever else had joined their owners (`crowds`)."""
    owned = told.owned
    times = Counter(i for _, i in carried)
    most = {name: kind.most_links + 1 for name, kind in by.kinds.items()}
    often = {
        i
        for i, n in times.items()
        if n > most[owned[i].kind] and i not in without and by.kinds[owned[i].kind].is_certain(owned[i].scope)
    }
    found: dict[int, int] = {}
    beside: dict[tuple[int, str, str], set[int]] = {}
    for fact_id, rows in groupby(carried, key=itemgetter(0)) if often else ():
        here = [i for _, i in rows if i not in without]
        others = [i for i in here if _counts(by.kinds[owned[i].kind], owned[i].scope)]
        for one in often.intersection(here):
            for other in others:
                if other != one:
                    some = beside.setdefault((one, owned[other].kind, owned[other].scope), set())
                    some.add(other)
                    if len(some) > most[owned[one].kind]:
                        found.setdefault(one, fact_id)
    return found


def _counts(kind: Kind, scope: str) -> bool:
    return kind.is_certain(scope) and kind.lives_days is None


def _place(told: Told, identifier_id: int) -> int:
    return told.component[identifier_id] if told.component is not None else 0


def _assign(told: Told, carried: Sequence[tuple[int, int]], by: Ruleset, without: Set[int]) -> Assignment:
    owned = told.owned
    seen = [
        Seen(fact_id, owned[i].kind, owned[i].scope, str(i), None, None, None, 0, False)
        for fact_id, i in carried
        if i not in without
    ]
    return rules.assign(_each_apart(seen, by), {}, frozenset(), by)


def _each_apart(seen: Sequence[Seen], by: Ruleset) -> list[Seen]:
    """What stands on one fact with a device, and is as weak, was of whoever had the device then, and says nothing of whom else
    the device is of. Each by itself, as if facts of their own had told of them."""
    out: list[Seen] = []
    alone = count(-1, -1)
    for _, rows in groupby(seen, key=attrgetter("fact_id")):
        of_fact = list(rows)
        if (
            len(of_fact) > 1
            and any(by.kinds[s.kind].is_handed_on for s in of_fact)
            and not any(by.kinds[s.kind].is_certain(s.scope) for s in of_fact)
        ):
            of_fact = [of_fact[0], *(s._replace(fact_id=next(alone)) for s in of_fact[1:])]
        out += of_fact
    return out


def _take(out: Judged, told: Told, now: Assignment, again: Set[int], by: Ruleset) -> None:
    """What was decided, but of those who are told of again."""
    persons_at: dict[int, list[tuple[int, int, int]]] = {}  # placeholder → (person, identifier, fact)
    for name, (place, fact_id) in now.new_identifiers.items():
        known_id = int(name[2])
        # A hint stays with whoever came with it first, and says nothing of the next
        finds = by.kinds[name[0]].finds(name[1])
        if place is not None and finds and not (again and _place(told, known_id) in again):
            persons_at.setdefault(place, []).append((told.owned[known_id].person_id, known_id, fact_id))
    for known in persons_at.values():  # they would be born as one
        for (a, _, _), (b, via, fact_id) in pairwise(known):
            if a != b:
                _make(out, a, b, via, fact_id)
    for link in now.links:
        if link.person_a in persons_at and link.person_b in persons_at:
            a, b = persons_at[link.person_a][0][0], persons_at[link.person_b][0][0]
            _make(out, a, b, int(link.via[2]), link.fact_id)
    for conflict in now.conflicts:
        if _place(told, int(conflict.via[2])) not in again:
            out.conflicts.append((conflict.kind, conflict.fact_id))
    for charged in now.charged:
        if _place(told, int(charged[2])) not in again:
            out.charged[int(charged[2])] = out.charged.get(int(charged[2]), 0) + 1


def _make(out: Judged, a: int, b: int, via: int, fact_id: int) -> None:
    if out.join_by_evidence(a, b):
        out.made.append(Made(min(a, b), max(a, b), via, fact_id))


class Different(NamedTuple):
    """`before` and `after` are whole groups of persons, the smallest first: those that are not in the other."""

    before: list[list[int]]
    after: list[list[int]]


def different(persons: Iterable[int], before: Judged, after: Judged) -> Different:
    """In which groups of these persons two judgements differ."""
    old, new = _groups(persons, before), _groups(persons, after)
    return Different(
        sorted(list(g) for g in old.keys() - new.keys()), sorted(list(g) for g in new.keys() - old.keys())
    )


def _groups(persons: Iterable[int], judged: Judged) -> dict[tuple[int, ...], None]:
    by_root: dict[int, list[int]] = {}
    for person in sorted(persons):
        by_root.setdefault(judged.root.get(person, person), []).append(person)
    return {tuple(group): None for group in by_root.values()}
