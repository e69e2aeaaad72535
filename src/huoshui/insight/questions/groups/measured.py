"""What the groups and their kinds come to, in rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.insight.days import trailing_year
from huoshui.insight.dimensions import with_keys
from huoshui.insight.lake import Lake
from huoshui.insight.lines import lines
from huoshui.insight.questions.columns import ORDERS_EACH, WHO
from huoshui.insight.questions.groups.kinds import GROUPS, KINDS, words_of
from huoshui.insight.types import Column, in_order

TOP_CATEGORIES = 3

_HOW = (
    Column("average_ticket", "客单价", "Amount an order", "money"),
    ORDERS_EACH,
    Column("gap_days", "间隔天数（中位）", "Days between purchases (median)", "days"),
    Column("categories", "人均品类数", "Categories per customer", "ratio"),
    Column("discount_share", "优惠占比", "Discount share", "share"),
    Column("coupon_share", "用券单占比", "Orders with a coupon", "share"),
    Column("weekend_share", "周末单占比", "Orders at the weekend", "share"),
    Column("stores", "人均门店数", "Stores per customer", "ratio"),
)
_TASTE = (
    Column("main_store", "常去门店占比", "Orders at the main store", "share"),
    Column("top_category", "最常买品类占比", "Spend in the top category", "share"),
    Column("discounted", "买优惠商品占比", "Spend on discounted goods", "share"),
    Column("fresh", "头一次买的品类占比", "Categories new to them", "share"),
    Column("price_index", "同类价格倍数", "Price against the category", "ratio"),
)
_GROUP = (
    Column("frequency", "频次", "Frequency", "dimension"),
    Column("ticket", "客单", "Ticket", "dimension"),
    Column("name", "分组", "Group", "text"),
)
_TREATMENT = Column("treatment", "怎么待", "Treatment", "text")
COLUMNS = (
    *_GROUP, *WHO, *_HOW, *_TASTE,
    Column("top_categories", "最爱买", "Favourites", "text"),
    Column("moved_in", "近 30 天进来", "Came in 30 days", "count"),
    Column("moved_out", "近 30 天离开", "Left in 30 days", "count"),
    _TREATMENT,
)  # fmt: skip
KIND_COLUMNS = (
    *_GROUP[:2],
    Column("kind", "类型", "Kind", "dimension"),
    Column("name", "类型", "Kind", "text"),
    *WHO, *_HOW, *_TASTE,
    Column("says", "量出来的特征", "Measured", "text"),
    _TREATMENT,
)  # fmt: skip


def measure(lake: Lake, people: ir.Table) -> list[dict[str, Any]]:
    """One row per group (`kind` '') and one per kind within it, in one pass over the people."""
    both = people.mutate(level=ibis.array([ibis.literal(""), people.kind])).unnest("level")
    rows = lake.rows(
        both.aggregate(
            by=["frequency", "ticket", "level"],
            people=_.count(),
            gap=_.gap.median(),
            **{name: both[name].sum().cast("int64") for name in _SUMS},
            usual=_.usual.sum(),
        )
    )
    whole = [row for row in rows if row["level"] == ""]
    everyone, sold = sum(row["people"] for row in whole), sum(row["amount"] for row in whole)
    return [_figures(row, everyone, sold) for row in rows]


_SUMS = (
    "orders", "amount", "discount", "coupon_orders", "weekend_orders", "main_store_orders", "stores",
    "categories", "top_amount", "discounted", "known", "fresh", "paid",
)  # fmt: skip


def group_rows(
    figures: Iterable[Mapping[str, Any]],
    favourites: Mapping[tuple[str, str], Sequence[str]],
    moves: Iterable[Mapping[str, Any]],
    lang: str,
) -> list[dict[str, Any]]:
    """The four groups in the order of GROUPS; a group that nobody is in has no row."""
    came, left = _moves(moves)
    by_group = {(row["frequency"], row["ticket"]): row for row in figures if row["kind"] == ""}
    english = lang == "en"
    return [
        in_order(
            {
                **by_group[group],
                "name": said.name[english],
                "treatment": said.treatment[english],
                "top_categories": (", " if english else "、").join(favourites.get(group, ())),
                "moved_in": came["_".join(group)],
                "moved_out": left["_".join(group)],
            },
            COLUMNS,
        )
        for group, said in GROUPS.items()
        if group in by_group
    ]


def kind_rows(figures: Iterable[Mapping[str, Any]], lang: str) -> list[dict[str, Any]]:
    places = {(kind.group, kind.key): place for place, kind in enumerate(KINDS)}
    groups = list(GROUPS)
    english = lang == "en"
    rows = []
    for row in figures:
        if row["kind"]:
            group = (row["frequency"], row["ticket"])
            said = words_of(group, row["kind"])
            filled = {name: 0 if value is None else value for name, value in row.items()}
            words = {"name": said.name[english], "treatment": said.treatment[english]}
            place = groups.index(group), places.get((group, row["kind"]), len(KINDS))
            rows.append((place, {**row, **words, "says": said.says[english].format(**filled)}))
    return [in_order(row, KIND_COLUMNS) for _place, row in sorted(rows, key=lambda pair: pair[0])]


def favourites(lake: Lake, cells: ir.Table, day: date) -> dict[tuple[str, str], list[str]]:
    """The categories each group spends most on."""
    bought = lines(lake, *trailing_year(day)).filter(_.person_id.notnull())
    spent = bought.aggregate(by=["person_id", "sku_id"], amount=_.amount.sum().cast("int64"))
    named = with_keys(spent, lake, ["category"]).filter(_.category.notnull())
    grouped = named.inner_join(cells.select("person_id", "frequency", "ticket"), "person_id")
    sums = grouped.aggregate(by=["frequency", "ticket", "category"], amount=_.amount.sum().cast("int64"))
    place = ibis.row_number().over(
        group_by=["frequency", "ticket"], order_by=[ibis.desc("amount"), "category"]
    )
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in lake.rows(sums.mutate(place=place).filter(_.place < TOP_CATEGORIES).order_by("place")):
        found[row["frequency"], row["ticket"]].append(row["category"])
    return found


def _figures(row: Mapping[str, Any], everyone: int, sold: int) -> dict[str, Any]:
    heads, orders, amount = row["people"], row["orders"], row["amount"]
    return {
        "frequency": row["frequency"],
        "ticket": row["ticket"],
        "kind": row["level"],
        "people": heads,
        "share": heads / everyone,
        "amount": amount,
        "amount_share": _ratio(amount, sold),
        "average_ticket": round(amount / orders),
        "orders_per_person": round(orders / heads, 2),
        "gap_days": row["gap"],
        "categories": round((row["categories"] or 0) / heads, 2),
        "discount_share": _ratio(row["discount"], amount + row["discount"]),
        "coupon_share": _ratio(row["coupon_orders"], orders),
        "weekend_share": _ratio(row["weekend_orders"], orders),
        "stores": round(row["stores"] / heads, 2),
        "main_store": _ratio(row["main_store_orders"], orders),
        "top_category": _ratio(row["top_amount"], amount),
        "discounted": _ratio(row["discounted"], amount),
        "fresh": _ratio(row["fresh"], row["known"]),
        "price_index": _ratio(row["paid"], row["usual"]),
    }


def _ratio(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else round(part / whole, 4)


def _moves(moves: Iterable[Mapping[str, Any]]) -> tuple[dict[str, int], dict[str, int]]:
    came: dict[str, int] = defaultdict(int)
    left: dict[str, int] = defaultdict(int)
    for move in moves:
        if move["now"] != move["before"]:
            came[move["now"] or ""] += move["people"]
            left[move["before"] or ""] += move["people"]
    return came, left
