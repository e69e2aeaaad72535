"""Every question on a large brand of the demo, and the people behind a number of each: how long the first answer takes.

    HUOSHUI_SCALE_LINES=10000000 python -m benchmarks.proof questions

Ten million sale lines unless told otherwise, in Parquet as the lake writes it. Each question is asked of a process that has
answered nothing yet of this state of the lake; what is learned once a day (`insight.ready`) has been, as the worker has it
before anybody asks, and how long that took is told. Beside each stands a scan by hand: sales, orders and people by store.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.result import Claims, Result

NAME = "questions"
TITLE = (
    "Every question on ten million sale lines answers in a second, and so do the people behind its numbers"
)

LINES, LINES_PER_PERSON, SHARD, LAST = 10_000_000, 20.3, 50_000, date(2026, 11, 25)
WITHIN = 1.0
_ROWS = 131_072
_BY_HAND = "select org_unit_id, sum(amount), count(distinct order_id), count(distinct person_id) from order_lines group by all"
_LOT = {
    "from": "2026-10-01",
    "to": "2026-10-30",
    "treated": 'sample("law", 10, 100)',
    "control": 'sample("law", 0, 10)',
}
ASKED: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "sales": ({"by": "store"}, {"store": ""}),
    "today": ({}, {}),
    "why": ({}, {"bridge": "new"}),
    "rfm": ({}, {}),
    "groups": ({}, {}),
    "grade": ({}, {}),
    "alive": ({}, {"state": "gone"}),
    "next": ({}, {"reason": "again"}),
    "effect": (_LOT, {"group": "others"}),
}
"""By question: its parameters, and a cell."""


def run(seed: int) -> Result:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")
    import django

    django.setup()
    from django.conf import settings

    lines = int(os.environ.get("HUOSHUI_SCALE_LINES", LINES))
    with TemporaryDirectory(prefix="huoshui-questions-") as folder:
        settings.HUOSHUI_HOME = Path(folder)
        lake, con, made = _lake(Path(folder), seed, lines)
        claims, told_of = Claims(), dict[str, Any]()
        learned = _learned(lake)
        for name in ASKED:
            by_hand = _timed(lambda: con.execute(_BY_HAND).fetchall())[0]
            told_of[name] = told = _asked(lake, name, by_hand)
            claims.at_most(f"seconds to the first answer: {name}", told["seconds"], WITHIN)
            claims.at_most(f"seconds to the people of a number: {name}", told["people_seconds"], WITHIN)
    figures = {"lines": made, "learned": learned, "questions": told_of}
    return Result({"claims": claims.made, **figures}, claims.hold)


def _learned(lake: Any) -> dict[str, float]:
    """What the worker does once a day."""
    from huoshui.insight.questions import alive, next_product, why

    found = {}
    for question in (alive, next_product, why):
        found[question.NAME] = _timed(
            lambda question=question: question.result(_fresh(lake), question.Params())
        )[0]
    return found


def _fresh(lake: Any) -> Any:
    """As after a flush, in a process that has just started."""
    from huoshui.insight import kept

    kept._in_hand.clear()
    return replace(lake, kept=OrderedDict())


def _asked(lake: Any, name: str, by_hand: float) -> dict[str, Any]:
    from huoshui.insight.api import QUESTIONS

    question, (strings, cell) = QUESTIONS[name], ASKED[name]
    params, fresh, started = question.Params.parse(strings), _fresh(lake), process_time()
    seconds, _answer = _timed(lambda: question.result(fresh, params))
    cpu = process_time() - started

    def page() -> Any:
        found = question.people(fresh, params, cell)
        return fresh.run(found.order_by("person_id").limit(50)), fresh.run(found.agg(people=found.count()))

    people, (_rows, count) = _timed(page)
    return {
        "seconds": seconds,
        "cpu_seconds": round(cpu, 3),
        "people_seconds": people,
        "people": count.column("people")[0].as_py(),
        "by_hand_seconds": by_hand,
        "times_by_hand": round(seconds / by_hand, 1),
    }


def _timed(do: Any) -> tuple[float, Any]:
    started = perf_counter()
    found = do()
    return round(perf_counter() - started, 3), found


def _lake(folder: Path, seed: int, lines: int) -> tuple[Any, Any, int]:
    """As much of the brand as has so many lines: a file a shard, by day and person as the lake sorts it."""
    import ibis

    from benchmarks import suyu_lines
    from huoshui.insight.lake import Lake
    from huoshui.insight.tests.lake_fixture import DEFAULTS, FRESH_AT, SCHEMAS
    from huoshui.project.sample.suyu import world
    from huoshui.project.sample.suyu.plan import plan

    of = plan(people=max(round(lines / LINES_PER_PERSON), 1_000), last=LAST, seed=seed)
    world.SHARD = SHARD  # type: ignore[misc]  # no more in memory at once than that
    made, orders, ids = 0, 0, []
    for shard in world.shards(of):
        rows = suyu_lines.order_lines(
            of, shard.people, shard.orders, first_order=orders, schema=SCHEMAS["order_lines"]
        ).sort_by([("business_day", "ascending"), ("person_id", "ascending")])
        pq.write_table(
            rows, folder / f"lines-{shard.number}.parquet", compression="zstd", row_group_size=_ROWS
        )
        made, orders = made + len(rows), orders + len(shard.orders)
        ids.append(pa.array(suyu_lines.person_ids(shard.people)).filter(pa.array(shard.people.is_known)))
    backend = ibis.duckdb.connect(threads=2)
    con = backend.con
    con.execute("set timezone = 'Asia/Shanghai'")
    con.execute(f"create view order_lines as select * from read_parquet('{folder}/lines-*.parquet')")
    people = pa.chunked_array(ids).unique()
    listed = {"products": suyu_lines.products(), "org_units": suyu_lines.units(of.places)}
    given = {"persons": pa.table({"person_id": people, "canonical_id": people})} | {
        name: pa.Table.from_pylist([DEFAULTS | row for row in rows], schema=SCHEMAS[name])
        for name, rows in listed.items()
    }
    for name in ("facts", "state_now"):
        given[name] = SCHEMAS[name].empty_table()
    for name, rows in given.items():
        con.register("given", rows)
        con.execute(f"create table {name} as select * from given")
        con.unregister("given")
    tables = {name: backend.table(name) for name in SCHEMAS}
    lake = Lake(**tables, run=lambda expr: expr.to_pyarrow(), fresh_at=FRESH_AT, keeps=True)
    return lake, con, made
