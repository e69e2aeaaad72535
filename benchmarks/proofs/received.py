"""kill -9 of worker, web and database during the whole journey, and slow transactions beside the lake's writer.

The files come in as a user brings them: uploaded and started through the door of imports, carried out by
`huoshui worker` while `huoshui serve` is looked at. A service manager starts again what died. The database has no such
manager: that it comes back is the product's own doing. Meanwhile one till sells one piece at a time, and another
keeps every transaction open for seconds.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import ExitStack
from time import monotonic
from typing import Any

from benchmarks import journey
from benchmarks.result import Claims, Result
from benchmarks.scratch import Home, scratch_home
from benchmarks.services import Service, Visitor, free_port

NAME = "received"
TITLE = "What was received is there once: ten times kill -9, and slow transactions beside the lake."

KILLS = 10
_LOGIN = ("boss", "huoshui-proof-boss")


def run(seed: int, *, months: int = 13, kills: int = KILLS) -> Result:
    claims, files = Claims(), journey.files(months)
    with scratch_home(NAME) as home:
        _set_up(home)
        figures = _lived_through(home, files, random.Random(seed), kills, claims)
        figures["slow transaction"] = _slow_transaction(home, claims)
        figures |= _check(home, claims, months)
    return Result({"claims": claims.made, **figures}, claims.hold)


def _lived_through(
    home: Home, files: journey.Files, chance: random.Random, kills: int, claims: Claims
) -> dict[str, Any]:
    from benchmarks.kills import Story
    from benchmarks.tills import Till

    tills = (Till("till"), Till("slow till", at_once=5, held=8.0))
    with ExitStack() as stack:
        port = free_port()
        worker = stack.enter_context(Service(home, "worker"))
        web = stack.enter_context(Service(home, "serve", "--port", str(port)))
        visitor = stack.enter_context(Visitor(port, *_LOGIN))
        for till in tills:
            stack.enter_context(till)
        story = Story(home, worker, web, visitor, chance)
        begun = monotonic()
        story.bring_in(files, kills)
        seconds = monotonic() - begun
        story.until_all_settled()
    claims.equal("kills", len(story.kills), kills)
    claims.at_least("pages answered", visitor.answered, 10)
    claims.at_least("sales acknowledged one by one", len(tills[0].acknowledged), 20 * kills)
    return {
        "import seconds": round(seconds, 1),
        "starts": {"worker": worker.starts, "web": web.starts, "import": story.starts},
        "kills": [kill.__dict__ for kill in story.kills],
        "visitor": visitor.told(),
        "tills": {till.name: _till(home, till, claims) for till in tills},
    }


def _till(home: Home, till: Any, claims: Claims) -> dict[str, Any]:
    from benchmarks import exactly_once

    claims.equal(f"{till.name}: fell silent by", repr(till.broke), "None")
    told = exactly_once.acknowledged(home, till.name, till.acknowledged, claims)
    return {**told, "retries": till.retries, "seconds": _spread(till.seconds)}


def _set_up(home: Home) -> None:
    """Django in this process, as the river; a login for the visitor."""
    home.adopt_process()
    from huoshui.project import boot

    boot.boot("river", with_owner=True)
    boot.migrate_if_needed()
    from django.db import transaction

    from huoshui.brand import api as brand
    from huoshui.core.actor import SYSTEM

    with transaction.atomic():
        brand.ensure_headquarters("总部")
        name, password = _LOGIN
        brand.ensure_login(username=name, password=password, name="老板", roles=["boss"], actor=SYSTEM)


def _spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds) or [0.0]
    return {
        "median": round(ordered[len(ordered) // 2], 3),
        "p99": round(ordered[int(len(ordered) * 0.99)], 3),
        "longest": round(ordered[-1], 3),
    }


def _slow_transaction(home: Home, claims: Claims) -> dict[str, Any]:
    """Facts of a slow transaction have lower ids than facts already read; a reader by last id would miss them."""
    from benchmarks.tills import held_open, sale, source
    from huoshui.core.actor import SYSTEM
    from huoshui.intake.river import api as river
    from huoshui.lake import api as lake

    place, quick_place = source("held"), source("quick")
    lake.flush()
    held = [sale("held", number) for number in range(50)]
    quick = [sale("quick", number) for number in range(50)]
    with held_open() as commit:
        slow_ids = [verdict.fact_id or 0 for verdict in river.submit(held, source=place, actor=SYSTEM)]
        quick_ids = _in_a_thread(lambda: _submitted(quick, quick_place))
        early = _in_a_thread(lake.flush)
        seen_early = _in_a_thread(lambda: _in_lake(slow_ids))
        commit()
    late = lake.flush()
    claims.equal("held: in the lake before the commit", seen_early, 0)
    claims.equal("held: in the lake after it", _in_lake(slow_ids), len(held))
    claims.equal("quick: in the lake", _in_lake(quick_ids), len(quick))
    missed = sum(fact_id < max(quick_ids) for fact_id in slow_ids)
    claims.equal("held: what a reader by last id would have missed", missed, len(held))
    return {
        "held": len(held),
        "beside them": len(quick),
        "bound before": early.bound,
        "bound after": late.bound,
        "a reader by last id would have missed": missed,
    }


def _submitted(items: list[Any], place: Any) -> list[int]:
    from huoshui.core.actor import SYSTEM
    from huoshui.intake.river import api as river

    return [verdict.fact_id or 0 for verdict in river.submit(items, source=place, actor=SYSTEM)]


def _in_lake(fact_ids: list[int]) -> int:
    from huoshui.lake import api as lake

    engine = lake.engine()
    facts = engine.tables().facts
    found = engine.run(facts.filter(facts.fact_id.isin(fact_ids)).select("fact_id"))
    return int(found.num_rows)


def _in_a_thread(work: Callable[[], Any]) -> Any:
    """On a connection of its own: this thread's is held open."""
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    def alone() -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        return other.submit(alone).result()


def _check(home: Home, claims: Claims, months: int) -> dict[str, Any]:
    from benchmarks import exactly_once

    figures: dict[str, Any] = {"postgres": exactly_once.in_postgres(home, claims, months=months)}
    figures["lake"] = exactly_once.in_lake(home, claims)
    audit = home.told("audit", "--json")
    claims.equal("audit is clean", audit["clean"], True)
    claims.equal("facts never settled", audit["facts_unsettled"], 0)
    reconciled = home.told("lake", "reconcile")
    claims.equal("the lake agrees with the database", reconciled["agrees"], True)
    return figures | {"audit": audit, "reconcile": {"rows": reconciled["rows"]}}
