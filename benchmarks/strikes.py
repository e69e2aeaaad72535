"""Kills that fall at random moments into something that goes on, and when it goes on again. Needs no Django."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from time import monotonic, sleep
from typing import Any

from benchmarks.result import Claims
from benchmarks.scratch import Home
from benchmarks.services import Service, free_port, wait_until_up
from benchmarks.storm import Storm

_VICTIMS = ("web", "postgres", "worker")
_BACK_WITHIN = 120.0


@dataclass(frozen=True)
class Kill:
    victim: str
    which: str
    after_seconds: float
    seconds_to_return: float


def lived_through(
    home: Home,
    storm_at: Callable[[int], Storm],
    chance: random.Random,
    claims: Claims,
    *,
    workers: int,
    kills: int,
    lasts: float,
    and_then: Callable[[], dict[str, Any]] = dict,
) -> tuple[Storm, dict[str, Any]]:
    """A storm at a port on which the home is served, and so many kills. `and_then` while worker and web still run."""
    port = free_port()
    with ExitStack() as stack:
        worker = stack.enter_context(Service(home, "worker"))
        web = stack.enter_context(Service(home, "serve", "--port", str(port), "--workers", str(workers)))
        wait_until_up(port)
        storm = stack.enter_context(storm_at(port))
        done = _struck(home, storm, {"worker": worker, "web": web}, chance, kills=kills, lasts=lasts)
        # Whoever is behind the times catches up
        patience = monotonic() + 2 * lasts + 300
        while not storm.is_over and monotonic() < patience:
            sleep(0.5)
        afterwards = and_then()
    claims.equal("the callers fell silent by", repr(storm.broke), "None")
    claims.equal("kills while they called", len(done), kills)
    claims.at_least("somebody walked away while something was dead", len(storm.seen.unknown), 1)
    starts = {"worker": worker.starts, "web": web.starts}
    return storm, {
        "kills": [asdict(kill) for kill in done],
        **_told(storm),
        "starts": starts,
        **afterwards,
    }


def _told(storm: Storm) -> dict[str, Any]:
    seen = storm.seen
    ordered = sorted(seen.seconds) or [0.0]
    by_second = Counter(int(at - storm.begun) for at in seen.at)
    return {
        "asked a second": storm.rate,
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
    }


def _struck(
    home: Home,
    storm: Storm,
    services: Mapping[str, Service],
    chance: random.Random,
    *,
    kills: int,
    lasts: float,
) -> list[Kill]:
    """At random moments, each third of the time one of the three; the next falls once something is acknowledged again."""
    while not storm.last_acknowledged and not storm.is_over:
        sleep(0.05)  # the first answer of a process waits for what it has yet to load
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
        which = _killed(home, services, victim, chance)
        # What was on its way when it died may still be answered
        while storm.last_acknowledged < killed_at + 0.5 and monotonic() < killed_at + _BACK_WITHIN:
            sleep(0.05)
        seconds = round(storm.last_acknowledged - killed_at, 1)
        done.append(Kill(victim, which, round(killed_at - storm.begun, 1), seconds))
        print(done[-1], flush=True)
    return done


def _killed(home: Home, services: Mapping[str, Service], victim: str, chance: random.Random) -> str:
    if victim != "postgres":
        return services[victim].kill_one(chance)
    postmaster = home.postmaster
    assert postmaster is not None
    os.kill(postmaster, signal.SIGKILL)
    return "postmaster"
