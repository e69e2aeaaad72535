"""A dealer gives and takes back on its phone; head office reads the same page and finds no button on it."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from huoshui.core.tests.ground import clean_tables
from huoshui.trade.bonds.tests.world import no_waiting
from huoshui.trade.commission.tests.world import BOSS, World, world
from tests.console.desk import Desk

__all__ = ["clean_tables", "no_waiting", "world"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("world")]


def shown(desk: Desk, path: str, status: int = 200) -> str:
    response = desk.client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


def test_the_dealer_says_it_and_both_sides_read_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.brand(fee_permille=30, return_days=7)
    world.buy("c1", 0, 0)
    world.read()
    world.today = 1
    world.buy("c1", 1, 2, 8_000)
    world.read()
    desk = Desk(monkeypatch, world.shops.owner(0))
    mine = f"/protection/{world.shops.dealers[0]}/"
    first = shown(desk, "/protection/")
    assert (
        "按品牌的约定" in first
        and "欠您服务费 ¥2.40" in first
        and "小赵" in first
        and 'value="take-back"' in first
    )
    done = desk.client.post(mine, {"act": "take-back", "said": "先看看"}).content.decode()
    assert "总部现在起看不到" in done and "先看看" in done and 'value="give"' in done
    assert "姓名和手机号" in done and "一起授权" not in done.split("购买情况")[0]
    assert "什么都没有变" in desk.client.post(mine, {"act": "take-back"}).content.decode()
    assert desk.client.post(mine, {"act": "steal"}).status_code == 422
    archive = desk.client.post(f"{mine}archive.zip")
    assert archive.status_code == 200 and archive["Content-Type"] == "application/zip"
    with zipfile.ZipFile(BytesIO(archive.getvalue())) as made:
        assert "顾客.csv" in made.namelist() and made.testzip() is None
    assert "导出过" in shown(desk, mine)
    desk.actor = BOSS
    assert "1" in shown(desk, "/protection/") and mine in shown(desk, "/protection/")
    told = shown(desk, mine)
    assert "先看看" in told and 'name="act"' not in told
    assert "导出过" in told and "archive.zip" not in told
    assert desk.client.post(mine, {"act": "give"}).status_code == 404
    assert desk.client.post(f"{mine}archive.zip").status_code == 404
    assert "先看看" in shown(desk, mine), "nothing changed"


def test_a_foreign_dealers_page_and_a_missing_one_look_alike(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(monkeypatch, world.shops.owner(1))
    foreign = f"/protection/{world.shops.dealers[0]}/"
    assert shown(desk, foreign, 404) == shown(desk, "/protection/999999/", 404)
    assert desk.client.post(foreign, {"act": "take-back"}).status_code == 404
    desk.actor = world.guide(0)
    shown(desk, "/protection/", 404)
    shown(desk, foreign, 404)
