"""Where a change comes from: of each dimension the few values that explain it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.insight.dimensions import DIMENSIONS, shown, with_keys, with_names
from huoshui.insight.lake import Lake
from huoshui.insight.lines import orders
from huoshui.insight.maths import adtributor
from huoshui.insight.types import Column, Grid

COLUMNS = (
    Column("by", "按什么看", "By", "dimension"),
    Column("value", "哪里", "Where", "dimension"),
    Column("by_name", "按什么看", "By", "text"),
    Column("value_name", "哪里", "Where", "text"),
    Column("before", "上期", "Before", "money"),
    Column("now", "本期", "Now", "money"),
    Column("amount", "变化", "Change", "money"),
    Column("explains", "占全部变化", "Of the whole change", "share"),
    Column("people", "顾客数", "Customers", "count", opens=True),
)


def places(lake: Lake, table: ir.Table, names: Sequence[str], lang: str) -> Grid:
    """Dimensions in the order in which shares moved most within them."""
    found = [_of(lake, table, name, lang) for name in names]
    ordered = sorted(enumerate(found), key=lambda one: (-one[1][0], one[0]))
    return Grid(COLUMNS, tuple(row for _place, (_surprise, rows) in ordered for row in rows))


def _of(lake: Lake, table: ir.Table, name: str, lang: str) -> tuple[float, list[dict[str, Any]]]:
    dimension = DIMENSIONS[name]
    rows = [shown(row) for row in lake.rows(_sums(lake, table, name))]
    by_value = {row[name]: row for row in rows}
    if len(by_value) < 2:
        return 0.0, []  # the only one there is explains nothing
    causes = adtributor.causes(
        {value: row["before"] for value, row in by_value.items()},
        {value: row["now"] for value, row in by_value.items()},
    )
    nothing = f"no {dimension.label_en.lower()}" if lang == "en" else f"没有{dimension.label_zh}"
    told = [
        {
            "by": name,
            "value": cause.value,
            "by_name": dimension.label_en if lang == "en" else dimension.label_zh,
            "value_name": by_value[cause.value].get(dimension.called) or cause.value or nothing,
            "before": cause.before,
            "now": cause.now,
            "amount": cause.amount,
            "explains": cause.explains,
            "people": by_value[cause.value]["people"],
        }
        for cause in causes
    ]
    return adtributor.surprising(causes), told


def _sums(lake: Lake, table: ir.Table, name: str) -> ir.Table:
    key = DIMENSIONS[name].key
    keyed = with_keys(table, lake, [name])
    amounts = keyed.aggregate(
        by=key,
        before=ibis.ifelse(_.is_now, 0, _.amount).sum().cast("int64"),
        now=ibis.ifelse(_.is_now, _.amount, 0).sum().cast("int64"),
    )
    heads = orders(keyed, by=[key]).aggregate(by=key, people=_.person_id.nunique(where=_.counts))
    # equality of nothing with nothing is not true, and lines without a store are a place as well
    same = amounts[key].identical_to(heads[key])
    joined = amounts.left_join(heads, same).select(amounts[key], "before", "now", people=_.people.coalesce(0))
    return with_names(joined, lake, [name])
