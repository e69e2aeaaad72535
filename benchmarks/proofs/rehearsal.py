"""A change of the identity rules, rehearsed over a million people."""

from __future__ import annotations

import json
import sys
from typing import Any

from benchmarks import peopled
from benchmarks.result import Claims, Result
from benchmarks.scratch import Home, scratch_home

NAME = "rehearsal"
TITLE = (
    "A change of the identity rules is rehearsed over 1 M people in under 60 processor seconds, and says who would join and"
    " part."
)

HUMANS = 700_000  # whom 1.01 million persons are
SECONDS = 60.0


def run(seed: int, *, humans: int = HUMANS) -> Result:
    claims = Claims()
    with scratch_home(NAME) as home:
        home.empty()
        base = peopled.fill(home, humans)
        told = _rehearsed(home)
        written = home.row("select count(*) from link where unlinked_at is not null or linked_at > now()")[0]
    if humans == HUMANS:
        claims.at_least("persons in the base", base["persons"], 1_000_000)
    lent, second, openid = (humans // n for n in (peopled.LENT, peopled.SECOND_CARD, peopled.OPENID))
    weak, _, blocked, same = told
    claims.equal("who would part where phones are weak", weak["split"], lent + second + openid)
    claims.equal("who would be joined by that", weak["joined"], 0)
    claims.at_least("values that the mask of cards takes out", blocked["guarded"], 1)
    claims.equal("whom the same rules change", (same["joined"], same["split"]), (0, 0))
    claims.equal("links that a rehearsal has taken back", written, 0)
    for one in told:
        spent = round(one["python_cpu_seconds"] + one["postgres_cpu_seconds"], 1)
        claims.at_most(f"processor seconds: {one['change']}", spent, SECONDS)
        print(one["change"], one["wall_seconds"], "s, processor", spent, "s", file=sys.stderr)
    return Result(
        {"claims": claims.made, "base": base, "changes": told},
        claims.hold,
        notes=(
            "One process and one connection work by turns, so that on a quiet machine the seconds are the processor seconds;"
            " wall_seconds are of a machine that others use too.",
        ),
    )


def _rehearsed(home: Home) -> list[dict[str, Any]]:
    printed = home.python("-m", "benchmarks.rehearsed_once")
    return list(json.loads(printed))
