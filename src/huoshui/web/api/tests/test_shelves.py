"""A till sells what lies on another owner's shelf, over HTTP and with the real rooms."""

from __future__ import annotations

from typing import Any

import pytest

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.api import GoodsLine
from huoshui.intake.tills import api as real_tills
from huoshui.web.api import rooms
from huoshui.web.api.tests.client import Caller
from huoshui.web.api.tests.conftest import Call

OWED = sql.Statement(
    "owed", "select sum(balance) as milli from account where unit = 'payable' and balance < 0"
)


@pytest.fixture
def units(stores: list[str], tills: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """S2 has ten and lets others sell eight of them at 3 yuan; S1 has none and sells nothing it has not got."""
    monkeypatch.setattr(rooms, "tills", real_tills)
    found = brand.find_units(stores)
    brand.receive_stock(key="R", org_unit_id=found["S2"], lines=[GoodsLine(nuts(), 10_000)], actor=SYSTEM)
    brand.share_stock(org_unit_id=found["S2"], transfer_price=300, kept_milli=2000, actor=SYSTEM)
    brand.set_stock_policy(org_unit_id=found["S1"], policy="strict", actor=SYSTEM)
    return found


def nuts() -> int:
    return brand.find_or_add_skus({"N1": "坚果"})["N1"].id


def keep(till: Caller, *, order_key: str = "A1", quantity: int = 3, **more: Any) -> Any:
    lines = [{"sku": "N1", "quantity": quantity}]
    said = {"order_key": order_key, "store": "S1", "from_store": "S2", "lines": lines, **more}
    return till.post("/stock/reservations", said)


def sold(till: Caller, quantity: int, **more: Any) -> Any:
    lines = [{"sku": "N1", "quantity": quantity, "amount": 1000}]
    said = {"order_key": "A1", "store": "S1", "at": clock.now().isoformat(), "lines": lines, **more}
    return till.post("/sales", said, key=f"sell {more.get('order_key', 'A1')}".replace(" ", "-"))


def test_what_lies_elsewhere_is_found_kept_handed_over_and_sold(call: Call, units: dict[str, int]) -> None:
    till = call("stock", "sell", stores=("S1",))
    found = till.get("/stock/available?store=S1&sku=N1&quantity=8").json
    assert (found["own"], found["shared"], found["total"]) == ("0", "8", "8")
    [offer] = found["offers"]
    assert (offer["store"], offer["kind"], offer["price"], offer["has_all"]) == ("S2", "shared", 300, True)

    assert sold(till, 3).code == "stock_short"
    first = keep(till)
    assert (first.status, first.json["lines"][0]["state"]) == (201, "held")
    assert till.get("/stock/available?store=S1&sku=N1").json["shared"] == "5"

    handed = till.post("/stock/reservations/A1/hand-over", {}, key="")
    assert [(h["store"], h["seller"], h["amount"]) for h in handed.json["handed"]] == [("S2", "S1", 900)]
    again = till.post("/stock/reservations/A1/hand-over", {}, key="")
    assert (again.status, again.json["handed"]) == (200, [])
    assert sold(till, 3).status == 201
    states = {line["store"]: line["state"] for line in till.get("/stock/reservations/A1").json["lines"]}
    assert states == {"S1": "fulfilled", "S2": "fulfilled"}
    assert ledger.stock_of(units["S2"], [nuts()]) == {nuts(): 7000}
    assert ledger.stock_of(units["S1"], [nuts()]) == {nuts(): 0}
    assert sql.fetch_one(OWED).milli == -900
    assert ledger.audit_stock().is_clean


def test_the_same_again_changes_nothing_and_another_is_refused(call: Call, units: dict[str, int]) -> None:
    till = call("stock", stores=("S1",))
    first = keep(till)
    assert keep(till).json == first.json
    other = keep(till, quantity=4)
    assert (other.status, other.code) == (422, "stock_key_taken")
    assert [line["quantity"] for line in till.get("/stock/reservations/A1").json["lines"]] == ["3"]


def test_more_than_is_shared_is_not_had(call: Call, units: dict[str, int]) -> None:
    till = call("stock", stores=("S1",))
    short = keep(till, quantity=9)
    assert (short.status, short.code) == (422, "stock_short")
    assert short.json["errors"][0]["pointer"] == "/lines/0/sku"
    assert "坚果" in short.json["detail"] and "8" in short.json["detail"]
    assert till.get("/stock/reservations/A1").status == 404


def test_let_go_it_is_free_for_others(call: Call, units: dict[str, int]) -> None:
    till = call("stock", stores=("S1",))
    keep(till, quantity=8)
    assert keep(till, order_key="A2", quantity=1).code == "stock_short"
    for _ in range(2):
        let_go = till.post("/stock/reservations/A1/release", {}, key="")
        assert (let_go.status, let_go.json["lines"][0]["state"]) == (200, "released")
    assert keep(till, order_key="A2", quantity=1).status == 201


def test_two_tills_number_their_orders_alike(call: Call, units: dict[str, int]) -> None:
    one, two = call("stock", name="one"), call("stock", "sell", name="two")
    assert keep(one).status == keep(two, quantity=4).status == 201
    assert two.post("/stock/reservations/A1/release", {}, key="").json["lines"][0]["quantity"] == "4"
    assert one.get("/stock/reservations/A1").json["lines"][0]["state"] == "held"
    assert call("stock", name="three").get("/stock/reservations/A1").status == 404


def test_the_owner_of_the_shelf_hands_over_only_under_the_order_of_its_till(
    call: Call, units: dict[str, int]
) -> None:
    keep(call("stock", stores=("S1",), name="pos"))
    giver = call("stock", stores=("S2",), name="pos")
    assert giver.get("/stock/reservations/A1").status == 200
    assert keep(giver, store="S2", from_store="S1").status == 404, "S1 shares nothing"
    taken = keep(giver, store="S2", from_store="S2", quantity=1)
    assert (taken.status, taken.code) == (422, "stock_key_taken")


def test_what_is_sold_already_waits_for_no_sale(call: Call, units: dict[str, int]) -> None:
    till = call("stock", "sell", stores=("S1",))
    keep(till)
    assert sold(till, 3, offline=True).status == 201
    assert till.post("/stock/reservations/A1/hand-over", {}, key="").json["handed"][0]["amount"] == 900
    assert {line["left"] for line in till.get("/stock/reservations/A1").json["lines"]} == {"0"}
    assert ledger.stock_of(units["S1"], [nuts()]) == {nuts(): 0}


@pytest.mark.parametrize(
    ("change", "status", "pointer"),
    [
        ({"from_store": "nowhere"}, 404, "/from_store"),
        ({"store": "S2"}, 404, "/store"),
        ({"lines": [{"sku": "X9", "quantity": 1}]}, 422, "/lines/0/sku"),
        ({"lines": [{"sku": "N1", "quantity": 0}]}, 422, "/lines/0/quantity"),
        ({"lines": []}, 422, "/lines"),
        ({"minutes": 0}, 422, "/minutes"),
    ],
)
def test_what_is_wrong_is_pointed_at(
    call: Call, units: dict[str, int], change: dict[str, Any], status: int, pointer: str
) -> None:
    answer = keep(call("stock", stores=("S1",)), **change)
    assert answer.status == status and [place["pointer"] for place in answer.json["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("sku=N1", 404),
        ("store=S2&sku=N1", 404),
        ("store=S1", 404),
        ("store=S1&sku=N1&quantity=x", 400),
        ("x=1", 400),
    ],
)
def test_asking_for_what_is_not_there(call: Call, units: dict[str, int], asked: str, status: int) -> None:
    assert call("stock", stores=("S1",)).get(f"/stock/available?{asked}").status == status
