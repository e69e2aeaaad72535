"""A platform's way of laying out rows, undone: columns filled on an order's first row only, summaries below the data,
rows that are not what the file is read for. Rows keep their places, so that their numbers stay right.
"""

from __future__ import annotations

import duckdb

from huoshui.intake.files.formats.base import Format
from huoshui.intake.files.names import normalise
from huoshui.intake.files.problems import quoted
from huoshui.intake.files.types import RawTable

DROPPED = "合计"
"""What a row that is none says in its first cell: it is counted with the totals."""


def shape(connection: duckdb.DuckDBPyConnection, table: RawTable, of: Format) -> None:
    """Order columns are filled from the row above that has them, but only within rows of the same order number."""
    places = {normalise(header): f"c{at}" for at, header in reversed(list(enumerate(table.headers)))}
    if of.ends_at:
        _drop(
            connection,
            table,
            f"""rowid >= (select coalesce(min(rowid), 9223372036854775807) from {table.table}
                where regexp_matches(trim(c0), {quoted(of.ends_at)}))""",
        )
    for header, pattern in of.only.items():
        if (cell := places.get(normalise(header))) is not None:
            _drop(connection, table, f"not regexp_matches(coalesce(hs_text({cell}), ''), {quoted(pattern)})")
    filled = [cell for header in of.fills_down if (cell := places.get(normalise(header)))]
    number, product = (_place_of(of, field, places) for field in ("order_no", "product_name"))
    if filled and number:
        _fill_down(connection, table, number, product, filled)


def _place_of(of: Format, field: str, places: dict[str, str]) -> str:
    return next((places[n] for h in of.columns.get(field, ()) if (n := normalise(h)) in places), "")


def _drop(connection: duckdb.DuckDBPyConnection, table: RawTable, where: str) -> None:
    nothing = "".join(f", c{at} = null" for at in range(1, len(table.headers)))
    connection.execute(f"update {table.table} set c0 = {quoted(DROPPED)}{nothing} where {where}")


def _fill_down(
    connection: duckdb.DuckDBPyConnection, table: RawTable, number: str, product: str, filled: list[str]
) -> None:
    """The order's number first, where it too stands on the first row only; a row of no product is a total, and no line."""
    if number in filled and product:
        connection.execute(
            f"""update {table.table} set {number} = f.number from (
                select rowid as place, last_value(hs_text({number}) ignore nulls) over (order by rowid) as number
                from {table.table}) f
            where f.place = {table.table}.rowid and hs_text({number}) is null and hs_text({product}) is not null"""
        )
        _drop(connection, table, f"hs_text({number}) is null and hs_text({product}) is null")
    filled = [cell for cell in filled if cell != number]
    values = ", ".join(
        f"last_value(hs_text({cell}) ignore nulls) over (partition by hs_text({number}) order by rowid) as f_{cell}"
        for cell in filled
    )
    if not filled:
        return
    sets = ", ".join(f"{cell} = coalesce(hs_text({cell}), f_{cell})" for cell in filled)
    connection.execute(
        f"""update {table.table} set {sets} from (select rowid as place, {values} from {table.table}) f
        where f.place = {table.table}.rowid and hs_text({number}) is not null"""
    )
