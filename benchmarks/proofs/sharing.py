"""Why dealers do not share, on a small world of the invented brand: the planted ones are named, and no others."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, date, datetime, timedelta
from typing import Any

from benchmarks.result import Claims, Result
from benchmarks.scratch import Home, scratch_home

NAME = "sharing"
TITLE = "Of the invented brand's dealers those whose staff do not ask for customers are named, and one who keeps its own."

PEOPLE, SEED = 8_000, 1
LOW, HIGH = 0.68, 0.95
"""Stores that ask half as often (⑦) bring a dealer down to so much of the usual: below LOW it must be named, above HIGH it may
not be; between them chance decides in so small a world."""


def run(seed: int) -> Result:
    claims = Claims()
    until = datetime.now(tz=UTC).date() - timedelta(days=1)
    with scratch_home(NAME) as home:
        _world(home, until)
        told = _told(home, until)
    planted, before, after = told["planted"], told["before"], told["after"]
    usual = sorted(planted.values())[len(planted) // 2]
    named = {v["name"]: v for v in before["verdicts"]}
    must = {name for name, part in planted.items() if part < LOW * usual}
    claims.at_least("dealers planted so that they must be found", len(must), 1)
    claims.equal("of them not named", sorted(must - named.keys()), [])
    lazy = {name for name, v in named.items() if v["reason"] == "execution"}
    claims.equal("planted dealers by another reason", sorted(must - lazy), [])
    claims.equal("named though nothing was planted", sorted(n for n in lazy if planted[n] > HIGH), [])
    kept = {v["name"]: v for v in after["verdicts"]}.get(told["keeps"], {})
    claims.equal("the one that took its customers back and along", kept.get("reason"), "fear")
    ranges = [v["gain"] for v in (*before["verdicts"], *after["verdicts"]) if v["gain"]]
    claims.equal(
        "intervals that do not hold what is expected", [g for g in ranges if not g[1] <= g[0] <= g[2]], []
    )
    claims.at_most("seconds to answer", max(before["seconds"], after["seconds"]), 10.0)
    return Result({"claims": claims.made, **told}, claims.hold)


def _world(home: Home, until: date) -> None:
    asked = {"WORLD": "suyu", "PEOPLE": str(PEOPLE), "UNTIL": str(until), "SEED": str(SEED), "SERVE": "0"}
    subprocess.run([str(home.huoshui), "demo"], env=home.environment | asked, cwd=home.path, check=True)


def _told(home: Home, until: date) -> Any:
    printed = home.python("-m", "benchmarks.sharing_once", str(PEOPLE), str(until), str(SEED))
    return json.loads(printed)
