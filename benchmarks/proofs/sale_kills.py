"""Two hundred sales a second over HTTP, with coupons, points and refunds, while web, worker and database are killed.

A service manager starts web and worker again; that the database comes back is the product's own doing. Tills tell each sale
again under its key until it is acknowledged. Of twenty customers one walks away at the first trouble: his sale is there once
or not at all.
"""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from time import monotonic, sleep
from typing import Any

from benchmarks.result import Claims, Result
from benchmarks.scratch import Home, scratch_home

NAME = "sale_kills"
TITLE = "200 sales a second, ten times kill -9 of web, worker and database: none lost, none doubled, all explained."

KILLS, RATE, SECONDS, WORKERS = 10, 200, 180, 2
_BACK_WITHIN = 120.0
_VICTIMS = ("web", "postgres", "worker")


@dataclass(frozen=True)
class Kill:
    victim: str
    which: str
    after_seconds: float
    seconds_to_return: float


def run(seed: int, *, kills: int = KILLS, rate: int = RATE, seconds: int = SECONDS) -> Result:
    claims = Claims()
    with scratch_home(NAME) as home:
        _set_up(home)
        from benchmarks import stormy

        place, wanted, expected = stormy.prepared(home, rate * seconds, seed)
        figures = _lived_through(home, place, wanted, random.Random(seed), kills, rate, claims)
        storm = figures.pop("storm")
        _until_settled(home)
        figures |= stormy.compared(home, place, expected, storm.seen, claims)
        audit = home.told("audit", "--json")
    claims.equal("audit is clean", audit["clean"], True)
    claims.equal("facts never settled", audit["facts_unsettled"], 0)
    claims.equal("explained percent", audit["explained_percent"], 100.0)
    return Result({"claims": claims.made, **figures, "audit": audit}, claims.hold)


def _set_up(home: Home) -> None:
    home.adopt_process()
    from huoshui.project import boot

    boot.boot("river", with_owner=True)
    boot.migrate_if_needed()


def _lived_through(
    home: Home,
    place: Any,
    wanted: Any,
    chance: random.Random,
    kills: int,
    rate: int,
    claims: Claims,
) -> dict[str, Any]:
    from benchmarks.counter import free_port
    from benchmarks.services import Service
    from benchmarks.storm import Storm

    port = free_port()
    with ExitStack() as stack:
        worker = stack.enter_context(Service(home, "worker"))
        web = stack.enter_context(Service(home, "serve", "--port", str(port), "--workers", str(WORKERS)))
        _wait_until_up(port)
        storm = stack.enter_context(
            Storm(port, place.token, wanted, rate=rate, seed=chance.randrange(1 << 30))
        )
        done = _kill(home, storm, {"worker": worker, "web": web}, chance, kills, len(wanted) / rate)
        # Whoever is behind the times catches up
        patience = monotonic() + 2 * len(wanted) / rate + 300
        while not storm.is_over and monotonic() < patience:
            sleep(0.5)
    claims.equal("the tills fell silent by", repr(storm.broke), "None")
    claims.equal("kills while sales went on", len(done), kills)
    claims.at_least("somebody walked away while something was dead", len(storm.seen.unknown), 1)
    return {"storm": storm, "kills": [asdict(kill) for kill in done], **_told(storm, rate, worker, web)}


def _told(storm: Any, rate: int, worker: Any, web: Any) -> dict[str, Any]:
    seen = storm.seen
    ordered = sorted(seen.seconds) or [0.0]
    by_second = Counter(int(at - storm.begun) for at in seen.at)
    return {
        "asked a second": rate,
        "acknowledged a second, outages included": round(len(seen.at) / storm.took, 1),
        "acknowledged in the best second": max(by_second.values(), default=0),
        "seconds": round(storm.took, 1),
        "seconds before the first": round(seen.at[0] - storm.begun, 1) if seen.at else None,
        "told again": dict(seen.retries),
        "answered as repeats": seen.repeats,
        "answer ms": {
            "p50": round(1000 * ordered[len(ordered) // 2], 1),
            "p99": round(1000 * ordered[int(len(ordered) * 0.99)], 1),
            "longest": round(1000 * ordered[-1], 1),
        },
        "starts": {"worker": worker.starts, "web": web.starts},
    }


def _kill(
    home: Home, storm: Any, services: dict[str, Any], chance: random.Random, kills: int, lasts: float
) -> list[Kill]:
    """At random moments, each third of the time one of the three; the next falls once sales are acknowledged again."""
    while not storm.last_acknowledged and not storm.is_over:
        sleep(0.05)  # the first sale of a process waits for what it has yet to load
    victims = [*_VICTIMS * (kills // 3), *chance.sample(_VICTIMS, kills % 3)]
    chance.shuffle(victims)
    done: list[Kill] = []
    begun = monotonic()
    for number, victim in enumerate(victims):
        earliest = begun + lasts * (number + 0.2) / kills
        while monotonic() < earliest:
            sleep(0.05)
        sleep(chance.uniform(0.0, 0.6 * lasts / kills))
        if storm.is_over:
            break
        killed_at = monotonic()
        which = _strike(home, services, victim, chance)
        # What was on its way when it died may still be answered
        while storm.last_acknowledged < killed_at + 0.5 and monotonic() < killed_at + _BACK_WITHIN:
            sleep(0.05)
        seconds = round(storm.last_acknowledged - killed_at, 1)
        done.append(Kill(victim, which, round(killed_at - storm.begun, 1), seconds))
        print(done[-1], flush=True)
    return done


def _strike(home: Home, services: dict[str, Any], victim: str, chance: random.Random) -> str:
    if victim != "postgres":
        return str(services[victim].kill_one(chance))
    postmaster = home.postmaster
    assert postmaster is not None
    os.kill(postmaster, signal.SIGKILL)
    return "postmaster"


def _wait_until_up(port: int) -> None:
    import urllib.error
    import urllib.request

    begun = monotonic()
    while monotonic() < begun + 60:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/login/", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            sleep(0.2)
    raise AssertionError("the web did not come up")


def _until_settled(home: Home) -> None:
    """A till's sale settles in the transaction that receives it; derived facts may still be on their way."""
    from django.db import connection

    from huoshui.intake.river import api as river

    connection.close()  # it is from before the database died
    while river.sweep():
        pass
