"""What identity leaves to the worker: looking at everybody takes a minute."""

from __future__ import annotations

from procrastinate.contrib.django import app

from huoshui.people.identity import ruling


@app.task(name="identity.carry_out", lock="identity rules")
def carry_out(rehearsal_id: int) -> None:
    ruling.carry_out(rehearsal_id)
