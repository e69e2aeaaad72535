"""How fast a grocer's year comes in, against DuckDB reading the same files and COPY of the same rows.

    python -m benchmarks.import_journey [--months 13] [--floor-runs 3] [--profile]

Prints JSON. In one run, on a server of its own with the settings an installation gets: first the floor, then the whole
journey into a new database.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from typing import Any

from benchmarks import floor, journey, machine
from benchmarks.processes import Watch
from benchmarks.scratch import Home, scratch_home

RATIO_AT_MOST = 8.0
LINES_A_SECOND_AT_LEAST = 40_000
MB_AT_MOST = 1536


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--months", type=int, default=13, choices=range(1, 14))
    parser.add_argument("--floor-runs", type=int, default=3)
    parser.add_argument("--profile", action="store_true", help="the time of each SQL statement too")
    given = parser.parse_args()
    found = measure(months=given.months, floor_runs=given.floor_runs, profile=given.profile)
    print(json.dumps({"machine": machine.described(), **found}, ensure_ascii=False, indent=2))


def measure(*, months: int = 13, floor_runs: int = 3, profile: bool = False) -> dict[str, Any]:
    files = journey.files(months)
    with scratch_home("import-journey") as home:
        least = floor.measure(home, files.sales, times=floor_runs)
        home.empty()
        told, watch = _watched_import(home, files, profile=profile)
    sales = told["sales"]
    lines = sales["counts"]["lines"]
    if lines != least["rows"]:
        raise AssertionError(f"{least['rows']} rows in the files, {lines} lines taken in")
    backend, backend_mb = watch.largest("postgres: huoshui")
    return {
        "lines": lines,
        "sales": sales["counts"]["orders"],
        "floor": least,
        "import": {name: sales[name] for name in ("seconds", "phases", "busy", "batches", "cpu_seconds")},
        "lines_per_second": round(lines / sales["seconds"]),
        "times_the_floor": round(sales["seconds"] / least["seconds"], 2),
        "lists": told["lists"],
        "readers": told["readers"],
        "peak_mb": {
            "import process": told["peak_mb"],
            "with cards and lake": told["peak_mb_with_readers"],
            "largest PostgreSQL backend": {
                "title": backend,
                "with shared buffers": backend_mb,
                "own": watch.largest("postgres: huoshui", own=True)[1],
            },
        },
        "cpu_seconds": _by_title(watch),
        **({"statements": told["statements"]} if profile else {}),
    }


def _watched_import(home: Home, files: journey.Files, *, profile: bool) -> tuple[dict[str, Any], Watch]:
    command = [sys.executable, "-m", "benchmarks.import_once", *(["--profile"] if profile else [])]
    for kind in journey.SOURCES:
        command += [f"--{kind}", *map(str, files.of(kind))]
    with (
        subprocess.Popen(
            command, env=home.environment, cwd=machine.REPOSITORY, stdout=subprocess.PIPE
        ) as process,
        Watch([process.pid], homes=[home.path]) as watch,
    ):
        told, _ = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return json.loads(told), watch


def _by_title(watch: Watch) -> dict[str, float]:
    """CPU seconds of each kind of process, from its start to its end; the server's own since the server's start."""
    used: dict[str, float] = defaultdict(float)
    for pid, seconds in watch.cpu.items():
        title = watch.titles[pid]
        if title.startswith("postgres: huoshui"):
            name = "postgres: backends"
        elif title.startswith("postgres:"):
            name = title
        elif "postgres" in title.split(" ")[0]:
            name = "postgres"
        else:
            name = "import process" if "import_once" in title else title[:60]
        used[name] += seconds
    return {
        name: round(seconds, 2)
        for name, seconds in sorted(used.items(), key=lambda pair: -pair[1])
        if seconds >= 0.05
    }


if __name__ == "__main__":
    main()
