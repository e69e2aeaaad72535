"""Documents of stock over HTTP."""

from __future__ import annotations

import pytest

from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM
from huoshui.core.ledger.api import GoodsLine
from huoshui.web.api.tests.conftest import Call

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def units(people: dict[str, int]) -> dict[str, int]:
    return brand.find_units(list(people))


def goods(pieces: int) -> list[GoodsLine]:
    return [GoodsLine(brand.find_or_add_skus({"N1": "坚果"})["N1"].id, pieces * 1000)]


def test_a_page_of_them(call: Call, units: dict[str, int]) -> None:
    for n in range(51):
        brand.receive_stock(
            key=f"R{n}", org_unit_id=units["S1"], lines=goods(2), reason="供应商", actor=SYSTEM
        )
    sent = brand.send_stock(
        key="T", org_unit_id=units["S1"], to_org_unit_id=units["S2"], lines=goods(3), actor=SYSTEM
    )
    who = call("read")
    first = who.get("/stock/documents?store=S1").json
    assert len(first["documents"]) == 50
    top = first["documents"][0]
    assert (top["kind"], top["state"], top["store"], top["other_store"]) == (
        "dispatch",
        "on_its_way",
        "S1",
        "S2",
    )
    assert (top["transfer"], top["by"]) == (sent, "system:0")
    assert top["lines"] == [{"sku": "N1", "name": "坚果", "quantity": "3", "moved": "-3"}]
    rest = who.get(f"/stock/documents?store=S1&before={first['next']}").json
    assert [d["key"] for d in rest["documents"]] == ["R1", "R0"] and rest["next"] is None
    assert [d["key"] for d in who.get("/stock/documents?open=true").json["documents"]] == ["T"]
    assert who.get("/stock/documents?kind=count").json == {"documents": [], "next": None}


def test_a_key_of_one_store_sees_its_own(call: Call, units: dict[str, int]) -> None:
    for store, unit in units.items():
        brand.receive_stock(key=f"R-{store}", org_unit_id=unit, lines=goods(1), actor=SYSTEM)
    mine = call("read", stores=("S2",))
    assert [d["key"] for d in mine.get("/stock/documents").json["documents"]] == ["R-S2"]
    assert mine.get("/stock/documents?store=S1").status == 404
    assert mine.get("/stock/documents?store=nowhere").status == 404


@pytest.mark.parametrize("asked", ["kind=x", "open=1", "before=x", "before=99999999999999999999", "page=2"])
def test_what_makes_no_sense(call: Call, asked: str) -> None:
    answer = call("read").get(f"/stock/documents?{asked}")
    assert (answer.status, answer.code) == (400, "parameter_wrong")
