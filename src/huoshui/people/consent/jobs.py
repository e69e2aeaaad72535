"""What the day brings by itself."""

from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app

from huoshui.people.consent import actions


@app.periodic(cron="10 16 * * *")  # ten past midnight in Shanghai
@app.task(name="consent.grown", queueing_lock="consent grown")
def tell_grown(timestamp: int = 0) -> None:
    """Of whom nothing might be guessed until today: groups and tags ask anew."""
    with transaction.atomic():
        actions.tell_grown()
