"""What each store, dealer and region, and the brand, should sell in the weeks to come: learned daily, kept, read in no time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from ibis import _

from huoshui.core import clock, sql
from huoshui.insight.context import reads
from huoshui.insight.context.calendar import kinds_of
from huoshui.insight.context.types_expected import ExpectedDay
from huoshui.insight.lake import Lake, open_lake
from huoshui.insight.lines import lines
from huoshui.insight.maths import expecting
from huoshui.insight.maths.expecting import Floats

Q = sql.load("huoshui.insight.context")

DAYS_BACK = 800
"""Two of every festival and a little more."""
DAYS_AHEAD = 42


@dataclass(frozen=True)
class Series:
    """Rows of `sold` (minor units, NaN before the first sale) are of `keys`: (kind, name). `first`: the first column's day."""

    keys: tuple[tuple[str, str], ...]
    sold: Floats
    first: date


def last_whole_day(lake: Lake) -> date:
    newest = lake.newest_day()
    is_over = lake.fresh_at is None or clock.business_day(lake.fresh_at) > newest
    return newest if is_over else newest - timedelta(1)


def series(lake: Lake, last: date) -> Series:
    """Net sales by day up to `last` of every store, and of the dealers, regions and the brand they make up."""
    first = last - timedelta(DAYS_BACK - 1)
    sums = lines(lake, first, last).aggregate(
        by=["org_unit_id", "business_day"], amount=_.amount.sum().cast("int64")
    )
    rows = lake.run(sums)
    places = {row["org_unit_id"]: row for row in lake.rows(lake.org_units)}
    units = rows.column("org_unit_id").to_pylist()
    days = [(day - first).days for day in rows.column("business_day").to_pylist()]
    keys: dict[tuple[str, str], int] = {}
    at: list[tuple[int, int, int]] = []
    for unit, day, amount in zip(units, days, rows.column("amount").to_pylist(), strict=True):
        for key in _keys_of(places.get(unit)):
            at.append((keys.setdefault(key, len(keys)), day, amount))
    sold = np.zeros((len(keys), DAYS_BACK))
    if at:
        place, day_of, amounts = (np.array(column) for column in zip(*at, strict=True))
        np.add.at(sold, (place, day_of), amounts)
    return Series(tuple(keys), _unborn(sold), first)


def _keys_of(place: dict[str, str] | None) -> Sequence[tuple[str, str]]:
    brand = [("brand", "")]
    if place is None:
        return brand
    named = [("dealer", place["dealer"]), ("region", place["region"])]
    store = [("store", place["code"])] if place["kind"] == "store" else []
    return [*brand, *store, *((kind, name) for kind, name in named if name)]


def _unborn(sold: Floats) -> Floats:
    """Before its first sale a store was not there."""
    began = (sold != 0).argmax(axis=1)
    sold[np.arange(sold.shape[1])[None, :] < began[:, None]] = np.nan
    return sold


def foresee(lake: Lake | None = None) -> int:
    """Learns and keeps the days after the last whole one. Returns how many rows; nothing while it has done so already."""
    lake = lake or open_lake()
    last = last_whole_day(lake)
    if told_on() == last:
        return 0
    found = series(lake, last)
    if not found.keys:
        return 0
    end = last + timedelta(DAYS_AHEAD)
    days = kinds_of(found.first, DAYS_BACK + DAYS_AHEAD, reads.events(first=found.first, last=end))
    told = expecting.expect(found.sold, days)
    return _keep(found, told, last)


def _keep(found: Series, told: expecting.Expectations, last: date) -> int:
    rows = [
        (
            *key,
            last + timedelta(ahead + 1),
            *(round(float(part[place, ahead])) for part in (told.mid, told.low, told.high)),
        )
        for place, key in enumerate(found.keys)
        if np.isfinite(told.mid[place]).all()
        for ahead in range(DAYS_AHEAD)
    ]
    if not rows:
        return 0
    kinds, names, days, mids, lows, highs = (list(column) for column in zip(*rows, strict=True))
    return sql.run(
        Q.keep_expected,
        kinds=kinds,
        names=names,
        days=days,
        expected=mids,
        lows=[min(low, mid) for low, mid in zip(lows, mids, strict=True)],
        highs=[max(high, mid) for high, mid in zip(highs, mids, strict=True)],
        told_on=last,
    )


def told_on() -> date | None:
    """The last day that was learned from."""
    row = sql.fetch_one(Q.told_on)
    found: date | None = row.told_on
    return found


def expected(kind: str, *, first: date, last: date, names: Sequence[str] | None = None) -> list[ExpectedDay]:
    """What was expected of these days before they came. `kind`: store, dealer, region or brand; `names` None: all of them."""
    rows = sql.fetch(
        Q.expected, kind=kind, first=first, last=last, names=None if names is None else list(names)
    )
    return [ExpectedDay(*row) for row in rows]
