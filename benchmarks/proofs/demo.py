"""`make demo` as whoever has just cloned the repository runs it, twice."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks import journey, machine, scratch
from benchmarks.processes import Watch
from benchmarks.result import Claims, Result
from benchmarks.scratch import Home

NAME = "demo"
WORLD = "completejourney"
TITLE = "From a fresh clone, `make demo` has all lines of the real year in 150 seconds, and the second one is ready in 10."

FIRST_WITHIN, AGAIN_WITHIN, MB_AT_MOST = 150.0, 10.0, 1536


def run(seed: int) -> Result:
    return twice(NAME, WORLD, _contents, within=(FIRST_WITHIN, AGAIN_WITHIN), mb_at_most=MB_AT_MOST)


Look = Callable[[Path, Claims], dict[str, Any]]
"""What is in the world that a clone has made."""


def twice(name: str, world: str, look: Look, *, within: tuple[float, float], mb_at_most: int) -> Result:
    """`make demo` from a fresh clone, and once more. `within`: seconds."""
    claims = Claims()
    folder = scratch.base() / f"{name}-{os.getpid()}"
    folder.mkdir()
    try:
        make(clone_into(folder / "warm"), "setup")  # what is measured starts after the downloads
        clone = clone_into(folder / "clone")
        home = Home(clone / ".huoshui")
        try:
            figures = {time: make(clone, "demo", home=home, world=world) for time in ("first", "again")}
            figures["contents"] = look(clone, claims)
        finally:
            home.remove()
    finally:
        shutil.rmtree(folder)
    claims.at_most("seconds of the first", figures["first"]["seconds"], within[0])
    claims.at_most("seconds of the second", figures["again"]["seconds"], within[1])
    for time in ("first", "again"):
        claims.at_most(f"peak MB of the largest process, {time}", figures[time]["largest"]["mb"], mb_at_most)
    return Result({"claims": claims.made, **figures}, claims.hold)


def clone_into(target: Path) -> Path:
    command = ["git", "clone", "--quiet", "--no-hardlinks", str(machine.REPOSITORY), str(target)]
    subprocess.run(command, check=True)
    target.chmod(0o755)
    return target


def make(clone: Path, target: str, *, home: Home | None = None, world: str = WORLD) -> dict[str, Any]:
    log = clone.with_name(f"{clone.name}-{target}.log")
    started = perf_counter()
    with (
        log.open("ab") as words,
        subprocess.Popen(
            ["make", target, "SERVE=0", f"WORLD={world}"],
            cwd=clone,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
        ) as process,
        Watch([process.pid], homes=[home.path] if home else []) as watch,
    ):
        process.wait()
    seconds = perf_counter() - started
    if process.returncode:
        raise RuntimeError(f"make {target} ended with {process.returncode}:\n{log.read_text()[-3000:]}")
    title, mb = watch.largest()
    each = sorted(((peak, watch.titles[pid][:100]) for pid, peak in watch.peaks.items()), reverse=True)
    return {
        "seconds": round(seconds, 1),
        "largest": {"mb": mb, "title": title[:100]},
        "next largest": each[:8],
    }


def _environment() -> dict[str, str]:
    """Nothing of the environment this proof itself runs in."""
    ours = ("HUOSHUI_", "DATABASE_", "VIRTUAL_ENV", "PYTHONPATH", "MAKE", "MFLAGS")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def _contents(clone: Path, claims: Claims) -> dict[str, Any]:
    """Asked of the clone's own command."""
    home = Home(clone / ".huoshui", huoshui=clone / ".venv" / "bin" / "huoshui")
    (row,) = home.told("ask", "sales", "--json")["rows"]
    claims.equal("lines", row["lines"], journey.LINES)
    claims.equal("sales", row["orders"], journey.SALES)
    claims.equal("sum in minor units", round(row["amount"] * 100), journey.PAID)
    claims.equal("customers", row["customers"], journey.PERSONS)
    claims.equal("audit is clean", home.told("audit", "--json")["clean"], True)
    return dict(row)
