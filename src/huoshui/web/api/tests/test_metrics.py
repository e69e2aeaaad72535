"""Measures over HTTP: what they mean, and a key of some stores is told of those alone."""

from __future__ import annotations

from typing import Any

import pytest

from huoshui.brand import api as brand
from huoshui.insight.api import metrics
from huoshui.web.api import rooms
from huoshui.web.api.tests.conftest import Call

pytestmark = pytest.mark.django_db


def test_the_catalogue_says_what_each_measure_is(call: Call) -> None:
    told = call("metrics").get("/metrics").json["metrics"]
    assert [row["name"] for row in told] == list(metrics.MEASURES)
    [conversion] = [row for row in told if row["name"] == "conversion"]
    assert conversion["formula"] == "visited_orders / visitors" and "product" not in conversion["by"]


def test_a_key_of_one_store_asks_of_that_store_alone(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def ask(*given: Any, **more: Any) -> metrics.Told:
        asked.append(more)
        return metrics.Told(
            (), ({"store": "S2", "amount": 300},), sentence="卖了 ¥3.00。", whole={"amount": 300}
        )

    monkeypatch.setattr(rooms.metrics, "ask", ask)
    said = {"measures": ["amount"], "by": ["store"]}
    whole = call("metrics").post("/metrics/query", said).json
    assert (whole["rows"], whole["whole"]) == ([{"store": "S2", "amount": 300}], {"amount": 300})
    call("metrics", stores=("S2",), name="s2").post("/metrics/query", said)
    assert [more["at"] for more in asked] == [None, [brand.unit_ids(["S2"])["S2"]]]
    assert asked[0]["beside"].keys() == {"footfall", "commission"}


def test_what_stands_beside_the_lake_is_read(call: Call) -> None:
    said = {"measures": ["visitors", "conversion", "commission", "stock_days"], "by": ["store"]}
    answer = call("metrics").post("/metrics/query", said)
    assert (answer.status, answer.json["rows"]) == (200, []), "nobody came yet, nothing lies anywhere"
    assert answer.json["whole"] == {"visitors": 0, "conversion": None, "commission": 0, "stock_days": None}


def test_what_cannot_be_asked_is_said(call: Call) -> None:
    answer = call("metrics").post("/metrics/query", {"measures": ["visitors"], "by": ["product"]})
    assert (answer.status, answer.code) == (422, "question_wrong")
    assert "不能按“商品”分" in answer.content.decode()
