"""Each invariant of the sale chain holds, and bites: an implementation that breaks it is found out."""

from __future__ import annotations

import random

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from pytest import MonkeyPatch

from huoshui.core.tests.ground import clean_tables
from tests.river.mutations import MUTATIONS
from tests.river.sale_machine import SaleChain

__all__ = ["clean_tables"]

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

STEPS, RUNS = 100, 20


def run(runs: int, *, from_seed: int) -> None:
    """Whatever fails is played again without being made smaller, which takes minutes; its steps are told."""
    print(f"python -m benchmarks.chain_once plays such rounds; this one has seed {from_seed}")
    run_state_machine_as_test(
        seed(from_seed)(SaleChain),
        settings=settings(
            max_examples=runs,
            stateful_step_count=STEPS + 1,  # opening is one
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        ),
    )


def test_whatever_happens_the_sale_chain_is_exact(clean_tables: None) -> None:
    run(RUNS, from_seed=random.randrange(2**32))


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_broken_one_is_found_out(clean_tables: None, monkeypatch: MonkeyPatch, mutation: str) -> None:
    MUTATIONS[mutation](monkeypatch)
    with pytest.raises((AssertionError, ExceptionGroup, psycopg.Error)):
        run(40, from_seed=1)
