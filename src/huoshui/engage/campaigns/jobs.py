"""What time does to coupons, in pieces, so that no lock is held long. Each job may run at will."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction
from procrastinate.contrib.django import app

from huoshui.engage.campaigns import expiry, gifts

PIECE = 10_000


@app.periodic(cron="*/5 * * * *")
@app.task(name="campaigns.expire", queueing_lock="campaigns expire")
def expire_coupons(timestamp: int) -> None:
    while True:
        with transaction.atomic():
            done = expiry.expire_due(limit=PIECE)
        if done < PIECE:
            return


@app.periodic(cron="* * * * *")
@app.task(name="campaigns.gifts", queueing_lock="campaigns gifts", lock="campaigns gifts")
def give_gifts(timestamp: int) -> None:
    with transaction.atomic():
        gifts.give_gifts()


@app.periodic(
    cron="47 1 * * *"
)  # before ten in the morning in China, when somebody may still use it that day
@app.task(name="campaigns.notice", queueing_lock="campaigns notice", lock="campaigns notice")
def tell_of_expiry(timestamp: int) -> None:
    at = datetime.fromtimestamp(timestamp, UTC)
    while True:
        with transaction.atomic():
            done = expiry.notice(at, limit=PIECE)
        if done < PIECE:
            return
