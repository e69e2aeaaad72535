from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pytest

from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM
from huoshui.web.api import limits, rooms
from huoshui.web.api.keys import add_key
from huoshui.web.api.tests.client import Caller
from huoshui.web.api.tests.stand_ins import Tills
from huoshui.web.api.types import SCOPES

ALL = tuple(SCOPES)


@pytest.fixture
def stores(db: None) -> list[str]:
    brand.ensure_headquarters("总部")
    brand.upsert_stores(
        pa.table({"store_code": ["S1", "S2"], "name": ["一店", "二店"], "dealer": ["甲", "乙"]}), actor=SYSTEM
    )
    return ["S1", "S2"]


@pytest.fixture
def tills(monkeypatch: pytest.MonkeyPatch) -> Tills:
    stand_in = Tills()
    monkeypatch.setattr(rooms, "tills", stand_in)
    return stand_in


@pytest.fixture(autouse=True)
def _full_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.buckets, "_level", {})


Call = Callable[..., Caller]


@pytest.fixture
def call(stores: list[str], tills: Tills) -> Call:
    """A caller with a key of its own."""

    def make(*scopes: str, stores: tuple[str, ...] = (), name: str = "pos", rate: int = 6000) -> Caller:
        made = add_key(
            name=name, scopes=scopes or ALL, store_codes=stores, rate_per_minute=rate, actor=SYSTEM
        )
        return Caller(made.token)

    return make
