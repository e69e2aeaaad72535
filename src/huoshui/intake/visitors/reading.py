"""Follow the facts: what was tracked of baskets and scans, what counters counted, and who bought.

Readers by transaction (`since_last_read`): nothing is missed, and two at once stand in line.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.facts import api as facts
from huoshui.core.subscribers import XidRange
from huoshui.intake.tracking import api as tracking
from huoshui.intake.visitors import judging, rules
from huoshui.intake.visitors.actions import day_and_hour
from huoshui.intake.visitors.settings import patience
from huoshui.intake.visitors.types import COUNTED, SIGNS, Patience, Sign, Standing
from huoshui.people import api as people

Q = sql.load("huoshui.intake.visitors")

logger = logging.getLogger(__name__)

READER = "visitors"
_HOUR = timedelta(hours=1)
_LONGEST = timedelta(days=31)
_MOST_CAME = 1_000_000
_YEARS = frozenset(range(1980, 2100))


def read() -> int:
    """Read what has settled since the last time. Returns how many signs and counts were new."""
    with facts.since_last_read(READER) as span:
        bounds = {"low": str(span.low), "high": str(span.high)}
        found = _read_counts(bounds)
        found += _read_signs(bounds)
        _read_buyers(span)
    return found


def _read_buyers(span: XidRange) -> None:
    """An order that comes late takes back what was concluded without it."""
    allowed = patience()
    since = clock.now() - rules.CART_KEPT - allowed.back - allowed.scan
    rows = sql.fetch(Q.buyers, low=str(span.low), high=str(span.high), since=since)
    if rows:
        judging.look_again([row.person_id for row in rows], since=since)


# ---- baskets and scans --------------------------------------------------------------------------------------


def _read_signs(bounds: Mapping[str, str]) -> int:
    rows = sql.fetch(Q.new_signs, **bounds, names=list(SIGNS))
    return sum(facts.by_halves(rows, _take_signs, fact_of=lambda row: row.fact_id))


def _take_signs(rows: Sequence[sql.Row]) -> int:
    new = {row.fact_id for row in sql.fetch(Q.unknown_signs, fact_ids=[row.fact_id for row in rows])}
    rows = [row for row in rows if row.fact_id in new]
    canonical = people.canonical_ids([row.person_id for row in rows])
    stores = _stores(rows)
    signs = [
        Sign(r.fact_id, SIGNS[r.name], r.source_id, r.cart, canonical[r.person_id], r.occurred_at, store)
        for r, store in zip(rows, stores, strict=True)
    ]
    if signs:
        _gather(signs, patience())
    return len(signs)


def _stores(rows: Sequence[sql.Row]) -> list[int | None]:
    """The store that a sign names, else that of its source, else none."""
    own = {one.source_id: one.store_code for one in tracking.list_sources()}
    codes = [row.store or own.get(row.source_id, "") for row in rows]
    units = brand.find_units(sorted({code for code in codes if code}))
    return [units.get(code) for code in codes]


def _gather(signs: Sequence[Sign], allowed: Patience) -> None:
    known = _known(signs, allowed)
    found = rules.gathered(signs, known, allowed)
    new = [basket for number, basket in sorted(found.baskets.items(), reverse=True) if number < 0]
    ids = {basket.id: made for basket, made in zip(new, _add(new, signs, found), strict=True)}
    old = [basket for number, basket in found.baskets.items() if number > 0]
    if old:
        sql.run(
            Q.stretch_baskets,
            ids=[basket.id for basket in old],
            began=[basket.began_at for basket in old],
            last=[basket.last_at for basket in old],
            **_days(old),
        )
    sql.run(
        Q.add_signs,
        fact_ids=[sign.fact_id for sign in signs],
        basket_ids=[ids.get(number := found.of_sign[sign.fact_id], number) for sign in signs],
        times=[sign.at for sign in signs],
    )


def _known(signs: Sequence[Sign], allowed: Patience) -> list[Standing]:
    """Baskets these may belong to, their persons canonical as of now."""
    canonical_of = dict(people.members_of(sorted({sign.person_id for sign in signs})))
    carts = sorted({(sign.source_id, sign.cart) for sign in signs if sign.cart})
    widest = max(allowed.basket, allowed.scan)
    rows = sql.fetch_as(
        Standing,
        Q.near_baskets,
        person_ids=list(canonical_of),
        since=min(sign.at for sign in signs) - widest,
        until=max(sign.at for sign in signs) + widest,
        source_ids=[source_id for source_id, _ in carts],
        carts=[cart for _, cart in carts],
    )
    return [row._replace(person_id=canonical_of.get(row.person_id, row.person_id)) for row in rows]


def _add(new: Sequence[Standing], signs: Sequence[Sign], found: rules.Gathered) -> list[int]:
    if not new:
        return []
    store_of: dict[int, int] = {}
    for sign in signs:
        if sign.org_unit_id is not None:
            store_of.setdefault(found.of_sign[sign.fact_id], sign.org_unit_id)
    rows = sql.fetch(
        Q.add_baskets,
        kinds=[basket.kind for basket in new],
        source_ids=[basket.source_id for basket in new],
        carts=[basket.cart for basket in new],
        person_ids=[basket.person_id for basket in new],
        org_unit_ids=[store_of.get(basket.id) for basket in new],
        began=[basket.began_at for basket in new],
        last=[basket.last_at for basket in new],
        **_days(new),
    )
    return sorted(row.id for row in rows)


def _days(baskets: Sequence[Standing]) -> dict[str, list[Any]]:
    at = [day_and_hour(basket.last_at) for basket in baskets]
    return {"days": [one["day"] for one in at], "hours": [one["hour"] for one in at]}


# ---- footfall -----------------------------------------------------------------------------------------------


def _read_counts(bounds: Mapping[str, str]) -> int:
    """A store that only its counter names becomes known by its code, as one that only sales name does."""
    rows = sql.fetch(Q.new_counts, **bounds, name=COUNTED)
    return sum(facts.by_halves(rows, _take_counts, fact_of=lambda row: row.fact_id))


def _take_counts(rows: Sequence[sql.Row]) -> int:
    told = [(row, read) for row in rows if (read := _count(row))]
    if len(told) < len(rows):
        logger.warning("%s counts of visitors say no number, span or store", len(rows) - len(told))
    if not told:
        return 0
    units = brand.unit_ids(sorted({row.store for row, _ in told}))
    # Of two words on one span in one batch the later stands
    found = {(row.source_id, units[row.store], row.counter, c.began, c.ended): (row, c) for row, c in told}
    _put(found)
    return len(found)


class _Count(NamedTuple):
    began: datetime
    ended: datetime
    came: int
    gone: int


def _count(row: sql.Row) -> _Count | None:
    span, came, gone = _span(row.began, row.ended), _whole(row.came), _whole(row.gone or "0")
    if not row.store or span is None or came is None or gone is None:
        return None
    return _Count(*span, came, gone)


def _put(found: Mapping[tuple[int, int, str, datetime, datetime], tuple[sql.Row, _Count]]) -> None:
    sources, stores, counters, began, ended = map(list, zip(*found, strict=True))
    at = [day_and_hour(one) for one in began]
    is_hour = [last - first <= _HOUR for first, last in zip(began, ended, strict=True)]
    sql.run(
        Q.put_counts,
        source_ids=sources,
        org_unit_ids=stores,
        counters=counters,
        began=began,
        ended=ended,
        days=[one["day"] for one in at],
        hours=[one["hour"] if short else None for one, short in zip(at, is_hour, strict=True)],
        came=[count.came for _, count in found.values()],
        gone=[count.gone for _, count in found.values()],
        fact_ids=[row.fact_id for row, _ in found.values()],
    )


def _span(began: str | None, ended: str | None) -> tuple[datetime, datetime] | None:
    try:
        first, last = datetime.fromisoformat(began or ""), datetime.fromisoformat(ended or "")
    except ValueError:
        return None
    if not {first.year, last.year} <= _YEARS:
        return None
    first, last = (one if one.tzinfo else clock.from_local(one) for one in (first, last))
    return (first, last) if timedelta() < last - first <= _LONGEST else None


def _whole(text: str | None) -> int | None:
    is_number = text and len(text) <= 9 and text.isascii() and text.isdigit()
    return int(text) if text and is_number and int(text) <= _MOST_CAME else None
