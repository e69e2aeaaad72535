"""10⁴ histories of people with planted traps, through the real doors: no two humans' data join. Who is merged and parted again
is as before. Both in two processes, each on a throw-away database; and implementations that break it, which must be found out.

The histories and mutations are those of the tests (`tests/people/traps.py`), `benchmarks.traps_once` carries them out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.machine import REPOSITORY
from benchmarks.result import Claims, Result

NAME = "traps"
TITLE = (
    "In 10,000 histories with planted traps no two humans' data join; merge then unmerge restores everything."
)

HISTORIES, TOWNS, MUTANT_HISTORIES, PROCESSES = 10_000, 24, 30, 2
RECALL_AT_LEAST = 0.99
SECONDS_AT_MOST = 1_700  # for all of it; it is ended then, and has not passed


def run(seed: int, *, histories: int = HISTORIES, towns: int = TOWNS) -> Result:
    claims, begun = Claims(), perf_counter()
    each, some = -(-histories // PROCESSES), -(-towns // PROCESSES)
    runs = [
        ["--seed", str(seed + n * each), "--histories", str(each), "--towns", str(some)]
        for n in range(PROCESSES)
    ]
    runs[0] += ["--mutants", str(MUTANT_HISTORIES)]
    parts = _carried_out(runs)
    told = [part["histories"] for part in parts]
    claims.at_least("histories", sum(h["histories"] for h in told), histories)
    claims.equal("with data of two humans in one", [m for h in told for m in h["mixed"]], [])
    joined, to_join = (sum(h[name] for h in told) for name in ("joined", "to join"))
    claims.at_least("of one human's, joined", round(joined / max(to_join, 1), 5), RECALL_AT_LEAST)
    for one in parts[0]["mutations"]:
        found = one["mixed"] > 0 or one["recall"] < RECALL_AT_LEAST - 0.05
        claims.equal(f"found out: {one['mutation']}", found, True)
    towns_told = [part["towns"] for part in parts]
    claims.at_least("towns", sum(t["towns"] for t in towns_told), towns)
    claims.equal("unlike after merge and unmerge", [u for t in towns_told for u in t["unlike"]], [])
    claims.equal(
        "where merging changed nothing", sum(t["where merging changed nothing"] for t in towns_told), 0
    )
    claims.equal("books changed, or a debt not shown", [s for t in towns_told for s in t["short"]], [])
    traps: Counter[str] = Counter()
    for h in told:
        traps.update(h["traps"])
    figures = {
        "seconds": round(perf_counter() - begun, 1),
        "cpu seconds": [part["cpu seconds"] for part in parts],
        **{name: sum(h[name] for h in told) for name in ("histories", "events", "clusters", "guarded")},
        "identifiers to join": to_join,
        "traps planted": dict(traps.most_common()),
        "mutations": parts[0]["mutations"],
    }
    return Result({"claims": claims.made, **figures}, claims.hold)


def _carried_out(runs: list[list[str]]) -> list[dict[str, Any]]:
    """What each of these runs, all at once, tells; how far they are stands in logs beside."""
    folder = Path(tempfile.mkdtemp(prefix="huoshui-traps-"))
    print(f"how far it is: tail -f {folder}/*.log", flush=True)
    begun, started = perf_counter(), []
    for number, arguments in enumerate(runs):
        with (folder / f"{number}.log").open("wb") as log:
            command = [sys.executable, "-m", "benchmarks.traps_once", *arguments]
            started.append(
                subprocess.Popen(
                    command, cwd=REPOSITORY, env=_environment(), stdout=subprocess.PIPE, stderr=log
                )
            )
    try:
        told = [one.communicate(timeout=SECONDS_AT_MOST - (perf_counter() - begun))[0] for one in started]
    finally:
        for one in started:
            if one.poll() is None:
                one.terminate()
    if any(one.returncode for one in started):
        raise AssertionError("\n".join(log.read_text()[-2000:] for log in sorted(folder.glob("*.log"))))
    return [json.loads(text) for text in told]


def _environment() -> dict[str, str]:
    """The caller's installation is none of a throw-away database's business."""
    return {n: v for n, v in os.environ.items() if not n.startswith(("DATABASE_", "HUOSHUI_", "DJANGO_"))}
