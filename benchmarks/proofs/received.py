"""kill -9 of worker, web and database during the whole journey, and slow transactions beside the lake's writer.

The files come in as a user brings them: uploaded and started through the door of imports, carried out by
`huoshui worker` while `huoshui serve` is looked at. A service manager starts again what died. The database has no such
manager: that it comes back is the product's own doing. Meanwhile one till sells one piece at a time, and another
keeps every transaction open for seconds.
"""

from __future__ import annotations

import os
import random
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from time import monotonic, sleep, time
from typing import Any

import psycopg

from benchmarks import journey
from benchmarks.result import Claims, Result
from benchmarks.scratch import Home, scratch_home
from benchmarks.services import Service, Visitor
from huoshui.core.errors import Refused

NAME = "received"
TITLE = "What was received is there once: ten times kill -9, and slow transactions beside the lake."

KILLS = 10
_VICTIMS = ("worker", "postgres", "web")
_LOGIN = ("boss", "huoshui-proof-boss")
_BACK_WITHIN = 240.0  # seconds; a job whose worker died is taken up again when its heartbeat is missed
_ALL_WITHIN = 1500.0


@dataclass(frozen=True)
class Kill:
    victim: str
    which: str
    during: str
    lines_before: int
    seconds_to_return: float


def run(seed: int, *, months: int = 13, kills: int = KILLS) -> Result:
    claims = Claims()
    figures: dict[str, Any] = {}
    files = journey.files(months)
    with scratch_home(NAME) as home:
        _set_up(home)
        from benchmarks.tills import Till

        with ExitStack() as stack:
            port = _free_port()
            worker = stack.enter_context(Service(home, "worker"))
            web = stack.enter_context(Service(home, "serve", "--port", str(port)))
            visitor = stack.enter_context(Visitor(port, *_LOGIN))
            tills = [
                stack.enter_context(till) for till in (Till("till"), Till("slow till", at_once=5, held=8.0))
            ]
            story = _Story(home, worker, web, visitor, random.Random(seed))
            begun = monotonic()
            story.bring_in(files, kills)
            figures["import seconds"] = round(monotonic() - begun, 1)
            story.until_all_settled()
            figures["starts"] = {"worker": worker.starts, "web": web.starts, "import": story.starts}
        figures["kills"] = [kill.__dict__ for kill in story.kills]
        figures["visitor"] = {
            "answered": visitor.answered,
            "failed": visitor.failed,
            "longest outage": round(visitor.longest_outage, 1),
        }
        claims.equal("kills", len(story.kills), kills)
        claims.at_least("pages answered", visitor.answered, 10)
        figures["slow transaction"] = _slow_transaction(home, claims)
        for till in tills:
            claims.equal(f"{till.name}: fell silent by", repr(till.broke), "None")
            told = _acknowledged(home, till.name, till.acknowledged, claims)
            figures[till.name] = {**told, "retries": till.retries, "seconds": _spread(till.seconds)}
        claims.at_least("acknowledged one by one", len(tills[0].acknowledged), 200 if months == 13 else 10)
        figures |= _check(home, claims, months)
    return Result({"claims": claims.made, **figures}, claims.hold)


def _set_up(home: Home) -> None:
    """Django in this process, as the river; a login for the visitor."""
    os.environ |= {"HUOSHUI_HOME": str(home.path)}
    from huoshui.project import boot

    assert home.server
    boot.boot("river", with_owner=True)
    boot.migrate_if_needed()
    from django.db import transaction

    from huoshui.brand import api as brand
    from huoshui.core.actor import SYSTEM

    with transaction.atomic():
        brand.ensure_headquarters("总部")
        name, password = _LOGIN
        brand.ensure_login(username=name, password=password, name="老板", roles=["boss"], actor=SYSTEM)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


_IN_HAND = """
select count(*) from pg_locks l join pg_stat_activity a using (pid)
where l.locktype = 'advisory' and l.granted and l.objid = %s::oid
    and l.classid = (hashtext('import run')::bigint & 4294967295)::oid and a.datname = current_database()
    and a.backend_start > to_timestamp(%s)
"""


