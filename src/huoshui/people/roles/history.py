"""Everything of some people that roles are read from: as many statements for one as for thousands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.people.consent.reads import unprofiled
from huoshui.people.identity import reads as identity
from huoshui.people.relations import reads as relations
from huoshui.people.roles import rules
from huoshui.people.roles.types import Bought, Bringing, Declared, History, Rule, Sign

Q = sql.load("huoshui.people.roles")

T = TypeVar("T", bound=tuple[Any, ...])

_JOINED, _PROFESSION = "joined_at", "occupation"


def histories(canonical_ids: Sequence[int], in_force: Mapping[str, Rule]) -> dict[int, History]:
    """Canonical id → the whole of that human, under all ids."""
    whose = dict(identity.members_of(canonical_ids))
    ids, names = list(whose), rules.names_asked(in_force)
    told = sql.fetch(Q.told, person_ids=ids, names=[_JOINED, _PROFESSION])
    bought = _gathered(
        (whose[r.person_id], Bought(r.at, r.day, r.order_id, r.amount))
        for r in sql.fetch(Q.bought, person_ids=ids)
    )
    signs = _signs(whose, sql.fetch(Q.signs, person_ids=ids, names=names["facts"]))
    carried = _signs(whose, sql.fetch(Q.carried, person_ids=ids, kinds=names["kinds"]))
    joined = _gathered(
        (whose[r.person_id], Sign(_JOINED, at, r.fact_id))
        for r in told
        if r.name == _JOINED and (at := _instant(r.value)) is not None and at <= r.at
    )
    professions = _gathered(
        (whose[r.person_id], Sign(r.value.strip(), r.at, r.fact_id)) for r in told if r.name == _PROFESSION
    )
    brought = _gathered(
        (b.person_id, Bringing(b.other_id, b.since, b.until, b.relation_id, b.evidence_fact_id))
        for b in relations.bringings(whose)
    )
    declared = _declared(whose)
    refused = unprofiled(canonical_ids)
    return {
        head: History(
            bought[head],
            signs[head],
            carried[head],
            joined[head],
            professions[head],
            brought[head],
            declared[head],
            is_profiled=head not in refused,
        )
        for head in canonical_ids
    }


def _gathered(rows: Iterable[tuple[int, T]]) -> Mapping[int, tuple[T, ...]]:
    """By human, in order; nothing for whoever has none."""
    found: dict[int, list[T]] = defaultdict(list)
    for head, one in rows:
        found[head].append(one)
    return defaultdict(tuple, {head: tuple(sorted(ones, key=_order)) for head, ones in found.items()})


def _order(one: tuple[Any, ...]) -> tuple[Any, ...]:
    """By what is never missing; an order or a fact once."""
    return tuple(x for x in one if isinstance(x, datetime)), tuple(x for x in one if isinstance(x, int))


def _signs(whose: Mapping[int, int], rows: Sequence[sql.Row]) -> Mapping[int, tuple[Sign, ...]]:
    return _gathered((whose[r.person_id], Sign(r.name, r.at, r.fact_id)) for r in rows)


def _declared(whose: Mapping[int, int]) -> Mapping[int, tuple[Declared, ...]]:
    """Whoever has left the staff list is staff no more, though nobody said so of the customer."""
    rows = sql.fetch(Q.declared, person_ids=list(whose))
    left = brand.staff_left(sorted({r.staff_id for r in rows if r.staff_id is not None}))
    return _gathered(
        (
            whose[r.person_id],
            Declared(
                r.id, r.name, r.detail, r.since, _earlier(r.until, _end_of(left.get(r.staff_id)), r.since)
            ),
        )
        for r in rows
    )


def _earlier(until: datetime | None, left: datetime | None, since: datetime) -> datetime | None:
    if left is None:
        return until
    return max(since, left if until is None else min(until, left))


def _end_of(day: date | None) -> datetime | None:
    return None if day is None else clock.from_local(datetime.combine(day + timedelta(days=1), time()))


def _instant(text: str) -> datetime | None:
    """A day as lists write it: 2024-03-01, 2024/3/1, with or without a time."""
    parts = text.strip().replace("/", "-").split(" ")[0].split("T")[0].split("-")
    try:
        year, month, day = (int(p) for p in parts)
        return clock.from_local(datetime.combine(date(year, month, day), time()))
    except (ValueError, OverflowError):
        return None
