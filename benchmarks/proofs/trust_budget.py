"""Data trust within its budget: folded behind the river, and pages that scan nothing."""

from __future__ import annotations

from benchmarks import bench_trust
from benchmarks.result import Claims, Result

NAME = "trust_budget"
TITLE = "What is known of 1.4 million lines is read in a tenth of the time of one plain scan of them."
MORE = 1_000


def run(seed: int) -> Result:
    found, claims = bench_trust.measure(more=MORE), Claims()
    for name, page in found["pages"].items():
        claims.at_most(f"times a plain scan: {name}", page["times_scan"], 0.1)
    claims.at_most(
        f"times a plain scan: {MORE} more facts folded", found[f"fold_{MORE}_more"]["times_scan"], 0.1
    )
    claims.at_most("times a plain scan: all folded, once", found["fold_all"]["times_scan"], 12)
    return Result({"claims": claims.made, **found}, claims.hold)
