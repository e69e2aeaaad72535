"""Bulk sales within their budget, and all of them in the books."""

from __future__ import annotations

from benchmarks import bench_sales
from benchmarks.result import Claims, Result

NAME = "sales_budget"
TITLE = "Sales with all their consequences come in at least 400 times as fast as django-oscar places the same orders."


def run(seed: int) -> Result:
    found, claims = bench_sales.measure(sales=20_000), Claims()
    claims.at_least("times django-oscar's orders", found["times_oscar"], bench_sales.TIMES_OSCAR_AT_LEAST)
    claims.equal("sales of the runs that are in the books", found["books"]["sales"], found["sold"])
    claims.equal("coupons redeemed, each once", found["books"]["coupons"], found["books"]["redemptions"])
    notes = (
        f"Aimed at {bench_sales.SALES_A_SECOND_AIM} sales a second; the best run had {found['sales_per_second']}.",
    )
    return Result({"claims": claims.made, **found}, claims.hold, notes)
