"""A count that somebody waits for: it ends when its page asks anew, when whoever asked calls it off from anywhere, or when
it has taken too long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

from django.db import connection, transaction

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.errors import Refused

Q = sql.load("huoshui.insight.segments")

PATIENCE = 30.0
"""Seconds. Whoever has asked for so long saves what he counts, and the worker counts it."""


@contextmanager
def counting(actor: Actor, *, token: str, too_long: type[Refused]) -> Iterator[Callable[[], bool]]:
    """What says whether the count is called off; it raises `too_long` itself. With a token, `call_off` from any process ends
    it, and so does asking again under the same; then not within a transaction. Raises Refused for another's token."""
    began = perf_counter()

    def refuse_long() -> bool:
        if perf_counter() - began > PATIENCE:
            raise too_long
        return False

    if not token:
        yield refuse_long
        return
    if connection.in_atomic_block:
        raise RuntimeError("what may be called off is counted outside of transactions")
    with transaction.atomic():
        row = sql.fetch_one(Q.begin_count, token=token, actor=str(actor))
    if row is None:
        raise Refused("这个页面已经过期，请刷新再试。")  # another's token
    try:
        yield lambda: refuse_long() or _is_called_off(token, row.turn)
    finally:
        with transaction.atomic():
            sql.run(Q.end_count, token=token, turn=row.turn)


def call_off(token: str, *, actor: Actor) -> None:
    """Whoever asked calls it off; of others' counts, and of those that have ended, this does nothing."""
    sql.run(Q.call_off, token=token, actor=str(actor))


def _is_called_off(token: str, turn: int) -> bool:
    row = sql.fetch_one(Q.is_called_off, token=token, turn=turn)
    return row is not None and bool(row.is_called_off)
