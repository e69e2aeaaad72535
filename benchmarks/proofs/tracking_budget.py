"""Tracking within its budget: batches against the floor, and single calls at an even rate."""

from __future__ import annotations

from benchmarks import bench_tracking
from benchmarks.result import Claims, Result

NAME = "tracking_budget"
TITLE = "Tracking over HTTP reaches 40 % of the floor of the same rows; p99 of a single call at 500 a second is below 30 ms."
_GROWTH_MB_AT_MOST = 64


def run(seed: int) -> Result:
    found, claims = bench_tracking.measure(events=400_000, seconds=60, soak_seconds=600), Claims()
    claims.at_least("of the floor's rate", found["of_floor"], bench_tracking.OF_FLOOR_AT_LEAST)
    claims.at_most("p99 of a single call, ms", found["single"]["p99_ms"], bench_tracking.P99_MS_AT_MOST)
    claims.at_least(
        "single calls answered a second", found["single"]["answered_per_second"], 0.95 * bench_tracking.RATE
    )
    claims.at_most("growth in ten minutes, MB", found["soak"]["growth_mb"], _GROWTH_MB_AT_MOST)
    return Result({"claims": claims.made, **found}, claims.hold)
