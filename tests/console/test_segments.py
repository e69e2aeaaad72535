"""人群包: built by a form with and without a script, counted, saved, looked into, taken out; and who may do what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import Refused
from huoshui.insight.api import portraits, segments
from huoshui.insight.portraits import kinds as kinds_of_people
from huoshui.insight.portraits import typical
from huoshui.intake.river.tests.world import Shop, line
from huoshui.people import api as people
from huoshui.web.console.contexts import rule_fields, rule_tree
from huoshui.web.console.contexts import segments as contexts
from huoshui.web.console.tests.test_acts import HTMX
from tests.console.desk import play, signed_in
from tests.insight.test_end_to_end import buy, inside, look, shop
from tests.insight.test_memberships import another, clean_tables, exported

__all__ = ["clean_tables", "shop"]

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}), frozenset({1}))
AUDITOR = Actor("staff", 2, "老李", frozenset({"auditor"}), frozenset({1}))
GUIDE = Actor("staff", 3, "小丽", frozenset({"guide"}), frozenset({2}))
MANAGER = Actor("staff", 4, "店长", frozenset({"manager"}), frozenset({2}))

RULES = (
    "count(buy last 30 days) >= 2",
    'total(buy[category in ("零食", "茶")] last 90 days) > 160元 and absent(buy last 7 days)',
    'known("tier") in ("金卡") or anniversary("attr.birthday", 7) or top(20, total(buy last 365 days))',
    'not (first_time(buy last 30 days) or known("attr.city") in ("杭州", "苏州"))',
    'count(buy) >= 1 and (count(buy last 9 days) = 0 or (average(buy) < 50.5元 and distinct(buy, "store") >= 3))',
    "total(buy last 30 days skip 2, figure=units) >= 1.5件 or total(buy from 2026-01-01 to 2026-02-01) > 9.9元",
    'count("Product Viewed"[store in ("甲店"), property "colour" in ("红", "绿")] last 30 days) >= 3 and absent("Checkout Started")',
    'count(buy[category not in ("茶"), brand in ("粟屿"), hour 18 to 22, weekday in (6, 7), amount >= 50元] since "孕期") >= 1',
    "total(buy last 30 days) > percent(150, total(buy last 30 days skip 30)) or count(buy last 7 days) < count(buy last 7 days skip 7)",
    'days_since(last, buy) > 45 and which(most, category, buy last 365 days) in ("茶", "零食")',
    'after(buy, 7, "Coupon Claimed" last 90 days) and every(month, 3, buy) and years_since(buy, 7)',
    'sequence(["Product Viewed" last 30 days, "Product Added", buy], 2, without="Checkout Started")',
    'reached(["Product Viewed", "Product Added", "Checkout Started", buy], 7) = 2 and anniversary("attr.joined_at", 0)',
    'top(20, total(buy last 365 days), within=known("attr.city")) and not top(5, count(buy), lowest=true)',
    "top(10, total(buy), within=which(most, store, buy))",
    'balance("points") >= 1000 and balance("points@sea") < 5 and number("tier") >= 2 and number("attr.household_size") < 4',
    'known("attr.occupation") is known and known("role.pro") is known and known("bond.guide") in ("小丽") and known("consent.sms") in ("given")',
    'score(recency) >= 4 and graded(grade) in ("high", "mid") and not graded(rfm) in ("general_win_back")',
    'distance(31.2304度, 121.4737度) <= 3.5公里 and tagged("孕期", values=["早期"], since=last 30 days) and tagged("爱喝茶")',
    'member("常来的") and sample("秋天", 0, 50)',
)
FORM = {
    "name": "常来的",
    "0-kind": "all",
    "0.0-kind": "buy",
    "0.0-measure": "count",
    "0.0-op": ">=",
    "0.0-number": "2",
}


def page(client: Client, path: str, **said: Any) -> Any:
    return client.post(path, said) if said else client.get(path)


@pytest.fixture
def sign_in(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Any:
    now: dict[str, Actor] = {}
    play(monkeypatch, lambda user: now[user.username])
    monkeypatch.setattr(contexts, "standing_day", clock.today)

    def sign(actor: Actor) -> Client:
        now[actor.name] = actor
        return signed_in(actor.name)

    return sign


@pytest.mark.parametrize("text", RULES)
def test_a_rule_shown_as_a_form_says_what_it_said(text: str) -> None:
    rule = segments.as_document(text)
    shown = rule_tree.tree(rule)
    assert "text" not in _kinds(shown), "each has a form of its own"
    assert segments.as_document(rule_tree.document(shown)) == rule
    assert rule_tree.read(fields_of(shown)) == shown


def _kinds(node: rule_tree.Node) -> set[str]:
    return {node.kind}.union(*(_kinds(one) for one in node.nodes))


def test_every_kind_of_condition_is_shown_by_one_of_these_rules() -> None:
    shown = set[str]().union(*(_kinds(rule_tree.tree(segments.as_document(text))) for text in RULES))
    assert set(rule_tree.LEAVES) - shown == {"text"}
    assert {kind for _about, kinds in rule_fields.ADDS for kind, _said in kinds} == set(rule_tree.LEAVES)
    assert set(rule_fields.FIELDS) == set(rule_tree.LEAVES)


def test_what_a_form_cannot_hold_is_written_as_text() -> None:
    for text in (
        "count(buy last 7 days) > distinct(buy, store)",
        " and ".join(["count(buy) >= 1"] * 60),
        'count(buy[brand in ("甲"), brand in ("乙")]) >= 1',
    ):
        rule = segments.as_document(text)
        shown = rule_tree.tree(rule)
        assert _kinds(shown) == {"all", "text"}
        assert segments.as_document(rule_tree.document(shown)) == rule


def test_what_was_added_is_where_one_goes_on() -> None:
    root = rule_tree.fresh()
    added, place = rule_tree.acted(root, {"act": "add:0", "0-new": "balance"})
    assert (added.nodes[1].kind, place) == ("balance", "0.1")
    assert rule_tree.acted(root, {"act": "add:0", "0-new": "nonsense"}) == (root, "")
    nested, place = rule_tree.acted(root, {"act": "group:0"})
    assert (nested.nodes[1].kind, place) == ("any", "0.1")
    assert rule_tree.acted(nested, {"act": "drop:0.1.0"})[1] == "0.1"


def fields_of(node: rule_tree.Node) -> dict[str, str]:
    own = {f"{node.place}-kind": node.kind} | {f"{node.place}-{n}": v for n, v in node.values.items()}
    for one in node.nodes:
        own |= fields_of(one)
    return own


def test_buttons_add_nest_and_drop_conditions() -> None:
    root = rule_tree.fresh()
    root = rule_tree.change(root, "add:0:silent")
    root = rule_tree.change(root, "group:0")
    root = rule_tree.change(root, "add:0.2:text")
    assert [n.kind for n in root.nodes] == ["buy", "silent", "any"]
    assert [n.place for n in root.nodes[2].nodes] == ["0.2.0", "0.2.1"]
    root = rule_tree.change(root, "drop:0.0")
    assert [(n.kind, n.place) for n in root.nodes] == [("silent", "0.0"), ("any", "0.1")]
    for act in ("drop:0", "add:0.0:buy", "add:0:nothing", "nonsense"):
        assert rule_tree.change(root, act) == root
    for wrong in ({}, {"0-kind": "all", "1-kind": "buy"}, {"0-kind": "what"}):
        with pytest.raises(Refused):
            rule_tree.read(wrong)


def test_from_the_form_to_the_people(shop: Shop, sign_in: Any) -> None:
    other = another(shop)
    shop.tell(shop.member(("card_no", shop.card), name="<b>李雷</b>"))
    for key in ("A1", "A2"):
        buy(shop, key)
    buy(other, "B1")
    look_without_segments()
    client = sign_in(BOSS)
    assert "还没有保存过人群" in page(client, "/segments/").content.decode()
    added = client.post("/segments/new/", {**FORM, "act": "add:0:birthday"}, headers=HTMX)
    assert (
        'name="0.1-days"' in added.content.decode()
        and added.headers["HX-Trigger-After-Swap"] == "tree-changed"
    )
    counted = client.post("/segments/count/", {**FORM, "token": "t"}, headers=HTMX).content.decode()
    assert ">1<" in counted.replace(" ", "") and "&lt;b&gt;李雷" in counted
    wrong = client.post("/segments/count/", {**FORM, "0.0-number": "很多"}, headers=HTMX).content.decode()
    assert "整数" in wrong
    refused = page(client, "/segments/new/", **{**FORM, "name": "", "act": "save"})
    assert refused.status_code == 422 and "起一个名字" in refused.content.decode()
    saved = page(client, "/segments/new/", **{**FORM, "act": "save"})
    assert saved.status_code == 302
    [one] = segments.listed(BOSS)
    look()
    assert inside(one.id) == {shop.person()}
    people.refresh_cards()
    for path in (
        "/segments/",
        f"/segments/{one.id}/",
        f"/segments/{one.id}/people/",
        f"/segments/{one.id}/rule/",
    ):
        shown = page(client, path)
        assert shown.status_code == 200 and "常来的" in shown.content.decode(), path
        assert "<b>李雷" not in shown.content.decode()
    assert "常来的" in page(client, f"/people/{shop.person()}/segments/").content.decode()
    assert "常来的" not in page(client, f"/people/{other.person()}/segments/").content.decode()
    changed = {**FORM, "0.0-number": "1", "version": "1", "reason": "太少", "act": "save"}
    assert page(client, f"/segments/{one.id}/rule/", **changed).status_code == 302
    assert "<del>" in page(client, f"/segments/{one.id}/").content.decode()
    stale = page(client, f"/segments/{one.id}/rule/", **{**changed, "0.0-number": "3"})
    assert stale.status_code == 422 and "刚被别人改过" in stale.content.decode()
    look()
    taken = client.post(f"/segments/{one.id}/export/")
    assert taken.status_code == 200 and exported() == [(one.id, 2)]


def look_without_segments() -> None:
    from huoshui.core.tests.ground import wait_for_readers
    from huoshui.intake.river.api import after_settling

    wait_for_readers()
    after_settling()


def test_who_may_do_what(shop: Shop, sign_in: Any) -> None:
    page(sign_in(BOSS), "/segments/new/", **{**FORM, "act": "save"})
    [one] = segments.listed(BOSS)
    paths = ("/segments/", f"/segments/{one.id}/", f"/segments/{one.id}/people/")
    writes = (
        "/segments/new/",
        f"/segments/{one.id}/rule/",
        f"/segments/{one.id}/act/",
        f"/segments/{one.id}/export/",
    )
    auditor, guide = sign_in(AUDITOR), sign_in(GUIDE)
    for path in paths:
        assert (auditor.get(path).status_code, guide.get(path).status_code) == (200, 404), path
    for path in writes:
        for client in (auditor, guide):
            assert (
                client.post(path, {**FORM, "act": "archived" if "act" in path else "save"}).status_code == 404
            )
    assert guide.post("/segments/count/", FORM).status_code == 404
    assert [(s.name, s.state, s.version_no) for s in segments.listed(BOSS)] == [("常来的", "on", 1)]
    assert exported() == []
    assert "人群包" not in guide.get("/people/").content.decode()


def test_who_uses_a_segment_and_an_earlier_version_taken_back(shop: Shop, sign_in: Any) -> None:
    client = sign_in(BOSS)
    page(client, "/segments/new/", **{**FORM, "act": "save"})
    [one] = segments.listed(BOSS)
    path = f"/segments/{one.id}/"
    assert "别的人群都没有用到它" in page(client, path).content.decode()
    other = {
        "name": "常来的里面的",
        "0-kind": "all",
        "0.0-kind": "member",
        "0.0-segment": "常来的",
        "act": "save",
    }
    assert page(client, "/segments/new/", **other).status_code == 302
    assert "常来的里面的" in page(client, path).content.decode()
    page(client, f"{path}rule/", **{**FORM, "0.0-number": "5", "version": "1", "act": "save"})
    back = {"act": "take_back", "to": "1", "version": "2"}
    auditor = sign_in(AUDITOR)
    assert page(auditor, f"{path}act/", **back).status_code == 404
    assert page(client, f"{path}act/", **{**back, "to": "9"}).status_code == 404
    assert segments.find(BOSS, one.id).version_no == 2
    assert page(client, f"{path}act/", **back).status_code == 302
    newest, _second, first = segments.versions(BOSS, one.id)
    assert (newest.version_no, newest.rule, newest.reason) == (3, first.rule, "用回第 1 版")
    stale = page(client, f"{path}act/", **{**back, "to": "2"})
    assert stale.status_code == 422 and "刚被别人改过" in stale.content.decode()


def test_what_is_refused_is_said_in_english_and_without_the_place_in_a_document(sign_in: Any) -> None:
    client = sign_in(BOSS)
    client.cookies["django_language"] = "en"
    typed = {"name": "x", "0-kind": "all", "0.0-kind": "text", "0.0-text": "count(buy) >>= 2", "act": "save"}
    said = page(client, "/segments/new/", **typed).content.decode()
    assert "Character" in said and "规" not in said.split('role="alert"')[1].split("</section>")[0]
    no_days = {**FORM, "0.0-days": "99999", "act": "save"}
    said = page(client, "/segments/new/", **no_days).content.decode()
    assert "Days must be between" in said and "/left/of" not in said


@pytest.fixture
def forty(shop: Shop) -> Shop:
    """Forty people; the first twenty have ordered twice, half are women."""
    items = []
    for n in range(40):
        who = shop if n == 0 else another(shop)
        name = "=<b>雷</b>" if n == 0 else f"顾客{n}"
        items.append(who.member(("card_no", who.card), name=name, gender="女" if n % 2 else "男"))
        items += [
            who.order(line(1000 + n), key=f"{n}-{time}", at=clock.now() - timedelta(days=3 + time))
            for time in range(2 if n < 20 else 1)
        ]
    shop.tell(*items)
    return shop


def test_a_portrait_is_read_opened_and_its_typical_customers_are_named(
    forty: Shop, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typical, "ENOUGH", 10)
    client = sign_in(BOSS)
    page(client, "/segments/new/", **{**FORM, "act": "save"})
    [one] = segments.listed(BOSS)
    look()
    people.refresh_cards()
    path = f"/segments/{one.id}/"
    assert "/portrait/" in page(client, path).content.decode()
    assert 'hx-get="/segments/' in page(client, f"{path}portrait/").content.decode()
    said = page(client, f"{path}portrait/panel/").content.decode()
    assert "这群人有 20 人，比全部顾客突出的是" in said and 'data-chart="tgi"' in said
    women = f"{path}portrait/people/?attribute=attr.gender&value=女"
    shown = page(client, women).content.decode()
    assert "10" in shown and shown.count('class="nm"') == 10
    cards = page(client, f"{path}typical/").content.decode()
    chosen = portraits.typical(BOSS, one.id)[0].person_id
    assert "<b>雷" not in cards and f'value="{chosen}"' in cards
    told = {"person": str(chosen), "called": "两次的", "treatment": "打电话"}
    refused = client.post(f"{path}typical/", {**told, "called": ""})
    assert refused.status_code == 422 and "起一个称呼" in refused.content.decode()
    saved = client.post(f"{path}typical/", told).content.decode()
    assert "两次的" in saved and "打电话" in saved
    auditor, guide, manager = sign_in(AUDITOR), sign_in(GUIDE), sign_in(MANAGER)
    assert auditor.post(f"{path}typical/", {**told, "called": "别的"}).status_code == 404
    assert "两次的" in page(auditor, f"{path}typical/").content.decode()
    for closed in (
        "portrait/",
        "portrait/panel/",
        "typical/",
        "portrait/people/?attribute=attr.gender&value=女",
    ):
        assert page(guide, path + closed).status_code == 404, closed
    for closed in ("", "typical/", "portrait/people/?attribute=attr.gender&value=女"):
        assert page(manager, path + closed).status_code == 404, closed
    assert "常来的" in page(manager, "/portraits/").content.decode()
    blurred = page(manager, f"{path}portrait/panel/").content.decode()
    assert "太少" in blurred or "大约" in blurred
    assert "hs-open" not in blurred and "顾客1" not in blurred


def test_types_are_found_named_and_opened(forty: Shop, sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds_of_people, "_FEWEST_ORDERS", 1)
    client, auditor = sign_in(BOSS), sign_in(AUDITOR)
    look_without_segments()
    people.refresh_cards()
    assert "还没有划分类型" in page(client, "/types/").content.decode()
    few = client.post("/types/find/")
    assert few.status_code == 422 and "不到 100 位" in few.content.decode()
    monkeypatch.setattr(kinds_of_people, "_FEWEST_BUYERS", 10)
    assert auditor.post("/types/find/").status_code == 404
    assert client.post("/types/find/").status_code == 200
    told = portraits.types(BOSS)
    assert told is not None and sum(t.people for t in told.types) == 40
    named = client.post(f"/types/{told.id}/0/", {"called": "<i>周末的"}).content.decode()
    assert "&lt;i&gt;周末的" in named and "<i>周末的" not in named
    largest = told.types[0]
    shown = page(client, f"/types/{largest.key}/people/").content.decode()
    assert shown.count('class="nm"') == min(largest.people, 50)
    assert page(sign_in(MANAGER), "/types/").status_code == 404
