"""The words of a list's column of tags on the import's page: shown, chosen, kept; and whoever may not import sees nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client

from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.tests.ground import clean_tables
from huoshui.insight.api import tags
from huoshui.intake.imports import api as imports
from huoshui.intake.imports.tests.shop import run, shop
from tests.console.desk import Desk

__all__ = ["clean_tables", "shop"]

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
GUIDE = Actor("staff", 9, "小丽", frozenset({"guide"}), frozenset({1}))


def body(response: object) -> str:
    return str(response.content.decode())  # type: ignore[attr-defined]  # a Django test response


def test_words_are_shown_chosen_and_kept(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction.atomic():
        told = tags.Definition(values=("备孕", "孕期"))
        stage = tags.define(key="stage", name="母婴阶段", kind="one", definition=told, actor=SYSTEM).tag_id
    view = run("people", "会员卡号,标签\nC1,孕期、<b>怕辣\nC2,新客\n", shop)
    desk = Desk(monkeypatch, BOSS)
    page, to = f"/imports/{view.id}/", f"/imports/{view.id}/tags/"
    shown = body(desk.client.get(page))
    assert "2 个词系统不认识" in shown and "&lt;b&gt;怕辣" in shown and "<b>怕辣" not in shown
    assert "孕期（母婴阶段：孕期）" in shown, "what is understood is said too"
    words = [w.word for w in imports.tag_words(BOSS, view.id)]
    fields = {word: f"word-{place}" for place, word in enumerate(words)}
    assert desk.client.post(to, {fields["新客"]: "map:x"}).status_code == 422
    assert desk.client.post(to, {fields["新客"]: f"map:{stage}:上学"}).status_code == 422
    assert all(not w.does for w in imports.tag_words(BOSS, view.id))
    said = {fields["新客"]: f"map:{stage}:备孕", fields["<b>怕辣"]: "leave"}
    assert desk.client.post(to, said).status_code == 302
    assert "系统不认识" not in body(desk.client.get(page)).split("</header>")[-1]
    imports.execute(view.id, actor=BOSS)
    assert imports.run_for(BOSS, view.id).counts["tags_given"] == 2
    assert "给了标签" in body(desk.client.get(page))
    refuse_others(desk.client, desk, to, page)


def refuse_others(client: Client, desk: Desk, to: str, page: str) -> None:
    desk.actor = GUIDE
    assert client.get(page).status_code == client.post(to, {}).status_code == 404
