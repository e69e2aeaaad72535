"""Is everything there, and nothing twice? Line by line, against the publisher's own file."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import duckdb
import pyarrow as pa

from benchmarks import journey
from benchmarks.result import Claims
from benchmarks.scratch import Home

_FIGURES = """
select count(*), count(distinct (l.fact_id, l.line_no)), count(distinct l.fact_id), sum(l.amount - l.refunded)
from fact_line l join settlement s using (fact_id) join source c on c.id = s.source_id
where c.name = %s and s.state = 'settled'
"""
_PERSONS = """
select count(distinct coalesce(c.canonical_id, s.person_id))
from settlement s join source f on f.id = s.source_id left join person_cluster c using (person_id)
where f.name = any(%s) and s.state = 'settled'
"""
_LINES = """
select o.fact_id, l.line_no, o.order_key, k.code as sku, u.code as store, l.quantity_milli, l.amount, l.discount,
    l.coupon_discount
from fact_line l join fact_order o using (fact_id) join source c on c.id = o.source_id
join sku k on k.id = l.sku_id join org_unit u on u.id = o.org_unit_id
where c.name = '销售明细'
"""
_COMPARED = "order_key, sku, store, quantity_milli, amount, discount, coupon_discount"


def in_postgres(home: Home, claims: Claims, *, months: int = 13) -> dict[str, Any]:
    """Figures of the journey, and the multiset of its lines against the raw file."""
    raw = journey.truth(months)
    lines, sales, paid = raw.execute(
        "select count(*), count(distinct order_key), sum(amount) from raw"
    ).fetchall()[0]
    if months == 13:
        claims.equal("the raw file", (lines, sales, paid), (journey.LINES, journey.SALES, journey.PAID))
    rows, apart, facts, amount = home.row(_FIGURES, journey.SOURCES["sales"])
    (persons,) = home.row(_PERSONS, [journey.SOURCES["people"], journey.SOURCES["sales"]])
    claims.equal("lines", rows, lines)
    claims.equal("lines told apart", apart, lines)
    claims.equal("sales", facts, sales)
    claims.equal("sum in minor units", int(amount), int(paid))
    claims.equal("persons", persons, journey.PERSONS)
    _same_lines(raw, _lines(home), claims)
    return {"lines": rows, "sales": facts, "sum": int(amount), "persons": persons}


def _lines(home: Home) -> pa.Table:
    with home.connect() as connection, connection.cursor() as cursor:
        names = [c.name for c in cursor.execute(f"select * from ({_LINES}) t limit 0").description or ()]
        columns = zip(*cursor.execute(_LINES).fetchall(), strict=True)
    return pa.table(dict(zip(names, map(pa.array, columns), strict=True)))


def _same_lines(raw: duckdb.DuckDBPyConnection, lines: pa.Table, claims: Claims) -> None:
    raw.register("kept", lines)
    for name, here, there in (("missing", "raw", "kept"), ("too many", "kept", "raw")):
        found = raw.execute(
            f"select count(*) from (select {_COMPARED} from {here} except all select {_COMPARED} from {there})"
        ).fetchall()
        claims.equal(f"lines {name}", found[0][0], 0)


def acknowledged(home: Home, source: str, keys: Collection[str], claims: Claims) -> dict[str, int]:
    """Each acknowledged sale is there once and settled; nothing is there twice."""
    rows = home.rows(
        "select f.client_key, count(*), bool_and(s.state = 'settled') from fact f"
        " join source c on c.id = f.source_id join settlement s on s.fact_id = f.id where c.name = %s group by 1",
        source,
    )
    there = {key: (count, settled) for key, count, settled in rows}
    lost = [key for key in keys if key not in there]
    claims.equal(f"{source}: acknowledged and lost", lost[:5], [])
    claims.equal(f"{source}: there more than once", [k for k, (n, _) in there.items() if n > 1][:5], [])
    claims.equal(f"{source}: never settled", [k for k, (_, settled) in there.items() if not settled][:5], [])
    return {"acknowledged": len(keys), "there": len(there), "unacknowledged": len(there.keys() - set(keys))}


def in_lake(home: Home, claims: Claims) -> dict[str, Any]:
    """`settled_in_lake`, and the lines of the journey."""
    database = settled_in_lake(home, claims)
    (facts,), (lines,) = (one(database, f"select count(*) from lake_{name}") for name in ("facts", "lines"))
    (source_id,) = home.row("select id from source where name = %s", journey.SOURCES["sales"])
    rows, amount = one(
        database, f"select count(*), sum(amount) from lake_lines where source_id = {source_id}"
    )
    in_database = home.row(_FIGURES, journey.SOURCES["sales"])
    claims.equal("lake: lines of the journey", rows, in_database[0])
    claims.equal("lake: sum in minor units", int(amount), int(in_database[3]))
    return {"facts": facts, "lines": lines, "lines of the journey": rows, "sum": int(amount)}


def settled_in_lake(home: Home, claims: Claims) -> duckdb.DuckDBPyConnection:
    """The files of the lake hold each settled fact and each line of it once: tables `lake_facts`, `lake_lines` and
    `settled`. Django must be set up."""
    from huoshui.lake import api as lake

    engine = lake.engine()
    tables = engine.tables()
    facts = engine.run(tables.facts.select("fact_id"))
    lines = engine.run(tables.order_lines.select("fact_id", "line_no", "is_reversal", "amount", "source_id"))
    settled = home.rows("select fact_id from settlement where state = 'settled'")
    database = duckdb.connect()
    database.register("lake_facts", facts)
    database.register("lake_lines", lines)
    database.register("settled", pa.table({"fact_id": pa.array([row[0] for row in settled], pa.int64())}))
    (missing,) = one(database, "select count(*) from (from settled except from lake_facts)")
    (strange,) = one(database, "select count(*) from (from lake_facts except from settled)")
    (twice,) = one(database, "select count(*) - count(distinct fact_id) from lake_facts")
    (lines_twice,) = one(
        database, "select count(*) - count(distinct (fact_id, line_no, is_reversal)) from lake_lines"
    )
    claims.equal("lake: facts missing", missing, 0)
    claims.equal("lake: facts nobody settled", strange, 0)
    claims.equal("lake: facts twice", twice, 0)
    claims.equal("lake: lines twice", lines_twice, 0)
    return database


def one(database: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row = database.execute(query).fetchone()
    assert row is not None
    return row
