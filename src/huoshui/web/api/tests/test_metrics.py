"""Measures over HTTP: what they mean, and a key of some stores asks and gets only its own."""

from __future__ import annotations

from datetime import date

import pytest

from huoshui.insight.api import metrics
from huoshui.insight.metrics import api as door
from huoshui.insight.tests.lake_fixture import small_lake
from huoshui.web.api.tests.conftest import Call

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sold(stores: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from huoshui.brand import api as brand

    units = brand.unit_ids(stores)
    day = date(2026, 3, 2)
    lines = [
        {
            "order_id": n,
            "fact_id": n,
            "org_unit_id": units[code],
            "business_day": day,
            "person_id": n,
            "amount": n * 100,
        }
        for n, code in enumerate(["S1", "S1", "S2"], start=1)
    ]
    lake = small_lake(
        order_lines=[{"sku_id": 1, **line} for line in lines],
        org_units=[
            {"org_unit_id": unit, "code": code, "name": code, "kind": "store"} for code, unit in units.items()
        ],
    )
    monkeypatch.setattr(door, "open_lake", lambda: lake)


def test_the_catalogue_says_what_each_measure_is(call: Call) -> None:
    told = call("metrics").get("/metrics").json["metrics"]
    assert [row["name"] for row in told] == list(metrics.MEASURES)
    [conversion] = [row for row in told if row["name"] == "conversion"]
    assert conversion["formula"] == "visited_orders / visitors" and "product" not in conversion["by"]


def test_a_key_of_one_store_is_told_of_that_store_alone(call: Call) -> None:
    asked = {"measures": ["amount", "customers", "visitors"], "by": ["store"]}
    whole = call("metrics").post("/metrics/query", asked).json
    assert [(row["store"], row["amount"]) for row in whole["rows"]] == [("S1", 300), ("S2", 300)]
    own = call("metrics", stores=("S2",), name="s2").post("/metrics/query", asked).json
    assert [(row["store"], row["amount"], row["customers"]) for row in own["rows"]] == [("S2", 300, 1)]
    assert own["whole"] == {"amount": 300, "customers": 1, "visitors": 0}


def test_what_cannot_be_asked_is_said(call: Call) -> None:
    answer = call("metrics").post("/metrics/query", {"measures": ["visitors"], "by": ["product"]})
    assert (answer.status, answer.code) == (422, "question_wrong")
    assert "不能按“商品”分" in answer.content.decode()
