"""One till that sells in bulk, in a process of its own, into the home of `HUOSHUI_HOME`. Prints JSON.

    python -m benchmarks.sell_once --shop shop.json --first 0 --sales 10000 --members 0 5000 [--asks] [--profile]

Started by `benchmarks.bench_sales`: says `ready` when all it needs is in memory, and begins when a line comes in.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
from collections import Counter
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from benchmarks import wares
from benchmarks.import_once import Clock
from benchmarks.processes import cpu_seconds
from huoshui.project import boot

_WARM = 2  # batches before the clock


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shop", type=Path, required=True)
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("--sales", type=int, required=True)
    parser.add_argument("--members", type=int, nargs=2, required=True)
    parser.add_argument("--batch", type=int, default=wares.BATCH)
    parser.add_argument("--asks", action="store_true")
    parser.add_argument("--profile", action="store_true", help="the time of each SQL statement too")
    given = parser.parse_args()
    boot.boot("river")
    print(json.dumps(_sold(given)), flush=True)


def _sold(given: argparse.Namespace) -> dict[str, Any]:
    from benchmarks import shop as shops
    from huoshui.core import sql
    from huoshui.intake.tills import api as tills

    shop = shops.Shop.load(given.shop)
    numbers = range(given.first, given.first + given.sales + _WARM * given.batch)
    sales = shops.sales(shop, numbers, members=range(*given.members), are_asks=given.asks)
    batches = list(shops.chunks(sales, given.batch))
    for batch in batches[:_WARM]:
        tills.sell(shop.till, batch)
    statements = _watched() if given.profile else None
    gc.freeze()  # the sales that wait here stand for those that callers hold: the collector need not walk through them
    print("ready", flush=True)
    sys.stdin.readline()
    states: Counter[str] = Counter()
    exceptions: Counter[str] = Counter()
    server = sql.raw().info.backend_pid
    milliseconds, begun, cpu, server_cpu = [], perf_counter(), process_time(), cpu_seconds(server)
    for batch in batches[_WARM:]:
        started = perf_counter()
        outcomes = tills.sell(shop.till, batch)
        milliseconds.append(round(1000 * (perf_counter() - started), 1))
        states.update(outcome.state for outcome in outcomes)
        exceptions.update(e.code for o in outcomes for e in (*o.exceptions, *o.refusals))
    return {
        "seconds": round(perf_counter() - begun, 3),
        "cpu_seconds": {
            "till": round(process_time() - cpu, 2),
            "its PostgreSQL backend": round(cpu_seconds(server) - server_cpu, 2),
        },
        "batch_milliseconds": _spread(milliseconds),
        "states": dict(states),
        "exceptions": dict(exceptions),
        **({"statements": statements.told()} if statements else {}),
    }


def _spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"p50": ordered[len(ordered) // 2], "longest": ordered[-1]}


def _watched() -> Clock:
    """Time of every SQL statement. One that is only sent is waited for by the next that answers."""
    from huoshui.core import sql

    clock = Clock()
    for name in ("fetch", "fetch_one", "run", "send"):
        setattr(sql, name, clock.around(getattr(sql, name), lambda statement, **_: statement.name))
    sql.fetch_as = clock.around(sql.fetch_as, lambda _, statement, **__: statement.name)
    sql.copy_in = clock.around(sql.copy_in, lambda table, _: f"copy {table}")
    return clock


if __name__ == "__main__":
    main()
