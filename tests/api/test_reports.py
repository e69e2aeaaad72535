"""Reports over the real rooms: what has happened is received, and what it lacks stands beside it."""

from __future__ import annotations

from typing import Any

import pytest

from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM
from huoshui.web.api.keys import add_key
from huoshui.web.api.tests.client import AT, Answer, Caller, sale
from huoshui.web.api.types import SCOPES


@pytest.fixture
def till(db: None) -> Caller:
    brand.ensure_headquarters("总部")
    brand.unit_ids(["S1"])
    made = add_key(name="pos", scopes=list(SCOPES), store_codes=(), rate_per_minute=100_000, actor=SYSTEM)
    return Caller(made.token)


def offline(**changes: Any) -> dict[str, Any]:
    return sale(offline=True, **changes)


def told(answer: Answer) -> dict[str, dict[str, Any]]:
    """The exceptions by their codes."""
    assert answer.status in (201, 202), answer.content
    return {e["code"]: e for e in answer.json["exceptions"]}


def test_a_total_that_is_not_the_lines_is_shown(till: Caller) -> None:
    said = told(till.post("/sales", offline(amount=1)))
    assert said["total_differs"]["data"] == {"told": "0.01", "lines": "3.50", "difference": "3.49"}
    assert told(till.post("/sales", offline(order_key="A2", amount=350), key="k2")) == {}


def test_a_phone_that_is_none_is_left_out(till: Caller) -> None:
    answer = till.post("/sales", offline(customer={"phone": "123"}))
    assert list(told(answer)) == ["phone_unreadable"]
    assert answer.json["customer_id"] is None
    assert answer.json["bind_code"], "so its customer may still claim it"
    known = till.post("/sales", offline(order_key="A2", customer={"phone": "123", "card_no": "C1"}), key="k2")
    assert list(told(known)) == ["phone_unreadable"]
    assert known.json["customer_id"]
    assert till.post("/sales", sale(order_key="A3", customer={"phone": "123"}), key="k3").code == "invalid"


def test_an_exchange_is_no_report(till: Caller) -> None:
    till.post("/sales", offline())
    swap = {**AT, "returned": [{"line_no": 1}], "sale": offline(order_key="A2")}
    answer = till.post("/sales/A1/exchanges", swap, key="k2")
    assert (answer.status, answer.code) == (422, "invalid")
    assert [(e["pointer"], e["code"]) for e in answer.json["errors"]] == [
        ("/sale/offline", "offline_exchange")
    ]
    assert till.get("/sales/A1").json["refunded"] == 0


def test_a_refund_of_a_line_that_is_not_there_is_kept(till: Caller) -> None:
    till.post("/sales", offline())
    lines = [{"line_no": 1, "quantity": 1}, {"line_no": 9, "amount": 100}, {"line_key": "x"}]
    answer = till.post("/sales/A1/refunds", {**AT, "offline": True, "lines": lines}, key="k2")
    assert answer.status == 201, answer.content
    assert [(e["code"], e["data"]) for e in answer.json["exceptions"]] == [
        ("refund_line_unmatched", {"line": "9"}),
        ("refund_line_unmatched", {"line": "x"}),
    ]
    assert till.get("/sales/A1").json["refunded"] == 150 + 100
    asked = till.post("/sales/A1/refunds", {**AT, "lines": lines}, key="k3")
    assert asked.code == "refund_line_unknown"


def test_a_refund_of_nothing_known_is_kept(till: Caller) -> None:
    till.post("/sales", offline())
    said = {**AT, "offline": True, "lines": [{"line_no": 9}]}
    answer = till.post("/sales/A1/refunds", said, key="k2")
    assert list(told(answer)) == ["refund_line_unmatched"]
    assert till.get("/sales/A1").json["refunded"] == 0
    again = till.post("/sales/A1/refunds", said, key="k2")
    assert (again.status, again.json) == (answer.status, answer.json)
