"""The tree: headquarters → region → dealer → store, as files tell it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from huoshui.brand import api as brand
from huoshui.brand.org.models import OrgUnit
from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.tests.ground import clean_tables
from huoshui.core.tests.racing import race

__all__ = ["clean_tables"]


@pytest.fixture(autouse=True)
def headquarters(db: None) -> None:
    brand.ensure_headquarters("总部")


def upsert(*stores: dict[str, Any]) -> int:
    columns = {"opened_on": pa.date32(), "area_sqm": pa.float64()}
    names = sorted({name for store in stores for name in store})
    rows = {name: pa.array([s.get(name) for s in stores], columns.get(name, pa.string())) for name in names}
    return brand.upsert_stores(pa.table(rows), actor=SYSTEM)


def tree() -> dict[str, tuple[Any, ...]]:
    """Code → (kind, region, dealer, store)."""
    rows = brand.org_units_table().to_pylist()
    return {r["code"]: (r["kind"], r["region"], r["dealer"], r["store"]) for r in rows}


def test_a_store_stands_under_its_dealer_and_region() -> None:
    upsert({"store_code": "S1", "name": "一店", "region": "华东", "dealer": "甲商贸"}, {"store_code": "S2"})
    assert tree() == {
        "HQ": ("headquarters", None, None, None),
        "region:华东": ("region", "华东", None, None),
        "dealer:甲商贸": ("dealer", "华东", "甲商贸", None),
        "S1": ("store", "华东", "甲商贸", "一店"),
        "S2": ("store", None, None, "S2"),
    }


def test_the_same_file_again_changes_nothing() -> None:
    stores = [
        {"store_code": "S1", "name": "一店", "region": "华东", "dealer": "甲", "area_sqm": 120.4},
        {
            "store_code": "S2",
            "name": "二店",
            "opened_on": date(2020, 1, 1),
            "city": "上海",
            "address": "人民路",
        },
    ]
    assert upsert(*stores) == 2
    version = brand.catalog_version()
    assert upsert(*stores) == 0
    assert brand.catalog_version() == version
    one, two = OrgUnit.objects.filter(kind="store").order_by("code")
    assert (one.area_sqm, two.opened_on, two.city) == (120, date(2020, 1, 1), "上海")


def test_a_blank_cell_leaves_what_is_known() -> None:
    upsert(
        {
            "store_code": "S1",
            "name": "一店",
            "region": "华东",
            "dealer": "甲",
            "city": "上海",
            "area_sqm": 90.0,
        }
    )
    before: dict[str, Any] = {**OrgUnit.objects.values().get(code="S1")}
    assert upsert({"store_code": "S1"}) == 0
    assert upsert({"store_code": "S1", "city": "苏州"}) == 1
    after: dict[str, Any] = {**OrgUnit.objects.values().get(code="S1")}
    assert {k for k in after if after[k] != before[k]} == {"city", "updated_at"}


def test_a_dealer_moves_to_the_region_that_names_him() -> None:
    upsert({"store_code": "S1", "dealer": "甲"})
    upsert({"store_code": "S1", "dealer": "甲", "region": "华东"})
    assert tree()["S1"][1:3] == ("华东", "甲")
    upsert({"store_code": "S2", "dealer": "甲"})
    assert tree()["S2"][1:3] == ("华东", "甲"), "saying nothing moves nobody"
    upsert(
        {"store_code": "S1", "dealer": "甲", "region": "华北"},
        {"store_code": "S2", "dealer": "甲", "region": "华东"},
    )
    assert tree()["dealer:甲"][1] in ("华东", "华北"), "one dealer, one region, whatever the file says"


def test_a_store_that_sales_name_is_kept_and_described_later() -> None:
    (store,) = brand.unit_ids(["S9"]).values()
    assert not OrgUnit.objects.get(id=store).is_listed
    upsert({"store_code": "S9", "name": "九店"})
    assert brand.unit_ids(["S9"]) == {"S9": store}
    assert OrgUnit.objects.get(id=store).is_listed
    assert brand.unit_names([store]) == {store: "九店"}
    assert brand.unit_ids([]) == {}


def test_readers_hear_of_a_change_and_only_then() -> None:
    upsert({"store_code": "S1"})
    assert woken() == 1
    sql.run(sql.Statement("asleep", "delete from watermark"))
    upsert({"store_code": "S1"})
    assert woken() == 0


def woken() -> int:
    return int(
        sql.fetch_one(sql.Statement("woken", "select count(*) as n from watermark where reader = 'woken'")).n
    )


@pytest.mark.usefixtures("clean_tables")
def test_the_same_unknown_store_at_once_is_one() -> None:
    outcome = race(*[lambda: brand.unit_ids(["S1", "S2", "S3"])] * 8)
    assert outcome.errors == []
    assert len({tuple(sorted(ids.items())) for ids in outcome.results}) == 1


def test_a_store_knows_what_stands_above_it_and_its_dealer() -> None:
    upsert({"store_code": "S1", "region": "华东", "dealer": "甲商贸"}, {"store_code": "S2"})
    ids = brand.find_units(["S1", "S2", "dealer:甲商贸", "region:华东", "HQ", "nowhere"])
    assert "nowhere" not in ids
    found = brand.branches_of([ids["S1"], ids["S2"]])
    above = (ids["S1"], ids["dealer:甲商贸"], ids["region:华东"], ids["HQ"])
    assert found == {ids["S1"]: (above, ids["dealer:甲商贸"]), ids["S2"]: ((ids["S2"], ids["HQ"]), None)}
