"""What measures are cut by: the dimensions of sales, and with them price bands and what is known of the buyer.

Of a person: `tier`, `guide` (who serves her), `attr.<name>`, `tag.<key>`, `segment.<id>`, as she is today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.core.actor import Actor
from huoshui.insight import dimensions
from huoshui.insight.dimensions import DIMENSIONS, matching, with_keys
from huoshui.insight.given import BadQuestion
from huoshui.insight.lake import Lake
from huoshui.insight.lines import canonical
from huoshui.insight.tags import api as tags
from huoshui.insight.types import Column

PRICE_BAND = "price_band"
BANDS = (20, 50, 100, 200, 500)
"""Where price bands begin, in yuan, after what was taken off."""
_PEOPLE = {"tier": ("会员等级", "Tier", "tier"), "guide": ("专属顾问", "Guide", "bond.guide")}
_PREFIXES = ("attr.", "tag.", "segment.")
_NOBODY = Actor("staff", 0, "")

TIME = frozenset(name for name, d in DIMENSIONS.items() if d.is_time)
PLACE = frozenset(name for name, d in DIMENSIONS.items() if d.home == "unit")
PRODUCT = frozenset(name for name, d in DIMENSIONS.items() if d.home == "product")
LINE = frozenset({"channel", PRICE_BAND})


def person_key(name: str) -> str | None:
    """The key of the state that a person's dimension is; None for others."""
    if name in _PEOPLE:
        return _PEOPLE[name][2]
    return name if name.startswith(_PREFIXES) and name.partition(".")[2] else None


def check(name: str) -> None:
    """Raises BadQuestion for what is no dimension, and for a tag that few may see."""
    if name in DIMENSIONS or name == PRICE_BAND:
        return
    if person_key(name) is None:
        known = "、".join([*DIMENSIONS, PRICE_BAND, *_PEOPLE, "attr.属性", "tag.标签", "segment.人群号"])
        raise BadQuestion(f"没有维度“{name}”，可以用：{known}。")
    kind, _dot, rest = name.partition(".")
    if kind == "tag" and tags.find_to_give(_NOBODY, rest.partition(".")[0]) is None:
        raise BadQuestion(f"没有标签“{rest}”，或者它是敏感标签，不能拿来分。")


def columns_of(names: Sequence[str]) -> tuple[Column, ...]:
    return tuple(column for name in names for column in _columns(name))


def _columns(name: str) -> tuple[Column, ...]:
    if name in DIMENSIONS:
        return dimensions.columns_of([name])
    if name == PRICE_BAND:
        return (Column(PRICE_BAND, "价格带", "Price band", "dimension"),)
    zh, en, _key = _PEOPLE.get(name) or (name.partition(".")[2],) * 3
    return (Column(name, zh, en, "dimension"),)


def key_of(name: str) -> str:
    """The column that rows are grouped by."""
    return DIMENSIONS[name].key if name in DIMENSIONS else name


def keyed(table: ir.Table, lake: Lake, names: Iterable[str]) -> ir.Table:
    """Adds what `names` are grouped by, joining only what they need."""
    names = list(names)
    table = with_keys(table, lake, [name for name in names if name in DIMENSIONS])
    for name in names:
        if name == PRICE_BAND:
            table = table.mutate(price_band=_band(table))
        elif name not in DIMENSIONS:
            table = _with_state(table, lake, name)
    return table


def narrowed(table: ir.Table, lake: Lake, where: Iterable[tuple[str, Sequence[str]]]) -> ir.Table:
    """Rows that have one of these values in each dimension; '' stands for none."""
    for name, values in where:
        if name in DIMENSIONS:
            table = dimensions.having(table, lake, DIMENSIONS[name], values)
            continue
        table = keyed(table, lake, [name])
        named = table[name].isin([value for value in values if value]).fill_null(False)
        table = table.filter(named | table[name].isnull() if "" in values else named).drop(name)
    return table


def in_cell(table: ir.Table, lake: Lake, cell: Mapping[str, str]) -> ir.Table:
    table = matching(table, lake, {name: text for name, text in cell.items() if name in DIMENSIONS})
    return narrowed(table, lake, [(name, [text]) for name, text in cell.items() if name not in DIMENSIONS])


def _band(table: ir.Table) -> ir.StringValue:
    """What one unit cost after discounts, in bands: '20–50'. No quantity, no band."""
    price = ibis.ifelse(table.quantity != 0, table.amount / table.quantity / 100, None)
    bounds = list(pairwise(BANDS))
    said = ibis.cases(
        (price.isnull(), None),
        (price < BANDS[0], f"0–{BANDS[0]}"),
        *((price < high, f"{low}–{high}") for low, high in bounds),
        else_=f"{BANDS[-1]}+",
    )
    banded: ir.StringValue = said
    return banded


def _with_state(table: ir.Table, lake: Lake, name: str) -> ir.Table:
    """Of several who became one person, the newest word."""
    state = lake.state_now.filter(lake.state_now.key == person_key(name))
    said = canonical(state, lake).group_by(holder_id=_.person_id)
    newest = said.aggregate(
        value=_.value.argmax(_.at), number=_.number.argmax(_.at), said_at=_.at.max()
    ).drop("said_at")
    word = newest.value.coalesce(newest.number.cast("int64").cast("string")).nullif("")
    if name.startswith("segment."):
        word = ibis.ifelse(newest.value == "in", "in", None)
    named = newest.select("holder_id", **{name: word})
    return table.left_join(named, table.person_id == named.holder_id).drop("holder_id")
