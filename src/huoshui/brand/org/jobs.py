from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app

from huoshui.brand.org import moves


@app.periodic(cron="1 * * * *")  # each hour: midnight of the brand's zone is one of them
@app.task(name="org.moves", queueing_lock="org moves", lock="org moves")
def carry_out_moves(timestamp: int = 0) -> None:
    """What was planned for today; running it again moves nothing."""
    with transaction.atomic():
        moves.carry_out_due()
