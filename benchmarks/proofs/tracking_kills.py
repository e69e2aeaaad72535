"""Tracking at a hundred requests a second, single and in batches, orders among them, while web, worker and database are killed.

As `sale_kills`, at the other door. Clients tell a request again until it is answered 200, as the official ones do; of twenty
one gives up at the first trouble: what he told is there once or not at all. What is acknowledged is settled by the house
itself, and the lake holds it once.
"""

from __future__ import annotations

import random
from time import monotonic, sleep
from typing import Any

import psycopg

from benchmarks import strikes
from benchmarks.result import Claims, Result
from benchmarks.scratch import Home, scratch_home
from benchmarks.storm import Storm

NAME = "tracking_kills"
TITLE = "Tracking under load, ten times kill -9 of web, worker and database: none lost, none doubled, all in the lake once."

KILLS, RATE, SECONDS, WORKERS = 10, 100, 150, 2
_SETTLED_WITHIN = 180.0


def run(seed: int, *, kills: int = KILLS, rate: int = RATE, seconds: int = SECONDS) -> Result:
    claims = Claims()
    with scratch_home(NAME) as home:
        _set_up(home)
        from benchmarks import tracked_storm

        shop = tracked_storm.prepared(home, rate * seconds, seed)
        chance = random.Random(seed)
        storm, figures = strikes.lived_through(
            home,
            lambda port: Storm(port, shop.token, shop.wanted, rate=rate, seed=chance.randrange(1 << 30)),
            chance,
            claims,
            workers=WORKERS,
            kills=kills,
            lasts=seconds,
            and_then=lambda: _settles(home, claims),
        )
        figures |= tracked_storm.compared(home, shop, storm.seen, claims)
        home.run("lake", "flush")
        figures["lake"] = tracked_storm.compared_with_lake(home, claims)
        audit = home.told("audit", "--json")
    claims.equal("audit is clean", audit["clean"], True)
    claims.equal("explained percent", audit["explained_percent"], 100.0)
    return Result({"claims": claims.made, **figures, "audit": audit}, claims.hold)


def _set_up(home: Home) -> None:
    home.adopt_process()
    from huoshui.project import boot

    boot.boot("river", with_owner=True)
    boot.migrate_if_needed()


def _settles(home: Home, claims: Claims) -> dict[str, Any]:
    """Nobody helps: what a killed process left behind is the sweep's."""
    begun = monotonic()
    left = -1
    while left and monotonic() < begun + _SETTLED_WITHIN:
        sleep(0.5)
        try:
            left = int(home.row("select count(*) from settlement where state <> 'settled'")[0])
        except psycopg.OperationalError:
            continue
    claims.equal("left unsettled", left, 0)
    return {"seconds until all had settled": round(monotonic() - begun, 1)}
