"""Merge then unmerge: with nothing between, whatever anybody may ask is answered as before; with spending between, the books stay
as they are and what is short is shown. At full size: `python -m benchmarks.proof traps`."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from huoshui.core.tests.ground import clean_tables
from huoshui.intake.river.tests.world import check_books
from huoshui.intake.trust.tests.ground import database_url
from huoshui.lake import tables
from huoshui.lake.tests import planting
from tests.people.mergers import FEW, nothing_between, spent_between

__all__ = ["clean_tables"]


@pytest.fixture
def home(clean_tables: None, settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.HUOSHUI_HOME = tmp_path
    settings.HUOSHUI_DATABASE_URL = database_url()
    settings.HUOSHUI_LAKE = str(tmp_path / "lake")
    yield
    planting.clean()
    tables.catalog().close()


def test_all_is_as_before(home: None) -> None:
    seed = random.randrange(2**32)
    before, meanwhile, after = nothing_between(seed, FEW)
    assert after == before, f"seed {seed}"
    unlike = {name for name in before if before[name] != meanwhile[name]}
    assert {"points", "cards", "attributes", "lake by person"} <= unlike, f"seed {seed}"
    assert before["lake by person"] and any(before["coupons"]) | any(before["segments"])
    check_books()


def test_what_was_spent_together_stays_and_what_is_short_is_shown(clean_tables: None) -> None:
    for seed in range(3):
        spent = spent_between(seed)
        assert spent.parted == spent.as_one
        assert spent.debt == spent.earned - spent.left > 0
        assert spent.shown == ["points_owed"]
    check_books()
