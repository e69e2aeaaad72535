"""Tiers: reached at once, kept for their window, left after grace; and the same from all facts as from each in turn."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import Refused
from huoshui.core.tests import ground
from huoshui.core.tests.ground import number, rolled_back, statements
from huoshui.engage.loyalty import api as loyalty
from huoshui.engage.loyalty import tiers as rules
from huoshui.engage.loyalty.card import rewrite
from huoshui.engage.loyalty.tests.till import Till, back, money, noon, person, persons, today
from huoshui.engage.loyalty.types import Event, Tier
from huoshui.people import api as people

ROLLING = [
    Tier(0, "普通", 0),
    Tier(1, "银卡", 1000, "rolling", 12, 90),
    Tier(2, "金卡", 3000, "rolling", 12, 90),
]
YEARLY = [replace(t, counts="year") for t in ROLLING]
REPEATED = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
RANKS = sql.Statement(
    "ranks",
    "select person_id, spend, rank, members, keep_until, check_on from tier_progress where person_id = any(%(ids)s::bigint[])"
    " order by person_id",
)
TOLD = sql.Statement(
    "told",
    "select name, body->>'tier' as tier, body->>'rank' as rank from fact where name in ('Tier Reached', 'Tier Left') order by id",
)


def events(*told: tuple[str, int]) -> list[Event]:
    return [Event(date.fromisoformat(day), n, amount) for n, (day, amount) in enumerate(told, 1)]


class TestRolling:
    def test_reached_at_once_by_the_sale_that_crosses(self) -> None:
        at = rules.journey(events(("2026-01-10", 600), ("2026-04-01", 400)), ROLLING, until=date(2026, 4, 1))
        assert (at.rank, at.keep_until) == (1, date(2027, 3, 31))
        assert [(c.fact_id, c.rank) for c in at.changes] == [(2, 1)]

    def test_spend_outside_the_window_no_longer_counts(self) -> None:
        told = events(("2026-01-10", 600), ("2027-01-10", 400))
        assert rules.journey(told, ROLLING, until=date(2027, 1, 10)).rank == 0
        told = events(("2026-01-10", 600), ("2027-01-09", 400))
        assert rules.journey(told, ROLLING, until=date(2027, 1, 9)).rank == 1

    def test_renewed_by_what_the_window_holds_at_its_end(self) -> None:
        told = events(("2026-04-01", 1000), ("2026-09-01", 1000))
        assert rules.journey(told, ROLLING, until=date(2027, 4, 1)).keep_until == date(2028, 3, 31)

    def test_grace_and_then_left(self) -> None:
        told = events(("2026-04-01", 1000))
        day = date(2027, 3, 31)
        assert rules.journey(told, ROLLING, until=day).grace_until is None, (
            "the window's last day is not over"
        )
        # On its last day the sale of its first day is just within the window: it is renewed by it
        kept = rules.journey(told, ROLLING, until=day + timedelta(days=1))
        assert (kept.rank, kept.keep_until) == (1, date(2028, 3, 31))
        grace = rules.journey(told, ROLLING, until=date(2028, 4, 1))
        assert (grace.rank, grace.grace_until) == (1, date(2028, 6, 29))
        assert rules.journey(told, ROLLING, until=date(2028, 6, 29)).rank == 1
        left = rules.journey(told, ROLLING, until=date(2028, 6, 30))
        assert (left.rank, left.changes[-1].fact_id) == (0, None)

    def test_made_up_for_in_grace(self) -> None:
        told = events(("2026-04-01", 1000), ("2028-05-01", 1000))
        at = rules.journey(told, ROLLING, until=date(2028, 7, 1))
        assert (at.rank, at.keep_until) == (1, date(2029, 4, 30))

    def test_left_for_the_tier_that_is_deserved(self) -> None:
        told = events(("2026-04-01", 3000), ("2028-02-01", 1000))
        at = rules.journey(told, ROLLING, until=date(2028, 6, 30))
        assert at.rank == 1


class TestYear:
    def test_holds_to_the_end_of_the_next_year(self) -> None:
        at = rules.journey(events(("2026-04-01", 1000)), YEARLY, until=date(2026, 5, 1))
        assert (at.rank, at.keep_until) == (1, date(2027, 12, 31))

    def test_spend_of_two_years_does_not_add_up(self) -> None:
        told = events(("2026-12-31", 600), ("2027-01-01", 600))
        assert rules.journey(told, YEARLY, until=date(2027, 1, 2)).rank == 0

    def test_left_for_what_the_last_year_deserved(self) -> None:
        told = events(("2026-04-01", 3000), ("2027-04-01", 1000))
        at = rules.journey(told, YEARLY, until=date(2028, 4, 1))
        assert (at.rank, at.keep_until) == (1, date(2029, 12, 31))


def test_a_lifetimes_tier_is_kept_for_good() -> None:
    lifetime = [replace(t, counts="lifetime") for t in ROLLING]
    told = events(("2020-04-01", 3000), ("2020-05-01", -3000))
    assert rules.journey(told, lifetime, until=date(2040, 1, 1)).rank == 2


DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
TOLD_EVENTS = st.lists(st.tuples(DAYS, st.integers(-500, 2500)), max_size=12)


@given(TOLD_EVENTS, st.sampled_from([ROLLING, YEARLY]))
def test_time_may_pass_in_steps_or_at_once(told: list[tuple[date, int]], tiers: list[Tier]) -> None:
    """What a daily job sees on its way is what one look at the end sees."""
    walked = sorted(Event(day, n, amount) for n, (day, amount) in enumerate(told))
    end = date(2029, 6, 1)
    at = rules.journey(walked, tiers, until=end)
    for day in (date(2026, 1, 1), date(2027, 7, 1), date(2028, 6, 30)):
        early = rules.journey([e for e in walked if e.day <= day], tiers, until=day)
        assert at.changes[: len(early.changes)] == early.changes
        if early.check_on is None:
            assert early.rank == 0
        else:
            assert early.check_on > day


MONTHLY = [Tier(0, "普通", 0), *(replace(t, months=1, grace_days=80) for t in ROLLING[1:])]


@settings(max_examples=500)
@given(
    st.lists(st.tuples(st.integers(0, 45), st.sampled_from([100, 600, 1100, 2900, -500])), max_size=12),
    st.sampled_from([ROLLING, YEARLY, MONTHLY, [*MONTHLY[:2], YEARLY[2]]]),
    st.integers(1, 12),
    st.integers(1, 9),
)
def test_a_way_goes_on_from_the_days_within_reach(
    steps: list[tuple[int, int]], tiers: list[Tier], cut: int, stride: int
) -> None:
    day, told = date(2024, 1, 1), []
    for n, (step, amount) in enumerate(steps):
        day += timedelta(days=step * stride)
        told.append(Event(day, n, amount))
    end = day + timedelta(days=100)
    whole, days = rules.walk(told, tiers, until=end)
    first = [d for d in days if d.day < (told[cut].day if cut < len(told) else date.max)]
    near = [d for d in first if d.day >= first[-1].day - timedelta(days=rules.reach(tiers))]
    rest = [e for e in told if not first or e.day > first[-1].day]
    at, later = rules.walk(rest, tiers, until=end, past=near)
    assert (at.rank, at.keep_until, at.grace_until) == (whole.rank, whole.keep_until, whole.grace_until)
    assert first + later == days


@pytest.fixture
def till(db: None) -> Till:
    return Till()


def use(counts: str) -> None:
    for tier in loyalty.all_tiers():
        if tier.rank:
            loyalty.set_tier(
                replace(tier, counts=counts, spend_at_least=tier.spend_at_least // 100), actor=SYSTEM
            )


def ranks(*ids: int) -> list[int]:
    return [r.rank for r in sql.fetch(RANKS, ids=list(ids))]


def test_a_sale_raises_at_once_and_time_takes_down(till: Till) -> None:
    use("rolling")
    ann = person()
    with today(date(2026, 3, 10)):
        till.sell("O1", ann, money(1200))
        assert ranks(ann) == [1]
        assert "近 12 个月消费 ¥12，达到银卡会员门槛 ¥10；保级到 2027-03-09" in loyalty.why(ann)
        assert "再消费 ¥18 可升为金卡会员" in loyalty.why(ann)
    with today(date(2027, 3, 10)):
        assert loyalty.tend(noon(date(2027, 3, 10))) == 1
        assert ranks(ann) == [1]
    with today(date(2028, 3, 10)):
        loyalty.tend(noon(date(2028, 3, 10)))
        assert "宽限到 2028-06-07" in loyalty.why(ann)
    with today(date(2028, 6, 8)):
        assert loyalty.tend(noon(date(2028, 6, 8))) == 1
        assert loyalty.tend(noon(date(2028, 6, 8))) == 0
        assert ranks(ann) == [0]
        assert [(r.name, r.tier) for r in sql.fetch(TOLD)] == [
            ("Tier Reached", "银卡会员"),
            ("Tier Left", "银卡会员"),
        ]
        till.sell("O2", ann, money(1200), at=noon(date(2028, 6, 8)))
        assert len(sql.fetch(TOLD)) == 3, "reached again"
        assert [r.rank for r in sql.fetch(TOLD)] == ["1", None, "1"]


def test_ids_that_are_one_human_count_as_one_until_they_are_not(till: Till) -> None:
    ann, also = persons(2)
    till.sell("O1", ann, money(60_000))
    till.sell("O2", also, money(30_000))
    assert ranks(ann, also) == [0, 0]
    link = people.merge(person_a=ann, person_b=also, reason="同一个人", actor=SYSTEM)
    rewrite([ann])
    assert ranks(ann, also) == [0, 0]
    till.sell("O3", also, money(10_000))
    assert ranks(ann, also) == [1, 1], "by the sale that crossed"
    assert "累计消费 ¥1,000" in loyalty.why(also)
    people.unmerge(link_id=link, reason="不是", actor=SYSTEM)
    rewrite([ann, also])
    assert ranks(ann, also) == [0, 0]


def test_a_merge_may_itself_reach_a_tier(till: Till) -> None:
    ann, also = persons(2)
    till.sell("O1", ann, money(60_000))
    till.sell("O2", also, money(60_000))
    people.merge(person_a=ann, person_b=also, reason="同一个人", actor=SYSTEM)
    rewrite([ann])
    rewrite([ann])
    assert ranks(ann, also) == [1, 1]
    assert [(r.name, r.tier) for r in sql.fetch(TOLD)] == [("Tier Reached", "银卡会员")]


def test_the_tier_of_this_moment(till: Till) -> None:
    ann, also, ben = persons(3)
    assert {t.rank for t in loyalty.tiers_of([ann, also, ben]).values()} == {0}
    till.sell("O1", also, money(100_000))
    assert [loyalty.tiers_of([ann, also])[p].rank for p in (ann, also)] == [0, 1], "no card was written"
    people.merge(person_a=ann, person_b=also, reason="同一个人", actor=SYSTEM)
    assert {p: t.name for p, t in loyalty.tiers_of([ann, also, ben]).items()} == {
        ann: "银卡会员",
        also: "银卡会员",
        ben: "普通会员",
    }
    assert loyalty.tiers_of([]) == {}
    assert statements(lambda: loyalty.tiers_of([ann, also, ben])) == statements(
        lambda: loyalty.tiers_of([ben])
    )


def test_thresholds_must_rise(till: Till) -> None:
    silver = loyalty.all_tiers()[1]
    before = loyalty.all_tiers()
    for wrong in (
        replace(silver, spend_at_least=10**9),
        replace(silver, spend_at_least=0),
        replace(silver, counts="ever"),
        replace(silver, rank=9),
    ):
        with pytest.raises(Refused):
            loyalty.set_tier(wrong, actor=SYSTEM)
    assert loyalty.all_tiers() == before


SALES = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 900), st.integers(1, 2500), st.booleans()),
    min_size=1,
    max_size=8,
)


@REPEATED
@given(sold=SALES, counts=st.sampled_from(["lifetime", "rolling", "year"]), are_one=st.booleans())
def test_the_rebuild_from_facts_gives_the_same_tiers(
    till: Till, sold: list[tuple[int, int, int, bool]], counts: str, are_one: bool
) -> None:
    with rolled_back(), today(date(2028, 10, 1)):
        use(counts)
        shop, both = Till(), persons(2)
        if are_one:
            people.merge(person_a=both[0], person_b=both[1], reason="同一个人", actor=SYSTEM)
            rewrite([both[0]])
        for n, (who, days, amount, is_returned) in enumerate(sold):
            day = date(2026, 1, 1) + timedelta(days=days)
            shop.sell(f"O{n}", both[who], money(amount), at=noon(day))
            if is_returned:
                shop.refund(f"O{n}", both[who], back(amount // 2), at=noon(day + timedelta(days=9)))
        kept = sql.fetch(RANKS, ids=both)
        forget = sql.Statement(
            "forget", "update tier_progress set rank = 0, keep_until = null, check_on = null, members = null"
        )
        sql.run(forget)
        loyalty.reassess(both, at=noon(date(2028, 10, 1)))
        again = {r.person_id: r for r in sql.fetch(RANKS, ids=both)}
        assert [again[r.person_id] for r in kept] == kept


def test_the_order_in_which_sales_are_told_does_not_matter_to_windows(till: Till) -> None:
    use("rolling")
    told = [(date(2026, 1, 1) + timedelta(days=n * 97), 600) for n in range(9)]
    found = []
    for seed in range(3):
        ann, shuffled = person(), list(told)
        Random(seed).shuffle(shuffled)
        with today(date(2028, 10, 1)):
            for day, amount in shuffled:
                till.sell(f"O{number()}", ann, money(amount), at=noon(day))
        found.append([(r.rank, r.keep_until, r.check_on) for r in sql.fetch(RANKS, ids=[ann])])
    assert found[0] == found[1] == found[2]


def test_more_people_take_no_more_queries(till: Till) -> None:
    use("year")

    def cost(count: int) -> int:
        ids = till.receive([(ground.sale(f"Q{number()}", money(5000)), p, None) for p in persons(count)])
        return statements(lambda: loyalty.earn(loyalty.look(ids), history=set()))

    assert cost(8) == cost(4)


def test_a_sale_told_again_of_another_day_and_id_is_one_event_of_a_lifetime(till: Till) -> None:
    """Half of it was never reached: neither when it settled nor when all is looked at anew."""
    ann, ben = sorted(persons(2))
    least = loyalty.all_tiers()[1].spend_at_least
    with today(date(2026, 3, 2)):
        till.sell("O1", ben, money(least - 10), at=noon(date(2026, 3, 1)))
        till.sell("O1", ann, money(least - 1), at=noon(date(2026, 3, 2)))
        people.merge(person_a=ann, person_b=ben, reason="同一个人", actor=SYSTEM)
        rewrite([ann])
        assert {r.rank for r in sql.fetch(RANKS, ids=[ann, ben])} == {0}
