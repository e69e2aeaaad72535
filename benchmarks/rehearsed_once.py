"""In the home of `HUOSHUI_HOME`: changes of the identity rules, each rehearsed over everybody.

`python -m benchmarks.rehearsed_once` prints JSON: one entry a change.
"""

from __future__ import annotations

import json
import os
import resource
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from huoshui.project import boot

CHANGES = ("phones are weak", "two people a phone", "cards C77… are nobody's", "nothing is changed")


def main() -> None:
    boot.boot("river", with_owner=True)
    print(json.dumps([_rehearsed(change) for change in CHANGES], ensure_ascii=False))


def _rehearsed(change: str) -> dict[str, Any]:
    from django.db import connection, transaction

    from huoshui.people.identity import rehearsing, ruleset

    old = ruleset.delivered()
    new = ruleset.read(_body(change), version=2)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
        backend = connection.connection.info.backend_pid
        cpu, there, wall = process_time(), _cpu_of(backend), perf_counter()
        done = rehearsing.rehearse(old, new)
        wall = perf_counter() - wall
        return {
            "change": change,
            **rehearsing.counts(done),
            "wall_seconds": round(wall, 1),
            "python_cpu_seconds": round(process_time() - cpu, 1),
            "postgres_cpu_seconds": round(_cpu_of(backend) - there, 1),
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        }


def _body(change: str) -> dict[str, Any]:
    from huoshui.people.identity import ruleset

    body = ruleset.delivered().body()
    phone = next(row for row in body["kinds"] if row["kind"] == "phone")
    if change == CHANGES[0]:
        phone["strength"] = "weak"
    elif change == CHANGES[1]:
        phone["most_people"] = 2
    elif change == CHANGES[2]:
        body["blocked"]["card_no"] = ["C77*"]
    return body


def _cpu_of(pid: int) -> float:
    told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
