"""A site tells of somebody who wants something: once, as one human's lead, and learns how far it is."""

from __future__ import annotations

from typing import Any

import pytest

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.people import api as everybody
from huoshui.trade.leads import api as leads
from huoshui.web.api.tests.client import AT
from huoshui.web.api.tests.conftest import Call

ROWS = sql.Statement(
    "rows",
    "select id, source, person_id, wants, district, org_unit_id, batch_id, state from lead order by id",
)


def lead(**more: Any) -> dict[str, Any]:
    return {**AT, "customer": {"phone": "13955550001"}, "wants": "净水器", "district": "杭州西湖", **more}


def test_is_kept_once_and_is_one_humans(call: Call) -> None:
    batch = leads.add_batch("春天的广告", 100, [(0, 1000)], actor=SYSTEM)
    site = call("leads")
    first = site.post("/leads", lead(batch="春天的广告", store="S1"))
    again = site.post("/leads", lead(batch="春天的广告", store="S1"))
    assert (first.status, again.status) == (201, 201), first.content
    assert first.json == again.json and again.headers["Idempotent-Replayed"] == "true"
    (row,) = sql.fetch(ROWS)
    assert (row.source, row.wants, row.district, row.batch_id) == ("form", "净水器", "杭州西湖", batch)
    assert row.person_id == everybody.find("phone", "13955550001") and row.org_unit_id
    assert site.post("/leads", lead(wants="床垫"), key="k2").json["state"] == "double"
    other = site.post("/leads", lead(wants="床垫"))
    assert (other.status, other.code) == (409, "key_reused")
    told = site.get(f"/leads/{row.id}")
    assert told.status == 200 and (told.json["state"], told.json["stage"]) == ("new", "")
    assert "13955550001" not in first.content.decode() and "person" not in told.content.decode()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"customer": {}}, "/customer"),
        ({"customer": {"phone": "12"}}, "/customer/phone"),
        ({"at": "1999-01-01T00:00:00Z"}, "/at"),
        ({"source": "dream"}, "/source"),
        ({"wants": "x" * 501}, "/wants"),
    ],
)
def test_what_is_wrong_is_pointed_at(call: Call, change: dict[str, Any], pointer: str) -> None:
    answer = call("leads").post("/leads", lead(**change))
    assert answer.status == 422 and [place["pointer"] for place in answer.json["errors"]] == [pointer]
    assert sql.fetch(ROWS) == []


def test_a_stores_key_tells_of_no_leads_and_a_missing_store_is_none(call: Call) -> None:
    assert call("leads", stores=("S1",)).post("/leads", lead(store="S1")).status == 404
    site = call("leads", name="site")
    assert site.post("/leads", lead(store="nowhere"), key="k3").status == 404
    assert site.get("/leads/999999").status == 404
    assert sql.fetch(ROWS) == []
