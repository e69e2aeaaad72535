"""What the machine needs at least: DuckDB reads the sale files, and the same rows go by COPY into a plain table."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import duckdb
import pyarrow.csv as pacsv

from benchmarks.scratch import Home

_COLUMNS = {
    "order_no": "bigint",
    "sold_at": "timestamp",
    "store_no": "int",
    "card_no": "int",
    "product_no": "int",
    "quantity": "int",
    "paid": "decimal(18, 2)",
    "card_discount": "decimal(18, 2)",
    "coupon": "decimal(18, 2)",
    "coupon_match": "decimal(18, 2)",
}
_ROWS_AT_ONCE = 200_000


def measure(home: Home, files: tuple[Path, ...], *, times: int = 3) -> dict[str, Any]:
    runs = [_once(home, files) for _ in range(times)]
    middle = median(run["seconds"] for run in runs)
    return {"seconds": middle, "rows": runs[0]["rows"], "runs": [run["seconds"] for run in runs]}


def _once(home: Home, files: tuple[Path, ...]) -> dict[str, Any]:
    """Read and written in one stream, committed at the end. The table and the reader are new each time."""
    columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
    with home.connect("postgres") as connection:
        connection.execute(f"drop table if exists plain; create table plain ({columns})")
        started = perf_counter()
        with connection.cursor() as cursor, cursor.copy("copy plain from stdin (format csv)") as copy:
            for batch in _read(files):
                buffer = BytesIO()
                pacsv.write_csv(
                    batch, buffer, pacsv.WriteOptions(include_header=False, quoting_style="needed")
                )
                copy.write(buffer.getbuffer())
        seconds = perf_counter() - started
        (rows,) = connection.execute("select count(*) from plain").fetchall()[0]
        connection.execute("drop table plain")
    return {"seconds": round(seconds, 3), "rows": rows}


def _read(files: tuple[Path, ...]) -> Any:
    database = duckdb.connect(config={"threads": 2})
    names = [str(file) for file in files]
    found = database.execute(
        "from read_csv($names, header = true, columns = $columns)", {"names": names, "columns": _COLUMNS}
    )
    return found.to_arrow_reader(_ROWS_AT_ONCE)
