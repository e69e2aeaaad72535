"""The portrait of a saved segment, from the river over the lake: who may see what of it, and what people say of typical customers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from pytest_django import Settings

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.subscribers import Erased
from huoshui.insight.api import portraits
from huoshui.insight.portraits import erasing, kinds, typical
from huoshui.intake.river.tests.world import MILK, TEA, Shop, line
from tests.insight.test_end_to_end import clean_tables, look, saved, shop
from tests.insight.test_memberships import another, merge

__all__ = ["clean_tables", "shop"]

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}), frozenset({1}))
AUDITOR = Actor("staff", 2, "老李", frozenset({"auditor"}), frozenset({1}))
MANAGER = Actor("staff", 3, "店长", frozenset({"manager"}), frozenset({2}))
GUIDE = Actor("staff", 4, "小丽", frozenset({"guide"}), frozenset({2}))


@pytest.fixture
def town(shop: Shop) -> list[Shop]:
    """Forty people: the first twenty buy tea twice, the others milk once; half of each are women."""
    people = [shop, *(another(shop) for _ in range(39))]
    now, items = clock.now(), []
    for n, who in enumerate(people):
        items.append(who.member(("card_no", who.card), name=f"顾客{n}", gender="女" if n % 2 else "男"))
        sku, times = (TEA, 2) if n < 20 else (MILK, 1)
        items += [
            who.order(line(1000 + n, sku=sku), key=f"{n}-{time}", at=now - timedelta(days=3 + time))
            for time in range(times)
        ]
    shop.tell(*items)
    return people


def two_segments() -> tuple[int, int]:
    return saved("买两次的", "count(buy) >= 2"), saved("所有人", "count(buy) >= 1")


def test_a_saved_segment_against_everyone_and_another(town: list[Shop]) -> None:
    often, everyone = two_segments()
    look()
    portrait = portraits.portrait(BOSS, often)
    assert (portrait.name, portrait.people, portrait.base, portrait.is_guarded) == ("买两次的", 20, 40, False)
    told = {(t.attribute, t.value): t for t in portrait.traits}
    women = told["attr.gender", "女"]
    assert (women.people, women.share, women.base_people, women.lift) == (10, 0.5, 20, 1.0)
    assert not women.is_significant
    tea = portrait.traits[0]
    assert (tea.people, tea.base_people, tea.lift) == (20, 20, 2.0) and tea.is_significant
    assert portrait.paragraph.startswith("这群人有 20 人，比全部顾客突出的是：")
    hers = {town[n].person() for n in range(20)}
    assert set(portraits.behind(BOSS, often, tea.attribute, tea.value)) == hers
    assert portraits.count_behind(BOSS, often, "attr.gender", "女") == 10
    first = portraits.behind(BOSS, often, "attr.gender", "女", limit=4)
    rest = portraits.behind(BOSS, often, "attr.gender", "女", after=first[-1])
    assert len(first) == 4 and len({*first, *rest}) == 10
    both = portraits.portrait(BOSS, often, against=everyone, lang="en")
    assert (both.against, both.people, both.base, both.both) == ("所有人", 20, 40, 20)
    assert both.paragraph.startswith("20 people; more than “所有人”:")
    with pytest.raises(portraits.SameSegment):
        portraits.portrait(BOSS, often, against=often)
    with pytest.raises(NotFound):
        portraits.portrait(BOSS, 10_000)


def test_who_may_not_see_persons_is_told_of_none(town: list[Shop], settings: Settings) -> None:
    often, _everyone = two_segments()
    look()
    settings.HUOSHUI_PORTRAIT_FEWEST = 2
    guarded = portraits.portrait(MANAGER, often)
    assert guarded.is_guarded and guarded == portraits.portrait(MANAGER, often)
    assert all(t.people >= 4 for t in guarded.traits) and "大约" in guarded.paragraph
    assert portraits.typical(MANAGER, often) == []
    assert (often, "买两次的") in portraits.shown(MANAGER)
    for asked in (
        lambda: portraits.behind(MANAGER, often, "attr.gender", "女"),
        lambda: portraits.count_behind(MANAGER, often, "attr.gender", "女"),
        lambda: portraits.types(MANAGER),
        lambda: portraits.portrait(GUIDE, often),
        lambda: portraits.shown(GUIDE),
    ):
        with pytest.raises(NotFound):
            asked()
    settings.HUOSHUI_PORTRAIT_FEWEST = 30
    with pytest.raises(portraits.TooFew):
        portraits.portrait(MANAGER, often)
    assert portraits.portrait(BOSS, often).people == 20, "who may see persons may see few of them"
    empty = saved("谁也不是", "count(buy) >= 99")
    look()
    with pytest.raises(portraits.NobodyThere):
        portraits.portrait(BOSS, empty)


def say(segment_id: int, person_id: int, called: str, treatment: str = "", *, actor: Actor = BOSS) -> None:
    with transaction.atomic():
        portraits.say_typical(segment_id, person_id, called=called, treatment=treatment, actor=actor)


def written() -> list[str]:
    statement = sql.Statement("written", "select called from portrait_typical order by called")
    return [row.called for row in sql.fetch(statement)]


def test_what_people_say_of_a_typical_customer_stays_with_her(
    town: list[Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typical, "ENOUGH", 10)
    often, _everyone = two_segments()
    look()
    drawn = portraits.typical(BOSS, often)
    assert typical.FEWEST <= len(drawn) <= typical.MOST and sum(t.people for t in drawn) == 20
    chosen = drawn[0].person_id
    say(often, chosen, " 爱喝  茶的 ", "新茶到了先告诉她")
    again = portraits.typical(BOSS, often)
    assert (again[0].called, again[0].treatment, again[0].by) == ("爱喝 茶的", "新茶到了先告诉她", "老板")
    outside = town[30].person()
    for person_id, called, treatment, actor, error in (
        (outside, "不在里面", "", BOSS, Refused),
        (chosen, "", "没有称呼", BOSS, Refused),
        (chosen, "字" * 21, "", BOSS, Refused),
        (chosen, "不许写", "", AUDITOR, NotFound),
        (chosen, "不许写", "", MANAGER, NotFound),
    ):
        with pytest.raises(error):
            say(often, person_id, called, treatment, actor=actor)
    assert written() == ["爱喝 茶的"]
    inside = {town[n].person(): town[n] for n in range(20)}
    other = next(s for p, s in inside.items() if p not in {t.person_id for t in drawn})
    merge(inside[chosen], other)
    look()
    kept = {t.called: t.person_id for t in portraits.typical(BOSS, often) if t.called}
    assert list(kept) == ["爱喝 茶的"] and kept["爱喝 茶的"] in {chosen, other.person()}
    say(often, kept["爱喝 茶的"], "")
    assert written() == []
    say(often, drawn[1].person_id, "要删的")
    assert erasing.told_of([drawn[1].person_id]) == [{"名字": "要删的", "怎么照顾": ""}]
    erasing.erase(Erased((drawn[1].person_id,)))
    assert written() == []


def test_types_are_kept_until_they_are_found_anew(town: list[Shop], monkeypatch: pytest.MonkeyPatch) -> None:
    two_segments()
    look()
    assert portraits.types(BOSS) is None
    with transaction.atomic(), pytest.raises(portraits.NoTypes):
        portraits.find_types(actor=BOSS)
    monkeypatch.setattr(kinds, "_FEWEST_BUYERS", 10)
    monkeypatch.setattr(kinds, "_FEWEST_ORDERS", 1)
    for actor in (AUDITOR, MANAGER):
        with pytest.raises(NotFound):
            portraits.find_types(actor=actor)
    with transaction.atomic():
        found = portraits.find_types(actor=BOSS)
        portraits.call_type(found, 0, "喝茶的", actor=BOSS)
    told = portraits.types(AUDITOR)
    assert told is not None and told.id == found and sum(t.people for t in told.types) == 40
    named = next(t for t in told.types if t.key == 0)
    assert named.called == "喝茶的"
    assert len(portraits.people_of_type(BOSS, 0)) == named.people
    with transaction.atomic():
        newer = portraits.find_types(actor=BOSS)
        with pytest.raises(NotFound):
            portraits.call_type(found, 0, "旧的", actor=BOSS)
    assert (again := portraits.types(BOSS)) is not None and again.id == newer
    assert [t.called for t in again.types] == [""] * len(again.types)
