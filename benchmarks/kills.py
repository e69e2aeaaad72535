"""An import as its user lives it, and the kills that fall into it. Django must be set up before this is imported."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from time import monotonic, sleep, time

import psycopg

from benchmarks import journey
from benchmarks.scratch import Home
from benchmarks.services import Service, Visitor
from benchmarks.tills import patiently
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import Refused
from huoshui.intake.imports import api as imports

_VICTIMS = ("worker", "postgres", "web")
_BACK_WITHIN = 240.0  # seconds; a job whose worker died is taken up again when its heartbeat is missed
_ALL_WITHIN = 1500.0


@dataclass(frozen=True)
class Kill:
    victim: str
    which: str
    during: str
    lines_before: int
    seconds_to_return: float


_IN_HAND = """
select count(*) from pg_locks l join pg_stat_activity a using (pid)
where l.locktype = 'advisory' and l.granted and l.objid = %s::oid
    and l.classid = (hashtext('import run')::bigint & 4294967295)::oid and a.datname = current_database()
    and a.backend_start > to_timestamp(%s)
"""


class Story:
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
        def upload() -> int:
            with ExitStack() as stack:
                opened = [(path.name, stack.enter_context(path.open("rb"))) for path in files.of(kind)]
                run_id = imports.upload(SYSTEM, opened, kind)
            imports.set_mapping(SYSTEM, run_id, None, kind, "live")
            return run_id

        self._run_id = patiently(upload)
        self._start()

    def _start(self) -> None:
        self.starts += 1
        patiently(lambda: imports.start(SYSTEM, self._run_id))

    def _view(self) -> imports.RunView:
        return patiently(lambda: imports.run_for(SYSTEM, self._run_id))

    def _is_done(self) -> bool:
        view = self._view()
        if (
            view.state == "failed"
        ):  # it says that the same files go on where it stopped; the user starts it again
            print(f"run {view.id} failed: {view.message}")
            with suppress(Refused):  # it may have gone on by itself meanwhile
                self._start()
        return view.state == "done"

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
