"""What one store sold is handed in at another, each with a key of its own: where the brand's rule allows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
import time_machine

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import NotFound
from huoshui.web.api.keys import add_key
from huoshui.web.api.tests.client import AT, NOW, Answer, Caller, sale

_BACK = sql.Statement(
    "back",
    "select o.org_unit_id, o.amount, f.actor, s.source_id from fact_order o join settlement s on s.fact_id = o.fact_id"
    " join fact f on f.id = o.fact_id where o.name = 'Order Refunded' and s.state = 'settled' order by o.fact_id",
)
_DOUBTS = sql.Statement("doubts", "select code from fact_exception where state = 'open' order by id")
_TRACES = sql.Statement("traces", "select actor from audit_entry where action = 'refund.made' order by id")

Keys = dict[str, Caller]


@pytest.fixture
def keys(db: None) -> Iterator[Keys]:
    """S1 and S2 are dealer 甲's, S3 is 乙's, S4 and S5 the brand's own."""
    with time_machine.travel(NOW):
        brand.ensure_headquarters("总部")
        stores = pa.table(
            {"store_code": ["S1", "S2", "S3", "S4", "S5"], "dealer": ["甲", "甲", "乙", None, None]}
        )
        brand.upsert_stores(stores, actor=SYSTEM)
        scopes = ("sell", "refund", "read")
        yield {
            code: Caller(
                add_key(
                    name=f"till-{code}", scopes=scopes, store_codes=[code], rate_per_minute=9999, actor=SYSTEM
                ).token
            )
            for code in ("S1", "S2", "S3", "S4", "S5")
        }


def sold(keys: Keys, store: str) -> None:
    answer = keys[store].post("/sales", sale(store=store))
    assert answer.status == 201, answer.content


def hand_in(keys: Keys, at: str, sold_at: str, *, key: str = "r1", **more: Any) -> Answer:
    return keys[at].post("/sales/A1/refunds", {**AT, "sold_at": sold_at, **more}, key=key)


def back() -> list[tuple[str, int]]:
    rows = sql.fetch(_BACK)
    codes = brand.unit_codes([r.org_unit_id for r in rows])
    return [(codes[r.org_unit_id], r.amount) for r in rows]


def test_at_a_store_of_the_same_owner(keys: Keys) -> None:
    sold(keys, "S1")
    seen = keys["S2"].get("/sales/A1?sold_at=S1")
    assert (seen.status, seen.json["amount"]) == (200, 350)
    answer = hand_in(keys, "S2", "S1", lines=[{"line_no": 1}])
    assert (answer.status, answer.json["amount"]) == (201, -300)
    assert back() == [("S2", -300)], "its goods are where they were handed in"
    assert sql.fetch_one(_TRACES).actor.startswith("source:")
    again = hand_in(keys, "S2", "S1", lines=[{"line_no": 1}])
    assert (again.status, again.json["record_id"]) == (201, answer.json["record_id"])
    assert again.headers["Idempotent-Replayed"] == "true"
    # Two tills that use the same key speak of two refunds of one order, and no more than is left comes back
    twice = keys["S1"].post("/sales/A1/refunds", {**AT, "lines": [{"line_no": 1}]}, key="r1")
    assert twice.code == "refund_nothing"
    assert keys["S1"].post("/sales/A1/refunds", AT, key="r1").json["amount"] == -50
    assert back() == [("S2", -300), ("S1", -50)]


def test_at_stores_of_the_brand(keys: Keys) -> None:
    sold(keys, "S4")
    assert hand_in(keys, "S1", "S4").code == "refund_not_here"
    assert hand_in(keys, "S5", "S4").json["amount"] == -350


def test_not_at_another_owner_s_unless_the_rule_says_so(keys: Keys) -> None:
    sold(keys, "S1")
    refused = hand_in(keys, "S3", "S1")
    assert (refused.status, refused.code) == (422, "refund_not_here")
    assert keys["S3"].get("/sales/A1?sold_at=S1").code == "not_found"
    assert back() == []
    brand.set_refund_rule("all", actor=SYSTEM)
    receipt = "/sales/A1/receipt"
    assert keys["S1"].get(receipt).json["bind_code"]
    assert not keys["S3"].get(f"{receipt}?sold_at=S1").json["bind_code"], "who did not sell it has no claim"
    assert hand_in(keys, "S3", "S1").status == 201
    brand.set_refund_rule("same_store", actor=SYSTEM)
    assert hand_in(keys, "S2", "S1", key="r2").code == "refund_not_here"
    assert back() == [("S3", -350)]
    with pytest.raises(NotFound):
        brand.set_refund_rule("nowhere", actor=SYSTEM)


def test_what_has_happened_is_received_and_shown(keys: Keys) -> None:
    sold(keys, "S1")
    answer = hand_in(keys, "S3", "S1", offline=True)
    assert answer.status == 201
    assert [r.code for r in sql.fetch(_DOUBTS)] == ["refund_not_here"]
    assert back() == [("S3", -350)]


def test_an_order_that_is_not_there(keys: Keys) -> None:
    sold(keys, "S1")
    assert hand_in(keys, "S1", "S2").code == "order_unknown"
    assert hand_in(keys, "S1", "S9").code == "store_unknown"
    assert keys["S2"].get("/sales/A1").code == "not_found"
    assert keys["S2"].post("/sales/A1/refunds", AT).code == "order_unknown"
    assert hand_in(keys, "S2", "S1", store="S1").code == "not_found", "it hands in at its own store only"


def test_two_tills_of_a_store_with_one_number(keys: Keys) -> None:
    sold(keys, "S1")
    other = add_key(
        name="second", scopes=("sell",), store_codes=["S1"], rate_per_minute=9999, actor=SYSTEM
    ).token
    assert Caller(other).post("/sales", sale()).status == 201
    assert hand_in(keys, "S2", "S1").code == "order_ambiguous"
    assert back() == []
