"""活动效果: the page, its sentence and bars, the people behind its numbers, and who may look."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from urllib.parse import urlencode

import pytest

from huoshui.core.actor import Actor
from huoshui.core.subscribers import registry
from huoshui.engage.campaigns import api as campaigns
from huoshui.insight import api as insight
from huoshui.insight.tests.lake_fixture import FRESH_AT
from huoshui.insight.tests.test_effect import LOT, REACHED, START, shop
from huoshui.web.console.contexts import behind, rooms
from tests.console.desk import Desk

BOSS = Actor("staff", 1, "林", frozenset({"boss"}), frozenset({1}))
pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    lake = replace(shop(), fresh_at=FRESH_AT)
    monkeypatch.setattr(insight, "open_lake", lambda: lake)
    monkeypatch.setattr(behind, "standing_day", lambda: START)
    return Desk(monkeypatch, BOSS)


def panel(desk: Desk, **query: str) -> str:
    response = desk.client.get(f"/effect/panel/?{urlencode(query)}", headers={"HX-Request": "true"})
    assert response.status_code == 200
    return unescape(response.content.decode())


def test_it_says_it_and_its_numbers_open(desk: Desk) -> None:
    query = {**LOT, "from": str(START), "margin": "50"}
    page = desk.client.get(f"/effect/?{urlencode(query)}").content.decode()
    assert "/effect/panel/?" in page and "优惠券" in page
    html = panel(desk, **query)
    assert "随机留下没发的 100 位" in html and "多卖了约" in html and html.count('class="d good"') >= 1
    told = re.findall(r'href="(/behind/effect/[^"]*)"[^>]*>([\d,]+)<', html)
    assert [number for _url, number in told] == ["400", "60", "100", "5"]
    for url, number in told[1::2]:
        assert f"有 <b>{number}</b> 位" in unescape(desk.client.get(url).content.decode())


def test_a_coupon_is_asked_of_campaigns(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.reached, "coupon", lambda _number: list(REACHED))

    class View:
        id = 5

    monkeypatch.setattr(rooms.campaigns, "template_for", lambda _actor, _number: View())
    monkeypatch.setattr(rooms.campaigns, "given", lambda _number: campaigns.Given(START, 400))
    html = panel(desk, coupon="5")
    assert "买得差不多" in html and "没填毛利率" in html
    monkeypatch.setattr(rooms.campaigns, "given", lambda _number: None)
    assert "还没有发给" in panel(desk, coupon="5")
    assert "规则看不懂" in panel(desk, **{"treated": "count(", "from": str(START)})


def test_a_dealer_has_no_such_page(desk: Desk) -> None:
    desk.actor = Actor("staff", 2, "沈", frozenset({"dealer"}), frozenset({3}))
    for path in ("/effect/", "/effect/panel/"):
        assert desk.client.get(path).status_code == 404
