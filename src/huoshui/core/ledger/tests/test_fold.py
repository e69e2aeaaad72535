"""Sales settle while others fold what has settled: each line is folded once, with a control."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from pytest import MonkeyPatch

from huoshui.core.facts import api as facts
from huoshui.core.facts import reads
from huoshui.core.ledger import api as ledger
from huoshui.core.subscribers import XidRange
from huoshui.core.tests.ground import (
    STORE,
    Line,
    a_source,
    clean_tables,
    receive,
    sale,
    settle,
    wait_for_readers,
)
from huoshui.core.tests.racing import Outcome, race, take_out

__all__ = ["clean_tables"]

pytestmark = pytest.mark.usefixtures("clean_tables")

TILLS, SALES = 4, 12


@pytest.fixture(autouse=True)
def slow_folds(monkeypatch: MonkeyPatch) -> None:
    """Between reading the watermark and writing it lies long enough for others to come between."""
    real = facts.since_last_read

    @contextmanager
    def slowly(reader: str) -> Iterator[XidRange]:
        with real(reader) as span:
            time.sleep(0.01)
            yield span

    monkeypatch.setattr(facts, "since_last_read", slowly)


def till(fact_ids: list[int], done: list[bool]) -> None:
    for place, fact_id in enumerate(fact_ids):
        with transaction.atomic(durable=True):
            settle([fact_id])
            time.sleep(0.02 if place % 4 == 0 else 0)  # slow ones end after faster ones that began later
    done.append(True)


def folder(done: list[bool]) -> None:
    """Folds while tills sell, and what is left when they have done: however busy the server, there is something to fold."""
    while len(done) < TILLS:
        ledger.fold_goods()
    wait_for_readers()
    ledger.fold_goods()


def run() -> Outcome:
    told = [sale(f"k{n}", Line(sku_id=1 + n % 3)) for n in range(TILLS * SALES)]
    fact_ids = receive(told, a_source()).fact_ids
    done: list[bool] = []
    tills = [lambda n=n: till(fact_ids[n::TILLS], done) for n in range(TILLS)]
    return race(*tills, lambda: folder(done), lambda: folder(done))


def is_exact(outcome: Outcome) -> bool:
    wait_for_readers()
    ledger.fold_goods()
    sold = dict.fromkeys([1, 2, 3], -1000 * TILLS * SALES // 3)
    return not outcome.errors and ledger.stock_of(STORE, [1, 2, 3]) == sold and ledger.audit_stock().is_clean


def test_each_line_is_folded_once() -> None:
    outcome = run()
    assert outcome.errors == []
    assert is_exact(outcome)


def test_control_without_the_lock_lines_are_folded_twice(monkeypatch: MonkeyPatch) -> None:
    take_out(monkeypatch, reads.Q, "read_watermark", "for update")
    assert not is_exact(run())
