"""Two hundred sales a second over HTTP, with coupons, points and refunds, while web, worker and database are killed.

A service manager starts web and worker again; that the database comes back is the product's own doing. Tills tell each sale
again under its key until it is acknowledged. Of twenty customers one walks away at the first trouble: his sale is there once
or not at all.
"""

from __future__ import annotations

import random

from benchmarks import strikes
from benchmarks.result import Claims, Result
from benchmarks.scratch import Home, scratch_home
from benchmarks.storm import Storm

NAME = "sale_kills"
TITLE = "200 sales a second, ten times kill -9 of web, worker and database: none lost, none doubled, all explained."

KILLS, RATE, SECONDS, WORKERS = 10, 200, 180, 2


def run(seed: int, *, kills: int = KILLS, rate: int = RATE, seconds: int = SECONDS) -> Result:
    claims = Claims()
    with scratch_home(NAME) as home:
        _set_up(home)
        from benchmarks import stormy

        place, wanted, expected = stormy.prepared(home, rate * seconds, seed)
        chance = random.Random(seed)
        storm, figures = strikes.lived_through(
            home,
            lambda port: Storm(port, place.token, wanted, rate=rate, seed=chance.randrange(1 << 30)),
            chance,
            claims,
            workers=WORKERS,
            kills=kills,
            lasts=seconds,
        )
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


def _until_settled(home: Home) -> None:
    """A till's sale settles in the transaction that receives it; derived facts may still be on their way."""
    from django.db import connection

    from huoshui.intake.river import api as river

    connection.close()  # it is from before the database died
    while river.sweep():
        pass
