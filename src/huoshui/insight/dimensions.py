"""What sales can be broken down by, and narrowed to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.insight.given import BadQuestion, Given, as_day, require
from huoshui.insight.lake import Lake
from huoshui.insight.types import Column

Home = Literal["line", "product", "unit"]
KEYS: Mapping[Home, str] = {"product": "sku_id", "unit": "org_unit_id"}


def _as_month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise BadQuestion(f"月份“{text}”看不懂，请写成 2017-12 这样。") from None


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Dimension:
    """`value` makes it from a row of its home; `parse` reads it from a cell, `show` writes it so.

    One with a `called` is a code, known to people by the name in that column.
    """

    name: str
    label_zh: str
    label_en: str
    home: Home
    value: Callable[[ir.Table], ir.Value]
    parse: Callable[[str], Any] = _same
    show: Callable[[Any], Any] = _same
    called: str = ""

    @property
    def is_time(self) -> bool:
        return self.parse is not _same

    @property
    def key(self) -> str:
        """What lines are grouped by: a code is as good as the id of its row, and an id is faster."""
        return KEYS[self.home] if self.called else self.name


def _text(name: str, zh: str, en: str, home: Home) -> Dimension:
    return Dimension(name, zh, en, home, lambda table: table[name].nullif(""))


def _category(products: ir.Table) -> ir.StringValue:
    """The level below the department where the list has one at all; else the top level."""
    has_second = products.agg(found=products.category_2.nullif("").count() > 0).as_scalar()
    chosen: ir.StringValue = ibis.ifelse(has_second, products.category_2, products.category_1)
    return chosen.nullif("")


_ALL = (
    Dimension("day", "日期", "Day", "line", lambda t: t.business_day, as_day, str),
    Dimension("week", "周", "Week", "line", lambda t: t.business_day.truncate("W"), as_day, str),
    Dimension(
        "month", "月", "Month", "line", lambda t: t.business_day.truncate("M"), _as_month, "{:%Y-%m}".format
    ),
    Dimension("store", "门店", "Store", "unit", lambda t: t.code, called="store_name"),
    _text("region", "区域", "Region", "unit"),
    _text("dealer", "经销商", "Dealer", "unit"),
    Dimension("category", "品类", "Category", "product", _category),
    _text("category_1", "大类", "Category, level 1", "product"),
    _text("category_2", "中类", "Category, level 2", "product"),
    _text("category_3", "小类", "Category, level 3", "product"),
    _text("department", "部门", "Department", "product"),
    _text("brand", "品牌", "Brand", "product"),
    Dimension("product", "商品", "Product", "product", lambda t: t.code, called="product_name"),
    _text("channel", "渠道", "Channel", "line"),
)
DIMENSIONS: Mapping[str, Dimension] = {d.name: d for d in _ALL}
LABELS: dict[str, str] = {d.name: d.label_zh for d in _ALL}
FILTERS = tuple(d.name for d in _ALL if not d.is_time)
_NAMES = {
    "store_name": Column("store_name", "门店名称", "Store name", "text"),
    "product_name": Column("product_name", "商品名称", "Product name", "text"),
}


@dataclass(frozen=True)
class Scope:
    """Values a line must have, by dimension; several values of one dimension are alternatives."""

    values: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def read(cls, given: Given) -> Scope:
        read = ((name, given.many(name)) for name in FILTERS)
        return cls(tuple((name, values) for name, values in read if values))

    def narrow(self, table: ir.Table, lake: Lake) -> ir.Table:
        for name, values in self.values:
            table = having(table, lake, DIMENSIONS[name], values)
        return table


def columns_of(names: Sequence[str]) -> tuple[Column, ...]:
    columns: list[Column] = []
    for dimension in map(DIMENSIONS.__getitem__, names):
        columns.append(Column(dimension.name, dimension.label_zh, dimension.label_en, "dimension"))
        if dimension.called:
            columns.append(_NAMES[dimension.called])
    return tuple(columns)


def with_keys(table: ir.Table, lake: Lake, names: Iterable[str]) -> ir.Table:
    """Adds the columns to group by for these dimensions, joining only the homes they need."""
    wanted = [d for d in map(DIMENSIONS.__getitem__, names) if not d.called]
    table = table.mutate(**{d.name: d.value(table) for d in wanted if d.home == "line"})
    for home, key in KEYS.items():
        values = {d.name: d.value(_home(lake, home)) for d in wanted if d.home == home}
        if values:
            table = table.left_join(_home(lake, home).select(key, **values), key).drop(f"{key}_right")
    return table


def with_names(table: ir.Table, lake: Lake, names: Iterable[str]) -> ir.Table:
    """After grouping: the code and the name of what was grouped by its id."""
    for dimension in map(DIMENSIONS.__getitem__, names):
        if dimension.called:
            key, home = dimension.key, _home(lake, dimension.home)
            named = home.select(key, **{dimension.name: dimension.value(home), dimension.called: _.name})
            table = table.left_join(named, key).drop(key, f"{key}_right")
    return table


def matching(table: ir.Table, lake: Lake, cell: Mapping[str, str]) -> ir.Table:
    """Lines of one cell; '' is the cell of those that have no value there."""
    for name, text in cell.items():
        require(name, LABELS, "维度")
        table = having(table, lake, DIMENSIONS[name], (text,))
    return table


def shown(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row whose dimensions read as they would in a cell."""
    return {k: DIMENSIONS[k].show(v) if k in DIMENSIONS and v is not None else v for k, v in row.items()}


def having(table: ir.Table, lake: Lake, dimension: Dimension, texts: Sequence[str]) -> ir.Table:
    """Rows that have one of these values; '' stands for none."""
    if dimension.home == "line":
        return table.filter(_hit(table, dimension, texts))
    home, key = _home(lake, dimension.home), KEYS[dimension.home]
    if "" in texts:
        others = home.filter(~_hit(home, dimension, texts))[key]
        return table.filter(table[key].isnull() | table[key].notin(others))
    return table.filter(table[key].isin(home.filter(_hit(home, dimension, texts))[key]))


def _hit(home: ir.Table, dimension: Dimension, texts: Sequence[str]) -> ir.BooleanValue:
    value = dimension.value(home)
    hit: ir.BooleanValue = value.isin([dimension.parse(text) for text in texts if text]).coalesce(False)
    if dimension.called:
        hit = hit | home.name.isin(texts)
    return hit | value.isnull() if "" in texts else hit


def _home(lake: Lake, home: Home) -> ir.Table:
    return lake.products if home == "product" else lake.org_units
