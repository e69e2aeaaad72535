"""Upkeep of stock: what was kept too long is let go."""

from __future__ import annotations

from procrastinate.contrib.django import app

from huoshui.core import clock
from huoshui.core.ledger import api as ledger
from huoshui.core.retry import retrying


@app.periodic(cron="* * * * *")
@app.task(name="stock.expire", queueing_lock="stock expire")
def expire_reservations(timestamp: int) -> None:
    while retrying(lambda: ledger.expire_goods(at=clock.now())):
        pass
