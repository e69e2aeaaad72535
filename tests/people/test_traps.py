"""Two humans' data never join by a blocked, shared or weak identifier; and whoever lets them join is found out.

The same at full size, 10⁴ histories, is `python -m benchmarks.proof traps`."""

from __future__ import annotations

import random

import pytest
from pytest import MonkeyPatch

from tests.people.trap_mutations import MUTATIONS
from tests.people.trapped import play
from tests.people.traps import TRAPS, history

pytestmark = pytest.mark.django_db

HISTORIES = 12


def test_no_trap_joins_two_humans() -> None:
    seed = random.randrange(2**32)
    found = play(range(seed, seed + HISTORIES), first=1)
    assert found.mixed == [], f"from seed {seed}"
    assert found.recall > 0.9 and found.to_join > HISTORIES


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_broken_one_is_found_out(monkeypatch: MonkeyPatch, mutation: str) -> None:
    traps, mutate = MUTATIONS[mutation]
    mutate(monkeypatch)
    found = play(range(6), first=1, traps=traps)
    assert found.mixed or found.recall < 0.9


def test_each_trap_is_planted() -> None:
    for trap in TRAPS:
        told = [history(seed, seed, [trap]) for seed in range(5)]
        assert all(one.traps == [trap] and sum(map(len, one.rounds)) >= 4 for one in told)
    assert history(3, 1) == history(3, 1)


def test_no_two_humans_of_any_history_have_one_number() -> None:
    """Once, beyond 99,999 histories, phones lost their last digit, and what was told of as mixed was one phone of two humans."""
    for number in (1, 99_999, 100_190, 999_999):
        own = [one for some in history(50001235, number, ["guide's own phone"]).own for one in some]
        assert len(set(own)) == len(own), f"history {number}"
