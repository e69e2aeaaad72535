"""What a till says over HTTP, as the full chain of the sale tells it."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.intake.tills import api as real_tills
from huoshui.trade.sales import api as sales
from huoshui.web.api import rooms
from huoshui.web.api.tests.client import Answer, Caller
from huoshui.web.api.tests.conftest import Call

HEADS = sql.Statement("heads", "select staff_id from fact_order order by fact_id")


@pytest.fixture
def till(call: Call, monkeypatch: pytest.MonkeyPatch) -> Caller:
    monkeypatch.setattr(rooms, "tills", real_tills)
    return call("sell", "refund")


def sold(till: Caller, **more: Any) -> Answer:
    lines = [{"sku": f"N{n}", "quantity": n, "amount": 1000} for n in (1, 2)]
    said = {"order_key": "A1", "store": "S1", "at": clock.now().isoformat(), "lines": lines, **more}
    return till.post("/sales", said, key="sell")


def told(fact_id: int) -> dict[str, str]:
    return {row.step: row.detail for row in sales.chain_of(SYSTEM, fact_id).rows}


def test_who_served_is_in_the_books_and_on_the_chain(till: Caller) -> None:
    brand.upsert_staff(pa.table({"number": ["007"], "name": ["李梅"]}), actor=SYSTEM)
    answer = sold(till, staff="007").json
    assert answer["exceptions"] == []
    assert [row.staff_id for row in sql.fetch(HEADS)] == [brand.find_staff(["007"])["007"]]
    assert told(answer["record_id"])["staff"] == "李梅"


def test_a_number_that_nobody_has_is_shown_and_the_sale_stays(till: Caller) -> None:
    at = clock.now().isoformat()
    answer = sold(till, staff="999", at=at)
    assert answer.status == 201
    [exception] = answer.json["exceptions"]
    assert (exception["code"], exception["data"]) == ("staff_unknown", {"staff": "999"})
    assert [row.staff_id for row in sql.fetch(HEADS)] == [None]
    assert "staff" not in told(answer.json["record_id"])
    assert sold(till, staff="999", at=at).json["exceptions"] == [exception], "told twice, shown once"


def test_what_came_back_is_not_counted_among_what_was_sold(till: Caller) -> None:
    first = sold(till).json["record_id"]
    before = told(first)
    assert "共 3 件" in before["stock"] and before["product"].startswith("2 行")
    for n, back in enumerate(({"lines": [{"line_no": 2, "quantity": 1}]}, {})):
        said = {"at": clock.now().isoformat(), "refund_key": f"r{n}", **back}
        assert till.post("/sales/A1/refunds", said, key=f"back{n}").status == 201
    after = told(first)
    assert (after["stock"], after["product"]) == (before["stock"], before["product"])
