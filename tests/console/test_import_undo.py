"""The page on which an import is taken back: what it says beforehand, who may, and what it says after."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from huoshui.core.actor import Actor
from huoshui.core.tests.ground import wait_for_readers
from huoshui.intake.imports import api as imports
from huoshui.intake.imports.tests.shop import SALES, clean_tables, run, shop, sums
from huoshui.people import api as people
from huoshui.web.console.tests.test_acts import HTMX, text_of
from tests.console import desk as desks

__all__ = ["clean_tables", "shop"]

pytestmark = pytest.mark.django_db(transaction=True)

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
LIN = Actor("staff", 2, "林琳", frozenset({"operator"}))
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
