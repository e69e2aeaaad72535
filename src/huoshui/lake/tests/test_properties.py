from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from huoshui.core.facts.types import FACT_WITHDRAWN
from huoshui.core.subscribers import PROPERTY_SCHEMA, registry
from huoshui.lake import api, files, tables
from huoshui.lake.tests.planting import NOON, settle

pytestmark = pytest.mark.usefixtures("lake")


class Door:
    """A room that has facts with properties, and is told when the lake may have them."""

    def __init__(self) -> None:
        self.is_declared = False
        self.asked: list[int] = []

    def read(self, fact_ids: list[int]) -> pa.Table | None:
        if not self.is_declared:
            return None
        self.asked += fact_ids
        rows = [
            {
                "fact_id": fact_id,
                "name": "Viewed",
                "property": "sku",
                "value": f"S{fact_id}",
                "number": None,
                "person_id": 3,
                "source_id": 1,
                "occurred_at": NOON,
                "seq": fact_id,
            }
            for fact_id in fact_ids
        ]
        return pa.Table.from_pylist(rows, schema=PROPERTY_SCHEMA)


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    the_door = Door()
    monkeypatch.setattr(registry, "properties", {"door": the_door.read})
    return the_door


def values() -> list[Any]:
    table = tables.ensure("properties")
    found = files.read(table, table.scan().plan_files()).to_pylist()
    return sorted(row["value"] for row in found)


def test_nothing_enters_before_it_is_declared_and_then_each_fact_once(door: Door) -> None:
    settle(10, person_id=3)
    assert "properties" not in api.flush().rows
    assert files.bound(tables.ensure("properties")) == 0
    door.is_declared = True
    settle(11, person_id=3)
    api.flush()
    assert values() == ["S10", "S11"]
    settle(12, person_id=3)
    api.flush()
    api.flush()
    assert values() == ["S10", "S11", "S12"]
    assert door.asked == [10, 11, 12]


def test_questions_find_them_beside_the_facts(door: Door) -> None:
    door.is_declared = True
    settle(10, person_id=3)
    api.flush()
    engine = api.engine()
    lake = engine.tables()
    joined = lake.facts.inner_join(lake.properties, "fact_id").select("name", "value")
    assert engine.run(joined).to_pylist()[0]["value"] == "S10"


def test_a_rebuild_has_them_as_they_are_declared_now(door: Door) -> None:
    door.is_declared = True
    settle(10, person_id=3)
    api.flush()
    door.is_declared = False
    api.rebuild()
    assert values() == []
    door.is_declared = True
    api.rebuild()
    assert values() == ["S10"]


def test_what_is_past_its_time_is_gone_from_the_files_and_nothing_younger(door: Door) -> None:
    door.is_declared = True
    for fact_id in (10, 11):
        settle(fact_id, person_id=3)
    api.flush()
    assert api.drop_properties({1}, before=NOON) == 0, "what is exactly as old stays"
    later = NOON + timedelta(seconds=1)
    assert api.drop_properties({2}, before=later) == 0, "another source's"
    assert api.drop_properties({1}, before=later, except_names=["Viewed"]) == 0
    assert values() == ["S10", "S11"]
    was = set(Path(tables.warehouse()).rglob("*.parquet"))
    assert api.drop_properties({1}, before=later) == 2
    assert values() == []
    assert api.drop_properties({1}, before=later) == 0
    gone = {path for path in was if "properties" in str(path)}
    assert gone and not any(path.exists() for path in gone), "no old snapshot keeps them"
    settle(12, person_id=3)
    api.flush()
    assert values() == ["S12"], "the table goes on"


def test_what_a_fact_said_goes_with_it_when_it_is_taken_back(door: Door) -> None:
    door.is_declared = True
    settle(10, person_id=3)
    settle(11, person_id=3)
    api.flush()
    settle(12, name=FACT_WITHDRAWN, order_id=10, person_id=3)
    api.flush()
    assert "S10" not in values() and "S11" in values()
    told = values()
    api.rebuild()
    assert values() == told
