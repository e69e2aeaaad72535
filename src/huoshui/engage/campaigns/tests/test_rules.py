"""What coupons give, which may be used, and that the best combination is the best."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.core import unmet
from huoshui.engage.campaigns import giving, rules
from huoshui.engage.campaigns.types import (
    AmountOff,
    Basket,
    BasketLine,
    FixedPrice,
    Gift,
    Goods,
    Held,
    NthItem,
    PercentOff,
    Proposal,
    Rule,
    Stacking,
    Threshold,
    Tiers,
    Times,
    Validity,
)

MONDAY = datetime(2026, 3, 9, 12, tzinfo=UTC)
DAYS = Validity(days=30)
CREAM = BasketLine(1, 1, "cream", 1000, 100_00, ("护肤", "面霜"), "水")
SOAP = BasketLine(2, 2, "soap", 3000, 30_00, ("清洁",), "山")


def rule(benefit: Any, **more: Any) -> Rule:
    return Rule(benefit, DAYS, **more)


def held(of: Rule, code: str = "A", **more: Any) -> Held:
    known: dict[str, Any] = {"template_id": sum(map(ord, code)), "title": code}
    return Held(code, of, **(known | more))


def basket(*lines: BasketLine, **more: Any) -> Basket:
    return Basket(lines or (CREAM, SOAP), MONDAY, **more)


def gives(of: Rule, *lines: BasketLine) -> list[int]:
    chosen = lines or (CREAM, SOAP)
    return giving.discount(of, chosen, [line.amount for line in chosen])


@pytest.mark.parametrize(
    ("benefit", "off"),
    [
        (AmountOff(13_00), [10_00, 3_00]),
        (AmountOff(500_00), [100_00, 30_00]),
        (PercentOff(200), [20_00, 6_00]),
        (PercentOff(200, cap=13_00), [10_00, 3_00]),
        (Gift("soap"), [0, 10_00]),
        (Gift("soap", 9), [0, 30_00]),
        (FixedPrice(8_00, 1), [92_00, 0]),
        (FixedPrice(8_00, 3), [92_00, 4_00]),
        (FixedPrice(117_00), [10_00, 3_00]),
        (NthItem(2, 500), [0, 5_00]),
        (NthItem(2, 500, times=9), [0, 10_00]),
        (NthItem(4, 1000), [0, 10_00]),
        (NthItem(5, 1000), [0, 0]),
    ],
)
def test_what_each_kind_takes_off(benefit: Any, off: list[int]) -> None:
    assert gives(rule(benefit)) == off


def test_scope_is_products_categories_and_brands_less_what_is_left_out() -> None:
    ten = AmountOff(10_00)
    assert gives(rule(ten, include=Goods(categories=(("护肤",),)))) == [10_00, 0]
    assert gives(rule(ten, include=Goods(brands=frozenset({"山"})))) == [0, 10_00]
    assert gives(rule(ten, exclude=Goods(skus=frozenset({"cream"})))) == [0, 10_00]
    assert gives(rule(ten, include=Goods(categories=(("护肤", "口红"),)))) == [0, 0]


def test_weighed_goods_have_whole_pieces_only() -> None:
    apples = BasketLine(1, 1, "apple", 2500, 25_00)
    assert gives(rule(NthItem(2, 1000)), apples) == [10_00]
    assert gives(rule(NthItem(3, 1000)), apples) == [0]


def test_what_is_shared_out_sums_up() -> None:
    assert giving.share(100, [1, 1, 1]) == [33, 33, 34]
    assert giving.share(5, []) == []
    assert [giving.taken(100, part, 3) for part in (1, 2, 3)] == [33, 66, 100]


YOURS = rule(AmountOff(5_00))


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        (held(rule(AmountOff(1), threshold=Threshold(amount=200_00))), "coupon_threshold"),
        (held(rule(AmountOff(1), threshold=Threshold(pieces=5))), "coupon_threshold"),
        (held(rule(AmountOff(1), include=Goods(skus=frozenset({"tea"})))), "coupon_out_of_scope"),
        (held(YOURS, valid_until=MONDAY), "coupon_expired"),
        (held(YOURS, valid_from=MONDAY + timedelta(seconds=1)), "coupon_not_yet"),
        (held(rule(AmountOff(1), org_units=frozenset({9}))), "coupon_wrong_store"),
        (held(rule(AmountOff(1), tiers=Tiers(min_rank=2))), "coupon_wrong_tier"),
        (held(rule(AmountOff(1), tiers=Tiers(names=frozenset({"金卡"})))), "coupon_wrong_tier"),
        (held(rule(AmountOff(1), times=Times(weekdays=frozenset({2})))), "coupon_wrong_time"),
        (held(rule(AmountOff(1), times=Times(hours=((13 * 60, 11 * 60),)))), "coupon_wrong_time"),
        (held(rule(AmountOff(1), channels=frozenset({"mini"}))), "coupon_wrong_channel"),
        (held(YOURS, owner_id=8), "coupon_not_yours"),
        (held(YOURS, locked_for="1:other"), "coupon_locked"),
        (held(rule(Gift("tea"))), "coupon_gift_absent"),
        (held(rule(FixedPrice(500_00, 1))), "coupon_gives_nothing"),
        (held(YOURS, budget_left=4_99), "coupon_budget_spent"),
        (held(YOURS, problem="coupon_used"), "coupon_used"),
        (held(YOURS, problem="coupon_ended"), "coupon_ended"),
        (Held("X", None, problem="coupon_unknown"), "coupon_unknown"),
    ],
)
def test_why_a_coupon_is_not_usable(of: Held, reason: str) -> None:
    bought = basket(person_id=7, tier_rank=1, tier="银卡", org_unit_ids=(3, 1), source_id=1, order_key="o")
    found = rules.best(bought, [of])
    assert found.applied == ()
    assert [n.reason for n in found.not_usable] == [reason]
    said = unmet.sentence(reason, found.not_usable[0].detail)
    assert "？" not in said and said.endswith("。")


def test_a_code_of_nobody_with_a_cap_needs_to_know_who() -> None:
    capped = held(rule(AmountOff(1), per_person=1))
    assert rules.best(basket(), [capped]).not_usable[0].reason == "coupon_needs_member"
    assert rules.best(basket(person_id=7), [capped]).amount == 1


def test_what_meets_each_condition_is_usable() -> None:
    of = rule(
        AmountOff(5_00),
        threshold=Threshold(130_00, 4),
        org_units=frozenset({1}),
        tiers=Tiers(min_rank=1, names=frozenset({"银卡"})),
        channels=frozenset({"store"}),
        times=Times(frozenset({1}), ((11 * 60, 13 * 60),)),
    )
    mine = held(of, owner_id=7, locked_for="1:o", budget_left=5_00, valid_from=MONDAY)
    bought = basket(
        person_id=7,
        tier_rank=1,
        tier="银卡",
        org_unit_ids=(3, 1),
        channel="store",
        source_id=1,
        order_key="o",
    )
    assert rules.best(bought, [mine]).amount == 5_00


def test_the_threshold_says_what_is_missing() -> None:
    short = held(rule(AmountOff(20_00), threshold=Threshold(amount=200_00)), title="满200减20")
    (no,) = rules.best(basket(), [short]).not_usable
    assert no.detail["missing_amount"] == 70_00
    assert unmet.sentence(no.reason, no.detail) == "“满200减20”还差 70.00 元 才能用，再选一点就够了。"


def test_a_gift_does_not_earn_itself() -> None:
    free_soap = held(rule(Gift("soap"), threshold=Threshold(amount=110_00)))
    assert rules.best(basket(), [free_soap]).not_usable[0].reason == "coupon_threshold"


def test_exclusive_goes_alone_and_groups_do_not_mix() -> None:
    alone = held(rule(AmountOff(30_00), stacking=Stacking(exclusive=True)), "alone")
    a = held(rule(AmountOff(20_00), stacking=Stacking(group="g")), "a")
    b = held(rule(AmountOff(11_00), stacking=Stacking(group="g")), "b")
    c = held(rule(AmountOff(9_00)), "c")
    found = rules.best(basket(), [alone, a, b, c])
    assert [x.held.code for x in found.applied] == ["alone"]
    found = rules.best(basket(), [alone, a, b, held(rule(AmountOff(10_01)), "c")])
    assert {x.held.code for x in found.applied} == {"a", "c"}
    assert {(n.held.code, n.reason) for n in found.not_usable} == {
        ("alone", "coupon_stacking"),
        ("b", "coupon_stacking"),
    }


def test_of_equals_the_soonest_to_expire_is_used_and_none_for_nothing() -> None:
    one = rule(AmountOff(130_00))
    later = held(one, "a", template_id=1, valid_until=MONDAY + timedelta(days=9))
    soon = held(one, "b", template_id=1, valid_until=MONDAY + timedelta(days=2))
    other = held(rule(AmountOff(140_00)), "c", template_id=2, valid_until=MONDAY + timedelta(days=1))
    assert [x.held.code for x in rules.best(basket(), [later, soon]).applied] == ["b"]
    assert [x.held.code for x in rules.best(basket(), [later, soon, other]).applied] == ["c"]


def test_a_budget_serves_as_many_as_it_can_pay() -> None:
    two = rule(AmountOff(5_00), stacking=Stacking(max_per_order=2))
    pair = [held(two, code, template_id=1, budget_left=9_00) for code in "ab"]
    found = rules.best(basket(), pair)
    assert (found.amount, [n.reason for n in found.not_usable]) == (5_00, ["coupon_budget_spent"])


def test_one_told_twice_counts_once() -> None:
    two = held(rule(AmountOff(5_00), stacking=Stacking(max_per_order=2)), "a")
    assert rules.best(basket(), [two, two._replace()]).amount == 5_00
    used = two._replace(problem="coupon_used")
    for pair in ([two, used], [used, two]):
        assert [n.reason for n in rules.best(basket(), pair).not_usable] == ["coupon_used"]


def test_what_nothing_is_left_for_is_kept() -> None:
    all_of_it, more = held(rule(AmountOff(130_00)), "a"), held(rule(AmountOff(1_00)), "b")
    (no,) = rules.best(basket(), [all_of_it, more]).not_usable
    assert (no.held.code, no.reason) == ("b", "coupon_gives_nothing")


def test_chosen_coupons_are_combined_as_they_are() -> None:
    a = held(rule(AmountOff(20_00), stacking=Stacking(group="g")), "a")
    b = held(rule(PercentOff(500), stacking=Stacking(group="g")), "b")
    both = rules.combined(basket(), [a, b])
    assert [x.held.code for x in both.applied] == ["b"]  # percentages come before amounts
    assert [(n.held.code, n.reason) for n in both.not_usable] == [("a", "coupon_stacking")]


# ── properties ───────────────────────────────────────────────────────────────────────────────────────────────────

amounts = st.integers(0, 50_00)
lines = st.lists(
    st.builds(
        BasketLine,
        line_no=st.just(0),
        sku_id=st.integers(1, 3),
        sku_code=st.sampled_from("xyz"),
        quantity_milli=st.sampled_from([500, 1000, 2000, 2500, 7000]),
        amount=amounts,
        categories=st.sampled_from([("p",), ("p", "q"), ("r",)]),
        brand=st.sampled_from("mn"),
    ),
    min_size=1,
    max_size=4,
).map(lambda found: tuple(line._replace(line_no=n) for n, line in enumerate(found, 1)))
benefits = st.one_of(
    st.builds(AmountOff, st.integers(1, 30_00)),
    st.builds(PercentOff, st.integers(1, 1000), st.none() | st.integers(1, 9_00)),
    st.builds(Gift, st.sampled_from("xyz"), st.integers(1, 3)),
    st.builds(FixedPrice, st.integers(0, 20_00), st.none() | st.integers(1, 3)),
    st.builds(NthItem, st.integers(2, 3), st.integers(1, 1000), st.integers(1, 3)),
)
goods = st.sampled_from(
    [Goods(), Goods(), Goods(categories=(("p",),)), Goods(skus=frozenset("x")), Goods(brands=frozenset("m"))]
)
some_rules = st.builds(
    Rule,
    benefits,
    st.just(DAYS),
    threshold=st.builds(Threshold, st.sampled_from([0, 0, 20_00]), st.sampled_from([0, 0, 2])),
    include=goods,
    stacking=st.builds(
        Stacking, st.sampled_from(["", "", "g"]), st.sampled_from([False] * 4 + [True]), st.integers(1, 2)
    ),
)


@st.composite
def wallets(draw: st.DrawFn) -> list[Held]:
    templates = draw(st.lists(some_rules, min_size=1, max_size=4))
    budgets = [draw(st.none() | st.integers(0, 40_00)) for _ in templates]
    picks = draw(st.lists(st.integers(0, len(templates) - 1), max_size=6))
    return [
        Held(
            f"c{n}",
            templates[t],
            template_id=t,
            valid_until=MONDAY + timedelta(days=draw(st.integers(1, 3))),
            budget_left=budgets[t],
        )
        for n, t in enumerate(picks)
    ]


def brute(bought: Basket, wallet: Sequence[Held]) -> int:
    """The most that any legal subset gives."""
    usable = [h for h in wallet if rules.why_not(bought, h) is None]
    most = 0
    for size in range(len(usable) + 1):
        for subset in combinations(usable, size):
            found = rules.combined(bought, subset)
            if not found.not_usable and rules._is_whole(found.applied):
                most = max(most, found.amount)
    return most


def check(bought: Basket, found: Proposal) -> None:
    taken: dict[int, int] = {}
    for a in found.applied:
        assert a.amount == sum(share.amount for share in a.lines) > 0
        for share in a.lines:
            assert share.amount > 0
            taken[share.line_no] = taken.get(share.line_no, 0) + share.amount
    assert all(taken.get(line.line_no, 0) <= line.amount for line in bought.lines)


@settings(max_examples=300, deadline=None)
@given(lines, wallets())
def test_no_subset_gives_more_and_sums_add_up(bought: tuple[BasketLine, ...], wallet: list[Held]) -> None:
    at = Basket(bought, MONDAY)
    found = rules.best(at, wallet)
    check(at, found)
    assert found.amount == brute(at, wallet)
    assert len(found.applied) + len(found.not_usable) == len(wallet)


@settings(max_examples=100, deadline=None)
@given(lines, wallets(), st.randoms())
def test_the_order_they_are_given_in_does_not_matter(
    bought: tuple[BasketLine, ...], wallet: list[Held], random: Any
) -> None:
    at = Basket(bought, MONDAY)
    mixed = list(wallet)
    random.shuffle(mixed)
    assert rules.best(at, mixed) == rules.best(at, wallet)


def test_a_hundred_coupons_are_weighed_quickly() -> None:
    wallet = [held(rule(PercentOff(n + 1, cap=n * 7 + 1)), f"c{n:03d}", template_id=n) for n in range(100)]
    found = rules.best(basket(), wallet)
    check(basket(), found)
    assert len(found.applied) > rules.EXACT  # those beyond the search are added too
