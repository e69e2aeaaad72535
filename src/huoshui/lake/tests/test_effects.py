"""The rule over columns against the rule said plainly, row by row."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.lake.effects import REFUND, Settled, effects

_HEAD = pa.schema(
    [
        ("fact_id", pa.int64()),
        ("order_id", pa.int64()),
        ("name", pa.string()),
        ("person_id", pa.int64()),
        ("org_unit_id", pa.int32()),
        ("source_id", pa.int32()),
        ("occurred_at", pa.timestamp("us", tz="UTC")),
        ("business_day", pa.date32()),
        ("channel", pa.string()),
        ("seq", pa.int64()),
        ("is_order", pa.bool_()),
    ]
)
_LINE = pa.schema(
    [
        ("fact_id", pa.int64()),
        ("line_no", pa.int32()),
        ("sku_id", pa.int32()),
        ("quantity_milli", pa.int64()),
        ("amount", pa.int64()),
        ("discount", pa.int64()),
        ("coupon_discount", pa.int64()),
        ("flags", pa.int16()),
    ]
)
_REPLACED = pa.schema([("fact_id", pa.int64()), ("replaced_id", pa.int64())])

Orders = dict[int, dict[str, Any]]  # fact id → name, person, lines, replaces


@st.composite
def orders(draw: st.DrawFn) -> Orders:
    """Some facts in the order they settled; each may take back earlier ones that still stand."""
    ids = draw(st.lists(st.integers(1, 10_000), unique=True, max_size=12))
    standing: list[int] = []
    made: Orders = {}
    for fact_id in ids:
        gone = draw(st.lists(st.sampled_from(standing), unique=True, max_size=3)) if standing else []
        standing = [one for one in standing if one not in gone] + [fact_id]
        made[fact_id] = {
            "name": draw(st.sampled_from(["Order Completed", REFUND])),
            "person": draw(st.integers(1, 4)),
            "lines": draw(st.lists(st.integers(-(10**12), 10**12), max_size=4)),
            "replaces": gone,
        }
    return made


def _heads(some: Orders) -> pa.Table:
    rows = [
        {
            "fact_id": fact_id,
            "order_id": fact_id,
            "name": order["name"],
            "person_id": order["person"],
            "org_unit_id": 1,
            "source_id": 1,
            "occurred_at": datetime(2026, 1, 1, tzinfo=UTC),
            "business_day": date(2026, 1, 1),
            "channel": "pos",
            "seq": n,
            "is_order": True,
        }
        for n, (fact_id, order) in enumerate(some.items())
    ]
    return pa.Table.from_pylist(rows, schema=_HEAD)


def _lines(some: Orders) -> pa.Table:
    rows = [
        {
            "fact_id": fact_id,
            "line_no": n,
            "sku_id": n,
            "quantity_milli": amount,
            "amount": amount,
            "discount": 1,
            "coupon_discount": 2,
            "flags": 0,
        }
        for fact_id, order in some.items()
        for n, amount in enumerate(order["lines"], 1)
    ]
    return pa.Table.from_pylist(rows, schema=_LINE)


def _settled(some: Orders, of: Orders) -> Settled:
    pairs = [{"fact_id": f, "replaced_id": r} for f, order in some.items() for r in order["replaces"]]
    replaced = {pair["replaced_id"]: of[pair["replaced_id"]] for pair in pairs}
    return Settled(
        _heads(some), _lines(some), pa.Table.from_pylist(pairs, _REPLACED), _heads(replaced), _lines(replaced)
    )


@given(orders(), st.integers(0, 12))
def test_effects_are_those_of_the_rule_said_row_by_row(made: Orders, cut: int) -> None:
    """Whatever is settled first and whatever later: in two flushes or in one, the sums are the same."""
    items = list(made.items())
    amounts: Counter[int] = Counter()
    people: Counter[int] = Counter()
    lines = 0
    for part in (dict(items[:cut]), dict(items[cut:])):
        result = effects(_settled(part, made))
        lines += result.order_lines.num_rows
        for fact in result.facts.to_pylist():
            amounts[fact["fact_id"]] += fact["amount"]
        for line in result.order_lines.to_pylist():
            people[line["person_id"]] += line["amount"]
            assert line["is_reversal"] == (line["discount"] < 0)

    plain = {
        fact_id: sum(order["lines"]) - sum(sum(made[r]["lines"]) for r in order["replaces"])
        for fact_id, order in made.items()
    }
    gone = {r for order in made.values() for r in order["replaces"]}
    standing: Counter[int] = Counter()
    for fact_id, order in made.items():
        standing[order["person"]] += sum(order["lines"]) if fact_id not in gone else 0
    assert amounts == plain
    assert {p: a for p, a in people.items() if a} == {p: a for p, a in standing.items() if a}
    assert lines == sum(len(o["lines"]) for o in made.values()) + sum(len(made[r]["lines"]) for r in gone)


def test_lines_without_their_fact_are_an_error() -> None:
    some: Orders = {1: {"name": "Order Completed", "person": 1, "lines": [5], "replaces": []}}
    broken = Settled(
        _heads({}), _lines(some), _REPLACED.empty_table(), _HEAD.empty_table(), _LINE.empty_table()
    )
    with pytest.raises(LookupError):
        effects(broken)
