"""Shares of what people bought that the rule language cannot say: how much of it on weekends, new, or of one brand.

Each is one row a person, with `share` from 0 to 1 and the number of purchase days it rests on; of too few it says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.insight.lake import Lake
from huoshui.insight.lines import lines

DAYS = 180
LEAST_DAYS = 4
"""Fewer days of buying than these are no habit."""
NEW_FOR = 60
"""Days for which a product is new, from the first on which anybody bought it."""


class Measure(NamedTuple):
    says: str
    of: Callable[[Lake, date], ir.Table]


def bought(lake: Lake, today: date) -> ir.Table:
    """person_id, business_day, sku_id, amount: what is left of the last half year, by person, day and product."""
    table = lines(lake, today - timedelta(days=DAYS - 1), today)
    table = table.filter(_.person_id.notnull())
    sums = table.aggregate(
        by=["person_id", "business_day", "sku_id"],
        amount=_.amount.sum().cast("int64"),
        units=_.quantity.sum(),
    )
    return sums.filter((_.units > 0) | (_.amount > 0))


def weekend_share(lake: Lake, today: date) -> ir.Table:
    days = bought(lake, today).select("person_id", "business_day").distinct()
    is_weekend = (days.business_day.day_of_week.index() >= 5).cast("int64")
    return _share(days.mutate(part=is_weekend, whole=1))


def new_share(lake: Lake, today: date) -> ir.Table:
    """Days on which something new was among what she took. What the brand sold from its very first days on is not new."""
    first = lake.order_lines.aggregate(by="sku_id", first_day=_.business_day.min())
    opened = lake.order_lines.aggregate(day=_.business_day.min()).day.as_scalar()
    told = bought(lake, today).inner_join(first, "sku_id")
    age = told.business_day.delta(told.first_day, unit="day")
    since = told.first_day.delta(opened, unit="day")
    is_new = ((age <= NEW_FOR) & (since > NEW_FOR)).cast("int64")
    days = told.mutate(is_new=is_new).aggregate(by=["person_id", "business_day"], part=_.is_new.max())
    return _share(days.mutate(whole=1))


def brand_share(lake: Lake, today: date) -> ir.Table:
    """What went to the brand that most of her money went to, of all that has a brand."""
    products = lake.products.select("sku_id", "brand").filter(_.brand.coalesce("") != "")
    told = bought(lake, today).inner_join(products, "sku_id").filter(_.amount > 0)
    spent = told.aggregate(by=["person_id", "brand"], amount=_.amount.sum())
    most = spent.aggregate(by="person_id", part=_.amount.max(), whole=_.amount.sum())
    days = told.aggregate(by="person_id", days=_.business_day.nunique())
    return (
        most.inner_join(days, "person_id")
        .select("person_id", share=most.part.cast("float64") / most.whole, days=days.days)
        .filter(_.days >= LEAST_DAYS)
    )


def _share(days: ir.Table) -> ir.Table:
    sums = days.aggregate(by="person_id", part=_.part.sum(), whole=_.whole.sum())
    sums = sums.filter(sums.whole >= LEAST_DAYS)
    return sums.select("person_id", share=sums.part.cast("float64") / sums.whole, days=sums.whole)


MEASURES: Mapping[str, Measure] = {
    "weekend_share": Measure("购买的日子多在周末", weekend_share),
    "new_share": Measure("买的时候常带新上市的商品", new_share),
    "brand_share": Measure("花的钱多在同一个品牌", brand_share),
}


def holders(lake: Lake, name: str, at_least: float, today: date) -> ir.Table:
    """person_id, share, of all whose share is so much at least."""
    table = MEASURES[name].of(lake, today)
    return table.filter(table.share >= ibis.literal(at_least)).select("person_id", "share")
