"""Sales one at a time, beside an import: each is sent until it is acknowledged, as a till does.

Django must be set up before this is imported.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TypeVar

from django.db import connection, transaction

from benchmarks.background import Background
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import RetryLater
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import ORDER_COMPLETED, Source
from huoshui.core.retry import LOST
from huoshui.intake.river import api as river

T = TypeVar("T")

_OPENED = datetime(2018, 1, 15, 9, tzinfo=UTC)
_PATIENCE = 300.0


def patiently(work: Callable[[], T]) -> T:
    """Do it, and again while the database is away or busy."""
    begun = monotonic()
    while True:
        try:
            return work()
        except (*LOST, RetryLater):
            connection.close()
            if monotonic() > begun + _PATIENCE:
                raise
            threading.Event().wait(0.2)


def sale(till: str, number: int) -> river.Item:
    """A sale of one piece, known again by its key. Shop, product and customers are the till's own."""
    line = river.Line(sku_code=f"{till}-SKU", quantity_milli=1000, amount=100 + number)
    return river.Item(
        name=ORDER_COMPLETED,
        client_key=f"{till}-{number}",
        occurred_at=_OPENED + timedelta(seconds=number),
        identifiers=(("card_no", f"{till}-{number % 20}"),),
        order=river.Order(order_key=f"{till}-{number}", store_code=f"{till}-STORE", lines=(line,)),
    )


def source(name: str) -> Source:
    def ensure() -> Source:
        with transaction.atomic():
            return facts.ensure_source(name=name, label=name, mode="live")

    return patiently(ensure)


class Till(Background):
    """Sells in a thread of its own. `acknowledged` are the keys whose verdict came back."""

    def __init__(self, name: str, *, at_once: int = 1, held: float = 0.0, pause: float = 0.25) -> None:
        """`held`: keep each transaction open so long after everything in it is settled."""
        self.name = name
        self.acknowledged: dict[str, int] = {}
        self.retries = 0
        self.broke: BaseException | None = None
        self.seconds: list[float] = []
        self._at_once, self._held, self._pause = at_once, held, pause
        super().__init__(name)

    def _run(self) -> None:
        place, number = source(self.name), 0
        try:
            while not self._ended.is_set():
                items = [sale(self.name, number + n) for n in range(self._at_once)]
                if self._delivered(items, place):
                    number += self._at_once
                self._ended.wait(self._pause)
        except BaseException as error:  # told at the end: a till that fell silent proves nothing
            self.broke = error
        finally:
            connection.close()

    def _delivered(self, items: list[river.Item], place: Source) -> bool:
        begun = monotonic()
        try:
            if self._held:
                with held_open() as commit:
                    verdicts = river.submit(items, source=place, actor=SYSTEM)
                    self._ended.wait(self._held)
                    commit()
            else:
                verdicts = river.submit(items, source=place, actor=SYSTEM)
        except (*LOST, RetryLater):
            connection.close()
            self.retries += 1
            return False
        self.seconds.append(monotonic() - begun)
        for verdict in verdicts:
            self.acknowledged[verdict.client_key] = verdict.fact_id or 0
        return True


@contextmanager
def held_open() -> Iterator[Callable[[], None]]:
    """One transaction around commands that would each end their own; nothing is kept unless `commit` is called.

    Commands insist on being outermost, so that an answer means a commit. Django lets tests wrap them all the same,
    by the mark used here; it is what makes a transaction as slow as one wishes.
    """
    wanted = False

    def commit() -> None:
        nonlocal wanted
        wanted = True

    outer = transaction.atomic()
    outer._from_testcase = True  # type: ignore[attr-defined]  # see above
    with outer:
        yield commit
        if not wanted:
            transaction.set_rollback(True)
