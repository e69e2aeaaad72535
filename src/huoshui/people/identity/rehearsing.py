"""What other rules would do to everybody, before they are live: read once, as arrays, outside of the river. Nothing is written.

Most people cannot be touched by a change: they have one identifier, or were first told of by a fact that carried all they have.
Those are left out by arrays; the few that are left are judged by the very rules that decide when facts come, as they are and as
they would be.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from huoshui.core import sql
from huoshui.people.identity import blocking, clustering
from huoshui.people.identity.clustering import Ids
from huoshui.people.identity.judging import Different, Judged, Made, Owned, Told, different, judge
from huoshui.people.identity.ruleset import Ruleset, more_blocked

Q = sql.load("huoshui.people.identity")

_CHUNK = 60_000  # facts and identifiers that are judged at a time

Truth = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


class Base(NamedTuple):
    """Everybody. `carried` in the order of facts."""

    identifiers: pa.Table  # id, person_id, canonical_id, kind, scope, fact_id, is_final
    fact: Ids
    identifier: Ids
    by_hand: list[tuple[int, int]]
    parted: frozenset[tuple[int, int]]


class Affected(NamedTuple):
    """People whom the rules would make one, or part: whole groups, by the rules as they are and as they would be, and what
    would make one those who would be."""

    groups: Different
    made: list[Made]

    @property
    def persons(self) -> list[int]:
        return sorted(p for group in self.groups.before for p in group)


class Rehearsed(NamedTuple):
    """`guarded` are identifiers that would name nobody any more, with a fact; `released` those that would name people again,
    with how many they would have joined."""

    persons: int
    looked_at: int
    affected: list[Affected]
    guarded: dict[int, int]
    released: dict[int, int]
    conflicts: list[tuple[str, int]]  # kind, fact: not joined, for together they would have too many


def rehearse(old: Ruleset, new: Ruleset) -> Rehearsed:
    """Reads for some seconds, in the caller's transaction."""
    with _uncollected():
        return _rehearse(old, new)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Millions of small tuples, none in a ring: looking through them for rings takes a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _rehearse(old: Ruleset, new: Ruleset) -> Rehearsed:
    base = read_base()
    persons = len(np.unique(_ids(base.identifiers, "person_id")))
    final = frozenset(base.identifiers["id"].filter(base.identifiers["is_final"]).to_pylist())
    only_old, only_new = (blocking.blocked(more_blocked(*two)) for two in ((new, old), (old, new)))
    done = Rehearsed(persons, 0, [], dict.fromkeys(only_new, 0), dict.fromkeys(only_old, 0), [])
    for told in _candidates(base, old, new, only_old | only_new):
        before = judge(told, old, excluded=final | only_old)
        after = judge(told, new, excluded=final | only_new)
        everyone = {o.person_id for o in told.owned.values()}
        done.affected.extend(_affected(everyone, before, after))
        done.guarded.update((i, f) for i, f in after.guarded.items() if i not in before.guarded)
        done.released.update((i, after.charged.get(i, 0)) for i in before.guarded if i not in after.guarded)
        done.released.update((i, n) for i, n in after.charged.items() if i in only_old)
        done.conflicts.extend(c for c in after.conflicts if c not in before.conflicts)
        done = done._replace(looked_at=done.looked_at + len(everyone))
    return done


def read_base() -> Base:
    identifiers = sql.copy_out(Q.identifiers_base)
    carried = sql.copy_out(Q.carried_base)
    fact, identifier = _ids(carried, "fact_id"), _ids(carried, "identifier_id")
    # What came between the two readings is judged by the rules that are live
    known = np.isin(identifier, _ids(identifiers, "id"))
    fact, identifier = fact[known], identifier[known]
    order = np.lexsort((identifier, fact))
    return Base(
        identifiers,
        fact[order],
        identifier[order],
        [(r.person_a, r.person_b) for r in sql.fetch(Q.by_hand_base)],
        frozenset((r.person_a, r.person_b) for r in sql.fetch(Q.every_parted)),
    )


def _ids(table: pa.Table, name: str) -> Ids:
    return np.asarray(table[name].to_numpy(), dtype=np.int64)


