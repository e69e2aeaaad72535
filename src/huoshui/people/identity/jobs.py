"""What identity leaves to the worker: looking at everybody takes a minute."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from huoshui.core.errors import RetryLater
from huoshui.core.priority import aside
from huoshui.core.retry import LOST
from huoshui.people.identity import ruling, taking_back

# Each kill of worker or database takes an attempt; what is wrong with the work itself is not tried again.
_AGAIN = RetryStrategy(max_attempts=50, wait=2, retry_exceptions={*LOST, RetryLater})


@app.task(name="identity.carry_out", lock="identity rules", retry=_AGAIN)
def carry_out(rehearsal_id: int) -> None:
    aside(lambda: ruling.carry_out(rehearsal_id))


@app.task(name="identity.take_links_back", lock="links taken back", retry=_AGAIN)
def take_links_back(undoing_id: int) -> None:
    aside(lambda: taking_back.carry_out(undoing_id))
