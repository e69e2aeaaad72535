"""The desk sets rules, closes a month and speaks line by line; a guide sees her own on her phone; each only what is theirs."""

from __future__ import annotations

import re

import pytest

from huoshui.core import clock
from huoshui.core.tests.ground import clean_tables
from huoshui.trade.bonds.tests.world import no_waiting
from huoshui.trade.commission import api as commission
from huoshui.trade.commission.tests.world import BOSS, World, world
from tests.console.desk import Desk

__all__ = ["clean_tables", "no_waiting", "world"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]

RULES = {"act": "employer", "usual": "5", "bringer": "30", "return_days": "7", "reason": "旺季"}


def shown(desk: Desk, path: str, status: int = 200) -> str:
    response = desk.client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


def test_a_dealer_sets_its_rules_and_closes_its_month_and_both_sides_speak(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    dealer = str(world.shops.dealers[0])
    desk = Desk(monkeypatch, world.shops.owner(0))
    assert "还没有定规则" in shown(desk, "/commission/")
    wrong = desk.client.post("/commission/", {**RULES, "employer": dealer, "usual": "五"})
    assert wrong.status_code == 422 and "要填数字" in wrong.content.decode()
    done = desk.client.post("/commission/", {**RULES, "employer": dealer})
    assert "新规则从现在起用" in done.content.decode()
    order = world.buy("c1", 0, 0, key="A")
    world.buy("c2", 0, 0)
    world.read()
    world.give_back("A", 2_000)
    world.read()

    desk.actor = world.guide(0)
    mine = shown(desk, "/g/commission/")
    assert "¥9.00" in mine and "退货扣回" in mine and f"/g/commission/{order}/" in mine
    assert "由她接待" in shown(desk, f"/g/commission/{order}/")
    assert "/commission/" not in re.findall(r'<li><a href="([^"]+)"', shown(desk, "/"))
    shown(desk, "/commission/", 404)
    desk.actor = world.guide(1)
    assert "还没有提成" in shown(desk, "/g/commission/")
    shown(desk, f"/g/commission/{order}/", 404)

    desk.actor = world.shops.owner(0)
    period = f"{clock.today():%Y-%m}"
    closing = {"act": "close", "employer": dealer, "period": period}
    early = desk.client.post("/commission/", closing)
    assert early.status_code == 422 and "还没有过完" in early.content.decode()
    world.today = 30
    assert "1 份对账单" in desk.client.post("/commission/", closing).content.decode()
    assert "什么都没有变" in desk.client.post("/commission/", closing).content.decode()
    (made,) = commission.statements(BOSS)
    path = f"/commission/statements/{made.id}/"
    lines = [str(x.id) for x in commission.lines(BOSS, made.id)]

    desk.actor = world.guide(0)
    assert path in shown(desk, "/g/commission/")
    answer = desk.client.post(path, {"act": "confirmed", "line": lines[:1]})
    assert "记下了 1 行" in answer.content.decode()
    no_word = desk.client.post(path, {"act": "disputed", "line": lines[1:2]})
    assert no_word.status_code == 422
    desk.client.post(path, {"act": "disputed", "line": lines[1:2], "said": "这单是两个人"})
    desk.actor = world.shops.owner(0)
    told = shown(desk, path)
    assert "这单是两个人" in told and "有一边说不对" in told
    desk.client.post(path, {"act": "confirmed", "line": lines[:1]})
    assert [x.state for x in commission.lines(BOSS, made.id)] == ["confirmed", "disputed", "open"]
    listed = f"/commission/payments/?employer={dealer}&period={period}"
    for address, kind in ((f"{path}pdf/", "pdf"), (f"{path}xlsx/", "sheet"), (listed, "sheet")):
        file = desk.client.get(address)
        assert (
            file.status_code == 200
            and kind in file["Content-Type"]
            and "attachment" in file["Content-Disposition"]
        )
    for address in (f"{path}csv/", f"{listed}9", "/commission/payments/?employer=x", "/commission/payments/"):
        shown(desk, address, 404)
    assert listed.split("?")[0] in shown(desk, "/commission/")
    guides, second = world.shops.guides, commission.lines(BOSS, made.id)[1].order_id
    half = {"guide1": guides[0], "share1": "50", "guide2": guides[1], "share2": "50", "reason": "一人一半"}
    ruling = {"act": "decide", "order": str(second), **half}
    assert desk.client.post(path, {**ruling, "share2": "40"}).status_code == 422
    assert desk.client.post(path, {**ruling, "order": "999999"}).status_code == 404
    assert "裁决记下了" in desk.client.post(path, ruling).content.decode()
    commission.work_off()
    assert commission.statements(BOSS)[-1] == made, "what was closed has not changed"
    assert next(e.amount for e in commission.entries(world.guide(0))) == -250
    desk.actor = world.guide(0)
    assert "更正" in shown(desk, "/g/commission/")
    assert desk.client.post(path, ruling).status_code == 404, "nobody rules on her own"


def test_a_foreign_statement_and_a_missing_one_look_alike(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.employer(0, rates=[{"permille": 50}])
    world.buy("c1", 0, 0)
    world.read()
    world.today = 30
    desk = Desk(monkeypatch, world.shops.owner(0))
    closing = {"act": "close", "employer": str(world.shops.dealers[0]), "period": "2026-03"}
    desk.client.post("/commission/", closing)
    (made,) = commission.statements(BOSS)
    for actor in (world.shops.owner(1), world.guide(1)):
        desk.actor = actor
        foreign, missing = f"/commission/statements/{made.id}/", f"/commission/statements/{made.id + 1}/"
        assert shown(desk, foreign, 404) == shown(desk, missing, 404)
        line = str(commission.lines(BOSS, made.id)[0].id)
        assert desk.client.post(foreign, {"act": "confirmed", "line": line}).status_code == 404
        assert shown(desk, f"{foreign}pdf/", 404) == shown(desk, f"{missing}pdf/", 404)
    assert [x.state for x in commission.lines(BOSS, made.id)] == ["open"]
    desk.actor = world.shops.owner(1)
    assert desk.client.post("/commission/", closing).status_code == 404
    rules = {**RULES, "employer": str(world.shops.dealers[0])}
    assert desk.client.post("/commission/", rules).status_code == 404


def test_head_office_sets_what_it_pays_and_a_pyramid_cannot_be_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(monkeypatch, BOSS)
    said = {
        "act": "brand",
        "employer": "0",
        "code_days": "30",
        "return_days": "7",
        "fee": "3",
        "reason": "定",
    }
    done = desk.client.post("/commission/", {**said, "reward": "5", "reward_levels": "2"}).content.decode()
    assert "新规则从现在起用" in done and "第七条" in done
    (version,) = commission.rules_versions(BOSS)
    assert version.params["fee_permille"] == 30 and version.params["reward_amount"] == 500
    assert "reward_levels" not in version.params
    desk.actor = world.shops.owner(0)
    assert desk.client.post("/commission/", said).status_code == 404
