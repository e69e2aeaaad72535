"""Who bought at which dealer's stores in a span, and what: one question to the lake for all dealers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from huoshui.lake import api as lake_api
from huoshui.trade.protection.cohorts import BASE, MONEY_BASE, Cell, Ids, Sum, Table

ORDERS_CAP: Final = 6
AMOUNT_CAP: Final = 100_000
"""What one person counts with at most in a quarter's sums: orders, and ¥1,000."""
FREQUENCIES: Final = ("1", "2", "3+")
NEWNESS: Final = ("new", "back")
SPANS: Final = 4
"""Quarters that can be asked for."""


class Span(NamedTuple):
    """A calendar quarter that is over."""

    name: str
    first: date
    last: date


@dataclass(frozen=True)
class Bought:
    """A dealer's buyers of a span, ascending by canonical id; one array per what is known of each."""

    people: Ids
    orders: Ids
    amount: Ids
    is_new: Ids
    category: Sequence[str]


def spans(today: date) -> list[Span]:
    """The newest first. Only whole quarters: of two spans that overlap the difference would tell of single days."""
    first = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    found = []
    for _place in range(SPANS):
        last = first - timedelta(days=1)
        first = date(last.year, last.month - 2, 1)
        found.append(Span(f"{first.year}-Q{(first.month + 2) // 3}", first, last))
    return found


def categories() -> list[str]:
    """All there are, bought or not: that a cell is there says nothing of anybody."""
    products = lake_api.engine().tables().products
    found = lake_api.engine().run(products.select("category_1").distinct())
    return sorted({name for name in found.column("category_1").to_pylist() if name})


def bought(dealer_of: Mapping[int, int], span: Span) -> dict[int, Bought]:
    """Dealer → its buyers of the span, at the units that are its (`dealer_of`: unit → dealer)."""
    if not dealer_of:
        return {}
    engine = lake_api.engine()
    found = engine.run(_buyers(engine.tables(), dealer_of, span))
    found = found.sort_by([("dealer_id", "ascending"), ("person_id", "ascending")])
    return {int(d): _of(found.filter(pc.field("dealer_id") == d)) for d in set(dealer_of.values())}


def tables_of(of: Bought, listed: Sequence[str]) -> tuple[Cell, list[Table]]:
    """Everybody with the sums, and the tables that part them, the most wanted first."""
    sums = (
        Sum("orders", of.orders, ORDERS_CAP, BASE),
        Sum("amount", of.amount, AMOUNT_CAP, MONEY_BASE),
    )
    often = np.minimum(of.orders, len(FREQUENCIES))
    liked = np.array(of.category, dtype=object)
    cuts = {
        "frequency": {name: often == place for place, name in enumerate(FREQUENCIES, 1)},
        "newness": {"new": of.is_new == 1, "back": of.is_new == 0},
        "category": {name: liked == name for name in listed},
    }
    return Cell("", of.people, sums), [
        Table(name, tuple(Cell(value, of.people[mask]) for value, mask in masks.items()))
        for name, masks in cuts.items()
    ]


def _of(rows: pa.Table) -> Bought:
    def numbers(name: str) -> Ids:
        return np.asarray(rows.column(name).to_pylist(), dtype=np.int64)

    return Bought(
        numbers("person_id"),
        numbers("orders"),
        numbers("amount"),
        numbers("is_new"),
        rows.column("category").to_pylist(),
    )


def _buyers(lake: lake_api.LakeTables, dealer_of: Mapping[int, int], span: Span) -> ir.Table:
    """dealer_id, person_id, orders, amount, is_new (0 or 1), category (that most was spent on; '' where none is known)."""
    lines = _lines(lake, dealer_of).filter(_.business_day <= span.last)
    first = lines.aggregate(by=["dealer_id", "person_id"], first_day=_.business_day.min())
    inside = lines.filter(_.business_day >= span.first)
    orders = inside.aggregate(by=["dealer_id", "person_id", "order_id"], amount=_.amount.sum())
    people = orders.filter(_.amount > 0).aggregate(
        by=["dealer_id", "person_id"], orders=_.count().cast("int64"), amount=_.amount.sum().cast("int64")
    )
    spent = (
        inside.left_join(lake.products, "sku_id")
        .aggregate(by=["dealer_id", "person_id", "category_1"], amount=_.amount.sum())
        .mutate(
            place=ibis.row_number().over(
                group_by=["dealer_id", "person_id"], order_by=[ibis.desc("amount"), "category_1"]
            )
        )
    )
    liked = spent.filter(_.place == 0).select("dealer_id", "person_id", category=_.category_1.coalesce(""))
    joined = people.inner_join(first, ["dealer_id", "person_id"]).left_join(liked, ["dealer_id", "person_id"])
    return joined.select(
        "dealer_id", "person_id", "orders", "amount",
        is_new=(_.first_day >= span.first).cast("int64"), category=_.category.coalesce(""),
    )  # fmt: skip


def _lines(lake: lake_api.LakeTables, dealer_of: Mapping[int, int]) -> ir.Table:
    """Of known people, by whom they are known as today."""
    whose = ibis.memtable(_units(dealer_of))
    lines = lake.order_lines.filter(_.person_id.notnull())
    lines = lines.inner_join(whose, lines.org_unit_id == whose.unit_id)
    known = lake.persons.select(born_id=_.person_id, canonical_id=_.canonical_id)
    return (
        lines.left_join(known, lines.person_id == known.born_id)
        .mutate(person_id=ibis.coalesce(_.canonical_id, _.person_id))
        .select("dealer_id", "person_id", "order_id", "sku_id", "business_day", "amount")
    )


def _units(dealer_of: Mapping[int, int]) -> pa.Table:
    """unit_id, dealer_id."""
    return pa.table(
        {
            "unit_id": pa.array(list(dealer_of), pa.int32()),
            "dealer_id": pa.array(list(dealer_of.values()), pa.int32()),
        }
    )


def orders_of(dealer_of: Mapping[int, int], span: Span) -> dict[int, tuple[int, int]]:
    """Dealer → orders of the span that left money, and how many of them name somebody."""
    if not dealer_of:
        return {}
    engine = lake_api.engine()
    lines, whose = engine.tables().order_lines, ibis.memtable(_units(dealer_of))
    inside = lines.filter(_.business_day.between(span.first, span.last))
    orders = (
        inside.inner_join(whose, inside.org_unit_id == whose.unit_id)
        .aggregate(by=["dealer_id", "order_id"], amount=_.amount.sum(), is_known=_.person_id.notnull().any())
        .filter(_.amount > 0)
    )
    found = engine.run(orders.aggregate(by="dealer_id", orders=_.count(), known=_.is_known.sum()))
    return {r["dealer_id"]: (int(r["orders"]), int(r["known"])) for r in found.to_pylist()}
