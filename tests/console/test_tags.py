"""标签: made by a form, from a pack, on a person's page; looked into, explained, switched off; and who may do what."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from django.db import transaction
from django.test import Client

from huoshui.brand import api as brand
from huoshui.core import clock
from huoshui.core.actor import SYSTEM
from huoshui.core.tests.ground import wait_for_readers
from huoshui.insight.api import segments, tags
from huoshui.insight.tags import inferring, tending
from huoshui.intake.river.api import after_settling
from huoshui.intake.river.tests.world import MILK, Shop
from huoshui.people import api as people
from huoshui.web.console.contexts import tags as contexts
from huoshui.web.console.tests.test_acts import HTMX
from tests.console.test_segments import AUDITOR, BOSS, GUIDE, page, sign_in
from tests.insight.test_end_to_end import buy, shop
from tests.insight.test_memberships import another, clean_tables

__all__ = ["clean_tables", "shop", "sign_in"]

FORM = {
    "name": "客层",
    "key": "level",
    "category": "价值/频次",
    "kind": "one",
    "meaning": "来得多不多",
    "rules": "常客：count(buy) >= 2\n新客：count(buy) >= 1",
}


@pytest.fixture
def signed(sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(contexts, "standing_day", clock.today)
    return sign_in


def look() -> None:
    wait_for_readers()
    after_settling()
    segments.refresh()
    inferring.infer()
    tending.tend()
    people.refresh_cards()


def text(response: Any) -> str:
    return str(response.content.decode())


def test_from_the_form_to_the_person(shop: Shop, signed: Any) -> None:
    other = another(shop)
    shop.tell(shop.member(("card_no", shop.card), name="<b>李雷</b>"))
    for key in ("A1", "A2"):
        buy(shop, key)
    buy(other, "B1")
    client: Client = signed(BOSS)
    assert "还没有标签" in text(page(client, "/tags/"))
    refused = page(client, "/tags/new/", **{**FORM, "rules": "常客 count(buy) >= 2"})
    assert refused.status_code == 422 and "冒号" in text(refused) and "来得多不多" in text(refused)
    wrong = page(client, "/tags/new/", **{**FORM, "rules": "常客：count(buy >= 2"})
    assert wrong.status_code == 422
    assert tags.listed(BOSS) == []
    assert page(client, "/tags/new/", **FORM).status_code == 302
    [one] = tags.listed(BOSS)
    look()
    shown = text(page(client, "/tags/"))
    assert "频次" in shown and "客层" in shown and "常客" in shown
    detail = text(page(client, f"/tags/{one.id}/"))
    assert "来得多不多：常客" in detail and "&lt;b&gt;李雷" in detail and "count(buy) &gt;= 2" in detail
    regulars = text(page(client, f"/tags/{one.id}/people/?value=常客"))
    assert "李雷" in regulars and "<b>1</b>" in regulars.replace("\n", "")
    on_person = text(page(client, f"/people/{shop.person()}/tags/"))
    assert "常客" in on_person and "第 1 版规则" in on_person
    assert "客层" in text(page(client, f"/tags/{one.id}/edit/"))
    changed = {**FORM, "rules": "常客：count(buy) >= 3", "version": "1", "reason": "太松"}
    assert page(client, f"/tags/{one.id}/edit/", **changed).status_code == 302
    stale = page(client, f"/tags/{one.id}/edit/", **{**changed, "rules": "常客：count(buy) >= 4"})
    assert stale.status_code == 422 and "刚被别人改过" in text(stale)
    assert "太松" in text(page(client, f"/tags/{one.id}/"))
    assert page(client, f"/tags/{one.id}/act/", act="off").status_code == 302
    assert "关着" in text(page(client, "/tags/"))


def test_by_hand_on_the_persons_page(shop: Shop, signed: Any) -> None:
    buy(shop, "A1")
    look()
    with transaction.atomic():
        mood = tags.define(
            key="mood", name="心情", kind="one", definition=tags.Definition(values=("好", "坏")), actor=SYSTEM
        ).tag_id
    client: Client = signed(BOSS)
    place = f"/people/{shop.person()}/tags/say/"
    said = {"act": "give", "tag": str(mood), "value": "好", "reason": "<i>她说的</i>"}
    refused = client.post(place, {**said, "value": "一般"}, headers=HTMX)
    assert refused.status_code == 422 and "可以用：好、坏" in text(refused)
    assert client.post(place, {**said, "reason": ""}, headers=HTMX).status_code == 422
    assert client.post(place, {**said, "tag": "9" * 17}, headers=HTMX).status_code == 404
    given = client.post(place, said, headers=HTMX)
    assert given.status_code == 200 and "&lt;i&gt;她说的" in text(given) and "<i>她说的" not in text(given)
    [worn] = tags.of_person(BOSS, shop.person())
    assert client.post(place, {"act": "end", "id": str(worn.id), "reason": "看错了"}).status_code == 302
    assert tags.of_person(BOSS, shop.person()) == []
    assert "老板拿掉：看错了" in text(page(client, f"/people/{shop.person()}/tags/"))
    assert signed(GUIDE).post(place, said, headers=HTMX).status_code == 404, "not her customer"
    assert tags.of_person(BOSS, shop.person()) == []


def test_a_pack_is_mapped_counted_and_installed(shop: Shop, signed: Any) -> None:
    buy(shop, "A1", ago=1)
    products = {
        "sku_code": [MILK, "P-x"],
        "category_1": ["母婴", "母婴"],
        "category_2": ["1段奶粉", "<童装>"],
    }
    with transaction.atomic():
        brand.upsert_products(pa.table(products), actor=SYSTEM)
    look()
    client: Client = signed(BOSS)
    assert "价格敏感" in text(page(client, "/tags/packs/"))
    shown = text(page(client, "/tags/packs/mother_baby/"))
    assert 'value="中类：1段奶粉" checked' in shown and "&lt;童装&gt;" in shown
    chosen = {"of.newborn": "中类：1段奶粉", "add.kids": "中类：<童装>"}
    counted = text(page(client, "/tags/packs/mother_baby/", act="count", **chosen))
    assert "现在装上会是" in counted and 'value="中类：&lt;童装&gt;" checked' in counted
    mixed = page(client, "/tags/packs/mother_baby/", act="install", **chosen, **{"add.newborn": "大类：母婴"})
    assert mixed.status_code == 422 and "同一级" in text(mixed)
    assert page(client, "/tags/packs/pet/", act="install").status_code == 422
    assert page(client, "/tags/packs/nothing/").status_code == 404
    assert tags.listed(BOSS) == []
    assert page(client, "/tags/packs/mother_baby/", act="install", **chosen).status_code == 302
    look()
    [stage] = tags.listed(BOSS)
    assert tags.counts(BOSS, stage.id) == {"0–6 个月": 1}
    said = text(page(client, f"/people/{shop.person()}/tags/"))
    assert "最近 120 天买过新生儿用品" in said and "60 分" in said
    assert "每天整体推算一次" in text(page(client, f"/tags/{stage.id}/"))


def test_who_may_do_what(shop: Shop, signed: Any) -> None:
    page(signed(BOSS), "/tags/new/", **FORM)
    [one] = tags.listed(BOSS)
    paths = ("/tags/", f"/tags/{one.id}/", f"/tags/{one.id}/people/", "/tags/packs/", "/tags/packs/price/")
    writes = ("/tags/new/", f"/tags/{one.id}/edit/", f"/tags/{one.id}/act/")
    auditor, guide = signed(AUDITOR), signed(GUIDE)
    for path in paths:
        assert (auditor.get(path).status_code, guide.get(path).status_code) == (200, 404), path
    for client in (auditor, guide):
        for path in writes:
            assert client.post(path, {**FORM, "act": "archived"}).status_code == 404, path
        assert client.post("/tags/packs/price/", {"act": "install"}).status_code == 404
    assert [(t.name, t.state, t.version_no) for t in tags.listed(BOSS)] == [("客层", "on", 1)]
    assert 'href="/tags/"' not in text(guide.get("/people/"))
