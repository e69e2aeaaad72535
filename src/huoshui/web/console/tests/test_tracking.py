"""Sources, plan and stream: the real room behind the pages."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.facts import withdrawn
from huoshui.intake.river import api as river
from huoshui.intake.tracking import api as tracking
from huoshui.web.console.tests.stand_ins import House

PHONE = "13912345678"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    tracking.forget()


@pytest.fixture
def token(boss: Client) -> str:
    """A source and its key, made through the pages."""
    made = boss.post(
        "/sources/", {"name": "web", "label": "商城<b>", "kind": "web", "user_id_kind": "account"}
    )
    assert made.status_code == 302
    page = boss.post(made["Location"], {"act": "key", "scopes": ["events", "people"]}).content.decode()
    found = re.search(r'id="token">(hsw_[0-9a-f]{12}_\w{24})<', page)
    assert found
    return found[1]


Tell = Callable[..., Any]


@pytest.fixture
def tell(token: str) -> Tell:
    def told(**event: Any) -> Any:
        writer = tracking.writer_of(token)
        assert writer is not None
        frame = tracking.Frame(received_at=clock.now())
        return tracking.take([tracking.Told(writer, json.dumps(event).encode(), frame)])[0]

    return told


def page(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


def source_of(token: str) -> tracking.SourceView:
    (found,) = tracking.list_sources()
    return found


def test_a_key_is_shown_once_and_works(boss: Client, token: str) -> None:
    view = source_of(token)
    shown = page(boss, f"/sources/{view.source_id}/")
    assert token not in shown and f"hsw_{view.keys[0].prefix}_…" in shown
    assert "商城&lt;b&gt;" in shown
    assert tracking.writer_of(token) is not None


def test_a_key_is_rotated_and_ended(boss: Client, token: str) -> None:
    view = source_of(token)
    own = f"/sources/{view.source_id}/"
    prefix = f"hsw_{view.keys[0].prefix}_…"
    assert 'id="token"' in boss.post(own, {"act": "rotate", "prefix": prefix}).content.decode()
    view = source_of(token)
    assert [key.ends_at is None for key in view.keys] == [True, False]
    boss.post(own, {"act": "end", "prefix": prefix})
    tracking.forget()
    assert tracking.writer_of(token) is None
    assert boss.post(own, {"act": "end", "prefix": "hsw_000000000000_…"}).status_code == 404


def test_settings_are_kept_and_nonsense_is_refused(boss: Client, token: str) -> None:
    own = f"/sources/{source_of(token).source_id}/"
    told = {"act": "settings", "origins": "https://a.example.com\nhttps://b.example.com", "rate": "600"}
    assert boss.post(own, told).status_code == 200
    view = source_of(token)
    assert (view.origins, view.rate_per_minute) == (("https://a.example.com", "https://b.example.com"), 600)
    assert not view.is_enabled
    assert boss.post(own, told | {"origins": "a.example.com"}).status_code == 422
    assert boss.post(own, told | {"rate": "0"}).status_code == 422
    assert boss.post("/sources/", {"name": "two words", "kind": "web"}).status_code == 422
    assert (
        boss.post("/sources/", {"name": "web", "kind": "web", "user_id_kind": "account"}).status_code == 422
    )
    assert len(tracking.list_sources()) == 1


def test_what_comes_in_is_in_the_stream_at_once_and_filters_work(boss: Client, tell: Tell) -> None:
    tell(type="track", event="Product Viewed", anonymousId="a", properties={"colour": "<i>红</i>"})
    tell(type="track", event="Cart Viewed", anonymousId="a")
    shown = page(boss, "/stream/")
    assert "Product Viewed" in shown and "Cart Viewed" in shown
    assert "<i>红</i>" not in shown and "红" in shown
    assert 'hx-trigger="every 2s"' in shown
    assert 'hx-trigger="every 2s"' not in page(boss, "/stream/?pause=1")
    rows = page(boss, "/stream/rows/?name=Cart+Viewed")
    assert "Cart Viewed" in rows and "Product Viewed" not in rows
    assert "Product Viewed" in page(boss, "/stream/rows/?text=colour")
    assert "Product Viewed" not in page(boss, "/stream/rows/?text=nothing-like-it")


def test_what_comes_by_other_doors_is_in_the_stream_of_all(boss: Client, tell: Tell) -> None:
    tell(type="track", event="Cart Viewed", anonymousId="a1")
    other = facts.ensure_source(name="till:S9", label="九号店收银", mode="live")
    brand.ensure_headquarters("总部")
    sale = river.Item(
        "Order Completed", "s1", clock.now(),
        order=river.Order("NO-77", "S9", (river.Line("P1", 1_000, 1_250),)),
    )  # fmt: skip
    lone = river.Item(
        "Order Refunded", "s2", clock.now(),
        order=river.Order("NO-78", "S9", (river.Line("P1", -1_000, -500),), parent_key="NO-UNKNOWN"),
    )  # fmt: skip
    river.submit([sale, lone], source=other, actor=SYSTEM)
    usual = page(boss, "/stream/")
    assert "NO-77" not in usual and f'<option value="{other.id}">九号店收银</option>' in usual
    everything = page(boss, "/stream/rows/?source=all")
    assert "Cart Viewed" in everything and "NO-77  ¥12.50" in everything and "NO-78" in everything
    assert "Order Completed · 订单" in page(boss, "/stream/?source=all")
    of_one = page(boss, f"/stream/rows/?source={other.id}&name=Order+Completed")
    assert "NO-77" in of_one and "NO-78" not in of_one and "Cart Viewed" not in of_one
    with transaction.atomic():
        withdrawn.reverse_others(
            9, [next(f for f in tracking.stream([other.id]) if f.order_key == "NO-78").fact_id]
        )
    assert "撤回第" in page(boss, f"/stream/rows/?source={other.id}&name=Fact+Withdrawn")
    # What the river could not settle yet
    held = page(boss, f"/stream/rows/?source={other.id}&state=open")
    assert "NO-78" in held and "NO-77" not in held and "等原订单" in held


def test_contacts_in_the_stream_are_masked(boss: Client, tell: Tell) -> None:
    tell(type="identify", userId="u1", traits={"phone": PHONE})
    shown = page(boss, "/stream/")
    assert PHONE not in shown and "*******5678" in shown
    assert "sealed" not in shown


def test_the_plan_lists_what_was_seen_and_declares_it(boss: Client, tell: Tell) -> None:
    tell(type="track", event="Viewed", anonymousId="a", properties={"colour": "red"})
    tracking.write_counts()
    shown = page(boss, "/plan/")
    assert "Viewed" in shown and "colour" in shown and "没声明" in shown
    told = {"act": "declare", "fact": "Viewed", "name": "colour", "type": "integer", "klass": "behaviour"}
    assert boss.post("/plan/", told).status_code == 200
    assert (
        tell(type="track", event="Viewed", anonymousId="a", properties={"colour": "red"}).status == "rejected"
    )
    (fact,) = tracking.declared()
    boss.post("/plan/", {"act": "take_back", "id": str(fact.properties[0].id)})
    assert (
        tell(type="track", event="Viewed", anonymousId="a", properties={"colour": "red"}).status == "accepted"
    )
    assert boss.post("/plan/", told | {"type": "colour"}).status_code == 422
    assert boss.post("/plan/", {"act": "take_back", "id": "999"}).status_code == 404


def test_what_was_set_aside_is_mended_and_told_again(boss: Client, tell: Tell) -> None:
    assert tell(type="track", anonymousId="a", properties={"x": 1}).status == "rejected"
    assert "没写发生了什么" in page(boss, "/stream/aside/")
    (kept,) = tracking.set_aside()
    own = f"/stream/aside/{kept.id}/"
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page(boss, own), re.DOTALL)
    assert found
    text = json.loads(html.unescape(found[1]))
    assert boss.post(own, {"act": "replay", "text": json.dumps(text)}).status_code == 422
    done = boss.post(own, {"act": "replay", "text": json.dumps(text | {"event": "Mended"})})
    assert done.status_code == 302
    assert "已重新导入" in page(boss, done["Location"])
    assert "Mended" in page(boss, "/stream/")
    assert boss.post(own, {"act": "replay", "text": "{}"}).status_code == 422


def test_one_is_dropped_only_with_a_reason(boss: Client, tell: Tell) -> None:
    tell(type="track", anonymousId="a")
    (kept,) = tracking.set_aside()
    assert boss.post(f"/stream/aside/{kept.id}/", {"act": "drop", "reason": ""}).status_code == 422
    assert boss.post(f"/stream/aside/{kept.id}/", {"act": "drop", "reason": "测试"}).status_code == 302
    assert tracking.open_one(kept.id).state == "dropped"


_READ = sql.Statement(
    "read", "select count(*) as times from audit_entry where action = 'contact.read_aside' and actor <> ''"
)


def test_who_may_not_see_contacts_does_not_read_what_was_set_aside(
    boss: Client, tell: Tell, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(type="identify", traits={"phone": PHONE})
    (kept,) = tracking.set_aside()
    assert PHONE in page(boss, f"/stream/aside/{kept.id}/")
    assert sql.fetch_one(_READ).times == 1
    _as(house, monkeypatch, "operator")
    assert PHONE not in page(boss, f"/stream/aside/{kept.id}/")
    assert sql.fetch_one(_READ).times == 1
    mended = json.dumps({"type": "page", "anonymousId": "a"})
    assert boss.post(f"/stream/aside/{kept.id}/", {"act": "replay", "text": mended}).status_code == 404
    assert tracking.open_one(kept.id).state == "open"


def test_whoever_is_not_of_head_office_finds_nothing(
    boss: Client, token: str, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tracking.list_sources()
    _as(house, monkeypatch, "guide")
    for path in ("/sources/", "/plan/", "/stream/", "/stream/rows/", "/stream/aside/"):
        assert boss.get(path).status_code == 404
    assert boss.post("/sources/", {"name": "mine", "kind": "web"}).status_code == 404
    assert (
        boss.post(f"/sources/{before[0].source_id}/", {"act": "key", "scopes": "events"}).status_code == 404
    )
    assert (
        boss.post("/plan/", {"fact": "a", "name": "b", "type": "string", "klass": "none"}).status_code == 404
    )
    _as(house, monkeypatch, "analyst")
    assert boss.get("/plan/").status_code == 200
    assert (
        boss.post("/plan/", {"fact": "a", "name": "b", "type": "string", "klass": "none"}).status_code == 404
    )
    assert tracking.list_sources() == before and tracking.declared() == []


def _as(house: House, monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    from huoshui.core.actor import Actor

    actor = Actor("staff", 1, "某人", frozenset({role}), frozenset({1}))
    monkeypatch.setattr(house.brand, "actor_of", lambda user: actor)


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_pages_in_other_languages_say_nothing_in_this_one(boss: Client, tell: Tell, language: str) -> None:
    tell(type="track", event="Viewed", anonymousId="a", properties={"x": 1})
    tell(type="track", anonymousId="a")
    tracking.write_counts()
    boss.cookies["django_language"] = language
    (kept,) = tracking.set_aside()
    for path in ("/sources/", "/plan/", "/stream/", "/stream/aside/", f"/stream/aside/{kept.id}/"):
        shown = page(boss, path)
        if language == "en":
            labels = sql.Statement("labels", "select label from source order by length(label) desc")
            named = "|".join(re.escape(r.label) for r in sql.fetch(labels))
            main = re.sub(rf"商城|{named}|<[^>]*>", "", shown[shown.index("<main") : shown.index("</main")])
            assert not re.findall(r"[\u4e00-\u9fff]+", main), path


def test_counts_survive_a_failure_to_write_them(
    token: str, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(type="track", event="Viewed", anonymousId="a")

    def broken(*_: object, **__: object) -> int:
        raise RuntimeError("no")

    with monkeypatch.context() as context:
        context.setattr(sql, "run", broken)
        with pytest.raises(RuntimeError):
            tracking.write_counts()
    tracking.write_counts()  # of this source: the process may hold counts of other tests' sources
    (source,) = tracking.list_sources()
    assert [s.times for s in tracking.seen_names(source.source_id) if s.fact == "Viewed"] == [1]