class _Story:
    """The import as its user lives it, and the kills that fall into it."""

    def __init__(
        self, home: Home, worker: Service, web: Service, visitor: Visitor, chance: random.Random
    ) -> None:
        self._home, self._worker, self._web, self._visitor = home, worker, web, visitor
        self._chance = chance
        self._run_id = 0
        self.kills: list[Kill] = []
        self.starts = 0

    def bring_in(self, files: journey.Files, kills: int) -> None:
        for kind in ("stores", "products", "people"):
            self._upload(files, kind)
            self._until(self._is_done)
        self._upload(files, "sales")
        for victim, lines in self._moments(kills, _lines_of(files)):
            self._until(lambda lines=lines: self._has_come_to(lines))  # type: ignore[misc]  # a default holds a loop's value
            sleep(self._chance.uniform(0.0, 2.0))
            if self._is_done():  # sooner than the kills: the same files again, which shall change nothing
                self._upload(files, "sales")
                self._until(lambda: self._view().state == "running")
            self._kill(victim)
        self._until(self._is_done)

    def _has_come_to(self, lines: int) -> bool:
        return self._lines() >= lines or self._is_done()

    def until_all_settled(self) -> None:
        """What a killed submit left behind is settled by the worker's sweep, once a minute."""
        self._until(
            lambda: self._home.row("select count(*) from settlement where state <> 'settled'")[0] == 0
        )

    def _moments(self, kills: int, lines: int) -> Iterator[tuple[str, int]]:
        """Every kind of victim in turn, the order of each round by chance; at so many lines received."""
        victims: list[str] = []
        while len(victims) < kills:
            victims += self._chance.sample(_VICTIMS, len(_VICTIMS))
        at = sorted(self._chance.uniform(0.0, 0.85) for _ in range(kills))
        return zip(victims[:kills], [round(share * lines) for share in at], strict=True)

    def _upload(self, files: journey.Files, kind: str) -> None:
        from benchmarks.tills import patiently
        from huoshui.core.actor import SYSTEM
        from huoshui.intake.imports import api as imports

        def upload() -> int:
            with ExitStack() as stack:
                opened = [(path.name, stack.enter_context(path.open("rb"))) for path in files.of(kind)]
                run_id = imports.upload(SYSTEM, opened, kind)
            imports.set_mapping(SYSTEM, run_id, None, kind, "live")
            return run_id

        self._run_id = patiently(upload)
        self._start()

    def _start(self) -> None:
        from benchmarks.tills import patiently
        from huoshui.core.actor import SYSTEM
        from huoshui.intake.imports import api as imports

        self.starts += 1
        patiently(lambda: imports.start(SYSTEM, self._run_id))

    def _view(self) -> Any:
        from benchmarks.tills import patiently
        from huoshui.core.actor import SYSTEM
        from huoshui.intake.imports import api as imports

        return patiently(lambda: imports.run_for(SYSTEM, self._run_id))

    def _is_done(self) -> bool:
        view = self._view()
        if (
            view.state == "failed"
        ):  # it says that the same files go on where it stopped; the user starts it again
            print(f"run {view.id} failed: {view.message}")
            with suppress(Refused):  # it may have gone on by itself meanwhile
                self._start()
        return bool(view.state == "done")

    def _lines(self) -> int:
        try:
            found = self._home.row(
                "select coalesce(sum(line_count), 0) from fact_order o join source s on s.id = o.source_id"
                " where s.name = %s",
                journey.SOURCES["sales"],
            )
        except psycopg.OperationalError:
            return -1
        return int(found[0])

    def _kill(self, victim: str) -> None:
        view, lines = self._view(), self._lines()
        killed_at, killed_on = monotonic(), time()
        which = self._strike(victim)
        sleep(0.5)
        if victim == "web":
            self._until(lambda: self._visitor.last_answer > killed_at + 0.5, within=_BACK_WITHIN)
        else:
            self._until(lambda: self._goes_on(killed_on), within=_BACK_WITHIN)
        seconds = round(monotonic() - killed_at, 1)
        self.kills.append(Kill(victim, which, f"{view.state}: {view.phase}", lines, seconds))
        print(self.kills[-1])

    def _strike(self, victim: str) -> str:
        if victim == "worker":
            return self._worker.kill_one(self._chance)
        if victim == "web":
            return self._web.kill_one(self._chance)
        postmaster = self._home.postmaster
        assert postmaster is not None
        os.kill(postmaster, signal.SIGKILL)
        return "postmaster"

    def _goes_on(self, killed_on: float) -> bool:
        """The database answers, and someone who came after the kill has the run in hand or has ended it."""
        if self._home.postmaster is None:
            return False
        return bool(self._home.row(_IN_HAND, self._run_id, killed_on)[0]) or self._is_done()

    def _until(self, holds: Callable[[], bool], *, within: float = _ALL_WITHIN) -> None:
        begun = monotonic()
        while not _quietly(holds):
            if monotonic() > begun + within:
                raise TimeoutError(f"nothing came of it in {within:.0f} seconds")
            sleep(0.5)


def _quietly(holds: Callable[[], bool]) -> bool:
    try:
        return holds()
    except psycopg.OperationalError:
        return False


def _lines_of(files: journey.Files) -> int:
    return sum(path.read_bytes().count(b"\n") - 1 for path in files.sales)


def _acknowledged(home: Home, name: str, keys: dict[str, int], claims: Claims) -> dict[str, Any]:
    from benchmarks import exactly_once

    return exactly_once.acknowledged(home, name, keys, claims)


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
