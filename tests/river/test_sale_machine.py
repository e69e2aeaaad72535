"""Each invariant of the sale chain holds, and bites: an implementation that breaks it is found out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from pytest import MonkeyPatch

from huoshui.core.ledger.rules import _Book
from huoshui.core.tests.ground import clean_tables
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.loyalty import api as loyalty
from huoshui.trade.sales import api as sales
from tests.river.sale_machine import SaleChain

__all__ = ["clean_tables"]

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

STEPS, RUNS = 40, 50


def run(runs: int, *phases: Phase) -> None:
    run_state_machine_as_test(
        SaleChain,
        settings=settings(
            max_examples=runs,
            stateful_step_count=STEPS,
            deadline=None,
            print_blob=True,
            phases=phases or (Phase.explicit, Phase.reuse, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_whatever_happens_the_sale_chain_is_exact(clean_tables: None) -> None:
    run(RUNS)


def a_cent_too_much(patch: MonkeyPatch) -> None:
    take = sales.take_quantity

    def more(line: Any, quantity_milli: int) -> Any:
        back = take(line, quantity_milli)
        return back._replace(amount=back.amount + 1) if 0 < back.amount < line.left else back

    patch.setattr(sales, "take_quantity", more)


def without(room: Any, step: str, reason: str) -> Callable[[MonkeyPatch], None]:
    """Leaves out the movements of one reason."""
    whole = getattr(room, step)

    def lacking(*args: Any, **more: Any) -> Any:
        had = whole(*args, **more)
        return replace(had, movements=[m for m in had.movements if m.reason != reason])

    return lambda patch: patch.setattr(room, step, lacking)


def debts_are_forgotten(patch: MonkeyPatch) -> None:
    patch.setattr(_Book, "_owed", lambda *_: 0)


MUTATIONS: dict[str, Callable[[MonkeyPatch], None]] = {
    "a refund gives a cent too much": a_cent_too_much,
    "a refund takes no points back": without(loyalty, "earn", "take_back"),
    "points that paid do not come back": without(loyalty, "spend", "spend_back"),
    "a coupon costs no budget": without(campaigns, "redeem", "coupon_budget"),
    "debts are not repaid": debts_are_forgotten,
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_broken_one_is_found_out(clean_tables: None, monkeypatch: MonkeyPatch, mutation: str) -> None:
    MUTATIONS[mutation](monkeypatch)
    with pytest.raises((AssertionError, ExceptionGroup)):
        run(20, Phase.generate)
