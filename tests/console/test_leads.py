"""Head office sets rules and decides; a dealer takes leads on its phone, each step one click; each only what is theirs."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core.actor import Actor
from huoshui.core.tests.ground import clean_tables
from huoshui.people import api as people
from huoshui.trade.bonds.tests.world import no_waiting
from huoshui.trade.commission.tests.world import BOSS
from huoshui.trade.leads import api as leads
from huoshui.trade.leads.tests.world import Leads, every, world
from tests.console.desk import Desk

__all__ = ["clean_tables", "no_waiting", "world"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]

RULES: dict[str, Any] = {
    "act": "rules", "accept_minutes": "30", "most_tries": "2", "capacity": "10", "weight_fair": "50", "weight_wins": "30",
    "weight_room": "20", "window_days": "60", "fee": "5", "fee_cap": "8", "lead_price": "0", "free_leads": "0", "object_days": "3",
    "bad_days": "7", "stages": "测量\n报价\n成交\n回访", "won_stage": "成交", "bond_wins": "1", "scan_campaign": "1", "areas": "",
    "reason": "春季",
}  # fmt: skip


def shown(desk: Desk, path: str, status: int = 200) -> str:
    response = desk.client.get(path)
    assert response.status_code == status, path
    return str(response.content.decode())


def said(desk: Desk, path: str, status: int = 200, **fields: object) -> str:
    response = desk.client.post(path, {k: str(v) for k, v in fields.items()})
    assert response.status_code == status, (path, response.content.decode()[:2_000])
    return str(response.content.decode())


def test_from_the_rules_to_the_bill(world: Leads, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, BOSS)
    assert "还没有线索" in shown(desk, "/leads/")
    wrong = said(desk, "/leads/", 422, **{**RULES, "won_stage": "没有的"})
    assert "哪一个阶段算成交" in wrong and "没有的" in wrong
    assert "没有这家经销商：不存在" in said(desk, "/leads/", 422, **{**RULES, "areas": "杭州 不存在"})
    assert "新规则从现在起用" in said(desk, "/leads/", **RULES)
    dealer = world.shops.dealers[0]
    assert "记下了" in said(
        desk, "/leads/", act="batch", title="广告", cost="100.01", shares="总部 50\n" + _name(dealer) + " 50"
    )

    lead = world.lead("c1", wants="净水器", batch_id=leads.batches(BOSS)[0].id)
    world.give_out()
    other = world.shops.owner(1 - world.shops.dealers.index(world.said(lead).dealer_id or 0))
    desk.actor = who = world.holder(lead)
    phone = shown(desk, "/leads/")
    assert "净水器" in phone and "还剩 30 分钟" in phone and "c1" not in phone, (
        "whom, is told to who takes it"
    )
    assert "接单了" in said(desk, "/leads/", act="accept", lead=lead)
    people.refresh_cards()
    phone = shown(desk, "/leads/")
    assert re.search(r'href="/people/\d+/"', phone) and "c1" in phone
    assert "跟进到「报价」" in said(desk, "/leads/", act="move", lead=lead, stage="报价")

    desk.actor = other
    assert "净水器" not in shown(desk, "/leads/")
    foreign = said(desk, "/leads/", 422, act="move", lead=lead, stage="回访")
    missing = said(desk, "/leads/", 422, act="move", lead=lead + 99, stage="回访")
    assert _plain(foreign) == _plain(missing) and world.said(lead).stage == "报价"

    world.today = 1
    world.buy("c1", world.shops.dealers.index(next(iter(who.org_unit_ids))), None)
    world.follow()
    desk.actor = who
    phone = shown(desk, "/leads/")
    assert "¥5.00" in phone and "可以提异议" in phone
    (bill,) = leads.bills(BOSS)
    assert "异议记下了" in said(desk, "/leads/", act="object", bill=bill.id, reason="老顾客")
    desk.actor = BOSS
    page = shown(desk, "/leads/?state=won")
    assert "老顾客" in page and "1</b> 条成交" in page and "100.01" in page
    assert "裁决了" in said(desk, "/leads/", act="waive", bill=bill.id, reason="属实")
    one = shown(desk, f"/leads/{lead}/")
    assert "系统按规则" in one and "轮到" in one and "派给它" in one
    assert world.fees() == {}


def test_head_office_recalls_gives_by_hand_and_decides_what_was_bad(
    world: Leads, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = world.lead("c1", wants="床垫")
    world.give_out()
    who = world.take(lead)
    desk = Desk(monkeypatch, who)
    assert said(desk, "/leads/", 422, act="bad", lead=lead, kind="empty_number", reason="")
    assert "报给总部了" in said(desk, "/leads/", act="bad", lead=lead, kind="empty_number", reason="打了三次")
    shown(desk, f"/leads/{lead}/", 404)
    desk.actor = BOSS
    assert "打了三次" in shown(desk, "/leads/")
    claim = leads.claims(BOSS)[0].id
    assert "裁决了" in said(desk, "/leads/", act="grant", claim=claim, reason="核过")
    assert "收回了" in said(desk, f"/leads/{lead}/", act="recall", reason="再试一家")
    dealer = world.shops.dealers[1]
    assert "派出去了" in said(desk, f"/leads/{lead}/", act="offer", dealer=dealer, reason="离得近")
    assert [x.state for x in every()] == ["offered"] and every()[0].dealer_id == dealer
    shown(desk, f"/leads/{lead + 9}/", 404)


def test_a_guide_and_an_analyst_decide_nothing(world: Leads, monkeypatch: pytest.MonkeyPatch) -> None:
    lead = world.lead("c1")
    world.give_out()
    desk = Desk(monkeypatch, world.guide(0))
    shown(desk, "/leads/", 404)
    desk.actor = Actor("staff", 77, "分析", frozenset({"analyst"}), frozenset({1}))
    assert "从现在起用这一版" not in shown(desk, "/leads/")
    said(desk, "/leads/", 422, **RULES)
    said(desk, f"/leads/{lead}/", 422, act="recall", reason="试试")
    with transaction.atomic():
        assert leads.rules_versions(BOSS)[0].terms.version == 0 and world.said(lead).state == "offered"


def _name(dealer_id: int) -> str:
    return str(brand.unit_names([dealer_id])[dealer_id])


def _plain(body: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body)
