"""Coupons whose time is over are marked, in pieces, so that no lock is held long."""

from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app

from huoshui.engage.campaigns.actions import expire_due

PIECE = 10_000


@app.periodic(cron="*/5 * * * *")
@app.task(name="campaigns.expire", queueing_lock="campaigns expire")
def expire_coupons(timestamp: int) -> None:
    while True:
        with transaction.atomic():
            done = expire_due(limit=PIECE)
        if done < PIECE:
            return
