"""Quotes over the real rooms: what a basket comes to, and why not better."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM
from huoshui.engage.campaigns import api as campaigns
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
