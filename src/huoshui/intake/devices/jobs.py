"""What follows from readings in its own time. Each may be run again at will."""

from __future__ import annotations

from procrastinate.contrib.django import app

from huoshui.intake.devices import trends


@app.task(name="devices.notice", queueing_lock="devices notice", lock="devices notice")
def notice() -> int:
    """Look at readings that nobody has looked at. One at a time: two might tell of the same."""
    from huoshui.intake.devices import following  # what it mends terms by defers this very job

    following.follow()
    seen = 0
    while found := trends.notice_slice():
        seen += found
    return seen


@app.periodic(cron="*/5 * * * *")
@app.task(name="devices.tend", queueing_lock="devices tend", lock="devices notice")
def tend(timestamp: int = 0) -> None:
    """What a process that died left unseen, samples to follow up, and who stopped using their scale."""
    notice()
    while trends.follow_up():
        pass
    trends.notice_silence()
