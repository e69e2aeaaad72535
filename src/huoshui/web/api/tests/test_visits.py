"""A till tells of somebody who left without buying: once, of its own stores, and takes it back within minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from huoshui.core import clock, sql
from huoshui.web.api.tests.client import AT
from huoshui.web.api.tests.conftest import Call

ROWS = sql.Statement("rows", "select reason, person_id, staff_code, taken_back_by from visit order by id")


def visit(**more: Any) -> dict[str, Any]:
    return {**AT, "store": "S1", "reason": "price", **more}


def test_is_kept_once_and_answered_alike(call: Call, people: dict[str, int]) -> None:
    till = call("visit", stores=("S1",))
    body = visit(customer={"phone": "13912340001"}, staff="007", products=["P1"])
    first, again = till.post("/visits", body), till.post("/visits", body)
    assert (first.status, again.status) == (201, 201) and first.json == again.json
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.json["customer_id"] == people["S1"]
    assert [(r.reason, r.person_id, r.staff_code) for r in sql.fetch(ROWS)] == [
        ("price", people["S1"], "007")
    ]
    other = till.post("/visits", visit(reason="taste"))
    assert (other.status, other.code) == (409, "key_reused")


def test_a_stranger_and_another_stores_customer_are_nobody(call: Call, people: dict[str, int]) -> None:
    till = call("visit", stores=("S1",))
    for n, phone in enumerate(("13912340002", "13999999999")):
        told = till.post("/visits", visit(customer={"phone": phone}), key=f"k{n}")
        assert told.status == 201 and told.json["customer_id"] is None
    count = sql.Statement("count", "select count(*) as people from person")
    assert sql.fetch_one(count).people == len(people)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"reason": "boredom"}, "/reason"),
        ({"reason": ""}, "/reason"),
        ({"at": "1999-01-01T00:00:00Z"}, "/at"),
        ({"customer": {"phone": "12"}}, "/customer/phone"),
        ({"products": ["x"] * 21}, "/products"),
        ({"note": "x" * 201}, "/note"),
        ({"mood": "bad"}, "/mood"),
    ],
)
def test_what_is_wrong_is_pointed_at(call: Call, change: dict[str, Any], pointer: str) -> None:
    answer = call("visit").post("/visits", visit(**change))
    assert answer.status == 422 and [place["pointer"] for place in answer.json["errors"]] == [pointer]
    assert sql.fetch(ROWS) == []


def test_a_mistap_is_taken_back_and_not_later(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    till = call("visit", stores=("S1",))
    ids = [till.post("/visits", visit(), key=f"k{n}").json["record_id"] for n in range(2)]
    for _ in range(2):
        answer = till.post(f"/visits/{ids[0]}/undo", {}, key="")
        assert answer.status == 200 and answer.json["is_taken_back"]
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    late = till.post(f"/visits/{ids[1]}/undo", {}, key="")
    assert (late.status, late.code) == (422, "visit_undo_too_late")
    assert [r.taken_back_by is None for r in sql.fetch(ROWS)] == [False, True]


@pytest.mark.parametrize("number", ["0", "-1", "x", "９", "9" * 20, "1"])
def test_what_is_no_visit_is_not_found(call: Call, number: str) -> None:
    assert call("visit").post(f"/visits/{number}/undo", {}, key="").status == 404
