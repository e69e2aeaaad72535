"""What a web request leaves to the worker."""

from __future__ import annotations

from procrastinate.contrib.django import app

from huoshui.people.card import retelling


@app.task(name="card.retell", lock="card retell")
def retell(name: str) -> None:
    """After another order of sources for a name: reads every attribute once."""
    retelling.retell(name)
