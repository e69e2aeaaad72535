"""What it costs to follow sales with bonds, beside what the sales themselves cost: processor time of both, in one run.

    python -m benchmarks.bench_bonds [--sales 10000]

Customers' first purchases make bonds; the sales of known customers, whose bonds stay, are what is counted. A sale does not
wait for it: bonds are read with the cards, seconds later (ADR 0033).
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from benchmarks import machine
from benchmarks.bench_sales import MEMBERS, _run, open_shop
from benchmarks.scratch import Home, scratch_home

_WARM = 2_000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sales", type=int, default=10_000)
    print(json.dumps(measure(sales=parser.parse_args().sales), ensure_ascii=False, indent=2))


def measure(*, sales: int) -> dict[str, Any]:
    with scratch_home("bonds") as home:
        place = open_shop(home, 0)
        first = _read(home)
        if first["changed"] != 2 * MEMBERS:
            raise AssertionError(f"each customer has an owner once: {first}")
        sold = _run(home, place, {1: 0}, sales, 1, False, False)
        then = _read(home)
        if then["touches"] - first["touches"] != sales + _WARM:
            raise AssertionError(f"each sale is heard once: {first}, {then}")
    each = 1000 * (then["worker"] + then["its PostgreSQL backend"]) / (sales + _WARM)
    return {
        "machine": machine.described(),
        "cpu_ms_per_sale": sold["cpu_ms_per_sale"],
        "cpu_ms_of_bonds_per_sale": round(each, 3),
        "share": round(each / sold["cpu_ms_per_sale"], 2),
        "cpu_ms_of_a_first_bond": round(
            1000 * (first["worker"] + first["its PostgreSQL backend"]) / first["changed"], 3
        ),
        "read": {"first": first, "then": then},
    }


def _read(home: Home) -> dict[str, Any]:
    printed = home.python("-m", "benchmarks.bonds_once")
    told: dict[str, Any] = json.loads(printed)
    return told


if __name__ == "__main__":
    main()
