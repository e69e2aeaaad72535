"""How many people of a group, and of whom it is compared with, have each value: one query, whatever their number."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from huoshui.insight.lake import Lake
from huoshui.insight.lines import canonical
from huoshui.insight.portraits.types import Counted, Heads
from huoshui.insight.questions.portrait.values import known

_ALL = ""


class Sides(NamedTuple):
    """Canonical ids. `base` None: everyone. `barred` are nowhere: they do not want to be profiled."""

    group: Collection[int]
    base: Collection[int] | None
    barred: Collection[int] = ()


def measured(lake: Lake, sides: Sides, as_of: date) -> tuple[Heads, list[Counted]]:
    counted = {(r["attribute"], r["level"]): r for r in lake.rows(_table(lake, sides, as_of))}
    whole = counted.pop((_ALL, _ALL), {"group": 0, "base": 0, "both": 0})
    counted.pop((_ALL, None), None)
    found = []
    for (attribute, level), row in sorted(counted.items(), key=lambda item: (item[0][0], item[0][1] or "")):
        if level is not None:
            of = counted[attribute, None]
            pairs = ((row[side], of[side]) for side in ("group", "base", "both"))
            found.append(Counted(attribute, level, *(n for pair in pairs for n in pair)))
    return Heads(whole["group"], whole["base"], whole["both"]), found


def having(lake: Lake, ids: Collection[int], attribute: str, value: str, as_of: date) -> ir.Table:
    """person_id of those of these people who have the value."""
    values = known(lake, as_of)
    has = values.filter((_.attribute == attribute) & (_.value == value))
    return table_of(ids).semi_join(has, "person_id")


def table_of(ids: Collection[int]) -> ir.Table:
    return ibis.memtable(pa.table({"person_id": pa.array(ids, pa.int64())}))


def _table(lake: Lake, sides: Sides, as_of: date) -> ir.Table:
    everyone = canonical(lake.persons.select(_.person_id), lake).distinct()
    group = table_of(sides.group).mutate(in_group=True, in_base=False)
    base = everyone if sides.base is None else table_of(sides.base)
    both = group.union(base.mutate(in_group=False, in_base=True))
    allowed = both.filter(_.person_id.notin(sorted(sides.barred))) if sides.barred else both
    who = allowed.aggregate(by="person_id", in_group=_.in_group.any(), in_base=_.in_base.any())
    everyones = who.select("person_id", attribute=ibis.literal(_ALL), value=ibis.literal(_ALL))
    marked = known(lake, as_of).union(everyones).inner_join(who, "person_id")
    levels = marked.mutate(level=ibis.array([marked.value, ibis.null("string")])).unnest("level")
    return levels.aggregate(
        by=["attribute", "level"],
        group=_.person_id.nunique(where=_.in_group),
        base=_.person_id.nunique(where=_.in_base),
        both=_.person_id.nunique(where=_.in_group & _.in_base),
    )
