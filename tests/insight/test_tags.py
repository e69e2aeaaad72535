"""What is said of people: by hand, by rules, by lists and by models; what is believed of it, and what becomes of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.subscribers import Erased, XidRange, registry
from huoshui.core.tests.ground import clean_tables, statements, wait_for_readers
from huoshui.insight.api import segments, tags
from huoshui.insight.tags import tending
from huoshui.intake.river.tests.world import Shop
from huoshui.people import api as people
from tests.insight.test_memberships import ANALYST, BOSS, another, buy, inside, merge, shop

__all__ = ["clean_tables", "shop"]

DAY = timedelta(days=1)
GUIDE = Actor(kind="staff", id=9, name="小丽", roles=frozenset({"guide"}), org_unit_ids=frozenset({1}))


def bought(number: int) -> dict[str, Any]:
    return {"kind": "bought", "number": number}


def defined(key: str, kind: str = "flag", **more: Any) -> int:
    parts = {name: more.pop(name) for name in ("values", "rules", "guesses", "meaning") if name in more}
    with transaction.atomic():
        return tags.define(
            key=key,
            name=more.pop("name", key),
            kind=kind,
            definition=tags.Definition(**parts),
            actor=ANALYST,
            **more,
        ).tag_id


def give(who: Shop, tag_id: int, value: str = "", *, reason: str = "她自己说的", actor: Actor = BOSS) -> int:
    with transaction.atomic():
        return tags.give(person_id=who.person(), tag_id=tag_id, value=value, reason=reason, actor=actor)


def keep(at: datetime | None = None, **more: Any) -> None:
    """What the worker does."""
    wait_for_readers()
    segments.refresh(at=at, **more)
    tending.tend(at)


def worn(who: Shop) -> dict[str, list[str]]:
    people.refresh_cards()
    found: dict[str, list[str]] = {}
    for one in tags.of_person(SYSTEM, who.person()):
        found.setdefault(one.key, []).append(one.value)
    return {key: sorted(values) for key, values in found.items()}


def told(name: str) -> list[tuple[str, str, int]]:
    """(tag, value, person) of each such fact."""
    statement = sql.Statement(
        "told",
        "select f.body->>'key' as key, f.body->>'value' as value, s.person_id from settlement s"
        " join fact f on f.id = s.fact_id where s.name = %(name)s order by f.id",
    )
    return [(r.key, r.value, r.person_id) for r in sql.fetch(statement, name=name)]


def state_of(who: Shop) -> dict[str, tuple[str | None, float | None]]:
    rows = registry.state["tags"](XidRange(0, 1 << 62)).to_pylist()
    return {r["key"]: (r["value"], r["number"]) for r in rows if r["person_id"] == who.person()}


def some(shop: Shop) -> Shop:
    buy(shop, f"first-{shop.card}", ago=50)
    return shop


def test_by_hand_with_a_reason_and_nothing_is_overwritten(shop: Shop) -> None:
    some(shop)
    stage = defined("baby", "one", values=("孕期", "新生儿"), lifetime_days=30)
    give(shop, stage, "孕期")
    give(shop, stage, "新生儿", reason="孩子生了")
    assert worn(shop) == {"baby": ["新生儿"]}
    now, before = tags.why(BOSS, shop.person(), stage)
    assert (now.value, now.reason, now.actor_name, now.source) == ("新生儿", "孩子生了", "老板", "hand")
    assert (before.value, before.reason, before.ended_why, before.until) == (
        "孕期",
        "她自己说的",
        "replaced",
        now.since,
    )
    assert now.expires_at == now.since + 30 * DAY
    with transaction.atomic():
        tags.end(now.id, reason="弄错了", actor=BOSS)
    assert worn(shop) == {}
    [ended] = [w for w in tags.why(BOSS, shop.person(), stage) if w.value == "新生儿"]
    assert (ended.ended_why, ended.ended_by, ended.ended_reason) == ("hand", "老板", "弄错了")
    with pytest.raises(Refused, match="已经拿掉"), transaction.atomic():
        tags.end(now.id, reason="再拿", actor=BOSS)
    for value, reason in (("小学", "听说"), ("孕期", " "), ("", "听说")):
        with pytest.raises(Refused), transaction.atomic():
            tags.give(person_id=shop.person(), tag_id=stage, value=value, reason=reason, actor=BOSS)
    assert worn(shop) == {}


def test_what_has_had_its_time_is_over(shop: Shop) -> None:
    some(shop)
    tag = defined("visit", lifetime_days=10)
    give(shop, tag)
    tending.tend(clock.now() + 9 * DAY)
    assert worn(shop) == {"visit": ["是"]}
    assert tending.is_anything_due(clock.now() + 10 * DAY + timedelta(seconds=1))
    tending.tend(clock.now() + 11 * DAY)
    assert worn(shop) == {}
    assert [w.ended_why for w in tags.why(BOSS, shop.person(), tag)] == ["expired"]
    assert told("Tag Given") == told("Tag Taken") == [("visit", "是", shop.person())]
    assert tags.find(BOSS, tag).people == 0


def test_the_first_rule_that_holds_gives_the_value(shop: Shop) -> None:
    other = another(shop)
    some(shop), some(other)
    level = defined("level", "one", rules=(("常客", bought(3)), ("熟客", bought(2)), ("新客", bought(1))))
    keep()
    assert (worn(shop), worn(other)) == ({"level": ["新客"]}, {"level": ["新客"]})
    buy(shop, "A2")
    keep()
    assert (worn(shop), worn(other)) == ({"level": ["熟客"]}, {"level": ["新客"]})
    for n in range(2):
        buy(shop, f"B{n}")
    keep()
    assert worn(shop) == {"level": ["常客"]}
    assert tags.counts(BOSS, level) == {"常客": 1, "新客": 1}
    assert tags.find(BOSS, level).people == 2
    assert [(v, p) for _key, v, p in told("Tag Given") if p == shop.person()] == [
        ("新客", shop.person()),
        ("熟客", shop.person()),
        ("常客", shop.person()),
    ]
    assert [v for _key, v, _person in told("Tag Taken")] == ["新客", "熟客"]
    reasons = tags.why(BOSS, shop.person(), level)
    assert [(w.value, w.source, w.ended_why) for w in reasons] == [
        ("常客", "rule", ""),
        ("熟客", "rule", "rule"),
        ("新客", "rule", "rule"),
    ]
    assert "bought 3" in reasons[0].says("zh")
    assert segments.listed(BOSS) == [] and segments.of_person(BOSS, shop.person()) == []
    keep(is_full=True)
    assert len(told("Tag Given")) == 4


def test_several_values_at_once_and_what_the_lake_is_told(shop: Shop) -> None:
    some(shop)
    defined("likes", "several", rules=(("茶", bought(1)), ("奶", bought(1)), ("酒", bought(2))))
    score = defined("score", "number", meaning="买东西的劲头")
    give(shop, score, "82.5")
    keep()
    assert worn(shop) == {"likes": ["奶", "茶"], "score": ["82.5"]}
    said = state_of(shop)
    assert said["tag.score"] == ("82.5", 82.5)
    assert (said["tag.likes.茶"], said.get("tag.likes.酒")) == (("茶", 1.0), None)
    with transaction.atomic():
        tags.end(tags.why(BOSS, shop.person(), score)[0].id, reason="不准", actor=BOSS)
    assert state_of(shop)["tag.score"] == (None, 0.0)


def test_a_human_is_believed_over_a_list_and_a_list_over_a_rule(shop: Shop) -> None:
    some(shop)
    tag = defined("level", "one", values=("金",), rules=(("新客", bought(1)), ("别的", bought(9))))
    keep()
    assert worn(shop) == {"level": ["新客"]}
    with transaction.atomic():
        tags.take_import(tag, person_ids=[shop.person()], values=["别的"], origin="名单.csv", actor=BOSS)
    assert worn(shop) == {"level": ["别的"]}
    given = give(shop, tag, "金")
    keep()
    assert worn(shop) == {"level": ["金"]}
    assert tags.counts(BOSS, tag) == {"金": 1}
    assert state_of(shop)["tag.level"] == ("金", 1.0)
    by_rule = next(w for w in tags.why(BOSS, shop.person(), tag) if w.source == "rule")
    with pytest.raises(Refused, match="规则"), transaction.atomic():
        tags.end(by_rule.id, reason="不对", actor=BOSS)
    with transaction.atomic():
        tags.end(given, reason="不对", actor=BOSS)
    assert worn(shop) == {"level": ["别的"]}


def test_two_who_become_one_wear_what_both_wore_and_part_again(shop: Shop) -> None:
    other = another(shop)
    some(shop), some(other)
    level = defined("level", "one", rules=(("熟客", bought(2)), ("新客", bought(1))))
    hand = defined("vip")
    give(other, hand)
    keep()
    given = told("Tag Given")
    link = merge(shop, other)
    assert "vip" in worn(shop)
    keep()
    assert worn(shop) == worn(other) == {"level": ["熟客"], "vip": ["是"]}
    assert [tags.find(BOSS, t).people for t in (level, hand)] == [1, 1]
    one = people.canonical_id(shop.person())
    assert told("Tag Given") == [*given, ("level", "熟客", one)]
    with transaction.atomic():
        people.unmerge(link_id=link, reason="弄错了", actor=SYSTEM)
    keep()
    assert (worn(shop), worn(other)) == ({"level": ["新客"]}, {"level": ["新客"], "vip": ["是"]})
    assert [tags.find(BOSS, t).people for t in (level, hand)] == [2, 1]


def test_models_speak_of_nobody_who_wants_no_profile_and_hands_may(shop: Shop) -> None:
    other, third = another(shop), another(shop)
    some(shop), some(other), some(third)
    churn, by_hand, ruled = (
        defined("churn", "number"),
        defined("friend"),
        defined("buyer", rules=(("是", bought(1)),)),
    )
    give(shop, by_hand)
    everyone = [shop.person(), other.person(), third.person()]

    def guess(ids: list[int], **more: Any) -> tags.Taken:
        with transaction.atomic():
            return tags.take_model(
                churn,
                person_ids=ids,
                values=["0.8"] * len(ids),
                scores=[0.8] * len(ids),
                model="churn 3",
                actor=ANALYST,
                **more,
            )

    assert guess(everyone) == (3, 0, 0)
    assert guess(everyone) == (0, 0, 0)
    keep()
    with transaction.atomic():
        people.say_consent(shop.person(), [people.Said("profiling", "", is_given=False)], actor=SYSTEM)
    assert worn(shop) == {"friend": ["是"]}, "at once, before anybody has taken it back"
    assert tending.is_anything_due(clock.now())
    keep()
    assert worn(shop) == {"friend": ["是"]}
    assert {w.ended_why for w in tags.why(BOSS, shop.person(), churn)} == {"consent"}
    assert [tags.find(BOSS, t).people for t in (churn, by_hand, ruled)] == [2, 1, 2]
    assert guess(everyone) == (0, 0, 1)
    assert guess([other.person()]) == (0, 1, 0)
    assert worn(third) == {"buyer": ["是"]}
    [one] = tags.why(BOSS, other.person(), churn)
    assert (one.origin, one.score, one.number) == ("churn 3", 0.8, 0.8)


def test_sensitive_is_off_by_default_by_consent_only_and_on_no_guides_screen(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = another(shop)
    some(shop), some(other)
    people.refresh_cards()
    tag = defined("sugar", name="控糖", is_sensitive=True, rules=(("是", bought(1)),))
    keep()
    assert tags.find(BOSS, tag).state == "off" and worn(shop) == {}
    with pytest.raises(Refused, match="没有打开"):
        give(shop, tag)
    with pytest.raises(Refused, match="隐私负责人"), transaction.atomic():
        tags.set_state(tag, "on", actor=ANALYST)
    with transaction.atomic():
        tags.set_state(tag, "on", actor=BOSS)
    keep()
    assert worn(shop) == {}
    with pytest.raises(tags.TagNeedsConsent):
        give(shop, tag)
    consent(shop, True)
    keep()
    assert (worn(shop), worn(other)) == ({"sugar": ["是"]}, {})
    assert told("Tag Given") == []
    assert [t.key for t in tags.to_give(GUIDE)] == []
    friend = defined("friend")
    give(shop, friend)
    # A guide who sees her, and what is said of her otherwise
    monkeypatch.setattr(people, "card_for", lambda actor, person_id: SimpleNamespace(person_id=person_id))
    assert [w.key for w in tags.of_person(GUIDE, shop.person())] == ["friend"]
    assert {w.key for w in tags.of_person(BOSS, shop.person())} == {"sugar", "friend"}
    assert tags.why(GUIDE, shop.person(), tag) == []
    with pytest.raises(NotFound), transaction.atomic():
        tags.give(person_id=shop.person(), tag_id=tag, reason="看得出来", actor=GUIDE)
    with transaction.atomic():
        tags.give(person_id=shop.person(), tag_id=friend, reason="她说的", actor=GUIDE)
    consent(shop, False)
    assert "sugar" not in worn(shop), "at once"
    keep()
    assert [w.ended_why for w in said_of(shop, tag)] == ["consent"]
    assert tags.find(BOSS, tag).people == 0


def said_of(shop: Shop, tag_id: int) -> list[sql.Row]:
    statement = sql.Statement(
        "said",
        "select ended_why from tag_given where person_id = %(person_id)s::bigint and tag_id = %(tag_id)s::bigint",
    )
    return sql.fetch(statement, person_id=shop.person(), tag_id=tag_id)


def consent(shop: Shop, is_given: bool) -> None:
    said = people.Said("sensitive", "", is_given=is_given, notice_version="2026-1")
    with transaction.atomic():
        people.say_consent(shop.person(), [said], actor=SYSTEM)


def test_a_new_version_says_it_anew_and_off_is_nobodys(shop: Shop) -> None:
    some(shop)
    tag = defined("often", rules=(("是", bought(1)),))
    keep()
    assert worn(shop) == {"often": ["是"]}
    with transaction.atomic():
        new = tags.Definition(rules=(("是", bought(2)),))
        assert tags.revise(tag, definition=new, reason="太松", was_version=1, actor=ANALYST) == (tag, 2)
        assert tags.revise(tag, definition=new, actor=ANALYST) == (tag, 2)
    with pytest.raises(tags.TagVersionOld), transaction.atomic():
        tags.revise(tag, definition=tags.Definition(), was_version=1, actor=ANALYST)
    assert tags.find(BOSS, tag).is_pending
    keep()
    assert worn(shop) == {}
    assert [(v.version_no, v.reason) for v in tags.versions(BOSS, tag)] == [(2, "太松"), (1, "")]
    buy(shop, "A2")
    keep()
    assert worn(shop) == {"often": ["是"]}
    with transaction.atomic():
        tags.set_state(tag, "off", actor=ANALYST)
    assert worn(shop) == {}
    with transaction.atomic():
        tags.set_state(tag, "on", actor=ANALYST)
    keep()
    assert worn(shop) == {"often": ["是"]}
    with transaction.atomic():
        tags.set_state(tag, "archived", actor=ANALYST)
    keep()
    assert worn(shop) == {} and tags.listed(BOSS) == []
    defined("often")


def test_who_may_not_write_changes_nothing(shop: Shop) -> None:
    some(shop)
    tag = defined("often", rules=(("是", bought(1)),))
    auditor = Actor(kind="staff", id=7, name="老李", roles=frozenset({"auditor"}))
    for actor in (GUIDE, auditor):
        with pytest.raises(NotFound), transaction.atomic():
            tags.set_state(tag, "off", actor=actor)
        with pytest.raises(NotFound), transaction.atomic():
            tags.define(key="x", name="x", kind="flag", definition=tags.Definition(), actor=actor)
    with pytest.raises(NotFound):
        tags.listed(GUIDE)
    assert [(t.key, t.state) for t in tags.listed(auditor)] == [("often", "on")]
    for key, kind, more in (
        ("often", "flag", {}),
        ("Bad", "flag", {}),
        ("b", "what", {}),
        ("b", "flag", {"rules": (("常客", bought(1)),)}),
        ("b", "number", {"values": ("很多",)}),
        ("b", "one", {"rules": (("甲", bought(1)), ("甲", bought(2)))}),
    ):
        with pytest.raises(Refused):
            defined(key, kind, **more)
    assert len(tags.listed(BOSS)) == 1


def test_twice_the_people_take_no_more_statements(shop: Shop) -> None:
    tag = defined("often", rules=(("是", bought(1)),))
    keep()
    counts = []
    for size in (3, 6):
        for n in range(size):
            buy(another(shop), f"{size}-{n}")
        wait_for_readers()
        counts.append(statements(segments.refresh) + statements(tending.tend))
    assert counts[0] == counts[1]
    assert tags.find(BOSS, tag).people == 9


def test_of_the_erased_nothing_is_said(shop: Shop) -> None:
    some(shop)
    tag = defined("friend")
    give(shop, tag)
    tending.tend()
    assert [(r["标签"], r["依据"]) for r in registry.copies["标签"]([shop.person()])] == [
        ("friend", "她自己说的")
    ]
    registry.erasers["标签"][1](Erased(person_ids=(shop.person(),)))
    assert registry.copies["标签"]([shop.person()]) == []
    tending.tend()
    assert tags.find(BOSS, tag).people == 0


def test_a_segment_and_a_tag_by_the_same_rule_agree(shop: Shop) -> None:
    """The rebuild law: kept step by step, or judged all at once."""
    everyone = [some(another(shop)) for _ in range(4)]
    tag = defined("often", rules=(("是", bought(2)),))
    with transaction.atomic():
        same = segments.create(name="常来", document=bought(2), actor=ANALYST).segment_id
    for step in (
        lambda: buy(everyone[0], "A"),
        lambda: merge(everyone[1], everyone[2]),
        lambda: buy(everyone[3], "D"),
    ):
        step()
        keep()
        canonical = people.canonical_ids(tags.wearing(SYSTEM, tag))
        assert set(canonical.values()) == inside(same)
        assert tags.find(BOSS, tag).people == len(inside(same))
    keep(is_full=True)
    assert set(people.canonical_ids(tags.wearing(SYSTEM, tag)).values()) == inside(same)
