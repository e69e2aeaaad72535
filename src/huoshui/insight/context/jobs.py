"""Once a day has ended, what the next weeks should bring."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.periodic(cron="25 * * * *")
@app.task(name="context.foresee", queueing_lock="context foresee", lock="context foresee")
def foresee_sales(timestamp: int = 0) -> None:
    """Each hour it looks whether a day has ended; the lake of a box that slept is complete later than midnight."""
    # The lake's libraries take seconds to load: only the worker pays for them
    from huoshui.insight.context import foreseeing

    foreseeing.foresee()
