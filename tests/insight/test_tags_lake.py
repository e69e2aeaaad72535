"""From the river over the lake and the real rule language into tags, and from tags back into rules."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pyarrow as pa
import pytest
from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core import clock
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import Refused
from huoshui.core.tests.ground import clean_tables, statements, wait_for_readers
from huoshui.insight.api import segments, tags
from huoshui.insight.lake import open_lake
from huoshui.insight.segments import counting
from huoshui.insight.tags import inferring, measures, packs, tending
from huoshui.insight.tags.types import Guess, Signal
from huoshui.intake.river.api import after_settling
from huoshui.intake.river.tests.world import MILK, TEA, Shop
from huoshui.people import api as people
from tests.insight.test_end_to_end import ANALYST, buy, inside, saved, shop
from tests.insight.test_memberships import BOSS, another
from tests.insight.test_tags import defined, give, worn

__all__ = ["clean_tables", "shop"]

DAY = timedelta(days=1)


def look(at: datetime | None = None, *, flushes: int = 1) -> None:
    """What the worker does after a flush. What is asked of a tag follows one flush later."""
    for _flush in range(flushes):
        wait_for_readers()
        after_settling()
        segments.refresh(at=at)
        inferring.infer(at=at)
        tending.tend(at)


def test_a_rule_asks_for_a_tag_its_value_and_since_when(shop: Shop) -> None:
    other = another(shop)
    buy(shop, "A1")
    buy(other, "B1")
    level = defined(
        "level", "one", name="客层", rules=(("常客", "count(buy) >= 2"), ("新客", "count(buy) >= 1"))
    )
    likes = defined("likes", "several", name="喜欢", values=("茶", "奶"))
    give(other, likes, "茶")
    new = saved("新客们", 'tagged("客层", values=["新客"])')
    tea = saved("爱茶", 'tagged("喜欢", values=["茶"], since=last 7 days)')
    any_taste = saved("有喜好", 'not tagged("喜欢") and count(buy) >= 1')
    look(flushes=2)
    assert (inside(new), inside(tea), inside(any_taste)) == (
        {shop.person(), other.person()},
        {other.person()},
        {shop.person()},
    )
    assert segments.find(SYSTEM, tea).sentence_zh == "最近 7 天开始有标签“喜欢”（“茶”）的顾客。"
    buy(shop, "A2")
    look(flushes=2)
    assert (worn(shop), inside(new)) == ({"level": ["常客"]}, {other.person()})
    segments.refresh(at=clock.now() + 8 * DAY)
    assert inside(tea) == set()
    with pytest.raises(Refused, match="没有叫“不存在”的标签"):
        saved("错的", 'tagged("不存在")')
    with pytest.raises(segments.SegmentRing), transaction.atomic():
        tags.revise(level, definition=tags.Definition(rules=(("新客", 'member("新客们")'),)), actor=ANALYST)
    with pytest.raises(Refused, match="新客们"), transaction.atomic():
        tags.set_state(level, "archived", actor=ANALYST)


def test_signals_are_weighed_and_say_what_spoke(shop: Shop) -> None:
    other = another(shop)
    buy(shop, "A1", ago=3)
    buy(shop, "A2", ago=2, sku=TEA)
    buy(other, "B1", ago=3)
    guesses = (
        Guess(
            "懂茶",
            80,
            (
                Signal("买过茶", 60, f'count(buy[product in ("{TEA}")]) >= 1'),
                Signal("", 30, "count(buy) >= 2"),
            ),
        ),
        Guess("只喝奶", 50, (Signal("买过奶", 50, f'count(buy[product in ("{MILK}")]) >= 1'),)),
    )
    tag = defined("taste", "one", guesses=guesses)
    look()
    assert (worn(shop), worn(other)) == ({"taste": ["懂茶"]}, {"taste": ["只喝奶"]})
    [why] = tags.why(BOSS, shop.person(), tag)
    assert [(w["says"], w["weight"]) for w in why.why] == [("买过茶", 60), ("购买的次数至少 2 次", 30)]
    assert (why.source, why.score) == ("inference", 1.0)
    assert tags.find(BOSS, tag).says_zh.startswith("懂茶，买过茶（60 分）")
    with transaction.atomic():
        people.say_consent(other.person(), [people.Said("profiling", "", is_given=False)], actor=SYSTEM)
    look()
    assert worn(other) == {}
    look(at=clock.now() + 2 * DAY)
    assert (worn(shop), worn(other)) == ({"taste": ["懂茶"]}, {})
    assert tags.counts(BOSS, tag) == {"懂茶": 1}
    assert len(tags.why(BOSS, shop.person(), tag)) == 1, "said once while it holds"
    with transaction.atomic():
        tags.revise(tag, definition=tags.Definition(), actor=ANALYST)
    assert worn(shop) == {}


SATURDAY = date(2026, 3, 7)


def test_measures_agree_with_a_count_by_hand(shop: Shop) -> None:
    """Weekends, new products and one brand: the shares of two people, counted on paper."""
    other = another(shop)
    columns = {"sku_code": [MILK, TEA, "P-new"], "brand": ["甲", "乙", "甲"], "name": ["奶", "茶", "新"]}
    with transaction.atomic():
        brand.upsert_products(pa.table(columns), actor=SYSTEM)
    days = {"sat": SATURDAY, "sun": SATURDAY + DAY, "mon": SATURDAY + 2 * DAY, "tue": SATURDAY + 3 * DAY}

    def at(day: date) -> datetime:
        return clock.from_local(datetime(day.year, day.month, day.day, 12))

    def sell(who: Shop, day: date, sku: str, amount: int = 1000) -> None:
        from huoshui.intake.river.tests.world import line

        who.tell(who.order(line(amount, sku=sku), key=f"{who.card}{day}{sku}", at=at(day)))

    early = SATURDAY - 70 * DAY  # a Saturday: when the brand opened
    sell(other, early, MILK)
    sell(other, early, TEA)
    for day in days.values():
        sell(shop, day, MILK, 3000)
    sell(shop, days["sat"], TEA)
    sell(shop, days["mon"], "P-new")
    for day in (days["mon"], days["tue"], days["mon"] + 7 * DAY):
        sell(other, day, TEA)
    wait_for_readers()
    after_settling()
    lake, today = open_lake(), days["mon"] + 8 * DAY

    def shares(name: str) -> dict[int, tuple[float, int]]:
        rows = lake.rows(measures.MEASURES[name].of(lake, today))
        return {r["person_id"]: (round(r["share"], 3), r["days"]) for r in rows}

    one, two = shop.person(), other.person()
    assert shares("weekend_share") == {one: (0.5, 4), two: (0.25, 4)}
    # P-new was first sold 72 days after the brand opened, and she took it on one of four days
    assert shares("new_share") == {one: (0.25, 4), two: (0.0, 4)}
    assert shares("brand_share") == {one: (round(13_000 / 14_000, 3), 4), two: (0.8, 4)}
    assert set(inferring._holders(Signal("", 1, measure="brand_share", at_least=0.9), at(today))) == {one}


def test_a_pack_in_the_brands_own_categories(shop: Shop) -> None:
    other = another(shop)
    columns = {
        "sku_code": [MILK, TEA, "P-nap"],
        "name": ["一段奶粉", "茶", "纸尿裤"],
        "category_1": ["母婴", "饮料", "母婴"],
        "category_2": ["1段奶粉", "茶", "纸尿裤"],
    }
    with transaction.atomic():
        brand.upsert_products(pa.table(columns), actor=SYSTEM)
    buy(shop, "A1", ago=9)
    buy(shop, "A2", ago=2)
    buy(other, "B1", sku=TEA)
    wait_for_readers()
    after_settling()
    among = packs.options()
    assert packs.Option("category_1", "母婴", 2) in among
    meant = {
        c.key: found
        for c in packs.pack("mother_baby").concepts
        if (found := packs.proposed(c, among)) is not None
    }
    assert meant == {
        "newborn": packs.Meant("category_2", ("1段奶粉",)),
        "diapers": packs.Meant("category_2", ("纸尿裤",)),
    }
    assert packs.preview("mother_baby", meant, actor=BOSS) == {"baby_stage": {"0–6 个月": 1}}
    assert packs.preview("pet", {}, actor=BOSS) == {"pets": None}
    with pytest.raises(Refused, match="先选好品类"), transaction.atomic():
        packs.install("pet", {}, actor=BOSS)
    with pytest.raises(Refused, match="商品资料里没有"), transaction.atomic():
        packs.install("pet", {"cat": packs.Meant("category_2", ("猫粮",))}, actor=BOSS)
    with transaction.atomic():
        [made] = packs.install("mother_baby", meant, actor=BOSS)
        packs.install("price", {}, actor=BOSS)
    look()
    assert (worn(shop), worn(other)) == ({"baby_stage": ["0–6 个月"]}, {})
    [why] = tags.why(BOSS, shop.person(), made.tag_id)
    assert sum(w["weight"] for w in why.why) == 90
    assert packs.installed()["mother_baby"] == [made.tag_id]
    assert packs.meanings()["newborn"].meant == meant["newborn"]
    with transaction.atomic():
        less = {"newborn": packs.Meant("category_2", ()), "diapers": meant["diapers"]}
        with pytest.raises(Refused, match="先选好品类"):
            packs.install("mother_baby", less, actor=BOSS)
    assert [v.version_no for v in tags.versions(BOSS, made.tag_id)] == [1]


def test_twice_the_people_are_weighed_with_no_more_statements(shop: Shop) -> None:
    """Each signal is one question to the lake, and what came of it is taken in at once."""
    signals = (Signal("买过", 60, rule="count(buy) >= 1"), Signal("买过两次", 60, rule="count(buy) >= 2"))
    tag = defined("often", guesses=(Guess(tags.YES, 60, signals),))
    counts: list[int] = []
    people_now = [shop]
    for n in (4, 8):
        people_now += [another(shop) for _ in range(n - len(people_now))]
        for who in people_now:
            buy(who, f"{who.card}-{n}")
        wait_for_readers()
        after_settling()
        counts.append(statements(lambda: inferring.infer([tag], at=clock.now() + 2 * len(counts) * DAY)))
        tending.tend()
    assert tags.counts(SYSTEM, tag) == {tags.YES: 8}
    assert counts[1] <= counts[0]


def test_a_count_of_a_pack_that_takes_too_long_is_given_up(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    buy(shop, "A1")
    look()
    monkeypatch.setattr(counting, "PATIENCE", -1.0)
    with pytest.raises(tags.TagCountTooLong):
        packs.preview("weekend", {}, actor=BOSS)
