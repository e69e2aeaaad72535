"""Quotes over the real rooms: what a basket comes to, and why not better."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM
from huoshui.core.ledger import api as ledger
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.loyalty import api as loyalty
from huoshui.web.api.keys import add_key
from huoshui.web.api.tests.client import NOW, Caller, quote, sale
from huoshui.web.api.types import SCOPES

CARD = {"card_no": "C1"}
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def till(db: None) -> Iterator[Caller]:
    with time_machine.travel(NOW):
        brand.ensure_headquarters("总部")
        brand.unit_ids(["S1"])
        made = add_key(name="pos", scopes=list(SCOPES), store_codes=(), rate_per_minute=100_000, actor=SYSTEM)
        yield Caller(made.token)


def lines(amount: int, quantity: float = 1, sku: str = "P1") -> dict[str, Any]:
    return {"lines": [{"sku": sku, "quantity": quantity, "amount": amount}]}


def asked(till: Caller, *, english: bool = False, **changes: Any) -> dict[str, Any]:
    answer = till.post("/quote", quote(**changes), key="", **(ENGLISH if english else {}))
    assert answer.status == 200, answer.content
    told: dict[str, Any] = answer.json
    return told


def bought(till: Caller, amount: int) -> int:
    """Known from now on, with his points. Returns who it is."""
    said = sale(customer=CARD, tenders=[], **lines(amount))
    answer = till.post("/sales", said, key="first")
    assert answer.status == 201, answer.content
    return int(answer.json["customer_id"])


def coupon(person_id: int, **rule: Any) -> str:
    whole = {
        "benefit": {"kind": "amount_off", "amount": 100},
        "validity": {"first": "2020-01-01", "last": "2099-12-31"},
        **rule,
    }
    with transaction.atomic():
        template_id = campaigns.create_template(title="满减券", rule=whole, actor=SYSTEM)
        campaigns.publish_template(template_id=template_id, actor=SYSTEM)
        (verdict,) = campaigns.claim([campaigns.Claim(template_id, person_id, "c1")], actor=SYSTEM)
    assert verdict.code, verdict
    return verdict.code


def test_why_a_coupon_does_not_serve_has_its_figures_in_both_languages(till: Caller) -> None:
    code = coupon(bought(till, 10_000), threshold={"amount": 20_000})
    for english in (False, True):
        told = asked(till, english=english, customer=CARD, coupons=[code, "NONE"], **lines(300))
        by_code = {n["reason"]: n for n in told["not_usable"]}
        assert by_code.keys() == {"coupon_threshold", "coupon_unknown"}
        assert not any("?" in n["message"].replace("？", "?") for n in by_code.values()), by_code
        threshold = by_code["coupon_threshold"]
        assert "满减券" in threshold["message"] and "197" in threshold["message"]
        assert threshold["data"]["missing_amount"] == 19_700
        assert "NONE" in by_code["coupon_unknown"]["message"]


def test_what_a_basket_earns_is_told_by_rule(till: Caller) -> None:
    bought(till, 10_000)
    bonus = loyalty.Bonus(
        id=0,
        version=0,
        code="double",
        name="双倍积分",
        from_day=date(2024, 1, 1),
        until_day=date(2025, 1, 1),
        percent=200,
    )
    with transaction.atomic():
        loyalty.set_bonus(bonus, actor=SYSTEM)
    told = asked(till, customer=CARD, **lines(1_000))
    assert told["earned"] == [{"rule": None, "points": 10}, {"rule": "双倍积分", "points": 10}]
    assert told["points_earned"] == 20
    assert asked(till, **lines(1_000))["earned"] == []


def test_why_points_do_not_serve(till: Caller) -> None:
    def why(**changes: Any) -> tuple[str, dict[str, Any]] | None:
        told = [asked(till, english=english, **changes)["points_problem"] for english in (False, True)]
        if told[0] is None:
            return None
        assert not any("?" in one["message"].replace("？", "?") for one in told), told
        return told[0]["code"], told[0]["data"]

    bought(till, 10_000)  # 100 points
    assert why(**lines(50)) == ("points_need_member", {"points": 0})
    assert why(customer=CARD, points=100, **lines(100)) is None
    assert why(customer=CARD, points=101, **lines(1_000)) == ("points_short", {"want": 101, "have": 100})
    assert why(customer=CARD, points=80, **lines(50)) == (
        "points_exceed",
        {"points": "0.80", "total": "0.50"},
    )
    spent = [{"kind": "points", "amount": 100, "points": 100}]
    till.post("/sales", sale(order_key="A2", customer=CARD, tenders=spent, **lines(100)), key="k2")
    assert why(customer=CARD, **lines(50)) == ("points_none", {})


def test_goods_that_are_not_there_are_told_before_they_are_sold(till: Caller) -> None:
    (unit_id,) = brand.unit_ids(["S1"]).values()
    sku_id = brand.find_or_add_skus({"P1": ""})["P1"].id
    assert asked(till, **lines(100, 3))["warnings"] == []
    with transaction.atomic():
        ledger.set_policy(org_unit_id=unit_id, sku_id=sku_id, policy="strict", actor=SYSTEM)
        goods = [ledger.GoodsLine(sku_id, 2_000)]
        ledger.receive_goods(key="in", org_unit_id=unit_id, lines=goods, actor=SYSTEM)
    assert asked(till, **lines(100, 2))["warnings"] == []
    line = lines(100, 1.5)["lines"][0]
    (warning,) = asked(till, english=True, lines=[*lines(50, 1, "P2")["lines"], line, line])["warnings"]
    assert (warning["code"], warning["pointer"]) == ("stock_short", "/lines/1")
    assert warning["data"] == {"sku": "P1", "have": "2", "want": "3"}
    refused = till.post("/sales", sale(tenders=[], **lines(100, 3)))
    assert (refused.code, refused.json["data"]["have"]) == ("stock_short", "2")
