"""The page on which an import is taken back: what it says beforehand, who may, and what it says after."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from huoshui.core import clock
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import ORDER_COMPLETED
from huoshui.core.tests.ground import wait_for_readers
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.campaigns.jobs import give_gifts
from huoshui.engage.campaigns.tests import shop as coupons
from huoshui.engage.loyalty import api as loyalty
from huoshui.intake.imports import api as imports
from huoshui.intake.imports.tests.shop import SALES, clean_tables, run, shop, sums
from huoshui.intake.river import api as river
from huoshui.people import api as people
from huoshui.trade.commission import api as commission
from huoshui.web.console.tests.test_acts import HTMX, text_of
from tests.console import desk as desks

__all__ = ["clean_tables", "shop"]

pytestmark = pytest.mark.django_db(transaction=True)

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
LIN = Actor("staff", 2, "林琳", frozenset({"operator"}))
DAY = clock.today().replace(day=1) - timedelta(days=1)
"""Of a month that is over."""
GUIDE = Actor("staff", 3, "小导", frozenset({"guide"}))


class Desk(desks.Desk):
    def page(self, path: str, *, status: int = 200, headers: dict[str, str] | None = None) -> str:
        answer = self.client.get(path, headers=headers)
        assert answer.status_code == status
        return text_of(answer.content)


@pytest.fixture
def desk(shop: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Desk:
    settings.WHITENOISE_USE_FINDERS = False
    return Desk(monkeypatch, LIN)


def test_it_says_what_goes_asks_why_and_says_what_became_of_it(shop: Path, desk: Desk) -> None:
    run_id = run("sales", SALES, shop).id
    wait_for_readers()
    people.refresh_cards()
    assert "撤销这次导入" in desk.page(f"/imports/{run_id}/")
    path = f"/imports/{run_id}/undo/"
    before = desk.page(path)
    assert "会撤回 2 笔订单和退款" in before.replace("会撤回2", "会撤回 2")
    assert "¥50.50" in before and "确认撤销" in before and "A1" in before and "C1" in before
    refused = desk.client.post(path, {"reason": " "})
    assert refused.status_code == 422 and "为什么要撤销" in text_of(refused.content)
    assert sums()[0] == 2
    assert desk.client.post(path, {"reason": "导错了<b>门店"}).status_code == 302
    waiting = desk.page(path, headers=HTMX)
    assert "正在撤销" in waiting and "确认撤销" not in waiting
    imports.execute_undo(run_id)
    after = desk.page(path)
    assert "撤销好了" in after and "导错了&lt;b&gt;门店" in after
    assert "已撤销" in desk.page(f"/imports/{run_id}/") and "已撤销" in desk.page("/imports/")
    assert desk.client.post(path, {"reason": "再来"}).status_code == 422


def test_a_second_person_decides_above_a_limit(shop: Path, desk: Desk) -> None:
    dear = SALES.replace("30.00", "300000.00")
    run_id = run("sales", dear, shop).id
    path = f"/imports/{run_id}/undo/"
    desk.client.post(path, {"reason": "导错了"})
    assert "等另一位同事批准" in desk.page(path)
    own = desk.client.post(path + "decide/", {"act": "approve"})
    assert own.status_code == 422 and sums()[0] == 2
    desk.actor = BOSS
    assert "同意撤销" in desk.page(path)
    assert desk.client.post(path + "decide/", {"act": "approve"}).status_code == 302
    assert "正在撤销" in desk.page(path)


def test_whoever_may_not_import_sees_no_such_page(shop: Path, desk: Desk) -> None:
    run_id = run("sales", SALES, shop).id
    desk.actor = GUIDE
    desk.page(f"/imports/{run_id}/undo/", status=404)
    assert desk.client.post(f"/imports/{run_id}/undo/", {"reason": "x"}).status_code == 404
    assert imports.undo_of(BOSS, run_id) is None and sums()[0] == 2


def test_what_was_used_and_closed_since_is_counted_apart(
    shop: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("staff", "工号,姓名,岗位,门店编码\nG2,李雷,导购,S1\n", shop)
    silver = loyalty.all_tiers()[1]
    rate = {"rates": [{"permille": 100}]}
    with transaction.atomic():
        offered = coupons.template()
        loyalty.set_tier(replace(silver, gift_template_id=offered), actor=SYSTEM)
        commission.set_employer_rules(0, rate, reason="定", actor=BOSS)
    try:
        wait_for_readers()
        give_gifts(0)
        sold = "销售单号,交易时间,门店编码,会员卡号,商品编码,数量,实付金额,订单状态\n"
        text = sold + f"A1,{DAY:%Y-%m-%d} 10:00:00,S1,C1,P1,2,2000.00,已付款\n"
        with monkeypatch.context() as then:
            then.setattr(clock, "today", lambda: DAY)
            read = commission.read
            then.setattr(commission, "read", lambda: 0)
            mine = run("sales", text, shop).id
            _serve("A1", "G2")
            wait_for_readers()
            read()
        wait_for_readers()
        give_gifts(0)
        person = people.find("card_no", "C1")
        assert person is not None
        (gift,) = campaigns.held_by([person])
        path = f"/imports/{mine}/undo/"
        people.refresh_cards()
        shown = desk.page(path)
        assert "已经用掉的券" not in shown and "已经结账的结算单" not in shown
        _use(gift.code)
        with transaction.atomic():
            assert commission.close(f"{DAY:%Y-%m}", actor=BOSS) == 1
        before = imports.rehearse_undo(SYSTEM, mine)
        assert [g.person_id for g in before.coupons_used] == [person]
        assert [(c.period, c.statements, c.amount) for c in before.closed] == [(f"{DAY:%Y-%m}", 1, 20_000)]
        shown = desk.page(path)
        assert "已经用掉的券" in shown and "已经结账的结算单" in shown and f"{DAY:%Y-%m}：¥200.00" in shown
        desk.client.cookies["django_language"] = "en"
        english = desk.page(path)
        assert "Coupons used already" in english and "Statements closed already" in english
        imports.undo(BOSS, mine, reason="导错了")
        imports.execute_undo(mine)
        wait_for_readers()
        commission.read()
        assert [s.amount for s in commission.statements(BOSS)] == [20_000], "what is closed stays"
        assert _open_lines() == [-20_000], "and the open month has the correction"
    finally:
        with transaction.atomic():
            loyalty.set_tier(silver, actor=SYSTEM)  # the tiers stay when the tables are emptied


def _serve(order_key: str, number: str) -> None:
    """Files do not say yet who sold: what a till would have said of an order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update fact_order set staff_id = (select id from staff where number = %s) where order_key = %s",
            [number, order_key],
        )


def _use(code: str) -> None:
    source = facts.ensure_source(name="till", label="till", mode="live")
    line = river.Line("P1", 1000, 90_00, coupon_discount=10_00)
    order = river.Order("T1", "S1", (line,), coupons=(river.CouponUse(code, 10_00),))
    item = river.Item(ORDER_COMPLETED, "T1", clock.now(), identifiers=(("card_no", "C1"),), order=order)
    (verdict,) = river.submit([item], source=source, actor=BOSS)
    assert verdict.fact_id and campaigns.redemptions_of([verdict.fact_id])


def _open_lines() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("select amount from commission_entry where statement_id is null order by id")
        return [amount for (amount,) in cursor.fetchall()]
