from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine

from huoshui.intake.imports.tests.shop import clean_tables, shop
from huoshui.intake.pickup.tests.places import START

__all__ = ["clean_tables", "shop"]


@pytest.fixture
def travel(shop: Path) -> Iterator[Any]:
    """The clock as far as Python knows it."""
    with time_machine.travel(START, tick=True) as coordinates:
        yield coordinates


@pytest.fixture
def inbox(shop: Path) -> Path:
    folder = shop / "inbox"
    folder.mkdir()
    return folder
