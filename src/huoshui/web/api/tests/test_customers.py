"""What a till learns of customers, and what it does not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from huoshui.core import sql
from huoshui.core.tests import ground
from huoshui.engage.campaigns.api import Held
from huoshui.web.api import customers
from huoshui.web.api.customers import Ask
from huoshui.web.api.keys import caller_of
from huoshui.web.api.rules import masked_name, masked_number
from huoshui.web.api.tests.conftest import Call
from huoshui.web.api.tests.stand_ins import Campaigns

BLIND = sql.Statement("blind", "select set_config('huoshui.scope', '', true) as scope")


@pytest.fixture
def shop(people: dict[str, int]) -> dict[str, int]:
    """The connection sees nobody by itself, as that of the web does: whoever is seen is seen inside a scope."""
    sql.run(BLIND)
    return people


def test_a_customer_is_found_and_masked(call: Call, shop: dict[str, int]) -> None:
    till = call(stores=("S1",))

    by_phone = till.get("/customers/lookup?phone=139+1234+0001")
    by_card = till.get("/customers/lookup?card_no=CARD-000001")

    assert by_phone.status == 200, by_phone.content
    assert (
        by_phone.json
        == by_card.json
        == {
            "customer_id": shop["S1"],
            "name": "张**",
            "phone": "*******0001",
            "card_no": "****0001",
            "tier": "金卡",
            "points": 30,
            "home_store": "一店",
        }
    )


@pytest.mark.parametrize(
    "query",
    [
        "",
        "phone=139",
        "phone=",
        "name=x",
        "phone=13912340001&card_no=1",
        "card_no=a&card_no=b",
        "card_no=%00",
    ],
)
def test_a_question_for_nobody_is_400(call: Call, shop: dict[str, int], query: str) -> None:
    answer = call().get(f"/customers/lookup?{query}")

    assert (answer.status, answer.code) == (400, "parameter_wrong")


def test_the_customers_of_another_dealers_store_are_not_there(
    call: Call, shop: dict[str, int], campaigns: Campaigns
) -> None:
    till = call(stores=("S1",))
    absent = till.get("/customers/lookup?phone=13900000000")
    theirs = [
        till.get("/customers/lookup?phone=13912340002"),
        till.get("/customers/lookup?card_no=CARD-000002"),
        till.get(f"/customers/{shop['S2']}/points"),
        till.get(f"/customers/{shop['S2']}/coupons"),
        till.post("/coupons/7/claims", {"customer_id": shop["S2"]}),
    ]

    assert absent.status == 404
    for answer in theirs:
        assert (answer.status, answer.code) == (404, "not_found")
        assert {**answer.json, "instance": ""} == {**absent.json, "instance": ""}, (
            "absent and forbidden look alike"
        )
    assert not campaigns.taken
    everybody = call(name="head")
    assert everybody.get("/customers/lookup?phone=13912340002").json["customer_id"] == shop["S2"]


def test_points_are_those_of_the_ledger(call: Call, shop: dict[str, int]) -> None:
    answer = call(stores=("S1",)).get(f"/customers/{shop['S1']}/points")

    assert answer.status == 200, answer.content
    assert answer.json == {"customer_id": shop["S1"], "usable": 0, "value": 0, "tier": "金卡"}


def test_coupons_are_told_with_what_speaks_against_them(
    call: Call, shop: dict[str, int], campaigns: Campaigns
) -> None:
    at = datetime(2026, 12, 1, tzinfo=UTC)
    campaigns.held = [
        Held("Q1", None, "满 100 减 10", owner_id=shop["S1"], valid_until=at),
        Held("Q2", None, "", owner_id=shop["S1"], problem="points_short"),
        Held("Q3", None, "", owner_id=shop["S2"]),
    ]

    told = call(stores=("S1",)).get(f"/customers/{shop['S1']}/coupons").json["coupons"]

    assert [(c["code"], c["valid_until"], c["problem"], bool(c["message"])) for c in told] == [
        ("Q1", "2026-12-01T00:00:00Z", "", False),
        ("Q2", None, "points_short", True),
    ]


def test_a_coupon_is_claimed_once(call: Call, shop: dict[str, int], campaigns: Campaigns) -> None:
    till = call(stores=("S1",))
    body = {"customer_id": shop["S1"]}

    first, again = (till.post("/coupons/7/claims", body) for _ in range(2))
    other = till.post("/coupons/8/claims", body)
    more = till.post("/coupons/7/claims", body, key="k2")
    absent = till.post("/coupons/8/claims", body, key="k3")
    no_number = till.post("/coupons/x/claims", body, key="k4")

    assert (first.status, first.json["code"]) == (201, "C0")
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status, other.code) == (409, "key_reused")
    assert (more.status, more.code) == (422, "points_short")
    assert (absent.status, absent.code) == (404, "not_found")
    assert no_number.status == 404


def test_claims_that_wait_together_are_each_answered_in_their_place(
    call: Call, shop: dict[str, int], campaigns: Campaigns
) -> None:
    who = caller_of(call(stores=("S1",)).token)
    assert who
    people = [shop["S2"], shop["S1"], 99_999_999, shop["S1"]]

    granted = customers.claim_together(
        who.actor, [Ask(7, person, f"k{n}") for n, person in enumerate(people)]
    )

    refusals = [g and (g.person_id, g.verdict.refusal) for g in granted]
    assert refusals == [None, (shop["S1"], ""), None, (shop["S1"], "points_short")]
    assert set(campaigns.taken) == {"k1"}


def test_who_may_see_customers_is_asked_for_all_at_once(
    call: Call, shop: dict[str, int], campaigns: Campaigns
) -> None:
    who = caller_of(call(stores=("S1",)).token)
    assert who

    def statements(count: int) -> int:
        asked = [Ask(7, shop["S1"], f"{count}-{n}") for n in range(count)]
        return ground.statements(lambda: customers.claim_together(who.actor, asked))

    assert statements(20) == statements(1) > 1


@pytest.mark.parametrize("person", ["0", "x", "-1", "٣", "9223372036854775808", "99999999"])
def test_what_is_no_customer_is_not_found(call: Call, shop: dict[str, int], person: str) -> None:
    assert call().get(f"/customers/{person}/points").status == 404


def test_masks_show_no_more_than_a_tail() -> None:
    assert [masked_name(n) for n in ("", "张", "张三", "欧阳小小小")] == ["", "张", "张*", "欧***"]
    assert [masked_number(n) for n in ("", "1234", "12345678", "123456789")] == [
        "",
        "****",
        "****",
        "****6789",
    ]
