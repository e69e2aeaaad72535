"""Each invariant of the sale chain holds, and bites: an implementation that breaks it is found out."""

from __future__ import annotations

import random

import psycopg
import pytest
from pytest import MonkeyPatch

from huoshui.core.tests.ground import clean_tables
from huoshui.core.tests.playing import play
from tests.river.mutations import MUTATIONS
from tests.river.sale_machine import SaleChain

__all__ = ["clean_tables"]

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

STEPS, RUNS = 100, 20


def test_whatever_happens_the_sale_chain_is_exact(clean_tables: None) -> None:
    from_seed = random.randrange(2**32)
    print(f"python -m benchmarks.chain_once plays such rounds; this one has seed {from_seed}")
    play(SaleChain, examples=RUNS, steps=STEPS, from_seed=from_seed)


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_broken_one_is_found_out(clean_tables: None, monkeypatch: MonkeyPatch, mutation: str) -> None:
    MUTATIONS[mutation](monkeypatch)
    with pytest.raises((AssertionError, ExceptionGroup, psycopg.Error)):
        play(SaleChain, examples=40, steps=STEPS, from_seed=1)
