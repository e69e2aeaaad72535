"""A coupon to a friend, and points with a partner, over HTTP and with the real rooms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.ledger import api as ledger
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.loyalty import api as loyalty
from huoshui.web.api.tests.conftest import Call

FACTS = sql.Statement("facts", "select count(*) as n from settlement where name = %(name)s")
Held = Callable[..., str]


@pytest.fixture
def coupon(people: dict[str, int]) -> Held:
    """A coupon in the hands of S1's customer."""

    def make(*, transferable: bool = True) -> str:
        rule = {
            "benefit": {"kind": "amount_off", "amount": 1000},
            "validity": {"days": 30},
            "transferable": transferable,
        }
        template = campaigns.create_template(title="减十元", rule=rule, actor=SYSTEM)
        campaigns.publish_template(template_id=template, actor=SYSTEM)
        asked = campaigns.Claim(template, people["S1"], f"claim {template}")
        [verdict] = campaigns.claim([asked], actor=SYSTEM)
        return verdict.code

    return make


def hands(people: dict[str, int]) -> dict[str, int]:
    return {"from_customer_id": people["S1"], "to_customer_id": people["S2"]}


def test_a_coupon_goes_to_a_friend_once(call: Call, people: dict[str, int], coupon: Held) -> None:
    till, code = call("claim", "read"), coupon()
    first, again = (till.post(f"/coupons/{code}/transfer", hands(people)) for _ in range(2))
    assert (first.status, again.status) == (201, 201) and first.json == again.json
    assert first.json["customer_id"] == people["S2"]
    assert again.headers["Idempotent-Replayed"] == "true"
    held = till.get(f"/customers/{people['S2']}/coupons").json["coupons"]
    assert [c["code"] for c in held] == [code]
    assert till.get(f"/customers/{people['S1']}/coupons").json["coupons"] == []
    assert sql.fetch_one(FACTS, name="Coupon Transferred").n == 1
    other = till.post(f"/coupons/{coupon()}/transfer", hands(people))
    assert (other.status, other.code) == (409, "key_reused")


def test_what_may_not_be_given_stays(call: Call, people: dict[str, int], coupon: Held) -> None:
    till, kept = call("claim"), coupon(transferable=False)
    answer = till.post(f"/coupons/{kept}/transfer", hands(people))
    assert (answer.status, answer.code) == (422, "coupon_not_transferable")
    assert "减十元" in answer.json["detail"]
    theirs = {"from_customer_id": people["S2"], "to_customer_id": people["S1"]}
    assert till.post(f"/coupons/{coupon()}/transfer", theirs).code == "coupon_not_yours"
    assert till.post("/coupons/NOSUCH/transfer", hands(people)).code == "not_found"
    assert call("claim", stores=("S1",)).post(f"/coupons/{kept}/transfer", hands(people)).status == 404
    assert sql.fetch_one(FACTS, name="Coupon Transferred").n == 0


@pytest.fixture
def partner(people: dict[str, int]) -> None:
    loyalty.put_partner(loyalty.Partner(0, "kafei", "咖啡馆", 10, 3, "both", 50, 500, 90), actor=SYSTEM)


def changed(**more: Any) -> dict[str, Any]:
    return {"partner": "kafei", "way": "in", "points": 15, **more}


def test_a_partners_points_become_ours_and_the_statement_says_so(
    call: Call, people: dict[str, int], partner: None
) -> None:
    till, ann = call("alliance", "read", stores=("S1",)), people["S1"]
    told = {"customer_id": ann, "points": 30}
    first, again = (till.post("/partners/kafei/points", told) for _ in range(2))
    assert first.status == again.status == 201 and first.json == again.json
    assert (till.post("/partners/kafei/points", told | {"points": 31}).code) == "key_reused"

    made, same = (till.post(f"/customers/{ann}/exchanges", changed()) for _ in range(2))
    assert made.json == same.json and same.headers["Idempotent-Replayed"] == "true"
    assert (made.json["ours"], made.json["theirs"], made.json["usable"]) == (50, 15, 50)
    assert till.get(f"/customers/{ann}/points").json["usable"] == 50
    other = till.post(f"/customers/{ann}/exchanges", changed(points=3))
    assert (other.status, other.code) == (409, "key_reused")

    of = loyalty.statement("kafei", clock.today())
    assert (of.redeemed, of.theirs_redeemed, of.received) == (50, 15, 1)
    assert (of.theirs_credited, of.credits) == (30, 1)
    assert all(audited.is_clean for audited in ledger.audit_units())


@pytest.mark.parametrize(
    ("change", "status", "code", "said"),
    [
        ({"points": 4}, 422, "exchange_not_even", "3"),
        ({"points": 18}, 422, "exchange_cap", "50"),
        ({"points": 3}, 422, "points_short", ""),
        ({"way": "out", "points": 10}, 422, "points_short", ""),
        ({"partner": "nobody"}, 404, "not_found", ""),
        ({"way": "sideways"}, 422, "invalid", ""),
        ({"points": 0}, 422, "invalid", ""),
    ],
)
def test_what_cannot_be_exchanged_leaves_nothing(
    call: Call, people: dict[str, int], partner: None, change: Any, status: int, code: str, said: str
) -> None:
    answer = call("alliance").post(f"/customers/{people['S1']}/exchanges", changed(**change))
    assert (answer.status, answer.code) == (status, code) and said in answer.json["detail"]
    assert sql.fetch_one(FACTS, name="Points Exchanged").n == 0
