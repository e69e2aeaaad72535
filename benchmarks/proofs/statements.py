"""A million sales of a month: each guide's statement."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.result import Claims, Result
from benchmarks.scratch import Home, scratch_home

NAME = "statements"
TITLE = "Statements of 1 M sales are made in under 60 s; made twice nothing changes, and the books agree."

SALES, SECONDS = 1_300_000, 60.0


def run(seed: int, *, sales: int = SALES) -> Result:
    claims = Claims()
    with scratch_home(NAME) as home:
        home.empty()
        told = _told(home, sales, seed)
        statements, lines, amount = home.row(
            "select count(*), sum(lines)::bigint, sum(amount)::bigint from commission_statement"
        )
        summed = home.row(
            "select count(*), sum(amount)::bigint from commission_entry where statement_id is not null"
        )
        closed = told["closed"]
        claims.equal("statements", closed["done"], statements)
        claims.at_least("lines of statements", lines, sales * 10 // 13)
        claims.equal(
            "lines and money of statements are those of their entries", [lines, amount], list(summed)
        )
        claims.at_most("seconds to close the month", closed["wall"], SECONDS)
        claims.at_most("processor seconds for it", round(closed["python"] + closed["postgres"], 2), SECONDS)
        claims.equal("statements made by closing again", told["closed again"]["done"], 0)
        held = home.row("select coalesce(sum(balance), 0)::bigint from account where owner_kind = 'payee'")[0]
        owed = home.row("select sum(amount)::bigint from commission_entry")[0]
        claims.equal("the ledger holds what is written", held, owed)
    return Result(
        {"claims": claims.made, "sales": sales, **told},
        claims.hold,
        notes=(
            "'followed' is what the readers do as sales settle: whom each credits, what it is worth, its transfer.",
            "Of 1.3 M orders one in nine is a refund that undoes the one before it: a million sales are left.",
            "600 guides of 40 dealers, with a ladder.",
        ),
    )


def _told(home: Home, sales: int, seed: int) -> Any:
    printed = home.python("-m", "benchmarks.statements_once", str(sales), str(seed))
    return json.loads(printed)
