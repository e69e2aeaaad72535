"""What is remembered for a time is forgotten after it."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app

from huoshui.core import clock, sql
from huoshui.intake.tracking import cleaning

Q = sql.load("huoshui.intake.tracking")

_SLICE = 20_000


@app.periodic(cron="41 3 * * *")
@app.task(name="tracking.forget", queueing_lock="tracking forget")
def forget_messages(timestamp: int = 0) -> int:
    """In slices, so that no writer waits long. A messageId is remembered for at least as many days as were promised."""
    before = clock.now().date() - timedelta(days=settings.HUOSHUI_TRACKING_MEMORY_DAYS)
    gone = 0
    while True:
        with transaction.atomic():
            count = sql.run(Q.forget_messages, before=before, limit=_SLICE)
        gone += count
        if count < _SLICE:
            return gone


@app.periodic(cron="17 4 * * *")
@app.task(name="tracking.seal", queueing_lock="tracking seal")
def seal_stored(timestamp: int = 0) -> int:
    """Once through everything, by night; every later night it looks up that this is done."""
    return cleaning.seal_stored()