def _said(by: Ruleset, kind: str) -> tuple[object, ...]:
    """All but how many people a value may have: that matters only of values with many."""
    known = by.kinds[kind]
    return (known.strength, known.certain_in, known.most_of_person, list(by.kinds))


class _Arrays(NamedTuple):
    """Rows of `carried` that may matter, by component and fact. `place` is an identifier's row in the table."""

    component: Ids
    fact: Ids
    place: Ids


def _candidates(base: Base, old: Ruleset, new: Ruleset, moved: frozenset[int]) -> Iterator[Told]:
    """People of whom the two may say different things, many at a time, never one component in two parts."""
    ids = _ids(base.identifiers, "id")
    if not len(ids):
        return
    order = np.argsort(ids)
    place = order[np.searchsorted(ids, base.identifier, sorter=order)]
    component = _components(base, place)
    news = _touched_identifiers(base, place, old, new, moved)
    is_news = np.zeros(len(component), np.bool_)
    is_news[component[news]] = True
    rows = is_news[component[place]] & _is_several(component, base.fact, place)[component[place]]
    fact, place = base.fact[rows], place[rows]
    by_component = np.argsort(component[place], kind="stable")
    arrays = _once(_Arrays(component[place][by_component], fact[by_component], place[by_component]))
    yield from _in_chunks(base, arrays, component)


def _components(base: Base, place: Ids) -> Ids:
    """Of each identifier the smallest place that it shares a fact, or a human, with."""
    same_fact = np.flatnonzero(base.fact[1:] == base.fact[:-1])
    canonical = _ids(base.identifiers, "canonical_id")
    order = np.argsort(canonical, kind="stable")
    same_human = np.flatnonzero(canonical[order][1:] == canonical[order][:-1])
    left = np.concatenate((place[same_fact], order[same_human]))
    right = np.concatenate((place[same_fact + 1], order[same_human + 1]))
    return clustering.clusters(left, right, len(canonical))


def _touched_identifiers(base: Base, place: Ids, old: Ruleset, new: Ruleset, moved: frozenset[int]) -> Truth:
    """Of which identifiers the two say different things."""
    kinds = base.identifiers["kind"].combine_chunks().dictionary_encode()
    names, kind = kinds.dictionary.to_pylist(), kinds.indices.to_numpy()
    found = np.asarray([_said(old, n) != _said(new, n) for n in names], np.bool_)[kind]
    limits = [(old.kinds[n].most_links, new.kinds[n].most_links) for n in names]
    fewest = np.asarray([min(two) if two[0] != two[1] else np.iinfo(np.int64).max for two in limits])[kind]
    if (fewest < np.iinfo(np.int64).max).any():
        found |= _most_joined(base.fact, place, len(found)) > fewest
    if moved:
        found |= np.isin(_ids(base.identifiers, "id"), np.fromiter(moved, np.int64))
    return np.asarray(found)


def _most_joined(fact: Ids, place: Ids, size: int) -> Ids:
    """How many each identifier may have joined at most: as many as ever stood beside it."""
    starts = np.flatnonzero(np.r_[True, fact[1:] != fact[:-1]])
    beside = np.diff(np.r_[starts, len(fact)]) - 1
    weights = np.repeat(beside, beside + 1)
    return np.bincount(place, weights=weights, minlength=size).astype(np.int64)


def _is_several(component: Ids, fact: Ids, place: Ids) -> Truth:
    """By component: whether its first fact lacks something that later ones carry. Where it lacks nothing, all is one person's
    whatever the rules say."""
    first = np.full(len(component), np.iinfo(np.int64).max)
    of_row = component[place]
    first[of_row[::-1]] = fact[::-1]  # in the order of facts, so that the first is written last
    at_first = np.bincount(of_row[fact == first[of_row]], minlength=len(component))
    return np.asarray(at_first < np.bincount(component, minlength=len(component)))


