"""Why an order was set aside: a cell, something missing, a contradiction, or another row of the same order."""

from __future__ import annotations

import duckdb

from huoshui.intake.files import problems
from huoshui.intake.files.rows import Layout

_SAME_ORDER = "h.order_key = r.order_key and h.is_refund = coalesce(r.row_type = 1, false)"


def explain(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """Fills `problems` from temp tables `sale_rows`, `heads` and `held`. Each row set aside has at least one."""
    problems.create(connection, layout)
    problems.collect_cells(connection, layout, "sale_rows")
    _missing(connection, layout)
    if _any(connection, "duckdb_tables() where table_name = 'states'"):
        _unknown_words(connection, layout)
    if _any(connection, "held"):
        _contradictions(connection, layout)
        _companions(connection)


def _any(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    return connection.execute(f"select 1 from {table} limit 1").fetchone() is not None


def _missing(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    for field, where in (
        ("order_no", "order_key is null"),
        (
            "ordered_at",
            f"exists (from heads h semi join held using (order_key, is_refund) where {_SAME_ORDER} and has_no_time)",
        ),
    ):
        problems.add(
            connection,
            f"""select file_no, row_no, {problems.header_of(layout, field)} as column_name, null as value,
                'missing' as code, false as kept, null as other, 0 as found, 0 as wanted
            from sale_rows r where bad = 0 and {where}""",
            layout.kind.field(field).label,
        )


def _unknown_words(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """On the first row that says so: a status nobody has told us the meaning of."""
    problems.add(
        connection,
        f"""select r.file_no, r.row_no, {problems.header_of(layout, "status", "r.file_no")} as column_name,
            r.status as value, 'unknown_status' as code, true as kept, null as other, 0 as found, 0 as wanted
        from sale_rows r join states s on s.status = r.status where s.state = 'unknown'
        qualify row_number() over (partition by r.status order by r.file_no, r.row_no) = 1""",
        layout.kind.field("status").label,
    )


def _contradictions(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """On each row that differs from the order's first, naming that one."""
    fields = connection.execute(
        "select distinct differs_in from held where differs_in is not null"
    ).fetchall()
    for (field,) in fields:
        differs = (
            f"r.{field} <> f.{field}" if field != "ordered_at" else "r.ordered_at::date <> f.ordered_at::date"
        )
        problems.add(
            connection,
            f"""with rows as (select r.*, h.is_refund from sale_rows r join held h on {_SAME_ORDER}
                    where h.differs_in = '{field}'),
                firsts as (select order_key, is_refund, arg_min({field}, (file_no, row_no)) as {field},
                    min((file_no, row_no)) as place from rows where {field} is not null group by all)
            select r.file_no, r.row_no, {problems.header_of(layout, field, "r.file_no")} as column_name,
                r.{field}::varchar as value, 'differs' as code, false as kept,
                {problems.place_of("f.place", "r.file_no")} as other, 0 as found, 0 as wanted
            from rows r join firsts f using (order_key, is_refund) where {differs}""",
            layout.kind.field(field).label,
        )


def _companions(connection: duckdb.DuckDBPyConnection) -> None:
    problems.add(
        connection,
        f"""with rows as (select r.file_no, r.row_no, h.order_key, h.is_refund
                from sale_rows r join held h on {_SAME_ORDER}),
            named as (select distinct file_no, row_no from problems where not kept),
            causes as (select order_key, is_refund, min((file_no, row_no)) as place
                from rows join named using (file_no, row_no) group by all)
        select r.file_no, r.row_no, null as column_name, null as value, 'held' as code, false as kept,
            {problems.place_of("c.place", "r.file_no")} as other, 0 as found, 0 as wanted
        from rows r join causes c using (order_key, is_refund)
            anti join named n on n.file_no = r.file_no and n.row_no = r.row_no""",
        "",
    )
