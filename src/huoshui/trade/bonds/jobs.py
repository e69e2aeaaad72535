"""Each minute, whose bond silence has released. What facts say of bonds is read with the cards (`intake.river.after`)."""

from __future__ import annotations

from procrastinate.contrib.django import app

from huoshui.trade.bonds import fold


@app.periodic(cron="* * * * *")
@app.task(name="bonds.attend", queueing_lock="bonds attend", lock="bonds")
def attend(timestamp: int = 0) -> None:
    fold.attend()
