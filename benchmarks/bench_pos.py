"""One sale of a till over HTTP, all consequences with it, against one order of django-oscar in process.

    python -m benchmarks.bench_pos [--seconds 60] [--rate 100] [--months 13] [--workers 1]

Prints JSON and the ratios. In one run, on one server: oscar's orders, one after another; then `huoshui serve`, asked for so
many sales a second at even times, idle, and again beside `huoshui import` of a grocer's year. The sales are those of
`bench_sales`: two lines, a coupon, points. Afterwards every sale that was answered must be in the books once.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks import bench_sales, journey, machine
from benchmarks.oscar import peer
from benchmarks.scratch import Home, scratch_home
from benchmarks.served import Request, Served, served

TIMES_FASTER_AT_LEAST = 5
TIMES_IDLE_AT_MOST = 3
RATE = 100
CONNECTIONS = 32
_WARM_SECONDS = 5
_IMPORT_SECONDS_AT_MOST = 240


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rate", type=int, default=RATE)
    parser.add_argument("--months", type=int, default=13, choices=range(14), help="0: no import")
    parser.add_argument("--workers", type=int, default=1, help="processes of `huoshui serve`")
    given = parser.parse_args()
    found = measure(seconds=given.seconds, rate=given.rate, months=given.months, workers=given.workers)
    print(json.dumps({"machine": machine.described(), **found}, ensure_ascii=False, indent=2))
    print(f"{found['times_faster']} times as fast as django-oscar at p99", end="")
    print(f", {found['times_idle']} times its own idle p99 beside an import" if given.months else "")


def measure(*, seconds: int = 60, rate: int = RATE, months: int = 13, workers: int = 1) -> dict[str, Any]:
    files = journey.files(months) if months else None
    with scratch_home("pos") as home:
        oscar = peer.orders(home, 300)
        asked = _requests(home, rate * (_WARM_SECONDS + seconds + (_IMPORT_SECONDS_AT_MOST if months else 0)))
        with served(home, scopes=["sell"], workers=workers) as site:
            warm = site.called(
                islice(asked, rate * _WARM_SECONDS), connections=CONNECTIONS, seconds=60, rate=rate
            )
            idle = site.called(
                islice(asked, rate * seconds), connections=CONNECTIONS, seconds=2 * seconds, rate=rate
            )
            beside = _beside_an_import(site, files, asked, rate) if files else None
        books = bench_sales.check(home, sum(map(_acknowledged, (warm, idle, beside))))
    return {
        "oscar": oscar,
        "idle": idle,
        "beside an import": beside,
        "times_faster": round(oscar["p99_ms"] / idle["p99_ms"], 2),
        "times_idle": round(beside["p99_ms"] / idle["p99_ms"], 2) if beside else None,
        "books": books,
    }


def _acknowledged(told: dict[str, Any] | None) -> int:
    """All of them, or it was no measurement."""
    if told is None:
        return 0
    if set(told["statuses"]) != {"201"}:
        raise AssertionError(f"{told['statuses']}: {told['refusals']}")
    return int(told["statuses"]["201"])


def _requests(home: Home, sales: int) -> Iterator[Request]:
    place = bench_sales.open_shop(home, -(-sales // 2))
    command = [sys.executable, "-c", _WRITE, str(place), str(sales), str(home.path / "sales.jsonl")]
    subprocess.run(command, env=home.environment, cwd=machine.REPOSITORY, check=True)
    return _written(home.path / "sales.jsonl")


def _written(place: Path) -> Iterator[Request]:
    with place.open(encoding="utf-8") as lines:
        for line in lines:
            key, body = json.loads(line)
            yield "/api/v1/sales", key, body


_WRITE = """
import json, sys
from pathlib import Path
from huoshui.project import boot
boot.boot('river')
from benchmarks import shop
place, count, to = sys.argv[1:]
asked = shop.requests(shop.Shop.load(Path(place)), range(int(count)))
Path(to).write_text(''.join(json.dumps(one) + chr(10) for one in asked), encoding='utf-8')
"""


def _beside_an_import(
    site: Served, files: journey.Files, asked: Iterator[Request], rate: int
) -> dict[str, Any]:
    """From when the import has begun until it ends."""
    most = islice(asked, rate * _IMPORT_SECONDS_AT_MOST)
    coming_in = site.home.start("import", "sales", *map(str, files.sales), log=site.home.path / "import.log")
    try:
        with site.calling(
            most, connections=CONNECTIONS, seconds=_IMPORT_SECONDS_AT_MOST, rate=rate
        ) as callers:
            begun = perf_counter()
            with suppress(subprocess.TimeoutExpired):
                coming_in.wait(_IMPORT_SECONDS_AT_MOST)
            import_seconds = perf_counter() - begun
            callers.end()
            told = callers.told()
    finally:
        if coming_in.poll() is None:
            os.killpg(coming_in.pid, signal.SIGTERM)
            coming_in.wait()
    if coming_in.returncode:
        raise AssertionError((site.home.path / "import.log").read_text(encoding="utf-8")[-2000:])
    return {**told, "import_seconds": round(import_seconds, 1)}


if __name__ == "__main__":
    main()
