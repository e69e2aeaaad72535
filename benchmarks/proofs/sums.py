"""What the command line answers, against what DuckDB adds up from the publisher's own files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from benchmarks import journey
from benchmarks.result import Claims, Result
from benchmarks.scratch import Home, scratch_home

NAME = "sums"
TITLE = "Sums by day, store and category equal those of the raw files, to the cent."

# What is asked, and what the raw lines call it
DIMENSIONS = {
    "day": "day::varchar",
    "month": "strftime(day, '%Y-%m')",
    "store": "store",
    "category": "category",
    "category_1": "department",
    "category_3": "product_type",
    "product": "sku",
}
ASKED = (
    (),
    ("day",),
    ("month",),
    ("store",),
    ("category",),
    ("category_1",),
    ("category_3",),
    ("product",),
    ("day", "store"),
    ("store", "category"),
    ("month", "category_1"),
)
MEASURES = ("amount", "discount", "coupon_discount", "units", "lines", "orders", "customers")
_MONEY = MEASURES[:3]

Cells = dict[tuple[str, ...], tuple[int, ...]]


def run(seed: int, *, months: int = 13) -> Result:
    files = journey.files(months)
    raw = journey.truth(months)
    claims = Claims()
    with scratch_home(NAME) as home:
        for kind in journey.SOURCES:
            home.run("import", kind, *map(str, files.of(kind)), "--json")
        compared = {"+".join(by) or "total": _compare(home, raw, by, claims) for by in ASKED}
        span = ("2017-01-08", "2017-01-21")
        compared["day, two weeks"] = _compare(home, raw, ("day",), claims, span=span)
        _flagged(home, raw, claims)
        audit = home.told("audit", "--json")
        claims.equal("audit is clean", audit["clean"], True)
    return Result(
        {"claims": claims.made, "measures": MEASURES, "cells": compared, "audit": audit}, claims.hold
    )


def _flagged(home: Home, raw: duckdb.DuckDBPyConnection, claims: Claims) -> None:
    """Dirty lines are kept and flagged, never dropped: the product unknown, no quantity, no amount."""
    query = (
        "select count(*) filter (where {}), count(*) filter (where {}), count(*) filter (where {}) from {}"
    )
    expected = raw.execute(query.format("is_unlisted", "quantity_milli = 0", "amount = 0", "raw")).fetchall()[
        0
    ]
    found = home.row(query.format("flags & 1 <> 0", "flags & 2 <> 0", "flags & 4 <> 0", "fact_line"))
    claims.equal("lines flagged: unlisted product, no quantity, no amount", found, expected)


def _compare(
    home: Home,
    raw: duckdb.DuckDBPyConnection,
    by: Sequence[str],
    claims: Claims,
    *,
    span: tuple[str, str] | None = None,
) -> dict[str, Any]:
    expected, found = _added_up(raw, by, span), _asked(home, by, span)
    wrong = sorted(cell for cell in expected.keys() | found.keys() if expected.get(cell) != found.get(cell))
    name = f"{' and '.join(by) or 'in all'}{', two weeks' if span else ''}"
    claims.equal(f"cells that differ by {name}", len(wrong), 0)
    shown = [{"cell": cell, "raw": expected.get(cell), "asked": found.get(cell)} for cell in wrong[:5]]
    return {"cells": len(expected), "wrong": len(wrong), "examples": shown}


def _asked(home: Home, by: Sequence[str], span: tuple[str, str] | None) -> Cells:
    arguments = [word for name in by for word in ("--by", name)]
    if span:
        arguments += ["--from", span[0], "--to", span[1]]
    rows = home.told("ask", "sales", *arguments, "--json")["rows"]
    cells: Cells = {}
    for row in rows:
        cell = tuple(row[name] or "" for name in by)
        assert cell not in cells, f"{cell} is told twice"
        cells[cell] = tuple(_exact(name, row[name]) for name in MEASURES)
    return cells


def _exact(measure: str, told: float) -> int:
    """Minor units and thousandths, as the raw sums are counted."""
    factor = 100 if measure in _MONEY else 1000 if measure == "units" else 1
    return round(told * factor)


def _added_up(raw: duckdb.DuckDBPyConnection, by: Sequence[str], span: tuple[str, str] | None) -> Cells:
    keys = [f"coalesce({DIMENSIONS[name]}, '')" for name in by]
    rows = raw.execute(
        f"""
        select {", ".join([*keys, *_SUMS])} from raw
        where {"day between ?::date and ?::date" if span else "true"}
        {"group by " + ", ".join(keys) if keys else ""}
        """,
        list(span or ()),
    ).fetchall()
    return {row[: len(by)]: tuple(int(figure) for figure in row[len(by) :]) for row in rows}


_SUMS = (
    "sum(amount)",
    "sum(discount)",
    "sum(coupon_discount)",
    "sum(quantity_milli)",
    "count(*)",
    "count(distinct order_key)",
    "count(distinct card_no)",
)
