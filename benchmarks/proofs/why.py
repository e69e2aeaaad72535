"""Why sales moved, over a hundred of the demo brands: noise where nothing happened; what was planted named first or second.

The flat month is the one the truth file names; its days are judged by the very function that the question judges by. What was
planted is asked of the question itself, where somebody would ask: the stores a warehouse supplies, a region, a category.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.result import Claims, Result

NAME = "why"
TITLE = "Nothing happened: noise in 95 of 100 brands; a stock-out, a churn wave and a new product are named first or second"

SEEDS, FLAT_AT_LEAST, PLANTED_SEEDS, PEOPLE, LAST = 100, 95, 20, 50_000, date(2026, 11, 25)
NAMED_AT_LEAST, FALLEN, FIRST_TWO = 0.9, 0.85, 2


def run(seed: int) -> Result:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")
    import django

    django.setup()
    seeds = int(os.environ.get("HUOSHUI_SEEDS", SEEDS))
    planted = min(seeds, int(os.environ.get("HUOSHUI_PLANTED_SEEDS", PLANTED_SEEDS)))
    verdicts = {"flat": 0, "fallen": 0}
    named: dict[str, list[int]] = {"stock-out": [], "churn wave": [], "new product": []}
    for number in range(seeds):
        of, shard = _brand(seed + number)
        sold, month = _by_day(of, shard), date.fromisoformat(f"{shard.truths[13]['month']}-01")
        verdicts["flat"] += _verdict(sold, month) == "noise"
        verdicts["fallen"] += _verdict(_less(sold, month), month) == "less"
        if number < planted:
            for name, place in _planted(of, shard).items():
                named[name].append(place)
    return _result(seeds, verdicts, named)


def _result(seeds: int, verdicts: Mapping[str, int], named: Mapping[str, list[int]]) -> Result:
    claims = Claims()
    claims.at_least("flat months that are noise", verdicts["flat"], FLAT_AT_LEAST * seeds // SEEDS)
    claims.at_least(
        "control: the same months, a sixth less sold, that are less", verdicts["fallen"], seeds * 9 // 10
    )
    for name, places in named.items():
        found = sum(0 < place <= FIRST_TWO for place in places)
        claims.at_least(
            f"named first or second: {name}, of {len(places)}", found, round(NAMED_AT_LEAST * len(places))
        )
    figures = {"seeds": seeds, "people": PEOPLE, "noise": dict(verdicts), "places": dict(named)}
    return Result({"claims": claims.made, **figures}, claims.hold)


# ---- nothing happened --------------------------------------------------------------------------------------------------


def _brand(seed: int) -> tuple[Any, Any]:
    from huoshui.project.sample.suyu.plan import plan
    from huoshui.project.sample.suyu.world import shards

    of = plan(people=PEOPLE, last=LAST, seed=seed)
    (shard,) = shards(of)
    return of, shard


def _by_day(of: Any, shard: Any) -> dict[date, float]:
    """Net sales, refunds on the day they come."""
    from huoshui.project.sample.suyu import orders as buying
    from huoshui.project.sample.suyu.orders import DAY

    orders, days = shard.orders, of.calendar.days
    paid = np.bincount(orders.order, buying.money(orders).paid, len(orders))
    back = orders.back_after > 0
    sold = np.bincount(orders.at // DAY, paid, days)
    sold -= np.bincount((orders.at + orders.back_after)[back] // DAY, paid[back], days)
    return {of.first + timedelta(n): float(amount) for n, amount in enumerate(sold)}


def _verdict(sold: Mapping[date, float], month: date) -> str:
    from huoshui.insight.questions.why.days import judged
    from huoshui.insight.questions.why.spans import Span, compared

    span = Span(month, _end(month))
    before = compared(span, "before")
    totals = [
        round(sum(amount for day, amount in sold.items() if one.first <= day <= one.last))
        for one in (before, span)
    ]
    return judged(sold, span, before, (totals[0], totals[1]), "before").verdict


def _less(sold: Mapping[date, float], month: date) -> dict[date, float]:
    return {day: amount * (FALLEN if month <= day <= _end(month) else 1) for day, amount in sold.items()}


def _end(month: date) -> date:
    return (month.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)


# ---- something did -----------------------------------------------------------------------------------------------------


def _planted(of: Any, shard: Any) -> dict[str, int]:
    """Of each, at which place the answer names it: 1 for the first, 0 for nowhere."""
    from huoshui.project.sample.suyu import catalogue as shelf

    lake = _lake(of, shard)
    codes = {shelf.PRODUCTS[n].code for n in shelf.DAILY_NUTS}
    short, recipe, launch = (shard.truths[n] for n in (3, 2, 5))
    start, days = date.fromisoformat(short["from"]), short["days"]
    wave = recipe["within_days"]
    after = date.fromisoformat(recipe["from"]) + timedelta(wave // 2)
    opened = date.fromisoformat(launch["from"])
    return {
        # what the warehouse's stores sold of nuts in those days
        "stock-out": _place(
            lake,
            start,
            start + timedelta(days - 1),
            {"store": short["stores"], "category": "坚果果干", "by": "product"},
            codes,
        ),
        # which region's stores lost their tea; the six weeks before hold 端午 and 618, which fall everywhere
        "churn wave": _place(
            lake,
            after,
            after + timedelta(wave - 1),
            {"category": "茶饮", "channel": "门店", "by": "region"},
            {recipe["region"]},
        ),
        "new product": _place(
            lake, opened, opened + timedelta(27), {"category": "滋补", "by": "product"}, {launch["product"]}
        ),
    }


def _place(lake: Any, first: date, last: date, asked: Mapping[str, Any], wanted: set[str]) -> int:
    from huoshui.insight.questions import why

    answer = why.result(lake, why.Params.parse({"from": str(first), "to": str(last), **asked}))
    values = [row["value"] for row in answer.extra["places"].rows]
    return next((place for place, value in enumerate(values, 1) if value in wanted), 0)


def _lake(of: Any, shard: Any) -> Any:
    from benchmarks import suyu_lines
    from huoshui.insight.tests.lake_fixture import DEFAULTS, SCHEMAS, arrow_lake

    def listed(name: str, rows: list[dict[str, Any]]) -> pa.Table:
        return pa.Table.from_pylist([DEFAULTS | row for row in rows], schema=SCHEMAS[name])

    ids = np.unique(suyu_lines.person_ids(shard.people))[1:]
    made = {name: schema.empty_table() for name, schema in SCHEMAS.items()} | {
        "order_lines": suyu_lines.order_lines(of, shard.people, shard.orders, schema=SCHEMAS["order_lines"]),
        "products": listed("products", suyu_lines.products()),
        "org_units": listed("org_units", suyu_lines.units(of.places)),
        "persons": pa.table({"person_id": ids, "canonical_id": ids}, schema=SCHEMAS["persons"]),
    }
    return arrow_lake(made)
