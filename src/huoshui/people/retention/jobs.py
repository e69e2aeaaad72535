"""What is past its time goes at night; what would go is counted when somebody asks."""

from __future__ import annotations

from procrastinate.contrib.django import app

from huoshui.core.actor import SYSTEM
from huoshui.people.retention import actions


@app.periodic(cron="20 19 * * *")  # 03:20 in Shanghai
@app.task(name="retention.nightly", queueing_lock="retention nightly", lock="rights erase")
def take_expired(timestamp: int = 0) -> None:
    """In one line with erasures: both forget people, and both write the lake anew."""
    actions.run(SYSTEM)


@app.task(name="retention.count", queueing_lock="retention count")
def count_retention() -> None:
    actions.count(SYSTEM)
