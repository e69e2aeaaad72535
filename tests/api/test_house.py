"""The API over the real rooms: what one request wrote, another reads; and nobody reads what is not his."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
import time_machine

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.scope import scoped
from huoshui.engage.campaigns import api as campaigns
from huoshui.people import api as people
from huoshui.web.api.keys import add_key
from huoshui.web.api.tests.client import NOW, Answer, Caller, quote, sale
from huoshui.web.api.types import SCOPES

PHONE = {"phone": "13912340001"}
AT = {"at": "2024-11-20T12:00:00+08:00"}


def key(name: str, *stores: str) -> Caller:
    made = add_key(name=name, scopes=list(SCOPES), store_codes=stores, rate_per_minute=100_000, actor=SYSTEM)
    return Caller(made.token)


@pytest.fixture
def shop(db: None) -> Iterator[None]:
    with time_machine.travel(NOW):
        brand.ensure_headquarters("总部")
        brand.upsert_stores(
            pa.table({"store_code": ["S1", "S2"], "name": ["一店", "二店"], "dealer": ["甲", "乙"]}),
            actor=SYSTEM,
        )
        yield


def is_done(answer: Answer) -> Any:
    assert answer.status in (200, 201), answer.content
    return answer.json


def write_card(person_id: int, store: str) -> None:
    """What the worker does seconds later, when the sale is seen by other transactions."""
    at = clock.now()
    people.write_card_sales([CardRow(person_id, at, at, 1, 350, brand.unit_ids([store])[store])])


class CardRow(NamedTuple):
    canonical_id: int
    first_sale_at: datetime
    last_sale_at: datetime
    orders: int
    spend: int
    home_org_unit_id: int


def test_a_day_of_a_till(shop: None) -> None:
    till = key("pos", "S1")
    sold = is_done(till.post("/sales", sale(customer=PHONE), key="k1"))
    assert sold["state"] == "settled"
    assert sold["customer_id"]

    again = till.post("/sales", sale(customer=PHONE), key="k1")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json == sold
    assert till.post("/sales", sale(order_key="A2"), key="k1").code == "key_reused"
    assert till.post("/sales", sale(), key="k9").status == 422, "an order number is told once"

    back = is_done(till.post("/sales/A1/refunds", {**AT, "lines": [{"line_no": 1, "quantity": 1}]}, key="k2"))
    assert back["lines"] == [{"line_no": 1, "amount": 150}]
    stands = is_done(till.get("/sales/A1"))
    assert (stands["amount"], stands["refunded"]) == (350, 150)
    too_much = till.post("/sales/A1/refunds", {**AT, "lines": [{"line_no": 1, "quantity": 2}]}, key="k3")
    assert (too_much.status, too_much.code) == (422, "refund_exceeds")
    assert is_done(till.get("/sales/A1")) == stands, "a refusal leaves nothing behind"

    swap = {**AT, "returned": [{"line_no": 2}], "sale": sale(order_key="A3", customer=PHONE)}
    swapped = is_done(till.post("/sales/A1/exchanges", swap, key="k4"))
    assert swapped["sale"]["order_key"] == "A3"
    is_done(till.post("/sales/A3/void", AT, key="k5"))
    assert is_done(till.get("/sales/A3"))["refunded"] == 350

    offered = is_done(till.post("/quote", quote(customer=PHONE), key=""))
    assert (offered["total"], offered["customer_id"]) == (300, sold["customer_id"])


def test_a_receipt_of_nobody_can_be_claimed_later(shop: None) -> None:
    till = key("pos")
    told = is_done(till.post("/sales", sale()))

    assert told["customer_id"] is None
    assert told["bind_code"] == is_done(till.get("/sales/A1/receipt"))["bind_code"] != ""


def test_many_at_once_are_each_answered(shop: None) -> None:
    lines = [sale(key=f"k{n}", order_key=f"A{n}", customer=PHONE) for n in range(20)]
    till = key("pos")
    told = till.bulk(*lines, {**lines[0], "order_key": "B"}).content.splitlines()

    assert [b'"status":201' in line for line in told] == [True] * 20 + [False]
    assert b'"key_reused"' in told[-1]


def test_a_customer_is_met_and_given_a_coupon(shop: None) -> None:
    till = key("pos", "S1")
    person = is_done(till.post("/sales", sale(customer=PHONE)))["customer_id"]
    write_card(person, "S1")
    template = campaigns.create_template(
        title="满 1 减 1",
        rule={"benefit": {"kind": "amount_off", "amount": 100}, "validity": {"days": 30}, "per_person": 1},
        actor=SYSTEM,
    )
    campaigns.publish_template(template_id=template, actor=SYSTEM)

    assert is_done(till.get("/customers/lookup?phone=13912340001"))["customer_id"] == person
    claimed = is_done(till.post(f"/coupons/{template}/claims", {"customer_id": person}, key="c1"))
    again = till.post(f"/coupons/{template}/claims", {"customer_id": person}, key="c1")
    more = till.post(f"/coupons/{template}/claims", {"customer_id": person}, key="c2")

    assert again.json == claimed
    assert (more.status, more.code) == (422, "coupon_per_person")
    held = is_done(till.get(f"/customers/{person}/coupons"))["coupons"]
    assert [c["code"] for c in held] == [claimed["code"]]
    points = is_done(till.get(f"/customers/{person}/points"))
    assert points["usable"] == 3


def test_one_dealers_key_breaks_into_nothing_of_another(shop: None) -> None:
    """The same source, so that it is the stores alone that part them; and another source, which parts them anyhow."""
    theirs, mine, stranger = key("pos", "S2"), key("pos", "S1"), key("other")
    told = sale(store="S2", customer=PHONE)
    person = is_done(theirs.post("/sales", told))["customer_id"]
    write_card(person, "S2")
    assert is_done(theirs.get("/customers/lookup?phone=13912340001"))["customer_id"] == person
    before = is_done(theirs.get("/sales/A1"))

    for caller in (mine, stranger):
        for path in ("/sales/A1", "/sales/A1/receipt"):
            assert caller.get(path).code == "not_found"
    tries = [
        mine.get("/customers/lookup?phone=13912340001"),
        mine.get(f"/customers/{person}/points"),
        mine.get(f"/customers/{person}/coupons"),
        mine.post("/sales", sale(store="S2", order_key="X"), key="x1"),
        mine.post("/quote", quote(store="S2", customer=PHONE), key=""),
        mine.post("/sales/A1/refunds", AT, key="x2"),
        mine.post("/sales/A1/void", AT, key="x3"),
        mine.post(
            "/sales/A1/exchanges", {**AT, "returned": [{"line_no": 1}], "sale": sale(order_key="X")}, key="x4"
        ),
    ]
    assert [(t.status, t.code) for t in tries] == [(404, "not_found")] * len(tries)

    assert is_done(theirs.get("/sales/A1")) == before
    assert theirs.get("/sales/X").status == 404
    quoted = is_done(mine.post("/quote", quote(customer=PHONE), key=""))
    assert quoted["points_balance"] == 3, (
        "a member is known in every store of the brand, by what he shows himself"
    )


def test_the_policy_of_the_database_holds_behind_the_query(shop: None) -> None:
    """Were the query's own condition forgotten, the row-level policy would still show nobody."""
    till = key("pos", "S2")
    person = is_done(till.post("/sales", sale(store="S2", customer=PHONE)))["customer_id"]
    write_card(person, "S2")
    every = sql.Statement("every", "select person_id from person_card")
    units = brand.unit_ids(["S1", "S2"])

    for code, seen in (("S1", []), ("S2", [person])):
        with scoped(Actor("source", 1, "pos", org_unit_ids=frozenset({units[code]}))):
            assert [r.person_id for r in sql.fetch(every)] == seen
            assert [c.person_id for c in people.cards_for(SYSTEM, [person])] == seen
