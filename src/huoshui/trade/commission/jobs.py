"""Each hour, what is past its return period is posted. What settled is followed with the other readers (`river.after`)."""

from __future__ import annotations

from procrastinate.contrib.django import app

from huoshui.core import clock
from huoshui.trade.commission import fold


@app.periodic(cron="7 * * * *")
@app.task(name="commission.release", queueing_lock="commission release", lock="commission")
def release(timestamp: int = 0) -> None:
    fold.release(clock.today())
