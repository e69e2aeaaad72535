"""What a person's buying is like as numbers, one row per person: what clusters are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.insight.buyers import SATURDAY
from huoshui.insight.days import trailing_year
from huoshui.insight.dimensions import with_keys
from huoshui.insight.lake import Lake
from huoshui.insight.lines import lines, orders
from huoshui.insight.questions.portrait.values import with_times

_DEPARTMENTS = 8
PART = "department:"
"""A feature of this name is the part of her spending that goes there."""

NAMES: Mapping[str, tuple[str, str]] = {
    "orders": ("一年的单数", "orders a year"),
    "ticket": ("每单花的钱", "money per order"),
    "silent": ("没来的天数", "days since the last order"),
    "weekend": ("周末的单", "weekend orders"),
    "morning": ("早上的单", "morning orders"),
    "midday": ("中午的单", "midday orders"),
    "afternoon": ("下午的单", "afternoon orders"),
    "evening": ("晚上的单", "evening orders"),
    "coupon": ("用券的单", "orders with coupons"),
    "discounted": ("买优惠商品的钱", "spent on reduced goods"),
    "departments": ("买过的部门", "departments bought from"),
}
VALUE = ("orders", "ticket", "silent")
"""How valuable somebody is; what kind she is, is told without them."""
MANNER = ("weekend", "morning", "midday", "afternoon", "evening", "coupon", "discounted")


class Space(NamedTuple):
    """Which numbers, in which order."""

    departments: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return (*VALUE, *MANNER, "departments", *(PART + d for d in self.departments))

    @property
    def kind(self) -> tuple[str, ...]:
        return (*MANNER, *(PART + d for d in self.departments))


def name_of(feature: str, lang: str) -> str:
    if feature.startswith(PART):
        department = feature.removeprefix(PART)
        return f"spent on {department}" if lang == "en" else f"花在{department}的钱"
    return NAMES[feature][lang == "en"]


def space(lake: Lake, as_of: date) -> Space:
    """The departments that most money goes to."""
    bought = with_keys(lines(lake, *trailing_year(as_of)), lake, ["department"])
    known = bought.filter(_.person_id.notnull() & _.department.notnull())
    most = known.aggregate(by="department", amount=_.amount.sum()).filter(_.amount > 0)
    rows = lake.rows(most.order_by(ibis.desc("amount"), "department").limit(_DEPARTMENTS))
    return Space(tuple(row["department"] for row in rows))


def features(lake: Lake, as_of: date, where: Space) -> ir.Table:
    """person_id and the numbers of `where`, of everyone with an order that still counts in the twelve months."""
    bought = with_times(lines(lake, *trailing_year(as_of))).filter(_.person_id.notnull())
    visits = _visits(bought, as_of)
    return visits.left_join(_goods(bought, lake, where.departments), "person_id").select(
        "person_id",
        *VALUE,
        *(visits[name] for name in MANNER[:-1]),
        discounted=_.discounted.coalesce(0.0),
        departments=_.departments.coalesce(0).cast("float64"),
        **{PART + d: _[f"d{n}"].coalesce(0.0) for n, d in enumerate(where.departments)},
    )


def _visits(bought: ir.Table, as_of: date) -> ir.Table:
    made = orders(bought, by=["business_day", "daytime"])
    in_part = {name: (made.counts & (made.daytime == name)).sum() for name in MANNER[1:4]}
    sums = made.aggregate(
        by="person_id",
        n=_.counts.sum(),
        amount=_.amount.sum().cast("int64"),
        last=_.business_day.max(where=_.counts),
        at_weekend=(_.counts & (_.business_day.day_of_week.index() >= SATURDAY)).sum(),
        with_coupon=(_.counts & (_.coupon_discount != 0)).sum(),
        **{f"in_{name}": value for name, value in in_part.items()},
    ).filter(_.n > 0)
    parts = {name: sums[f"in_{name}"] / sums.n for name in in_part}
    return sums.select(
        "person_id",
        orders=_.n.cast("float64"),
        ticket=_.amount / _.n,
        silent=ibis.literal(as_of).delta(sums["last"], unit="day").cast("float64"),
        weekend=_.at_weekend / _.n,
        **parts,
        evening=1 - sum(parts.values(), ibis.literal(0.0)),
        coupon=_.with_coupon / _.n,
    )


def _goods(bought: ir.Table, lake: Lake, departments: Sequence[str]) -> ir.Table:
    kept = with_keys(bought, lake, ["department"]).aggregate(
        by=["person_id", "department"],
        amount=_.amount.sum().cast("int64"),
        reduced=ibis.ifelse(_.discount != 0, _.amount, 0).sum().cast("int64"),
    )
    kept = kept.filter(_.amount > 0)
    whole = kept.amount.sum()
    return kept.aggregate(
        by="person_id",
        departments=_.department.nunique(),
        discounted=kept.reduced.sum() / whole,
        **{
            f"d{n}": kept.amount.sum(where=kept.department == d).coalesce(0) / whole
            for n, d in enumerate(departments)
        },
    )
