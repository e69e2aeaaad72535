"""A minute in which eight write over the same twenty customers, each something else: nobody ever waits in a ring.

Tills' sales with points, bulk sales, refunds and claims come over HTTP to two processes of `huoshui serve`; adjustments by
hand, an import in its bulk lane, points that expire, and merges go through their doors; `huoshui worker` does its work beside.
"""

from __future__ import annotations

from contextlib import ExitStack
from time import monotonic, sleep
from typing import Any

from benchmarks.result import Claims, Result
from benchmarks.scratch import Home, scratch_home

NAME = "mixed_writers"
TITLE = "A minute of eight mixed writers over twenty customers: no deadlock, and the books are clean."

SECONDS, WORKERS = 60, 2
_DEADLOCKS = (
    "select deadlocks, xact_commit, xact_rollback from pg_stat_database where datname = current_database()"
)


def run(seed: int, *, seconds: int = SECONDS) -> Result:
    claims = Claims()
    with scratch_home(NAME) as home:
        home.adopt_process()
        from huoshui.project import boot

        boot.boot("river", with_owner=True)
        boot.migrate_if_needed()
        figures = _written(home, seed, seconds, claims)
        from huoshui.intake.river import api as river

        while river.sweep():
            pass
        river.after_settling()
        audit = home.told("audit", "--json")
    claims.equal("audit is clean", audit["clean"], True)
    claims.equal("facts never settled", audit["facts_unsettled"], 0)
    claims.equal("explained percent", audit["explained_percent"], 100.0)
    return Result({"claims": claims.made, **figures, "audit": audit}, claims.hold)


def _written(home: Home, seed: int, seconds: int, claims: Claims) -> dict[str, Any]:
    from benchmarks import counter
    from benchmarks.services import Service
    from benchmarks.writers import writers

    place = counter.open_place(home, name="mixed")
    with ExitStack() as stack:
        port = stack.enter_context(counter.serving(home, workers=WORKERS))
        stack.enter_context(Service(home, "worker"))
        everyone = writers(place, port, seed)
        for one in everyone:
            one.warm_up()
        before, begun = _deadlocks(home), monotonic()
        with ExitStack() as at_work:
            for one in everyone:
                at_work.enter_context(one)
            sleep(seconds)
        took = monotonic() - begun
        after = _deadlocks(home)
    claims.equal("deadlocks", after[0] - before[0], 0)
    for one in everyone:
        claims.equal(f"{one.name}: fell silent by", repr(one.broke), "None")
        claims.at_least(f"{one.name}: rounds", one.rounds, 10)
        failed = {what: n for what, n in one.told.items() if what.startswith("5") or what == "busy"}
        claims.equal(f"{one.name}: failed", failed, {})
    return {
        "seconds": round(took, 1),
        "deadlocks": after[0] - before[0],
        "transactions a second": round((after[1] - before[1]) / took),
        "writers": {
            one.name: {
                "a second": {what: round(n / took, 1) for what, n in one.told.most_common()},
                "in all": dict(one.told.most_common()),
                "longest ms": round(1000 * one.longest),
            }
            for one in everyone
        },
    }


def _deadlocks(home: Home) -> tuple[int, int, int]:
    sleep(1.0)  # each backend tells its figures when it is idle for a while
    deadlocks, commits, rollbacks = home.row(_DEADLOCKS)
    return int(deadlocks), int(commits), int(rollbacks)
