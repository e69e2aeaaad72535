"""今日 and 人群: a dealer is told of its own stores' sales, a regional manager of the region's, and of nobody else's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest

from huoshui.core.actor import Actor
from huoshui.insight import api as insight
from huoshui.insight.api import AllBut
from huoshui.insight.tests.lake_fixture import small_lake
from huoshui.web.console.contexts import behind, groups, rooms, today
from tests.console.desk import Desk

BOSS = Actor("staff", 1, "林", frozenset({"boss"}), frozenset({1}))
DEALER = Actor("staff", 2, "沈", frozenset({"dealer"}), frozenset({10}))
REGIONAL = Actor("staff", 3, "区", frozenset({"regional_manager"}), frozenset({100}))
BELOW = {10: {10, 11, 12}, 100: {100, 10, 11, 12, 20, 21}}
STORES = {11: 40, 12: 25, 21: 30, 31: 55}  # of the dealer two; of the region one more; of another region one
LAST = date(2026, 3, 31)


def lake() -> Any:
    """Each buys twice, of one price for each store; the last day's buyers are three a store."""
    lines: list[dict[str, Any]] = []
    for store, people in STORES.items():
        for n in range(people):
            person = store * 1000 + n
            lines += [
                {
                    "fact_id": len(lines) + k + 1, "order_id": len(lines) + k + 1, "person_id": person,
                    "org_unit_id": store, "sku_id": 1, "amount": store * 100,
                    "business_day": LAST - timedelta(days=(0 if n < 3 else 3 + n % 40) + 50 * k),
                }
                for k in (0, 1)
            ]  # fmt: skip
    state = [{"person_id": 31_000 + n, "key": "attr.gender", "value": "女"} for n in range(40)]
    units = [{"org_unit_id": u, "code": f"S{u}", "name": f"店{u}", "kind": "store"} for u in STORES]
    goods = [{"sku_id": 1, "code": "A1", "name": "坚果", "category": "零食", "category_1": "零食"}]
    return replace(
        small_lake(order_lines=lines, state_now=state, org_units=units, products=goods), fresh_at=None
    )


@pytest.fixture
def desk(db: None, monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = lake()
    monkeypatch.setattr(insight, "open_lake", lambda: made)
    monkeypatch.setattr(behind, "standing_day", lambda: LAST)
    desk = Desk(monkeypatch, BOSS)
    monkeypatch.setattr(rooms.brand, "units_below", lambda ids: set().union(*(BELOW[u] for u in ids)))
    return desk


WHO = {"dealer": (DEALER, (11, 12)), "regional": (REGIONAL, (11, 12, 21))}


@pytest.mark.parametrize("who", WHO)
def test_each_is_told_of_his_own_stores_alone(desk: Desk, who: str) -> None:
    actor, stores = WHO[who]
    told = today.today(actor)
    assert told is not None
    assert (told.amount.value, told.customers.value) == (sum(300 * s for s in stores), 3 * len(stores))
    shown = today.breakdown(actor, "store")
    assert shown is not None and {r.name for r in shown.rows} == {f"店{s}" for s in stores}
    matrix, grades, rfm = groups.groups(actor), groups.grades(actor), groups.rfm(actor)
    everyone = sum(STORES[s] for s in stores)
    assert matrix and matrix.people == everyone
    assert grades and sum(r.people for r in grades.rows) == everyone
    assert rfm and sum(r.people for r in rfm.rows) == everyone
    desk.actor = actor
    assert f'href="{told.customers.url}"' in unescape(desk.client.get("/").content.decode())
    opened = unescape(desk.client.get(told.customers.url).content.decode())
    assert f"有 <b>{3 * len(stores)}</b> 位" in opened


def test_a_portrait_is_against_ones_own_customers(desk: Desk) -> None:
    """The women all buy at another dealer's: to this one nobody's sex is known, of everyone or of a group."""
    whole = insight.ask("portrait", grade="high")
    own = insight.ask("portrait", (11, 12), grade="high")
    assert whole.extra["everyone"] == 150 and own.extra["everyone"] == 65
    assert "attr.gender" in {r["attribute"] for r in whole.rows}
    assert "attr.gender" not in {r["attribute"] for r in own.rows}
    desk.actor = DEALER
    html = unescape(desk.client.get("/groups/portrait/?group=high").content.decode())
    assert "女" not in html and "店12" in html


def test_all_but_some_is_the_rest_with_what_was_sold_at_no_unit(desk: Desk) -> None:
    total = insight.ask("sales").rows[0]["customers"]
    rest = insight.ask("sales", AllBut((11, 12))).rows[0]["customers"]
    assert rest == total - 65
    assert insight.count_people("sales", {}, {}, AllBut((11, 12))) == rest
