"""Two workers fold at once: each fact is folded once, with a control."""

from __future__ import annotations

import time

import pytest
from pytest import MonkeyPatch

from huoshui.core import sql
from huoshui.core.tests.ground import NOON, clean_tables
from huoshui.core.tests.racing import Outcome, race, take_out
from huoshui.intake.river.tests.world import Shop
from huoshui.intake.trust import api as trust
from huoshui.intake.trust import fold as folding
from huoshui.intake.trust.tests.ground import lake_has_all, open_shop

__all__ = ["clean_tables", "open_shop"]

TOLD = 12
_COUNTED = sql.Statement("counted", "select coalesce(sum(facts), 0)::bigint as facts from trust_day")


@pytest.fixture(autouse=True)
def slow_folds(monkeypatch: MonkeyPatch) -> None:
    """Between reading how far it has come and writing it lies long enough for the other to come between."""
    real = folding.settled_between

    def slowly(low: int, stop: int) -> list[int]:
        ids = real(low, stop)
        time.sleep(0.2)
        return ids

    monkeypatch.setattr(folding, "settled_between", slowly)


def run(shop: Shop) -> tuple[Outcome, int]:
    lake_has_all(NOON)
    trust.fold()  # there is a mark from now on: who made it would be waited for in any case
    # Of no order, or the key of its effects would find the doubling out
    shop.tell(*(shop.member(("card_no", f"{shop.card}-{n}")) for n in range(TOLD)))
    lake_has_all(NOON)
    outcome = race(trust.fold, trust.fold)
    return outcome, sql.fetch_one(_COUNTED).facts


def test_each_fact_is_folded_once(open_shop: Shop) -> None:
    outcome, counted = run(open_shop)
    assert (outcome.errors, counted) == ([], TOLD)


def test_control_without_the_lock_facts_are_folded_twice(open_shop: Shop, monkeypatch: MonkeyPatch) -> None:
    take_out(monkeypatch, folding.Q, "lock_mark", "for update of w")
    outcome, counted = run(open_shop)
    assert outcome.errors or counted > TOLD
