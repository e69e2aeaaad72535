"""What is expected of days to come, on invented brands and on a grocer's real year, against the same day of the week before."""

from __future__ import annotations

import os
from datetime import date
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.result import Claims, Result

NAME = "forecast"
TITLE = "Expected sales beat the seasonal naive forecast on 70 % of stores; eight days of ten lie in the range, give or take 5"

PEOPLE = 50_000
ENDS = (date(2026, 10, 31), date(2026, 6, 30), date(2026, 3, 31), date(2026, 9, 28))
"""The last days of four brands: after National Day and before 11.11, after 618, after Spring Festival, after mid-autumn."""
WEEKS = 8
"""Each of the last weeks is told from what was known before it."""
JOURNEY_FIRST, JOURNEY_DAYS = date(2017, 1, 1), 365
JOURNEY_ORDERS = 4
"""Stores of the real year with so many baskets a day: the sample has 2,469 households, and most stores see one now and then."""

Floats = NDArray[np.float64]


def run(seed: int) -> Result:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")
    import django

    django.setup()
    claims, figures = Claims(), {}
    for number, last in enumerate(ENDS):
        world = f"seed {seed + number}, until {last}"
        sold, first, events = _brand(seed + number, last)
        figures[world] = told = _told(sold, first, events)
        claims.at_least(f"{world}: stores where it beats seasonal naive, share", told["beats_naive"], 0.70)
        claims.at_most(f"{world}: days in the range, off 0.8", abs(told["inside"] - 0.8), 0.05)
        claims.at_most(f"{world}: processor seconds to learn", told["seconds"], 5.0)
    figures["Complete Journey"] = told = _told(_journey(), JOURNEY_FIRST, [])
    claims.at_least(
        "Complete Journey: stores where it beats seasonal naive, share", told["beats_naive"], 0.70
    )
    claims.at_most("Complete Journey: days in the range, off 0.8", abs(told["inside"] - 0.8), 0.05)
    return Result({"claims": claims.made, **figures}, claims.hold, _NOTES)


_NOTES = (
    "MASE divides by what the seasonal naive forecast missed in the past, the same for all ways of telling a store.",
    "Promotions are known beforehand by name, as a brand's calendar imports them.",
)


def _told(sold: Floats, first: date, events: list[Any]) -> dict[str, Any]:
    from huoshui.insight.context.calendar import kinds_of
    from huoshui.insight.maths import expecting

    past = sold.shape[1]
    ours, naive, median, inside, seconds = [], [], [], [], 0.0
    for cut in range(past - 7 * WEEKS, past, 7):
        began = process_time()
        told = expecting.expect(sold[:, :cut], kinds_of(first, cut + 7, events))
        seconds = max(seconds, process_time() - began)
        came = sold[:, cut : cut + 7]
        weeks = np.stack([sold[:, cut - 7 * back : cut - 7 * back + 7] for back in range(1, 9)])
        ours.append(np.abs(came - told.mid))
        naive.append(np.abs(came - weeks[0]))
        median.append(np.abs(came - np.median(weeks, axis=0)))
        inside.append((came >= told.low) & (came <= told.high))
    scale = np.nanmean(np.abs(sold[:, 7:-56] - sold[:, :-63]), axis=1)
    errors = {name: np.concatenate(part, axis=1).mean(axis=1) / scale for name, part in
              (("ours", ours), ("naive", naive), ("median", median))}  # fmt: skip
    within = np.concatenate(inside, axis=1)
    return {
        "stores": len(sold),
        "mase": {name: float(np.mean(part)) for name, part in errors.items()},
        "beats_naive": float((errors["ours"] < errors["naive"]).mean()),
        "beats_median_of_eight": float((errors["ours"] < errors["median"]).mean()),
        "inside": float(within.mean()),
        "stores_with_70_to_90_inside": float(
            ((within.mean(axis=1) >= 0.7) & (within.mean(axis=1) <= 0.9)).mean()
        ),
        "seconds": seconds,
    }


def _brand(seed: int, last: date) -> tuple[Floats, date, list[Any]]:
    """Net sales by store and day of an invented brand, in minor units, and its calendar of promotions."""
    from huoshui.insight.context.types import Event
    from huoshui.project.sample.suyu.orders import money
    from huoshui.project.sample.suyu.plan import plan
    from huoshui.project.sample.suyu.world import shards

    made = plan(people=PEOPLE, last=last, seed=seed)
    days = made.calendar.days
    sold = np.zeros((len(made.places.stores), days))
    for shard in shards(made):
        orders = shard.orders
        paid = np.bincount(orders.order, money(orders).paid, len(orders))
        for at, sign, which in (
            (orders.at, 1, orders.store >= 0),
            (orders.at + orders.back_after, -1, orders.back_after > 0),
        ):
            day = (at // 86_400).astype(int)
            keep = which & (orders.store >= 0) & (day < days)
            np.add.at(sold, (orders.store[keep], day[keep]), sign * paid[keep])
    return sold, made.first, [Event(s.name, s.first, s.last) for s in made.calendar.seasons]


def _journey() -> Floats:
    import duckdb

    from huoshui.insight.tests.lake_fixture import journey_data

    rows = duckdb.sql(
        f"""
        with sold as (
            select store_id, transaction_timestamp::date - date '{JOURNEY_FIRST}' as day, sum(sales_value) as amount,
                count(distinct basket_id) as baskets
            from '{journey_data()}/transactions.parquet' group by all)
        select store_id, day::int, amount * 100 from sold where day between 0 and {JOURNEY_DAYS - 1}
            and store_id in (select store_id from sold group by all having sum(baskets) >= {JOURNEY_ORDERS * JOURNEY_DAYS})
        """
    ).fetchall()
    stores = {store: place for place, store in enumerate(sorted({row[0] for row in rows}))}
    sold = np.zeros((len(stores), JOURNEY_DAYS))
    for store, day, amount in rows:
        sold[stores[store], day] = amount
    return sold
