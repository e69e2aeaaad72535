"""What time does to points and tiers. Each job may run at will: what is done is not done again."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction
from procrastinate.contrib.django import app

from huoshui.core.retry import retrying
from huoshui.engage.loyalty import expiry, standing


@app.periodic(cron="17 * * * *")
@app.task(name="loyalty.expire", queueing_lock="loyalty expire", lock="loyalty expire")
def expire_points(timestamp: int) -> None:
    at = datetime.fromtimestamp(timestamp, UTC)
    while retrying(lambda: _expire(at)):
        pass


def _expire(at: datetime) -> int:
    with transaction.atomic():
        return expiry.expire_due(at)


@app.periodic(cron="37 1 * * *")  # half past nine in the morning in China
@app.task(name="loyalty.notice", queueing_lock="loyalty notice", lock="loyalty notice")
def tell_of_expiry(timestamp: int) -> None:
    with transaction.atomic():
        expiry.notice(datetime.fromtimestamp(timestamp, UTC))


@app.periodic(cron="27 * * * *")
@app.task(name="loyalty.tiers", queueing_lock="loyalty tiers", lock="loyalty tiers")
def tend_tiers(timestamp: int) -> None:
    at = datetime.fromtimestamp(timestamp, UTC)
    while retrying(lambda: _tend(at)):
        pass


def _tend(at: datetime) -> int:
    with transaction.atomic():
        return standing.tend(at)
