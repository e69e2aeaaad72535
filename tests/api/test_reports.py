"""Reports over the real rooms: what has happened is received, and what it lacks stands beside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
import time_machine

from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM
from huoshui.web.api.keys import add_key
from huoshui.web.api.tests.client import AT, NOW, Answer, Caller, sale
from huoshui.web.api.types import SCOPES


@pytest.fixture
def till(db: None) -> Iterator[Caller]:
    with time_machine.travel(NOW):
        brand.ensure_headquarters("总部")
        brand.unit_ids(["S1"])
        made = add_key(name="pos", scopes=list(SCOPES), store_codes=(), rate_per_minute=100_000, actor=SYSTEM)
        yield Caller(made.token)


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


OLD = {"at": "2024-11-18T10:00:00+08:00"}
AGO = datetime.fromisoformat(OLD["at"])


class TestAsksAreOfNow:
    @pytest.mark.parametrize("at", [OLD["at"], "2001-01-01T00:00:00Z", "2024-11-21T12:31:00+08:00"])
    def test_a_sale_of_another_day_is_to_be_reported(self, till: Caller, at: str) -> None:
        answer = till.post("/sales", sale(at=at))
        assert (answer.status, answer.code) == (422, "at_not_now")
        assert [e["pointer"] for e in answer.json["errors"]] == ["/at"]
        assert "offline" in answer.json["detail"]
        assert till.post("/sales", offline(at=at)).status == 201

    def test_told_again_later_it_is_answered_alike(self, till: Caller) -> None:
        sold = till.post("/sales", sale())
        back = till.post("/sales/A1/refunds", AT, key="k2")
        with time_machine.travel(datetime.now(UTC) + timedelta(days=9)):
            assert till.post("/sales", sale()).json == sold.json
            assert till.post("/sales/A1/refunds", AT, key="k2").json == back.json
            assert till.post("/sales", sale(order_key="A2"), key="k3").code == "at_not_now"

    def test_so_are_refunds_exchanges_voids_and_claims(self, till: Caller) -> None:
        till.post("/sales", offline(**OLD))
        code = till.get("/sales/A1/receipt").json["bind_code"]
        swap = {**AT, "returned": [{"line_no": 1}], "sale": sale(order_key="A2", **OLD)}
        claim = {**OLD, "bind_code": code, "customer": {"card_no": "C1"}}
        asked = {
            "refunds": OLD,
            "void": OLD,
            "exchanges": swap,
            "customer": claim,
        }
        told = {name: till.post(f"/sales/A1/{name}", body, key=name) for name, body in asked.items()}
        assert {name: answer.code for name, answer in told.items()} == dict.fromkeys(asked, "at_not_now")
        assert told["exchanges"].json["errors"][0]["pointer"] == "/sale/at"
        assert till.get("/sales/A1").json["refunded"] == 0

    def test_voids_and_claims_are_judged_by_the_clock(self, till: Caller) -> None:
        with time_machine.travel(AGO):
            till.post("/sales", sale(**OLD))
        with time_machine.travel(AGO + timedelta(hours=23)):
            assert till.post("/sales/A1/void", OLD, key="v").code == "void_too_late"
        code = till.get("/sales/A1/receipt").json["bind_code"]
        late = AGO + timedelta(days=30, minutes=1)
        with time_machine.travel(late):
            said = {
                "at": (late - timedelta(hours=23)).isoformat(),
                "bind_code": code,
                "customer": {"card_no": "C1"},
            }
            assert till.post("/sales/A1/customer", said, key="c").code == "receipt_too_old"

    def test_a_refund_is_not_before_its_sale(self, till: Caller) -> None:
        till.post("/sales", sale())
        before = {"at": "2024-11-20T09:00:00+08:00"}
        answer = till.post("/sales/A1/refunds", before, key="k2")
        assert (answer.code, answer.json["errors"][0]["pointer"]) == ("refund_before_sale", "/at")
        minutes = {"at": "2024-11-20T09:55:00+08:00", "amount": 100}
        assert till.post("/sales/A1/refunds", minutes, key="k3").status == 201, "clocks are apart"
        reported = till.post("/sales/A1/refunds", {**before, "offline": True}, key="k4")
        assert list(told(reported)) == ["refund_before_sale"]


class TestTax:
    TAXED: ClassVar[list[dict[str, Any]]] = [
        {"sku": "P1", "quantity": 1, "amount": 300, "tax": 17},
        {"sku": "P2", "quantity": 1, "amount": 50, "line_key": "b", "tax": 3},
        {"sku": "P2", "quantity": 1, "amount": 50},
    ]

    def test_is_told_by_line_and_in_all_also_once_claimed(self, till: Caller) -> None:
        till.post("/sales", sale(lines=self.TAXED, tenders=[]))
        for address in ("/sales/A1", "/sales/A1/receipt"):
            told = till.get(address).json
            assert ([x["tax"] for x in told["lines"]], told["tax"]) == ([17, 3, 0], 20)
        claim = {"bind_code": told["bind_code"], "customer": {"card_no": "C1"}, **AT}
        assert till.post("/sales/A1/customer", claim, key="c").status == 201
        assert till.get("/sales/A1").json["tax"] == 20

    def test_is_what_was_said_last(self, till: Caller) -> None:
        till.post("/sales", offline(lines=self.TAXED, tenders=[]))
        again = [{**self.TAXED[0], "tax": 20}, *self.TAXED[1:]]
        till.post("/sales", offline(lines=again, tenders=[]), key="k2")
        assert till.get("/sales/A1").json["tax"] == 23

    def test_is_within_the_amount(self, till: Caller) -> None:
        said = [{"sku": "P1", "quantity": 1, "amount": 5000, "tax": 99999999}]
        answer = till.post("/sales", sale(lines=said, tenders=[]))
        assert (answer.code, answer.json["errors"][0]["pointer"]) == ("tax_wrong", "/lines/0/tax")
        assert list(told(till.post("/sales", offline(lines=said, tenders=[])))) == ["tax_wrong"]


def test_amounts_that_differ_are_told_as_people_say_them(till: Caller) -> None:
    said = sale(tenders=[{"kind": "cash", "amount": 300}])
    answer = till.post("/sales", said)
    assert answer.json["detail"] == "金额对不上：各行商品合计 ¥3.50，各种付款合计 ¥3.00，相差 ¥0.50。"
    english = till.post("/sales", said, **{"Accept-Language": "en"})
    assert english.json["detail"] == (
        "The amounts differ: the lines come to ¥3.50, the payments to ¥3.00, a difference of ¥0.50."
    )
    assert (answer.json["data"]["left"], answer.json["data"]["difference"]) == ("lines", 50)
