"""One journey into the home of `HUOSHUI_HOME`, as `huoshui import` does it, timed by phase. Prints JSON.

Started by `benchmarks.import_journey`, in a process of its own so that its memory and time are the import's alone.
"""

from __future__ import annotations

import argparse
import json
import resource
import threading
from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from time import perf_counter
from typing import Any

from huoshui.project import boot


class Clock:
    """Seconds spent in what it wraps, by name; one thread beside another adds up to more than the wall's."""

    def __init__(self) -> None:
        self.calls: dict[str, int] = defaultdict(int)
        self.seconds: dict[str, float] = defaultdict(float)
        self._lock = threading.Lock()

    def around(self, work: Callable[..., Any], named: Callable[..., str]) -> Callable[..., Any]:
        @wraps(work)
        def timed(*arguments: Any, **options: Any) -> Any:
            started = perf_counter()
            try:
                return work(*arguments, **options)
            finally:
                spent = perf_counter() - started
                name = named(*arguments, **options)
                with self._lock:
                    self.calls[name] += 1
                    self.seconds[name] += spent

        return timed

    def told(self, *, most: int = 60) -> list[dict[str, Any]]:
        largest = sorted(self.seconds.items(), key=lambda pair: -pair[1])[:most]
        return [
            {
                "name": name,
                "calls": self.calls[name],
                "seconds": round(seconds, 3),
                "milliseconds each": round(1000 * seconds / self.calls[name], 3),
            }
            for name, seconds in largest
        ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--profile", action="store_true")
    for kind in ("stores", "products", "people", "sales"):
        parser.add_argument(f"--{kind}", type=Path, nargs="+", required=True)
    given = parser.parse_args()
    boot.boot("river", with_owner=True)
    boot.migrate_if_needed()
    report: dict[str, Any] = {"lists": {kind: _lists(getattr(given, kind), kind) for kind in _LISTS}}
    statements = _watched_statements() if given.profile else None
    report["sales"] = _sales(given.sales)
    report["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    report["readers"] = _readers()
    report["peak_mb_with_readers"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if statements:
        report["statements"] = statements.told()
    print(json.dumps(report, ensure_ascii=False))


_LISTS = ("stores", "products", "people")


def _watched_statements() -> Clock:
    """Time of every SQL statement, by the thread that ran it: `receive` beside the one that settles."""
    from huoshui.core import sql

    clock = Clock()

    def of_statement(statement: Any, /, **_: Any) -> str:
        return f"{_thread()} {statement.name}"

    def of_copy(table: str, _: Any) -> str:
        return f"{_thread()} copy {table}"

    for name in ("fetch", "fetch_one", "run", "copy_out"):
        setattr(sql, name, clock.around(getattr(sql, name), of_statement))
    sql.copy_in = clock.around(sql.copy_in, of_copy)
    return clock


def _thread() -> str:
    name = threading.current_thread().name
    return "main" if name == "MainThread" else name


def _lists(files: list[Path], kind: str) -> dict[str, Any]:
    run, seconds = _imported(files, kind, None)
    return {"seconds": round(seconds, 3), "rows": run["counts"]["rows"]}


def _sales(files: list[Path]) -> dict[str, Any]:
    """`stage` ends where the first chunk is received; from there on two threads receive and settle side by side."""
    from huoshui.core.facts import api as facts
    from huoshui.intake.imports import lanes

    busy = Clock()
    facts.receive = busy.around(facts.receive, lambda *_, **__: "receive")
    settle = busy.around(vars(lanes)["settle"], lambda *_, **__: "settle")
    vars(lanes)["settle"] = settle
    marks: dict[str, float] = {}
    started = perf_counter()

    def listen(progress: Any) -> None:
        step = "write" if progress.phase == "写入数据" else "stage"
        marks[f"{step} from"] = marks.get(f"{step} from", perf_counter() - started)
        marks[f"{step} to"] = perf_counter() - started

    resources = resource.getrusage(resource.RUSAGE_SELF)
    run, seconds = _imported(files, "sales", listen)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "counts": run["counts"],
        "seconds": round(seconds, 3),
        "phases": {
            "stage": round(marks["stage to"], 3),
            "receive and settle": round(marks["write to"] - marks["stage to"], 3),
            "end": round(seconds - marks["write to"], 3),
        },
        "busy": {name: round(spent, 3) for name, spent in busy.seconds.items()},
        "batches": dict(busy.calls),
        "cpu_seconds": {
            "user": round(used.ru_utime - resources.ru_utime, 2),
            "system": round(used.ru_stime - resources.ru_stime, 2),
        },
    }


def _imported(
    files: list[Path], kind: str, listener: Callable[[Any], None] | None
) -> tuple[dict[str, Any], float]:
    """Exactly the steps of `huoshui import`, but for the readers, which are timed apart."""
    from huoshui.brand import api as brand
    from huoshui.core.actor import SYSTEM
    from huoshui.intake.imports import api as imports

    brand.ensure_headquarters("总部")
    started = perf_counter()
    run_id = imports.add_run(files, kind=kind, mode="live", actor=SYSTEM)
    imports.execute(run_id, actor=SYSTEM, listener=listener)
    seconds = perf_counter() - started
    view = imports.run_for(SYSTEM, run_id)
    if view.state != "done":
        raise RuntimeError(f"{kind}: {view.state}: {view.message}")
    return {"counts": dict(view.counts)}, seconds


def _readers() -> dict[str, float]:
    """What follows an import, as `river.after_settling` does it."""
    from huoshui.intake.river import after
    from huoshui.lake import api as lake
    from huoshui.people import api as people

    parts = Clock()
    people.refresh_cards = parts.around(people.refresh_cards, lambda: "cards")
    lake.flush = parts.around(lake.flush, lambda **_: "lake")
    after.label_cards = parts.around(after.label_cards, lambda: "labels")
    started = perf_counter()
    after.after_settling()
    return {
        **{name: round(spent, 3) for name, spent in parts.seconds.items()},
        "seconds": round(perf_counter() - started, 3),
    }


if __name__ == "__main__":
    main()
