"""Whom a campaign reached and whom it is held against, and what each of them bought before and during."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from ibis import _
from numpy.typing import NDArray

from huoshui.core.subscribers import registry
from huoshui.insight.given import BadQuestion
from huoshui.insight.lake import Lake
from huoshui.insight.lines import canonical, lines, orders
from huoshui.insight.maths.effect import Bools, Compared, Ints, by_lot, matched
from huoshui.insight.maths.fitting import Floats
from huoshui.insight.rules import api as rules
from huoshui.insight.rules.plan import judge
from huoshui.insight.rules.streams import Scene
from huoshui.lake.api import LakeTables

# What was bought in the year before tells what would have been bought; of it, what was bought lately by itself.
BEFORE_DAYS, LATELY_DAYS = 365, 60
# How two people must be alike to be compared: days since they last came, orders of the year, and of ¥ in five parts.
_SILENT = (30, 60, 90, 180)
_ORDERS = (1, 2, 3, 5, 9)
_MONEY_PARTS = 5
_COLUMNS = (
    "orders", "amount", "coupon", "orders_before", "amount_before", "orders_lately", "silent",
)  # fmt: skip


@dataclass(frozen=True)
class Groups:
    """One row a person, ascending; `amount` and `coupon` in minor units, `silent` in days, BEFORE_DAYS where nothing was
    bought in them."""

    ids: Ints
    compared: Compared
    columns: dict[str, Floats]
    is_by_lot: bool

    @property
    def before(self) -> Floats:
        names = ("orders_before", "amount_before", "orders_lately", "silent")
        return np.column_stack([self.columns[name] for name in names])

    def which(self, *, reached: bool) -> Bools:
        side = self.compared.treated if reached else ~self.compared.treated
        found: Bools = side & self.compared.kept
        return found


def groups(lake: Lake, *, treated: str, reached: str, control: str, first: date, last: date) -> Groups:
    """Raises TooFew, and BadQuestion of a rule that cannot be read. Rules are judged on the day before it began: whoever
    would be in because of the campaign is not."""
    mine = _reached(lake, reached) if reached else _meant(lake, treated, first)
    others = _meant(lake, control, first) if control else None
    table = lake.run(_bought(lake, first, last))
    known = _column(table, "person_id")
    came_before = known[_column(table, "orders_before") > 0]
    ids = np.union1d(mine, came_before if others is None else others)
    if lake.is_part:
        # how many more were reached is nothing that a dealer is told
        ids = np.intersect1d(ids, came_before)
    columns = _of(ids, known, table)
    is_mine = np.isin(ids, mine)
    alike = [] if others is not None else _alike(columns)
    compared = by_lot(is_mine) if others is not None else matched(is_mine, alike)
    return Groups(ids, compared, columns, others is not None)


def _alike(columns: dict[str, Floats]) -> list[Ints]:
    spent, came = columns["amount_before"], columns["orders_before"]
    bought = spent[came > 0]
    edges = np.quantile(bought, np.arange(1, _MONEY_PARTS) / _MONEY_PARTS) if len(bought) else bought
    return [
        np.digitize(columns["silent"], _SILENT).astype(np.int64),
        np.digitize(came, _ORDERS).astype(np.int64),
        np.digitize(spent, edges).astype(np.int64),
    ]


def _of(ids: Ints, known: Ints, table: pa.Table) -> dict[str, Floats]:
    """Of each of these ids; nothing of whoever bought nothing."""
    place = np.minimum(np.searchsorted(known, ids), max(len(known) - 1, 0))
    is_there = (known[place] == ids) if len(known) else np.zeros(len(ids), dtype=bool)
    found = {}
    for name in _COLUMNS:
        value = np.full(len(ids), BEFORE_DAYS if name == "silent" else 0, dtype=np.float64)
        value[is_there] = table.column(name).to_numpy()[place[is_there]]
        found[name] = value
    return found


def _bought(lake: Lake, first: date, last: date) -> ir.Table:
    begin = first - timedelta(days=BEFORE_DAYS)
    table = orders(lines(lake, begin, last), by=["business_day"]).filter(_.person_id.notnull())
    during = table.business_day >= first
    lately = ~during & (table.business_day >= first - timedelta(days=LATELY_DAYS))
    came = table.counts.cast("int64")
    last_day = table.business_day.max(where=~during & table.counts)
    return table.aggregate(
        by="person_id",
        orders=came.sum(where=during).coalesce(0),
        amount=table.amount.sum(where=during).coalesce(0).cast("int64"),
        coupon=table.coupon_discount.sum(where=during).coalesce(0).cast("int64"),
        orders_before=came.sum(where=~during).coalesce(0),
        amount_before=table.amount.sum(where=~during).coalesce(0).cast("int64"),
        orders_lately=came.sum(where=lately).coalesce(0),
        silent=ibis.literal(first).delta(last_day, unit="day").coalesce(BEFORE_DAYS),
    ).order_by("person_id")


def _meant(lake: Lake, text: str, first: date) -> Ints:
    try:
        rule = rules.parse(text)
        if rules.needs(rule).segments:
            raise BadQuestion(
                "人群里的人会变，活动开始时有谁现在看不到了。请把人群的规则写进来，不要写人群的名字。"
            )
    except rules.BadRule as bad:
        raise BadQuestion(f"规则看不懂：{bad}") from bad
    told = LakeTables(
        lake.facts,
        lake.order_lines,
        lake.state_now,
        lake.products,
        lake.org_units,
        lake.properties,
        lake.persons,
    )
    scene = Scene(told, first - timedelta(days=1))
    found = judge(scene, rule, everyone=False).filter(_.is_member).select("person_id")
    return np.unique(_column(lake.run(found), "person_id"))


def _reached(lake: Lake, reached: str) -> Ints:
    kind, _sign, number = reached.partition(":")
    read = registry.reached.get(kind)
    if read is None or not number.isascii() or not number.isdigit() or len(number) > 18:
        kinds = "、".join(f"{name}:编号" for name in registry.reached)
        raise BadQuestion(f"参数 reached 要写成 {kinds}，现在是“{reached}”。")
    given = read(int(number))
    if not given:
        return np.zeros(0, dtype=np.int64)
    table = canonical(ibis.memtable({"person_id": given}), lake)
    return np.unique(_column(lake.run(table.select("person_id").distinct()), "person_id"))


def _column(table: pa.Table, name: str) -> NDArray[np.int64]:
    found: NDArray[np.int64] = table.column(name).to_numpy().astype(np.int64)
    return found
