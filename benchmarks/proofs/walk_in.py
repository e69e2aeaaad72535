"""Who just walked in, among a million people, within its budget."""

from __future__ import annotations

from benchmarks import bench_walk_in
from benchmarks.result import Claims, Result

NAME = "walk_in"
TITLE = "Who just walked in, over HTTP at 100 a second on a million people: p99 is at most 3 times that of a primary-key read."


def run(seed: int) -> Result:
    found, claims = bench_walk_in.measure(), Claims()
    claims.at_most("times the floor's p99", found["times_floor"], bench_walk_in.TIMES_FLOOR_AT_MOST)
    claims.at_least("pages answered a second", found["answered_per_second"], 0.95 * bench_walk_in.RATE)
    notes = (
        "The floor is GET /g/people/ID/news/: same middleware, session and scope, one row by its primary key, 204.",
        "The base is written by set-based SQL, not through the doors.",
    )
    return Result({"claims": claims.made, **found}, claims.hold, notes)
