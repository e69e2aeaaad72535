"""The API over the real rooms: what a till is answered by what the books then say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.ledger import api as ledger
from huoshui.core.tests.ground import clean_tables, number
from huoshui.web.api.covering import cover_claims
from huoshui.web.api.keys import add_key
from huoshui.web.api.tests.client import Answer, Caller, Said
from huoshui.web.api.tests.conftest import ALL

__all__ = ["clean_tables"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_tables")]

PHONE = "13912340003"
AT = clock.now().isoformat(timespec="seconds")

Q = {
    name: sql.Statement(name, text)
    for name, text in {
        "bodies": "select body::text as body from fact where body is not null",
        "shelves": "select org_unit_id, sum(moved_milli)::bigint as moved_milli from goods_movement"
        " where org_unit_id = any(%(org_unit_ids)s::int[]) group by 1",
        "facts": "select count(*)::int as facts from settlement",
        "put_clear": "update fact set body = %(body)s::jsonb, content_hash = %(hash)s::uuid where id = %(id)s::bigint",
        "put_key": "update fact_key set content_hash = %(hash)s::uuid where fact_id = %(id)s::bigint",
        "hash_of": "select f.content_hash::text = k.content_hash::text as are_one, f.content_hash::text as hash, f.body::text as body, f.name"
        " from fact f join fact_key k on k.fact_id = f.id where f.id = %(id)s::bigint",
    }.items()
}


@pytest.fixture
def till(stores: list[str]) -> Callable[..., Caller]:
    def make(*stores: str, name: str = "pos") -> Caller:
        made = add_key(name=name, scopes=ALL, store_codes=stores, rate_per_minute=60_000, actor=SYSTEM)
        return Caller(made.token)

    return make


Till = Callable[..., Caller]


def of(**changes: Any) -> Said:
    """Two lines of 50.00 and 20.00 at the first store."""
    said: Said = {
        "order_key": f"O{number()}",
        "store": "S1",
        "at": AT,
        "lines": [
            {"sku": "P1", "quantity": 1, "amount": 5000},
            {"sku": "P2", "quantity": 2, "amount": 2000},
        ],
    }
    return {**said, **changes}


def sold(caller: Caller, **changes: Any) -> str:
    said = of(**changes)
    answer = caller.post("/sales", said, key=new_key())
    assert answer.status == 201, answer.content
    return str(said["order_key"])


def new_key() -> str:
    return f"K{number()}"


def is_repeat(answer: Answer) -> bool:
    return str(answer.headers.get("Idempotent-Replayed")) == "true"


def check_books() -> None:
    assert all(unit.is_clean for unit in ledger.audit_units())
    assert ledger.audit_stock().is_clean
    transfers, explained = ledger.explained()
    assert transfers == explained


def facts() -> int:
    return int(sql.fetch_one(Q["facts"]).facts)


def as_before(fact_id: int, body: Said) -> None:
    """The fact as an earlier version kept it: its body as it was sent, and the hash of that."""
    (row,) = sql.fetch(Q["hash_of"], id=fact_id)
    text = json.dumps(body, sort_keys=True, ensure_ascii=False)
    digest = hashlib.md5(f'{{"body": {text}, "name": "{row.name}"}}'.encode()).hexdigest()
    sql.run(Q["put_clear"], id=fact_id, body=text, hash=digest)
    sql.run(Q["put_key"], id=fact_id, hash=digest)


def claim(caller: Caller, order: str, **changes: Any) -> Said:
    code = caller.get(f"/sales/{order}/receipt").json["bind_code"]
    return {"bind_code": code, "customer": {"phone": PHONE}, "at": AT, **changes}


def test_no_contact_and_no_code_lies_in_clear(till: Till) -> None:
    caller = till()
    order = sold(caller)
    said = claim(caller, order)

    assert caller.post(f"/sales/{order}/customer", said, key="C1").status == 201
    sold(caller, customer={"phone": PHONE, "card_no": "CARD-7"})
    caller.post(
        f"/sales/{order}/exchanges",
        {"at": AT, "returned": [{"line_no": 1}], "sale": of(customer={"phone": PHONE})},
        key="X1",
    )

    bodies = " ".join(r.body for r in sql.fetch(Q["bodies"]))
    assert bodies.count("digest") == 3
    for clear in (PHONE, "CARD-7", said["bind_code"]):
        assert clear not in bodies
    check_books()


def test_a_claim_kept_in_clear_is_covered_and_known_again(till: Till) -> None:
    caller = till()
    order = sold(caller)
    said = claim(caller, order, customer={"phone": PHONE, "card_no": "CARD-7"})
    first = caller.post(f"/sales/{order}/customer", said, key="C1")
    fact_id = first.json["record_id"]
    as_before(fact_id, said | {"claims": order})

    assert cover_claims() == 1
    assert cover_claims() == 0

    (row,) = sql.fetch(Q["hash_of"], id=fact_id)
    assert row.are_one
    assert json.loads(row.body).keys() == {"at", "claims", "digest"}
    again = caller.post(f"/sales/{order}/customer", said, key="C1")
    assert (again.status, again.json, is_repeat(again)) == (201, first.json, True)
    other = caller.post(f"/sales/{order}/customer", {**said, "customer": {"phone": "13912340004"}}, key="C1")
    assert (other.status, other.code) == (409, "key_reused")


def test_a_key_of_another_refund_is_409_and_gives_nothing_back(till: Till) -> None:
    caller = till()
    one, other = sold(caller), sold(caller)
    said = {"at": AT, "lines": [{"line_no": 1}]}
    first = caller.post(f"/sales/{one}/refunds", said, key="RK1")
    before = facts()

    answer = caller.post(f"/sales/{other}/refunds", said, key="RK1")

    assert (first.status, answer.status, answer.code) == (201, 409, "key_reused")
    assert facts() == before
    assert caller.get(f"/sales/{other}").json["refunded"] == 0
    assert is_repeat(caller.post(f"/sales/{one}/refunds", said, key="RK1"))


def test_a_key_of_another_exchange_is_409(till: Till) -> None:
    caller = till()
    one, other = sold(caller), sold(caller)
    out = of(customer={"phone": PHONE})
    said: Said = {"at": AT, "returned": [{"line_no": 1}], "sale": out}
    first = caller.post(f"/sales/{one}/exchanges", said, key="XK1")
    before = facts()
    assert first.status == 201, first.content

    for order, changes in (
        (one, {"returned": [{"line_no": 2}]}),
        (one, {"returned": [{"line_no": 1, "condition": "damaged"}]}),
        (one, {"sale": {**out, "customer": {"phone": "13912340004"}}}),
        (other, {}),
    ):
        answer = caller.post(f"/sales/{order}/exchanges", {**said, **changes}, key="XK1")
        assert (answer.status, answer.code) == (409, "key_reused"), changes
    again = caller.post(f"/sales/{one}/exchanges", said, key="XK1")
    assert (again.status, again.json, is_repeat(again)) == (201, first.json, True)
    assert facts() == before


def test_a_key_of_another_customers_sale_is_409(till: Till) -> None:
    caller = till()
    said = of(customer={"phone": PHONE})
    first = caller.post("/sales", said, key="SK1")

    for customer in ({"phone": "13912340004"}, {"phone": PHONE, "card_no": "C1"}, None):
        answer = caller.post("/sales", {**said, "customer": customer}, key="SK1")
        assert (answer.status, answer.code) == (409, "key_reused"), customer
    again = caller.post("/sales", said, key="SK1")
    assert (again.json, is_repeat(again)) == (first.json, True)


def test_a_key_of_another_store_reads_nothing_of_a_refund(till: Till) -> None:
    mine, theirs = till("S1", name="one"), till("S2", name="one")
    order, early = sold(mine), f"O{number()}"
    said = {"at": AT, "lines": [{"line_no": 1}]}
    report = {
        "at": AT,
        "offline": True,
        "lines": [{"line_no": 1, "sku": "P1", "quantity": 1, "amount": 500}],
    }
    assert mine.post(f"/sales/{order}/refunds", said, key="RK1").status == 201
    assert mine.post(f"/sales/{early}/refunds", report, key="RK2").status == 202
    claimed = sold(mine)
    code = claim(mine, claimed)
    assert mine.post(f"/sales/{claimed}/customer", code, key="CK1").status == 201

    for path, body, key in (
        (f"/sales/{order}/refunds", said, "RK1"),
        (f"/sales/{early}/refunds", report, "RK2"),
        (f"/sales/{claimed}/customer", code, "CK1"),
    ):
        assert theirs.post(path, body, key=key).status == 404, path
        assert is_repeat(mine.post(path, body, key=key)), path


def test_what_was_said_before_an_upgrade_is_known_after_it(till: Till) -> None:
    """Under the bodies that were kept then: without the order, what came back and the customer."""
    caller = till()
    said = of(customer={"phone": PHONE})
    plain = {name: value for name, value in said.items() if name != "customer"}
    sale = caller.post("/sales", said, key="SK1")
    as_before(sale.json["record_id"], plain)
    other = sold(caller)
    refund = {"at": AT, "lines": [{"line_no": 1}]}
    back = caller.post(f"/sales/{said['order_key']}/refunds", refund, key="RK1")
    as_before(back.json["record_id"], refund)
    swap: Said = {"at": AT, "returned": [{"line_no": 1}], "sale": of()}
    swapped = caller.post(f"/sales/{other}/exchanges", swap, key="XK1")
    for half in ("returned", "sale"):
        as_before(swapped.json[half]["record_id"], swap["sale"])

    assert is_repeat(caller.post("/sales", said, key="SK1"))
    assert is_repeat(caller.post(f"/sales/{said['order_key']}/refunds", refund, key="RK1"))
    assert is_repeat(caller.post(f"/sales/{other}/exchanges", swap, key="XK1"))
    assert caller.post("/sales", {**said, "channel": "x"}, key="SK1").status == 409
    assert caller.post(f"/sales/{other}/refunds", refund, key="RK1").status == 409


def test_a_refund_before_its_sale_waits_and_then_settles(till: Till) -> None:
    caller, order = till("S1"), f"O{number()}"
    lines = [{"line_no": 2, "sku": "P2", "quantity": 2, "amount": 2000}]
    report = {"at": AT, "offline": True, "lines": lines}

    early = caller.post(f"/sales/{order}/refunds", report, key="RK1")
    assert (early.status, early.json["state"]) == (202, "waiting"), early.content
    lacking = caller.post(f"/sales/{order}/refunds", {**report, "lines": [{"line_no": 2}]}, key="RK2")
    assert (lacking.status, lacking.code) == (422, "refund_needs_lines")

    sold(caller, order_key=order)
    told = caller.get(f"/sales/{order}").json
    assert (told["refunded"], [line["refunded"] for line in told["lines"]]) == (2000, [0, 2000])
    again = caller.post(f"/sales/{order}/refunds", report, key="RK1")
    assert (again.status, again.json["state"], is_repeat(again)) == (201, "settled", True)
    assert again.json["lines"] == [{"line_no": 2, "amount": 2000}]
    check_books()


def test_a_number_of_a_refund_gives_money_once(till: Till) -> None:
    caller = till()
    order = sold(caller)
    said = {"at": AT, "refund_key": "R1", "lines": [{"line_no": 1, "amount": 1000}]}
    assert caller.post(f"/sales/{order}/refunds", said, key="RK1").json["amount"] == -1000
    before = facts()

    for changes in ({}, {"lines": [{"line_no": 1, "amount": 4000}]}, {"lines": [{"line_no": 2}]}):
        answer = caller.post(f"/sales/{order}/refunds", {**said, **changes}, key=new_key())
        assert (answer.status, answer.code) == (422, "refund_exists"), changes
        assert answer.json["data"] == {"refund": "R1", "amount": "10.00"}
        assert [e["pointer"] for e in answer.json["errors"]] == ["/refund_key"]
    assert facts() == before
    assert caller.get(f"/sales/{order}").json["refunded"] == 1000
    assert caller.post(f"/sales/{order}/refunds", {**said, "refund_key": "R2"}, key="RK9").status == 201
    assert caller.get(f"/sales/{order}").json["refunded"] == 2000
    check_books()


def test_a_refund_names_the_lines_of_the_order(till: Till) -> None:
    caller = till()
    order = sold(caller)
    keyed = sold(
        caller,
        lines=[{"sku": f"P{n}", "quantity": 1, "amount": n * 100, "line_key": f"L{n}"} for n in (1, 2, 3)],
    )

    one = caller.post(f"/sales/{order}/refunds", {"at": AT, "lines": [{"line_no": 2}]}, key="RK1")
    both = caller.post(
        f"/sales/{keyed}/refunds", {"at": AT, "lines": [{"line_key": "L3"}, {"line_key": "L2"}]}, key="RK2"
    )
    rest = caller.post(f"/sales/{order}/refunds", {"at": AT}, key="RK3")

    assert one.json["lines"] == [{"line_no": 2, "amount": 2000}]
    assert both.json["lines"] == [{"line_no": 2, "amount": 200}, {"line_no": 3, "amount": 300}]
    assert rest.json["lines"] == [{"line_no": 1, "amount": 5000}]


def test_what_came_back_beyond_its_line_does_not_come_out_again(till: Till) -> None:
    caller = till()
    order = sold(caller, customer={"card_no": "CARD-7"})
    over = {"at": AT, "offline": True, "lines": [{"line_no": 1, "quantity": 2, "amount": 9000}]}
    assert caller.post(f"/sales/{order}/refunds", over, key="RK1").json["amount"] == -9000

    rest = caller.post(f"/sales/{order}/refunds", {"at": AT, "offline": True}, key="RK2")

    assert (rest.status, rest.json["amount"], rest.json["points"]["earned"]) == (201, -2000, 0)
    assert rest.json["lines"] == [{"line_no": 2, "amount": 2000}]
    shown = caller.post(f"/sales/{order}/refunds", {"at": AT, "offline": True}, key="RK3")
    assert (shown.status, shown.json["amount"]) == (201, 0)
    assert [e["code"] for e in shown.json["exceptions"]] == ["refund_nothing"]
    nothing = caller.post(f"/sales/{order}/refunds", {"at": AT}, key="RK4")
    assert (nothing.status, nothing.code) == (422, "refund_nothing")
    check_books()


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"amount": 0}, "/amount"),
        ({"lines": [{"line_no": 1, "amount": 0}]}, "/lines/0/amount"),
        ({"offline": True, "amount": 0}, "/amount"),
    ],
)
def test_a_refund_of_nothing_is_none(till: Till, said: Said, pointer: str) -> None:
    caller = till()
    order = sold(caller)
    before = facts()

    answer = caller.post(f"/sales/{order}/refunds", {"at": AT, **said}, key="RK1")

    assert (answer.status, [e["pointer"] for e in answer.json["errors"]]) == (422, [pointer])
    assert facts() == before


@pytest.mark.parametrize("customer", [{}, {"card_no": "0"}, {"phone": "13800138000"}])
def test_nobody_claims_a_receipt(till: Till, customer: Said) -> None:
    caller = till()
    order = sold(caller)
    before = facts()

    answer = caller.post(f"/sales/{order}/customer", claim(caller, order, customer=customer), key="CK1")

    assert (answer.status, answer.code) == (422, "receipt_nobody")
    assert [e["pointer"] for e in answer.json["errors"]] == ["/customer"]
    assert facts() == before
    assert caller.post(f"/sales/{order}/customer", claim(caller, order), key="CK1").status == 201


@pytest.mark.parametrize(
    ("changes", "of_sale", "code", "pointer"),
    [
        ({}, {"store": "S9"}, "store_unknown", "/sale/store"),
        (
            {},
            {
                "lines": [{"sku": "P", "quantity": 1, "amount": 1, "discount": 1, "coupon_discount": 2}],
                "coupons": [{"code": "Q", "amount": 2}],
            },
            "discount_wrong",
            "/sale/lines/0/discount",
        ),
        ({"returned": [{"line_no": 1}, {"line_no": 9}]}, {}, "refund_line_unknown", "/returned/1"),
        ({"returned": [{"line_no": 1}, {"line_no": 2, "quantity": 3}]}, {}, "refund_exceeds", "/returned/1"),
        ({}, {"coupons": [{"code": "NONE", "amount": 0}]}, "coupon_unknown", ""),
    ],
)
def test_the_places_of_an_exchange(till: Till, changes: Said, of_sale: Said, code: str, pointer: str) -> None:
    caller = till()
    order = sold(caller)
    before = facts()
    said = {"at": AT, "returned": [{"line_no": 1}], "sale": of(**of_sale), **changes}

    answer = caller.post(f"/sales/{order}/exchanges", said, key="XK1")

    assert (answer.status, answer.code) == (422, code), answer.content
    assert [e["pointer"] for e in answer.json["errors"]] == [pointer]
    assert facts() == before


def test_the_new_goods_of_an_exchange_are_what_is_short(till: Till) -> None:
    caller = till()
    order = sold(caller)
    sold(caller, order_key="TAKEN")
    said: Said = {"at": AT, "returned": [{"line_no": 1}], "sale": of(order_key="TAKEN")}
    taken = caller.post(f"/sales/{order}/exchanges", said, key="XK1")
    with transaction.atomic():
        brand.set_stock_policy(org_unit_id=brand.unit_ids(["S1"])["S1"], policy="strict", actor=SYSTEM)
    scarce = [{"sku": sku, "quantity": 7, "amount": 10} for sku in ("P3", "P4")]

    short = caller.post(f"/sales/{order}/exchanges", {**said, "sale": of(lines=scarce)}, key="XK2")

    assert (taken.status, taken.code) == (422, "order_exists")
    assert (short.status, short.code) == (422, "stock_short"), short.content
    assert [e["pointer"] for e in short.json["errors"]] == ["/sale/lines/0", "/sale/lines/1"]
    assert caller.get(f"/sales/{order}").json["refunded"] == 0


def on_hand() -> dict[str, int]:
    units = {unit_id: code for code, unit_id in brand.unit_ids(["S1", "S2"]).items()}
    rows = sql.fetch(Q["shelves"], org_unit_ids=list(units))
    return {units[r.org_unit_id]: r.moved_milli for r in rows}


def test_goods_come_back_where_the_customer_is(till: Till) -> None:
    both, here, there = till(), till("S1", name="shop"), till("S2", name="shop")
    order = sold(both)
    said = {"at": AT, "store": "S2", "lines": [{"line_no": 1}]}

    back = both.post(f"/sales/{order}/refunds", said, key="RK1")

    assert (back.status, back.json["amount"]) == (201, -5000), back.content
    assert on_hand() == {"S1": -3000, "S2": 1000}
    assert both.get(f"/sales/{order}").json["store"] == "一店"
    unknown = both.post(f"/sales/{order}/refunds", {**said, "store": "S9"}, key="RK2")
    assert (unknown.status, unknown.code) == (422, "store_unknown")
    assert [e["pointer"] for e in unknown.json["errors"]] == ["/store"]
    mine = sold(here)
    before = facts()
    assert here.post(f"/sales/{mine}/refunds", said, key="RK3").status == 404
    assert there.post(f"/sales/{mine}/refunds", said, key="RK4").status == 404
    assert facts() == before
    check_books()


def test_goods_of_an_order_to_come_are_where_they_were_brought(till: Till) -> None:
    caller, order = till(), f"O{number()}"
    lines = [{"line_no": 1, "sku": "P1", "quantity": 1, "amount": 5000}]
    report = {"at": AT, "offline": True, "store": "S2", "lines": lines}
    assert caller.post(f"/sales/{order}/refunds", report, key="RK1").status == 202

    sold(caller, order_key=order)

    assert on_hand() == {"S1": -3000, "S2": 1000}
    check_books()
