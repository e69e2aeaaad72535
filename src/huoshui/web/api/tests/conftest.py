from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from django.db import connection
from pytest_django import Settings
from sqlalchemy import URL

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.intake.river import api as river
from huoshui.web.api import limits, rooms
from huoshui.web.api.keys import add_key
from huoshui.web.api.tests.client import Caller
from huoshui.web.api.tests.stand_ins import Campaigns, Tills
from huoshui.web.api.types import SCOPES

ALL = tuple(SCOPES)


def database_url() -> str:
    to = connection.settings_dict
    host, port = str(to["HOST"]), int(to["PORT"]) if to["PORT"] else None
    url = URL.create("postgresql", to["USER"] or None, to["PASSWORD"] or None, None, port, to["NAME"])
    return url.update_query_dict({"host": host}).render_as_string(hide_password=False)


@pytest.fixture
def stores(db: None, settings: Settings, tmp_path: Path) -> list[str]:
    # What is asked of segments is asked of the lake, which has a connection of its own
    settings.HUOSHUI_DATABASE_URL = database_url()
    settings.HUOSHUI_LAKE = str(tmp_path / "lake")
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


@pytest.fixture
def campaigns(monkeypatch: pytest.MonkeyPatch) -> Campaigns:
    stand_in = Campaigns()
    monkeypatch.setattr(rooms, "campaigns", stand_in)
    return stand_in


@pytest.fixture
def people(stores: list[str]) -> dict[str, int]:
    """A customer of each store, under the store's code."""
    units = brand.unit_ids(stores)
    found = {}
    for number, store in enumerate(stores, 1):
        values = {"phone": f"1391234000{number}", "card_no": f"CARD-00000{number}"}
        [verdict] = river.submit(
            [river.Item("Identify", f"p{number}", clock.now(), tuple(values.items()))],
            source=facts.ensure_source(name="list", label="名单", mode="live"),
            actor=SYSTEM,
        )
        found[store] = person = _person_of(verdict.fact_id)
        sql.run(
            CARD,
            person=person,
            card_no=values["card_no"],
            tail=values["phone"][-4:],
            unit=units[store],
        )
    return found


CARD = sql.Statement(
    "card",
    "insert into person_card (person_id, display_name, card_no, phone_tail4, tier, points, home_org_unit_id)"
    " values (%(person)s, '张三丰', %(card_no)s, %(tail)s, '金卡', 30, %(unit)s)"
    " on conflict (person_id) do update set display_name = '张三丰', card_no = excluded.card_no,"
    " phone_tail4 = excluded.phone_tail4, tier = '金卡', points = 30, home_org_unit_id = excluded.home_org_unit_id",
)
PERSON = sql.Statement("person", "select person_id from settlement where fact_id = %(fact_id)s")


def _person_of(fact_id: int | None) -> int:
    return int(sql.fetch_one(PERSON, fact_id=fact_id).person_id)
