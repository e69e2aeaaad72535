"""The effect rule, as pure functions over columns (ARCHITECTURE §3).

The effect of a fact is its own lines minus the lines of the facts it replaces. A line taken back keeps
everything the line had (person, day, shop, channel), so that whatever the lines are summed by, it comes out
as if the replaced fact had never been; only `fact_id`, `order_id` and `seq` say who took it back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

REFUND = "Order Refunded"

Ints = npt.NDArray[np.int64]

_HEAD_OF_LINE = ("person_id", "org_unit_id", "source_id", "occurred_at", "business_day", "channel")
_LINE = ("line_no", "sku_id", "flags")
_SIGNED = ("amount", "discount", "coupon_discount")


@dataclass(frozen=True)
class Settled:
    """Some facts as they lie in PostgreSQL: one head per fact, its lines, (fact_id, replaced_id) for what it
    takes back, and the heads and lines of that."""

    heads: pa.Table
    lines: pa.Table
    replacements: pa.Table
    replaced_heads: pa.Table
    replaced_lines: pa.Table


@dataclass(frozen=True)
class Effects:
    facts: pa.Table
    order_lines: pa.Table


def effects(settled: Settled) -> Effects:
    own = _own_lines(settled)
    taken_back = _lines_taken_back(settled)
    order_lines = pa.concat_tables([own, taken_back]) if taken_back.num_rows else own
    return Effects(_facts(settled.heads, order_lines), order_lines)


def _own_lines(settled: Settled) -> pa.Table:
    heads, lines = settled.heads, settled.lines
    own = _find(_ints(heads["fact_id"]), _ints(lines["fact_id"]))
    return _lines(lines, heads, own, heads, own, sign=1)


def _lines_taken_back(settled: Settled) -> pa.Table:
    lines = settled.replaced_lines
    lines = lines.take(pc.sort_indices(lines, [("fact_id", "ascending")]))
    line_ids = _ints(lines["fact_id"])
    replaced_ids = _ints(settled.replacements["replaced_id"])
    first = np.searchsorted(line_ids, replaced_ids, "left")
    count = np.searchsorted(line_ids, replaced_ids, "right") - first
    # the n lines of each replaced fact, one after another
    index = np.repeat(first - (np.cumsum(count) - count), count) + np.arange(count.sum())
    born = _find(_ints(settled.replaced_heads["fact_id"]), line_ids[index])
    by = _find(_ints(settled.heads["fact_id"]), np.repeat(_ints(settled.replacements["fact_id"]), count))
    return _lines(lines.take(pa.array(index)), settled.replaced_heads, born, settled.heads, by, sign=-1)


def _lines(
    lines: pa.Table, born: pa.Table, born_at: Ints, by: pa.Table, by_at: Ints, *, sign: int
) -> pa.Table:
    """Lines beside the head they were born with (`born_at`) and the fact that settled them (`by_at`)."""
    is_refund = pc.equal(born["name"], REFUND)
    kind = pc.if_else(is_refund, "refund", "sale")
    columns: dict[str, Any] = {
        "fact_id": by["fact_id"].take(pa.array(by_at)),
        "order_id": by["order_id"].take(pa.array(by_at)),
        "seq": by["seq"].take(pa.array(by_at)),
        "kind": kind.take(pa.array(born_at)),
        "is_reversal": pa.repeat(sign < 0, lines.num_rows),
        "quantity": pc.divide(pc.cast(lines["quantity_milli"], pa.float64()), sign * 1000.0),
    }
    columns |= {name: born[name].take(pa.array(born_at)) for name in _HEAD_OF_LINE}
    columns |= {name: lines[name] for name in _LINE}
    columns |= {name: lines[name] if sign > 0 else pc.negate(lines[name]) for name in _SIGNED}
    return pa.table(columns)


def _facts(heads: pa.Table, order_lines: pa.Table) -> pa.Table:
    """One row per fact; an order's amount is what it changed, other facts have none."""
    total = np.zeros(heads.num_rows, dtype=np.int64)
    at = _find(_ints(heads["fact_id"]), _ints(order_lines["fact_id"]))
    np.add.at(total, at, _ints(order_lines["amount"]))
    amount = pc.if_else(heads["is_order"], pa.array(total), pa.scalar(None, pa.int64()))
    return heads.append_column("amount", amount)


def _ints(column: pa.ChunkedArray) -> Ints:
    values: Ints = column.to_numpy()
    return values


def _find(ids: Ints, wanted: Ints) -> Ints:
    """Where each wanted id stands in `ids`, which must hold them all."""
    order = np.argsort(ids, kind="stable")
    at = np.searchsorted(ids, wanted, sorter=order)
    found: Ints = order[np.minimum(at, len(ids) - 1)] if len(ids) else at
    if len(wanted) and (not len(ids) or (ids[found] != wanted).any()):
        raise LookupError("lines without the fact they belong to")
    return found
