"""识别规则: read by head office, drafted by an operator, tried before it is live, put live by a boss with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.people.api import KINDS, identity_rules, identity_ruleset
from huoshui.people.identity import live
from huoshui.people.identity.tests.meeting import canonical, meet, new
from huoshui.web.console.contexts import identity_rules as contexts
from huoshui.web.console.contexts import rooms
from huoshui.web.console.i18n import compile_catalogues

pytestmark = pytest.mark.django_db

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
OPERATOR = Actor("staff", 2, "运营", frozenset({"operator"}))
ANALYST = Actor("staff", 4, "分析", frozenset({"analyst"}))
GUIDE = Actor("staff", 3, "导购", frozenset({"guide"}), frozenset({-1}))
PAGE = "/identity-rules/"
_WAITING = sql.Statement("waiting", "select id from identity_rehearsal where state = 'waiting' order by id")


@pytest.fixture(scope="module", autouse=True)
def _catalogues() -> None:
    compile_catalogues()


class Desk:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.actor = BOSS
        doors = {name: getattr(brand, name) for name in brand.__all__} | {"actor_of": lambda user: self.actor}
        monkeypatch.setattr(rooms, "brand", SimpleNamespace(**doors))
        self.client = Client()
        self.client.force_login(
            User.objects.create_user("lin"), backend="django.contrib.auth.backends.ModelBackend"
        )

    def page(self) -> str:
        return self.client.get(PAGE).content.decode()

    def form(self, **changed: str) -> dict[str, str]:
        """The page's own form, as the browser would send it back."""
        shown = contexts.page(BOSS)
        sent = {f"blocked.{m.kind}": m.text for m in shown.masks}
        for row in shown.rows:
            sent |= {
                f"{row.kind}.place": row.place,
                f"{row.kind}.strength": row.strength,
                f"{row.kind}.most_people": row.most_people,
                f"{row.kind}.most_of_person": row.most_of_person,
                f"{row.kind}.certain_in": row.certain_in,
            }
        return sent | {key.replace("__", "."): value for key, value in changed.items()}


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    yield Desk(monkeypatch)
    live.adopt(identity_ruleset.FIRST)


def work() -> None:
    """As the worker would."""
    for row in sql.fetch(_WAITING):
        identity_rules.carry_out(row.id)


def test_the_form_says_the_rules_that_are_live(desk: Desk) -> None:
    assert contexts.body_of(desk.form()) == identity_ruleset.delivered().body()
    page = desk.page()
    assert "同一个号码就是同一人" in page and "出厂规则" in page
    assert all(kind.label in page for kind in KINDS.values())
    assert "13800138000" in page


def test_drafted_tried_and_live(desk: Desk) -> None:
    phone = new("phone")
    one, other = meet(phone, new()), meet(phone, new())
    desk.actor = OPERATOR
    saved = desk.client.post(f"{PAGE}draft/", desk.form(phone__strength="weak"))
    assert saved.status_code == 302 and canonical(other) == [one]
    assert "手机号 · 作用" in desk.page() and "生效要由老板来点" in desk.page()
    desk.client.post(f"{PAGE}try/")
    assert "正在试算" in desk.page() and 'hx-trigger="every' in desk.page()
    work()
    page = desk.page()
    assert "合并后会少 <b>0</b> 位，分开后会多 <b>1</b> 位" in page
    assert f'href="/people/{one}/"' in page or f"#{one}" in page
    assert "手机号 ••••" in page
    assert canonical(other) == [one]
    assert desk.client.post(f"{PAGE}live/", {"reason": "平板"}).status_code == 404
    assert canonical(other) == [one]
    desk.actor = BOSS
    refused = desk.client.post(f"{PAGE}live/", {"reason": ""})
    assert refused.status_code == 422 and "请写明" in refused.content.decode()
    assert desk.client.post(f"{PAGE}live/", {"reason": "门店平板"}).status_code == 302
    work()
    assert canonical(one, other) == [one, other]
    page = desk.page()
    assert "第 2 版" in page and "门店平板" in page and "分开后多了 <b>1</b> 位" in page
    assert "草稿改了什么" not in page


def test_what_is_wrong_is_said_and_stays_in_the_form(desk: Desk) -> None:
    sent = desk.form(phone__most_people="很多", blocked__phone="1*\n13800138000")
    refused = desk.client.post(f"{PAGE}draft/", sent)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "一个号码最多认几个人，请填 1 到" in page and "会挡住太多号码" in page
    assert 'value="很多"' in page
    assert identity_rules.draft(BOSS) is None


def test_a_draft_is_thrown_away(desk: Desk) -> None:
    desk.client.post(f"{PAGE}draft/", desk.form(phone__most_people="3"))
    assert identity_rules.draft(BOSS) is not None
    desk.client.post(f"{PAGE}drop/")
    assert identity_rules.draft(BOSS) is None


def test_who_may_look_and_who_may_not(desk: Desk) -> None:
    desk.actor = ANALYST
    assert "存成草稿" not in desk.page()
    assert desk.client.post(f"{PAGE}draft/", desk.form(phone__most_people="3")).status_code == 404
    desk.actor = GUIDE
    assert desk.client.get(PAGE).status_code == 404
    for place in ("draft", "drop", "try", "live"):
        assert desk.client.post(f"{PAGE}{place}/", desk.form()).status_code == 404
    assert identity_rules.draft(BOSS) is None


def test_english_says_it_in_english(desk: Desk) -> None:
    desk.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    desk.client.post(f"{PAGE}draft/", desk.form(phone__strength="hint"))
    page = desk.page()
    assert "Recognition rules" in page and "Kept, and names nobody." in page
