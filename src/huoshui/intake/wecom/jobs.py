from __future__ import annotations

from procrastinate.contrib.django import app

from huoshui.core import sql
from huoshui.intake.wecom import actions

Q = sql.load("huoshui.intake.wecom")


@app.task(name="wecom.make")
def make(way_id: int) -> None:
    actions.make_now(way_id)


@app.task(name="wecom.try_out", queueing_lock="wecom trial")
def try_out() -> None:
    actions.try_now()


@app.periodic(cron="41 * * * *")
@app.task(name="wecom.tidy", queueing_lock="wecom tidy")
def tidy(timestamp: int) -> None:
    """Codes that are over, and secrets that were replaced."""
    sql.run(Q.drop_old_secrets)
    actions.take_down()
