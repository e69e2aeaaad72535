"""The headline numbers: out of which facts each is made, and up to which point it has to wait for them. Data, not code."""

from __future__ import annotations

from typing import NamedTuple


class Figure(NamedTuple):
    """`feed`: the facts it is made of. `stages`: what it waits for, one after another; 'number' is all the way to the lake."""

    name: str
    feed: str
    stages: tuple[str, ...]


FIGURES = (
    Figure("takings", "orders", ("number",)),
    Figure("orders", "orders", ("number",)),
    Figure("buyers", "orders", ("number",)),
    Figure("members", "people", ("number",)),
    Figure("visits", "events", ("number",)),
    # Points, stock and what a card says are in the books as soon as a fact is settled
    Figure("points", "orders", ("received", "settled")),
    Figure("stock", "orders", ("received", "settled")),
)
