"""Each minute: who wants something, who has bought, whose time is over, what waits."""

from __future__ import annotations

from procrastinate.contrib.django import app

from huoshui.trade.commission import api as commission
from huoshui.trade.leads import following


@app.periodic(cron="* * * * *")
@app.task(name="leads.follow", queueing_lock="leads follow", lock="leads")
def follow(timestamp: int = 0) -> None:
    following.follow()
    commission.work_off()
