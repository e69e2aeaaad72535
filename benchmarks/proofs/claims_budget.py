"""Claims of one hot coupon within their budget, and never more than there are."""

from __future__ import annotations

from benchmarks import bench_claims
from benchmarks.result import Claims, Result

NAME = "claims_budget"
TITLE = (
    "1,500 claims a second of one hot coupon over HTTP, each acknowledged one a coupon, and none too many."
)


def run(seed: int) -> Result:
    found, claims = bench_claims.measure(), Claims()
    claims.at_least("claims a second", found["claims_per_second"], bench_claims.CLAIMS_A_SECOND_AT_LEAST)
    last = found["coupons"]["the last of few"]
    claims.equal("of few, acknowledged", last["acknowledged"], last["allowed"])
    claims.equal("of few, issued", last["issued"], last["allowed"])
    return Result({"claims": claims.made, **found}, claims.hold)
