"""The whole journey within its budget: time against the floor, lines a second, memory."""

from __future__ import annotations

from benchmarks import import_journey, journey
from benchmarks.result import Claims, Result

NAME = "import_budget"
TITLE = "A year of 1.47 million lines comes in at most eight times as slowly as DuckDB reads and COPY writes them."


def run(seed: int) -> Result:
    found, claims = import_journey.measure(), Claims()
    peaks = found["peak_mb"]
    claims.equal("lines", found["lines"], journey.LINES)
    claims.equal("sales", found["sales"], journey.SALES)
    claims.at_most("times the floor", found["times_the_floor"], import_journey.RATIO_AT_MOST)
    claims.at_least("lines a second", found["lines_per_second"], import_journey.LINES_A_SECOND_AT_LEAST)
    claims.at_most("peak MB of the import process", peaks["with cards and lake"], import_journey.MB_AT_MOST)
    backend = peaks["largest PostgreSQL backend"]["with shared buffers"]
    claims.at_most("peak MB of a PostgreSQL backend", backend, import_journey.MB_AT_MOST)
    return Result({"claims": claims.made, **found}, claims.hold)
