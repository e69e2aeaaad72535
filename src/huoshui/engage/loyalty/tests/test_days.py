"""The days that windows reach: told in whatever order, they say what all facts say, and a sale reads no others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.tests import ground
from huoshui.core.tests.ground import a_source, number, rolled_back
from huoshui.engage.loyalty import api as loyalty
from huoshui.engage.loyalty.card import rewrite
from huoshui.engage.loyalty.tests import naive
from huoshui.engage.loyalty.tests.till import Till, back, money, noon, person, persons, today
from huoshui.people import api as people

KEPT = sql.Statement(
    "kept",
    "select person_id, rank, keep_until, check_on from tier_progress where person_id = any(%(ids)s::bigint[])"
    " order by person_id",
)
DAYS = sql.Statement("days", "select day, amount from tier_day where head = %(head)s order by day")
READ = sql.Statement(
    "read",
    "select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint as rows from pg_stat_xact_user_tables"
    " where relname in ('tier_day', 'settlement', 'fact_order')",
)
FIRST, LAST = date(2024, 1, 1), date(2028, 10, 1)


@pytest.fixture
def till(db: None) -> Till:
    return Till()


def use(counts: Sequence[str], *, months: int = 12) -> None:
    """Windows for the three tiers above the lowest."""
    for tier, kind in zip(loyalty.all_tiers()[1:], counts, strict=True):
        loyalty.set_tier(
            replace(tier, counts=kind, months=months, spend_at_least=tier.spend_at_least // 100),
            actor=SYSTEM,
        )


class World:
    """Two persons who are one now and then, and what is told of them."""

    def __init__(self) -> None:
        self.live, self.past = Till(), Till(a_source("history"))
        self.ids = persons(2)
        self.sold: list[tuple[Till, str, int, int, date]] = []
        self.link: int | None = None
        self.now = FIRST

    def do(self, deed: str, who: int, days: int, amount: int) -> None:
        day = FIRST + timedelta(days=days)
        with today(self.now):
            getattr(self, deed)(who, day, amount)

    def sell(self, who: int, day: date, amount: int, *, shop: Till | None = None) -> None:
        one, key = shop or self.live, f"O{number()}"
        one.sell(key, self.ids[who], money(amount), at=noon(day))
        self.sold.append((one, key, who, amount, day))

    def remember(self, who: int, day: date, amount: int) -> None:
        self.sell(who, day, amount, shop=self.past)

    def many(self, who: int, day: date, amount: int) -> None:
        told = [ground.sale(f"O{number()}", money(n * amount), at=noon(day)) for n in (1, 2)]
        self.live.settle(
            [(t, p, None) for t, p in zip(told, (self.ids[who], self.ids[1 - who]), strict=True)]
        )

    def refund(self, who: int, day: date, amount: int) -> None:
        if self.sold:
            shop, key, whose, was, on = self.sold[day.toordinal() % len(self.sold)]
            shop.refund(key, self.ids[whose], back(was // 2), at=noon(max(on, day)))

    def revise(self, who: int, day: date, amount: int) -> None:
        """Told again with another sum, and perhaps another day and customer."""
        if self.sold:
            shop, key, *_ = self.sold[day.toordinal() % len(self.sold)]
            shop.sell(key, self.ids[who], money(amount), at=noon(day))

    def overtaken(self, who: int, day: date, amount: int) -> None:
        """Of three facts of a day the middle one settles last: the money it takes was there a moment."""
        amounts = (amount, -amount // 2, -amount // 3)
        told = [ground.sale(f"O{number()}", money(n), at=noon(day)) for n in amounts]
        first, second, third = facts.receive(
            ground.batch(told), source=self.live.source, actor=SYSTEM
        ).fact_ids
        for fact_id in (first, third, second):
            facts.mark_settled([fact_id], {fact_id: self.ids[who]})
            loyalty.earn(loyalty.look([fact_id]), history=set())

    def join(self, who: int, day: date, amount: int) -> None:
        if self.link is None:
            self.link = people.merge(
                person_a=self.ids[0], person_b=self.ids[1], reason="同一个人", actor=SYSTEM
            )
            rewrite([min(self.ids)])
        else:
            people.unmerge(link_id=self.link, reason="不是", actor=SYSTEM)
            self.link = None
            rewrite([self.ids[who]])

    def wait(self, who: int, day: date, amount: int) -> None:
        self.now = max(self.now, day)
        with today(self.now):
            while loyalty.tend(noon(self.now)):
                pass

    def change(self, who: int, day: date, amount: int) -> None:
        silver = loyalty.all_tiers()[1]
        asked = min(amount, 2500) + day.day
        loyalty.set_tier(replace(silver, grace_days=3 * day.day, spend_at_least=asked), actor=SYSTEM)

    def humans(self) -> list[list[int]]:
        return [self.ids] if self.link is not None else [[p] for p in self.ids]

    def check(self) -> None:
        self.wait(0, self.now, 0)
        levels = loyalty.all_tiers()
        for ids in self.humans():
            told = naive.told_of(ids)
            right = naive.standing(told, levels, self.now)
            found = [tuple(r)[1:] for r in sql.fetch(KEPT, ids=ids)]
            assert all(f == right for f in found), (found, right, told)
            if found:
                sums: dict[date, int] = {}
                for day, _, amount in told:
                    sums[day] = sums.get(day, 0) + amount
                assert [tuple(r) for r in sql.fetch(DAYS, head=min(ids))] == sorted(sums.items())


DEEDS = [*["sell"] * 5, *("many", "remember", "refund", "revise", "overtaken", "join", "wait", "change")]
WINDOWS = [["rolling"] * 3, ["year"] * 3, ["rolling", "year", "rolling"], ["rolling", "rolling", "lifetime"]]


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32), counts=st.sampled_from(WINDOWS), months=st.sampled_from([1, 12, 18]))
def test_whatever_is_told_in_whatever_order(db: None, seed: int, counts: list[str], months: int) -> None:
    """Beside all facts of each human looked at from the first. Mostly days go on, and now and then one is remembered."""
    chance = Random(seed)
    with rolled_back():
        use(counts, months=months)
        world, day = World(), 0
        for _ in range(chance.randint(1, 20)):
            day += chance.choice([0, 0, 1, 9, 25, 40, 40, 150, 330])
            told_of = chance.choice([day, day, day, chance.randint(0, day)])
            world.do(
                chance.choice(DEEDS), chance.randint(0, 1), told_of, chance.choice([400, 700, 1100, 2900])
            )
            world.check()


def rows_read(work: Callable[[], Any]) -> int:
    """Of days and of facts, by the plans of this transaction: not by those of a test that went before."""
    sql.raw().execute("discard plans")
    before = sql.fetch_one(READ).rows
    work()
    return int(sql.fetch_one(READ).rows - before)


def of_a_sale(who: int, till: Till, day: date) -> int:
    (fact_id,) = till.receive([(ground.sale(f"O{number()}", money(30), at=noon(day)), who, None)])
    return rows_read(lambda: loyalty.earn(loyalty.look([fact_id]), history=set()))


def history(who: int, till: Till, first: date, sales: int) -> None:
    told = [ground.sale(f"O{number()}", money(20), at=noon(first + timedelta(days=n))) for n in range(sales)]
    till.settle([(t, who, None) for t in told])


def test_a_sale_reads_its_windows_days_and_none_before(till: Till) -> None:
    use(["rolling"] * 3)
    sql.by_index()
    with today(LAST):
        young, old, busy = persons(3)
        for who in (young, old, busy):
            history(who, till, LAST - timedelta(days=60), 50)
        history(old, till, FIRST, 1000)  # late, and long ago
        for _ in range(4):
            history(busy, till, LAST - timedelta(days=60), 50)
        of_young, of_old, of_busy = (of_a_sale(who, till, LAST) for who in (young, old, busy))
        assert of_old == of_young == of_busy
        # The count can tell: decided anew from all facts, he who has bought for years costs more, once
        loyalty.set_tier(replace(loyalty.all_tiers()[1], grace_days=7), actor=SYSTEM)
        assert of_a_sale(old, till, LAST) > of_a_sale(young, till, LAST) + 1000
        assert of_a_sale(old, till, LAST) == of_a_sale(young, till, LAST)


def test_a_return_reads_as_little(till: Till) -> None:
    use(["year"] * 3)
    sql.by_index()
    with today(LAST):
        young, old = persons(2)
        history(old, till, FIRST, 1000)
        # Plans are kept: one that an earlier test made of empty tables would be the one that is counted
        sql.run(
            sql.Statement("known", "analyze tier_day, tier_progress, settlement, fact_order, fact_withdrawn")
        )
        read = []
        for who in (young, old):
            till.sell(key := f"O{number()}", who, money(900), at=noon(LAST - timedelta(days=9)))
            (fact_id,) = till.receive(
                [(ground.refund(f"R{number()}", key, back(300), at=noon(LAST)), who, None)]
            )
            looked = loyalty.look([fact_id])
            assert looked.told.earnings
            read.append(rows_read(partial(loyalty.earn, looked, history=set())))
        assert abs(read[0] - read[1]) <= 20, (
            "of a thousand; rows written over a moment ago are passed by on the way"
        )


def test_settings_decide_anew_only_if_they_decide(till: Till) -> None:
    use(["rolling"] * 3)
    ann = person()
    till.sell("O1", ann, money(1200))
    loyalty.tend(noon(date(2026, 3, 11)))
    silver = loyalty.all_tiers()[1]
    loyalty.set_tier(replace(silver, name="白银会员", benefits=("包邮",)), actor=SYSTEM)
    assert loyalty.tend(noon(date(2026, 3, 11))) == 0
    loyalty.set_tier(replace(silver, spend_at_least=1250), actor=SYSTEM)
    assert loyalty.tend(noon(date(2026, 3, 11))) == 1
    assert [r.rank for r in sql.fetch(KEPT, ids=[ann])] == [0]
