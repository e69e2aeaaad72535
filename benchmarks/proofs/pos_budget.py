"""A till's sale within its budget: idle, and beside an import."""

from __future__ import annotations

from benchmarks import bench_pos
from benchmarks.result import Claims, Result

NAME = "pos_budget"
TITLE = "A sale over HTTP, 100 a second, is 5 times as fast as django-oscar's order, and 3 times as slow beside an import."


def run(seed: int) -> Result:
    found, claims = bench_pos.measure(), Claims()
    claims.at_least("times as fast at p99", found["times_faster"], bench_pos.TIMES_FASTER_AT_LEAST)
    claims.at_most("times its idle p99, beside an import", found["times_idle"], bench_pos.TIMES_IDLE_AT_MOST)
    claims.at_least(
        "sales answered a second, idle", found["idle"]["answered_per_second"], 0.95 * bench_pos.RATE
    )
    claims.equal("coupons redeemed, each once", found["books"]["coupons"], found["books"]["redemptions"])
    return Result({"claims": claims.made, **found}, claims.hold)
