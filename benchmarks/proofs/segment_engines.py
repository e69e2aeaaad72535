"""Random rules on ClickHouse and on a cluster of Spark, each over Parquet files, against plain Python.

    HUOSHUI_ENGINES='chdb;local-cluster[2,1,1024]=20' python -m benchmarks.proof segment_engines

Needs `make setup EXTRAS="spark chdb"` and Java 17. Every engine judges the same rules on the same histories; one that is told
a number judges so many of them, which have every kind of node among them.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.result import Claims, Result

NAME = "segment_engines"
TITLE = "200 random rules on random histories: ClickHouse and a Spark cluster say what plain Python says"
RULES = 200
ENGINES = ("chdb", "local-cluster[2,1,1024]")
# histories of some hundred rows need no two hundred pieces
_SPARK = "--conf spark.sql.shuffle.partitions=2 --conf spark.log.level=ERROR pyspark-shell"


def run(seed: int) -> Result:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")
    os.environ.setdefault("PYSPARK_SUBMIT_ARGS", _SPARK)
    import django

    django.setup()
    asked = _asked(os.environ.get("HUOSHUI_ENGINES") or ";".join(ENGINES))
    claims, figures = Claims(), {}
    for name, rules in asked.items():
        figures[name] = _judged(name, seed, rules)
        claims.equal(f"{name}: differences", figures[name]["differences"], [])
        claims.equal(f"{name}: rules", figures[name]["rules"], rules)
        claims.equal(f"{name}: kinds of nodes not met", figures[name]["kinds_not_met"], [])
    notes = (
        () if asked == dict.fromkeys(ENGINES, RULES) else (f"The law is of {RULES} rules on both engines.",)
    )
    return Result({"claims": claims.made, **figures}, claims.hold, notes)


def _asked(text: str) -> dict[str, int]:
    """How many rules each engine judges."""
    found = (one.partition("=") for one in text.split(";"))
    return {name: int(number or RULES) for name, _is, number in found}


def _judged(name: str, seed: int, rules: int) -> dict[str, Any]:
    # after the settings
    from tests.insight.filed import lakes_in

    from huoshui.insight.rules.tests import randomly
    from huoshui.insight.rules.tests.compared import compare
    from huoshui.lake import engines

    engine: Any = engines._make(name)
    with tempfile.TemporaryDirectory(prefix="huoshui-engines-") as folder:
        found = compare(seed, RULES, engine, only=rules, lake_of=lakes_in(Path(folder)))
    executors = _executors(engine)
    return {
        "rules": found.rules,
        "verdicts": found.verdicts,
        "members": found.members,
        "verdicts_watched_until_recheck": found.rechecked,
        "nodes_by_kind": dict(found.kinds.most_common()),
        "kinds_not_met": sorted(randomly.KINDS - set(found.kinds)),
        "differences": list(found.differences),
        **({} if executors is None else {"executors": executors}),
    }


def _executors(engine: Any) -> int | None:
    """How many processes of their own a cluster had; then it goes home."""
    session = getattr(engine, "_session", None)
    if session is None:
        return None
    known = session.sparkContext._jsc.sc().getExecutorMemoryStatus().size()
    session.stop()
    return int(known) - 1
