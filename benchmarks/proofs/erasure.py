"""Erasing people for good: through a dump, Parquet, logs and kept files, and through every way back."""

from __future__ import annotations

from benchmarks import erased
from benchmarks.result import Claims, Result
from benchmarks.scratch import scratch_home

NAME = "erasure"
TITLE = (
    "After 100 people are erased nothing leads to them in dump, Parquet, logs and kept files; nor after the old files, a"
    " rebuild and a restore; the books are as they were."
)


def run(seed: int, *, customers: int = 3_000, gone: int = 100) -> Result:
    claims = Claims()
    with scratch_home(NAME) as home:
        figures = erased.through(home, claims, seed=seed, customers=customers, gone=gone)
    return Result({"claims": claims.made, **figures}, claims.hold)
