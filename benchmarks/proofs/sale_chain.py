"""The sale chain beside a plain model of it, for 200,000 steps, in two processes each on a throw-away database; with each of
its mutations once, which must be found out; and the ledger and the coupons beside models of their own.

The machines and the mutations are those of the tests (`tests/river/sale_machine.py`), `benchmarks.chain_once` runs them.
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

NAME = "sale_chain"
TITLE = "200,000 steps of sales, refunds, imports, revisions, expiry, merges, in any order and again: all is the model's."

STEPS, PROCESSES = 200_000, 2
ALONE = 20_000  # steps of the ledger's machine, and of the coupons'
MUTANT_STEPS = 4_000
SECONDS_AT_MOST = 2 * 3600  # for all of it; it is ended then, and has not passed


def run(seed: int, *, steps: int = STEPS) -> Result:
    claims = Claims()
    (mutants,) = _carried_out([["--seed", str(seed), "--steps", str(MUTANT_STEPS), *_mutations()]])
    for one in mutants["mutations"]:
        claims.equal(f"found out: {one['mutation']}", bool(one.get("found")), True)
    begun = perf_counter()
    each = -(-steps // PROCESSES)
    parts = _carried_out([["--seed", str(seed + n), "--steps", str(each)] for n in range(PROCESSES)])
    taken = sum(part["steps"] for part in parts)
    took = perf_counter() - begun
    rooms = [
        ["--machine", name, "--seed", str(seed), "--steps", str(ALONE)] for name in ("ledger", "coupons")
    ]
    alone = _carried_out(rooms)
    for part in (*parts, *alone):
        claims.equal(f"{part['machine']}, seed {part['seed']}: found", part.get("found", ""), "")
    claims.at_least("steps", taken, steps)
    settled: Counter[str] = Counter()
    for part in parts:
        settled += Counter(part["facts settled"])
    figures = {
        "steps": taken,
        "seconds": round(took, 1),
        "ms a step and process": round(1000 * sum(part["seconds"] for part in parts) / max(taken, 1), 1),
        "facts settled": dict(settled.most_common()),
        "processes": parts,
        "rooms alone": alone,
        "mutations": mutants["mutations"],
    }
    return Result({"claims": claims.made, **figures}, claims.hold)


def _mutations() -> list[str]:
    # The test says which there are; it may only be imported where Django is set up
    command = [sys.executable, "-m", "benchmarks.chain_once", "--list", "--seed", "0", "--steps", "0"]
    names = subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [part for name in json.loads(names) for part in ("--mutation", name)]


def _carried_out(runs: list[list[str]]) -> list[dict[str, Any]]:
    """What each of these runs, all at once, tells; how far they are stands in logs beside."""
    folder = Path(tempfile.mkdtemp(prefix="huoshui-chain-"))
    print(f"how far it is: tail -f {folder}/*.log", flush=True)
    begun, started = perf_counter(), []
    for number, arguments in enumerate(runs):
        with (folder / f"{number}.log").open("wb") as log:
            started.append(
                subprocess.Popen(
                    [sys.executable, "-m", "benchmarks.chain_once", *arguments],
                    cwd=REPOSITORY,
                    env=_environment(),
                    stdout=subprocess.PIPE,
                    stderr=log,
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