def _once(rows: _Arrays) -> _Arrays:
    """Without facts that carry just what an earlier one of the same component carried."""
    if not len(rows.fact):
        return rows
    starts = np.flatnonzero(
        np.r_[True, (rows.fact[1:] != rows.fact[:-1]) | (rows.component[1:] != rows.component[:-1])]
    )
    mixed = (rows.place.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    # An identifier is in one component only, so that what a fact carries says which it is of
    _, kept = np.unique(np.add.reduceat(mixed ^ (mixed >> np.uint64(32)), starts), return_index=True)
    is_kept = np.zeros(len(starts), np.bool_)
    is_kept[kept] = True
    mask = np.repeat(is_kept, np.diff(np.r_[starts, len(rows.fact)]))
    return _Arrays(rows.component[mask], rows.fact[mask], rows.place[mask])


def _in_chunks(base: Base, rows: _Arrays, component: Ids) -> Iterator[Told]:
    ids = _ids(base.identifiers, "id")
    persons = _ids(base.identifiers, "person_id")
    kinds, scopes = base.identifiers["kind"], base.identifiers["scope"]
    component_of = dict(zip(persons.tolist(), component.tolist(), strict=True)) if base.by_hand else {}
    start = 0
    while start < len(rows.fact):
        end = min(start + _CHUNK, len(rows.fact))
        while end < len(rows.fact) and rows.component[end] == rows.component[end - 1]:
            end += 1
        here = np.unique(rows.place[start:end])
        names = zip(
            persons[here].tolist(),
            kinds.take(pa.array(here)).to_pylist(),
            scopes.take(pa.array(here)).to_pylist(),
            strict=True,
        )
        owned = dict(zip(ids[here].tolist(), (Owned(*n) for n in names), strict=True))
        carried = list(zip(rows.fact[start:end].tolist(), ids[rows.place[start:end]].tolist(), strict=True))
        within = set(rows.component[start:end].tolist()) if base.by_hand else set()
        by_hand = [pair for pair in base.by_hand if component_of.get(pair[0]) in within]
        within_of = dict(zip(ids[here].tolist(), component[here].tolist(), strict=True))
        yield Told(carried, owned, by_hand, base.parted, within_of)
        start = end


def _affected(persons: set[int], before: Judged, after: Judged) -> Iterator[Affected]:
    """One entry for each set of people who are bound together by either judgement and of whom the two differ."""
    both = Judged()
    for judged in (before, after):
        for person, root in judged.root.items():
            both.join(person, root)
    both.flatten()
    bound: dict[int, list[int]] = {}
    for person in persons:
        bound.setdefault(both.root.get(person, person), []).append(person)
    made: dict[int, list[Made]] = {}
    for one in after.made:
        made.setdefault(both.root.get(one.person_a, one.person_a), []).append(one)
    for root, some in bound.items():
        if len(some) > 1:
            groups = different(some, before, after)
            if groups.before:
                yield Affected(groups, made.get(root, []))


def counts(rehearsed: Rehearsed) -> Mapping[str, int]:
    """How many people there are more or fewer, and whom it concerns."""
    return {
        "persons": rehearsed.persons,
        "looked_at": rehearsed.looked_at,
        "joined": sum(_joined(a.groups) for a in rehearsed.affected),
        "split": sum(_split(a.groups) for a in rehearsed.affected),
        "guarded": len(rehearsed.guarded),
        "released": len(rehearsed.released),
    }


def _joined(groups: Different) -> int:
    """How many humans would be part of another."""
    of = {p: tuple(g) for g in groups.before for p in g}
    return sum(len({of.get(p, (p,)) for p in g}) - 1 for g in groups.after)


def _split(groups: Different) -> int:
    """How many humans would come to light in others."""
    of = {p: tuple(g) for g in groups.after for p in g}
    return sum(len({of.get(p, (p,)) for p in g}) - 1 for g in groups.before)


def whole(base: Base) -> Told:
    """Everybody at once, nothing left out: what the arrays are held against."""
    rows = base.identifiers.to_pylist()
    owned = {r["id"]: Owned(r["person_id"], r["kind"], r["scope"]) for r in rows}
    carried = list(zip(base.fact.tolist(), base.identifier.tolist(), strict=True))
    return Told(carried, owned, base.by_hand, base.parted)
