"""标签: made by a form, from a pack, on a person's page; looked into, explained, switched off; and who may do what."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
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
from huoshui.insight.segments import judging
from huoshui.insight.tags import inferring, tending
from huoshui.intake.river.api import after_settling
from huoshui.intake.river.tests.world import MILK, Shop
from huoshui.people import api as people
from huoshui.web.console.contexts import rule_tree, tag_form
from huoshui.web.console.contexts import tags as contexts
from huoshui.web.console.tests.test_acts import HTMX
from tests.console.test_segments import AUDITOR, BOSS, GUIDE, fields_of, page, sign_in
from tests.insight.test_end_to_end import buy, shop
from tests.insight.test_memberships import another, clean_tables

__all__ = ["clean_tables", "shop", "sign_in"]

FORM = {
    "name": "客层",
    "key": "level",
    "category": "价值/频次",
    "kind": "one",
    "meaning": "来得多不多",
    "act": "save",
}


def rule(no: int, value: str, times: str) -> dict[str, str]:
    """The fields of a value's rule: bought at least so often."""
    group = {f"{no}-value": value, f"{no}-kind": "all", f"{no}.0-kind": "buy"}
    return group | {
        f"{no}.0-{name}": v for name, v in (("measure", "count"), ("op", ">="), ("number", times))
    }


FORM |= rule(0, "常客", "2") | rule(1, "新客", "1")


@pytest.fixture
def signed(sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    for each in (contexts, tag_form):
        monkeypatch.setattr(each, "standing_day", clock.today)
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
    refused = page(client, "/tags/new/", **{**FORM, "0-value": " "})
    assert refused.status_code == 422 and "第 1 条规则" in text(refused) and "来得多不多" in text(refused)
    wrong = page(client, "/tags/new/", **FORM | rule(1, "新客", "很多"))
    assert wrong.status_code == 422 and "“新客”的规则，第 1 条：这里要写一个整数" in text(wrong)
    alone = page(client, "/tags/new/", **{**FORM, "kind": "flag"})
    assert alone.status_code == 422 and "只有一条规则" in text(alone)
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
    shown = text(page(client, f"/tags/{one.id}/edit/"))
    assert "客层" in shown and 'name="1-value" maxlength="30" value="新客"' in shown
    changed = {**FORM, **rule(0, "常客", "3"), "version": "1", "reason": "太松"}
    assert page(client, f"/tags/{one.id}/edit/", **changed).status_code == 302
    stale = page(client, f"/tags/{one.id}/edit/", **changed | rule(0, "常客", "4"))
    assert stale.status_code == 422 and "刚被别人改过" in text(stale)
    assert "太松" in text(page(client, f"/tags/{one.id}/"))
    assert page(client, f"/tags/{one.id}/act/", act="off").status_code == 302
    assert "关着" in text(page(client, "/tags/"))


def test_rules_of_values_are_added_moved_counted_and_dropped_by_buttons(shop: Shop, signed: Any) -> None:
    other = another(shop)
    shop.tell(shop.member(("card_no", shop.card), name="<b>李雷</b>"))
    for key in ("A1", "A2"):
        buy(shop, key)
    buy(other, "B1")
    look()
    client: Client = signed(BOSS)
    fresh = text(client.post("/tags/new/", {"kind": "flag"}, headers=HTMX))
    assert "用规则来给" in fresh and "0-kind" not in fresh
    added = client.post("/tags/new/", {"kind": "flag", "act": "rule-add"}, headers=HTMX)
    assert added.headers["HX-Trigger-After-Swap"] == "tree-changed"
    assert 'name="0.0-number"' in text(added) and "用规则来给" not in text(added), "one rule is all it has"
    said = {**FORM, "act": "add:1", "1-new": "birthday"}
    conditions = text(client.post("/tags/new/", said, headers=HTMX))
    assert 'name="1.1-days"' in conditions and 'name="0.1-kind"' not in conditions
    dropped = text(client.post("/tags/new/", {**FORM, "act": "drop:1.0"}, headers=HTMX))
    assert 'name="1.0-kind"' not in dropped and 'name="0.0-kind"' in dropped
    moved = text(client.post("/tags/new/", {**FORM, "act": "rule-up:1"}, headers=HTMX))
    assert moved.index('value="新客"') < moved.index('value="常客"')
    assert 'name="0-value" maxlength="30" value="新客"' in moved
    gone = text(client.post("/tags/new/", {**FORM, "act": "rule-drop:0"}, headers=HTMX))
    assert 'name="0-value" maxlength="30" value="新客"' in gone and "常客" not in gone
    counted = text(client.post("/tags/count/", {**FORM, "token": "t"}, headers=HTMX))
    assert re.findall(r">([\d,]+)</span> <span class=\"cap\">位顾客", counted) == ["1", "1"]
    assert "不再算进后面" in counted and "&lt;b&gt;李雷" in counted
    secret = text(client.post("/tags/count/", {**FORM, "token": "t", "sensitive": "1"}, headers=HTMX))
    assert "李雷" not in secret and "位顾客" in secret
    assert "还没有写给什么值" in text(client.post("/tags/count/", {**FORM, "0-value": ""}, headers=HTMX))
    assert tags.listed(BOSS) == []


def test_rules_of_a_tag_come_back_as_they_were_saved() -> None:
    for texts in (
        ["count(buy) >= 2", 'known("tier") in ("金卡") or absent(buy last 9 days)'],
        ["count(buy) >= 1"] * 40,
    ):
        rules = [segments.as_document(text) for text in texts]
        roots = rule_tree.trees(rules)
        said = {k: v for root in roots for k, v in fields_of(root).items()}
        assert [segments.as_document(rule_tree.document(one)) for one in rule_tree.read_all(said)] == rules


def test_counts_of_packs_and_tags_are_called_off_by_whoever_asked(
    shop: Shop, signed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    buy(shop, "A1")
    look()
    client, other = signed(BOSS), signed(AUDITOR)
    looked: list[bool] = []

    def slow(rule: object, at: datetime, is_called_off: Callable[[], bool]) -> Any:
        looked.append(is_called_off())
        assert other.post("/segments/count/off/", {"token": "p1"}).status_code == 204
        looked.append(is_called_off())
        assert client.post("/segments/count/off/", {"token": "p1"}).status_code == 204
        looked.append(is_called_off())
        return real(rule, at, is_called_off)

    real = judging.whom
    monkeypatch.setattr(judging, "whom", slow)
    told = client.post("/tags/packs/price/", {"act": "count", "token": "p1"}, headers=HTMX)
    assert told.status_code == 422 and "已经停下" in text(told) and "<html" not in text(told)
    assert "已经停下" in text(client.post("/tags/count/", {**FORM, "token": "p1"}, headers=HTMX))
    assert looked == [False, False, True] * 2
    monkeypatch.setattr(judging, "whom", real)
    assert "现在装上会是" in text(
        client.post("/tags/packs/price/", {"act": "count", "token": "p1"}, headers=HTMX)
    )


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
