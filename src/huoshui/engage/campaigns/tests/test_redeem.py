"""A sale's coupons, and what becomes of them when the sale is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from huoshui.core import clock
from huoshui.core.actor import SYSTEM
from huoshui.core.ledger import api as ledger
from huoshui.core.tests.ground import a_source, number, statements
from huoshui.core.unmet import sentence
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.campaigns import splitting
from huoshui.engage.campaigns.redeeming import Coupon, Order, Redeeming
from huoshui.engage.campaigns.tests.shop import (
    AT,
    Line,
    Sale,
    Shop,
    audit,
    budget,
    claimed,
    coupon,
    person,
    persons,
    template,
    view,
)
from huoshui.engage.campaigns.types import AmountOff, Basket, Held, Rule, Validity
from huoshui.engage.loyalty import api as loyalty
from huoshui.people import api as people

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db: None) -> Iterator[Shop]:
    yield Shop()
    audit()


def test_a_sale_redeems_its_coupon_once(shop: Shop) -> None:
    offered, who = template(), person()
    code = claimed(offered, who)
    done = shop.sell(code, person=who)
    assert done.unmet == []
    assert (coupon(code).state, coupon(code).redeemed_fact_id) == ("redeemed", done.fact_ids[0])
    assert (view(offered).redeemed_count, view(offered).given_amount) == (1, 10_00)
    (told,) = campaigns.redemptions_of(done.fact_ids)
    assert (told.code, told.amount, [tuple(x) for x in told.lines]) == (code, 10_00, [(1, 10_00)])
    assert shop.sell(code, person=who).codes == ["coupon_used"]


def test_the_same_again_changes_nothing(shop: Shop) -> None:
    offered, who = template(), person()
    code = claimed(offered, who)
    done = shop.sell(code, person=who)
    again = shop.step(done.fact_ids, are_asks=True)
    assert (again.unmet, list(again.movements)) == ([], [])
    assert (view(offered).redeemed_count, shop.payable()) == (1, 10_00)


def test_codes_are_read_as_people_type_them(shop: Shop) -> None:
    code = claimed(template(), who := person())
    typed = f" {code[:4].lower()}-{code[4:].replace('0', 'O')} "
    assert shop.sell(typed, person=who).unmet == []
    assert coupon(code).state == "redeemed"


REASONS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"threshold": {"amount": 100_01}}, {}, "coupon_threshold"),
    ({"scope": {"include": {"skus": ["nothing"]}}}, {}, "coupon_out_of_scope"),
    ({"org_units": [10**6]}, {}, "coupon_wrong_store"),
    ({"tiers": {"min_rank": 3}}, {}, "coupon_wrong_tier"),
    ({"times": {"hours": [["13:00", "14:00"]]}}, {}, "coupon_wrong_time"),
    ({"channels": ["mini"]}, {}, "coupon_wrong_channel"),
    ({}, {"at": datetime(2100, 1, 1, tzinfo=UTC)}, "coupon_expired"),
    ({}, {"at": datetime(2019, 1, 1, tzinfo=UTC)}, "coupon_not_yet"),
    ({}, {"person": None}, "coupon_not_yours"),
    ({}, {"amount": 9_99}, "coupon_amount_differs"),
]


@pytest.mark.parametrize(("rule", "sale", "reason"), REASONS)
def test_an_ask_is_told_why_not_and_leaves_the_coupon(
    shop: Shop, rule: dict[str, Any], sale: dict[str, Any], reason: str
) -> None:
    offered, who = template(**rule), person()
    code = claimed(offered, who)
    with time_machine.travel(sale.get("at", AT)):  # by the clock, whatever the till says
        done = shop.sell(code, **{"person": who, **{name: v for name, v in sale.items() if name != "at"}})
    assert done.codes == [reason]
    assert "？" not in sentence(reason, done.unmet[0].detail)
    assert (coupon(code).state, view(offered).redeemed_count) == ("issued", 0)
    assert campaigns.redemptions_of(done.fact_ids) == []


def test_a_report_with_the_same_flaw_is_kept_and_redeemed(shop: Shop) -> None:
    offered, who = template(), person()
    code = claimed(offered, who)
    late = shop.sell(code, person=person(), at=datetime(2100, 1, 1, tzinfo=UTC), report=True)
    assert late.codes == ["coupon_not_yours", "coupon_expired"]
    assert coupon(code).state == "redeemed"
    again = shop.sell(code, person=who, report=True)
    assert again.codes == ["coupon_used"]
    assert view(offered).redeemed_count == 1
    assert shop.sell("NOSUCHCODE", report=True).codes == ["coupon_unknown"]


@pytest.mark.parametrize(("rule", "sale", "reason"), REASONS)
def test_a_report_is_judged_by_the_rule_and_the_dealer_is_owed_no_more_than_it_gives(
    shop: Shop, rule: dict[str, Any], sale: dict[str, Any], reason: str
) -> None:
    offered, who = template(**rule, has_budget=True), person()
    campaigns.fund(template_id=offered, amount=50_00, key="f", actor=SYSTEM)
    code = claimed(offered, who)
    done = shop.sell(code, **{"person": who, **sale, "report": True})
    assert done.codes == [reason]
    # Whoever brought it, it is used, and its discount was what the rule gives
    due = {"coupon_not_yours": 10_00, "coupon_amount_differs": 9_99}.get(reason, 0)
    assert (shop.payable(), budget(offered)) == (due, 50_00 - due)
    assert (coupon(code).state, view(offered).given_amount) == ("redeemed", sale.get("amount", 10_00))


def test_what_an_offline_till_takes_off_beyond_the_rule_is_its_own(shop: Shop) -> None:
    offered, who = template(bearers={"brand": 600, "dealer": 400}), person()
    lines = [Line(10_00, 90_00, pieces=2)]
    done = shop.sell(claimed(offered, who), 90_00, person=who, key="O1", lines=lines, report=True)
    (u,) = done.unmet
    assert (u.code, u.detail["right_amount"], u.detail["told_amount"]) == (
        "coupon_amount_differs",
        10_00,
        90_00,
    )
    assert shop.payable() == 6_00
    shop.refund("O1", Line(-5_00, pieces=-1))
    assert shop.payable() == 3_00
    day = clock.business_day(AT)
    (cell,) = campaigns.uses_by_day(offered, day, day)
    assert (cell.amount, cell.by_dealer, cell.by_brand) == (90_00, 84_00, 6_00)
    shop.refund("O1", Line(-5_00, pieces=-1))
    assert shop.payable() == 0


def test_what_coupons_take_off_offline_has_caps(shop: Shop) -> None:
    offered, (ann, ben) = template(stacking={"max_per_order": 2}), persons(2)
    loyalty.set_offline_cap(loyalty.OfflineCap("coupons", 19_99, 25_00), actor=SYSTEM)

    def sell(who: int, *had: str, **more: Any) -> list[tuple[str, Any]]:
        lines = [Line(100_00 - 10_00 * len(had), off=10_00 * len(had))]
        sale = Sale(f"O{number()}", lines, [(code, 10_00) for code in had], who)
        return [(u.code, u.detail["per"]) for u in shop.settle([sale], **more).unmet]

    mine = [claimed(offered, ann) for _ in range(6)]
    assert sell(ann, *mine[:2]) == [("offline_cap", "order")]
    assert sell(ann, mine[2]) == [("offline_cap", "day")]
    assert sell(ben, claimed(offered, ben)) == []
    assert sell(ann, *mine[3:5], are_asks=True) == []
    assert [coupon(code).state for code in mine[:5]] == ["redeemed"] * 5
    assert shop.sell(mine[5], person=ann, report=True, at=AT + timedelta(days=1)).unmet == [], "another day"
    assert view(offered).given_amount == 70_00


def test_an_order_told_right_afterwards_is_owed_for(shop: Shop) -> None:
    offered, who = template(threshold={"amount": 200_00}), person()
    code = claimed(offered, who)
    assert shop.sell(code, person=who, key="O1", report=True).codes == ["coupon_threshold"]
    assert shop.payable() == 0
    more = [Line(190_00, off=10_00)]
    assert shop.sell(code, person=who, key="O1", lines=more, report=True).codes == []
    assert shop.payable() == 10_00


def test_the_amount_that_would_be_right_is_told(shop: Shop) -> None:
    code = claimed(template(), who := person())
    (u,) = shop.sell(code, 12_00, person=who).unmet
    assert (u.detail["right_amount"], u.detail["told_amount"]) == (10_00, 12_00)


def test_a_void_coupon_and_an_ended_campaign(shop: Shop) -> None:
    offered, who = template(), person()
    mine, gone = claimed(offered, who), claimed(offered, who)
    (printed,) = campaigns.print_codes(template_id=offered, count=1, actor=SYSTEM)
    assert campaigns.void(told=[gone], reason="印错了", actor=SYSTEM) == [gone]
    campaigns.end_template(template_id=offered, actor=SYSTEM)
    assert shop.sell(gone, person=who).codes == ["coupon_void"]
    assert shop.sell(printed, person=who).codes == ["coupon_ended"]
    assert shop.sell(mine, person=who).unmet == []  # what a customer holds stays good


def test_stacking_is_held_at_the_till(shop: Shop) -> None:
    alone, other, who = template(stacking={"exclusive": True}), template(), person()
    uses = [(claimed(alone, who), 10_00), (claimed(other, who), 10_00)]
    done = shop.settle([Sale("O1", [Line(80_00, 20_00)], uses, who)], are_asks=True)
    assert done.codes == ["coupon_stacking"]


def test_the_same_code_twice_in_one_sale(shop: Shop) -> None:
    code = claimed(template(), who := person())
    done = shop.settle([Sale("O1", [Line(80_00, 20_00)], [(code, 10_00)] * 2, who)], are_asks=True)
    assert done.codes == ["coupon_used"]
    assert coupon(code).state == "issued"


def test_a_refused_ask_takes_no_coupon_from_the_next(shop: Shop) -> None:
    code = claimed(template(), who := person())
    wrong = Sale("O1", [Line(95_00, 5_00)], [(code, 5_00)], who)
    right = Sale("O2", [Line(90_00, 10_00)], [(code, 10_00)], who)
    done = shop.settle([wrong, right], are_asks=True)
    assert [(u.fact_id, u.code) for u in done.unmet] == [(done.fact_ids[0], "coupon_amount_differs")]


def test_of_two_in_a_batch_the_first_has_it(shop: Shop) -> None:
    code = claimed(template(), who := person())
    sales = [Sale(f"O{n}", [Line(90_00, 10_00)], [(code, 10_00)], who) for n in range(2)]
    done = shop.settle(sales)
    assert [(u.fact_id, u.code) for u in done.unmet] == [(done.fact_ids[1], "coupon_used")]
    assert coupon(code).redeemed_fact_id == done.fact_ids[0]


# ── whose ────────────────────────────────────────────────────────────────────────────────────────────────────────


def merge(a: int, b: int) -> None:
    people.merge(person_a=a, person_b=b, reason="同一个人", actor=SYSTEM)


def test_any_id_of_a_cluster_may_use_it(shop: Shop) -> None:
    one, two = persons(2)
    code = claimed(template(), one)
    assert shop.sell(code, person=two).codes == ["coupon_not_yours"]
    merge(one, two)
    assert [h.code for h in campaigns.held_by([two])] == [code]
    assert shop.sell(code, person=two).unmet == []


def test_a_printed_code_belongs_to_who_brings_it(shop: Shop) -> None:
    offered, (one, two) = template(per_person=1), persons(2)
    first, second = campaigns.print_codes(template_id=offered, count=2, actor=SYSTEM)
    assert shop.sell(first).codes == ["coupon_needs_member"]
    done = shop.sell(first, person=one, key="O1")
    assert (done.unmet, coupon(first).person_id) == ([], one)
    assert shop.sell(second, person=one).codes == ["coupon_per_person"]
    merge(one, two)
    assert shop.sell(second, person=two).codes == ["coupon_per_person"]
    assert [h.problem for h in campaigns.find([second], person_id=two)] == ["coupon_per_person"]
    shop.refund("O1", Line(-90_00, pieces=-1))
    assert (coupon(first).state, coupon(first).person_id) == ("issued", one)


def test_a_shared_code_serves_many_and_no_more(shop: Shop) -> None:
    offered = template(per_person=1, total_count=3)
    campaigns.share_code(template_id=offered, code="Welcome", uses=2, actor=SYSTEM)
    one, two, three = persons(3)
    assert shop.sell("welcome", person=one, key="O1").unmet == []
    assert shop.sell("WELCOME", person=one).codes == ["coupon_per_person"]
    assert shop.sell("WELCOME", person=two).unmet == []
    assert shop.sell("WELCOME", person=three).codes == ["coupon_used_up"]
    shop.refund("O1", Line(-90_00, pieces=-1))
    assert coupon("WELCOME").used == 1
    assert shop.sell("WELCOME", person=one).unmet == []  # his own use came back
    assert view(offered).issued_count == 2


@pytest.mark.parametrize("is_shared", [True, False])
def test_what_was_beyond_his_share_stays_so_when_it_is_told_again(shop: Shop, is_shared: bool) -> None:
    """The till gave it away without network: who tells the order again is owed no more for it."""
    offered, who = template(per_person=1, total_count=9), person()
    if is_shared:
        campaigns.share_code(template_id=offered, code="Again", uses=5, actor=SYSTEM)
    first, second = (
        ["Again"] * 2 if is_shared else campaigns.print_codes(template_id=offered, count=2, actor=SYSTEM)
    )
    shop.sell(first, person=who, report=True)
    owed = shop.payable()
    assert owed > 0
    shop.sell(second, person=who, report=True, key="O2")
    assert shop.payable() == owed
    shop.sell(second, person=who, report=True, key="O2", lines=[Line(190_00, off=10_00)])
    assert shop.payable() == owed


# ── money ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_budget_is_spent_and_comes_back(shop: Shop) -> None:
    offered, who = template(has_budget=True), person()
    code, other = claimed_unfunded(offered, who, 2)
    assert budget(offered) == 15_00
    shop.sell(code, person=who, key="O1")
    assert budget(offered) == 5_00
    done = shop.sell(other, person=who)
    assert done.refused == {done.fact_ids[0]: "budget"} or done.codes == ["coupon_budget_spent"]
    shop.refund("O1", Line(-90_00, pieces=-1))
    assert budget(offered) == 15_00


def claimed_unfunded(offered: int, who: int, count: int) -> list[str]:
    campaigns.fund(template_id=offered, amount=15_00, key="first", actor=SYSTEM)
    assert campaigns.fund(template_id=offered, amount=15_00, key="first", actor=SYSTEM) == 0
    return [claimed(offered, who) for _ in range(count)]


def test_a_report_may_owe_the_budget_and_the_next_funding_pays(shop: Shop) -> None:
    offered, who = template(has_budget=True), person()
    codes = claimed_unfunded(offered, who, 2)
    for code in codes:
        assert shop.sell(code, person=who, report=True).unmet == []
    assert budget(offered) == -5_00
    campaigns.fund(template_id=offered, amount=20_00, key="second", actor=SYSTEM)
    assert budget(offered) == 15_00


def test_the_brand_owes_its_share_and_less_after_part_refunds(shop: Shop) -> None:
    offered, who = template(bearers={"brand": 700, "dealer": 300}), person()
    lines = [Line(54_00, 6_00, pieces=3), Line(36_00, 4_00, sku=6)]
    shop.sell(claimed(offered, who), person=who, key="O1", lines=lines)
    assert shop.payable() == 7_00
    shop.refund("O1", Line(-18_00, pieces=-1))
    assert shop.payable() == 8_00 * 700 // 1000
    shop.refund("O1", Line(-18_00, pieces=0, sku=6))  # half its money, and the goods stay
    assert shop.payable() == 6_00 * 700 // 1000
    shop.refund("O1", Line(-36_00, pieces=-2))
    assert shop.payable() == 2_00 * 700 // 1000
    assert view(offered).redeemed_count == 1
    shop.refund("O1", Line(-18_00, pieces=-1, sku=6))
    assert (shop.payable(), view(offered).redeemed_count, view(offered).given_amount) == (0, 0, 0)


def test_a_store_of_our_own_is_owed_nothing(shop: Shop) -> None:
    shop.sell(claimed(template(), who := person()), person=who, is_own_store=True)
    assert ledger.transfers_of([fact_id for ids in shop.orders.values() for fact_id in ids]) == []


def test_a_unit_stands_for_all_stores_below_it(shop: Shop) -> None:
    dealer_id = shop.branch()[1]
    code = claimed(template(org_units=[dealer_id]), who := person())
    assert shop.sell(code, person=who, is_own_store=True).codes == ["coupon_wrong_store"]
    assert shop.sell(code, person=who).unmet == []


def test_piece_by_piece_comes_to_the_same_as_at_once(shop: Shop) -> None:
    offered, who = template(benefit={"kind": "amount_off", "amount": 1_00}), person()
    shop.sell(claimed(offered, who), 1_00, person=who, key="O1", lines=[Line(99_00, 1_00, pieces=3)])
    owed = []
    for _ in range(2):
        shop.refund("O1", Line(-33_00, pieces=-1))
        owed.append(shop.payable())
    assert owed == [67, 34]


# ── taken back ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("policy", "state"),
    [
        ({"policy": "give_back"}, "issued"),
        ({"policy": "give_back_if_valid"}, "issued"),
        ({"policy": "keep"}, "redeemed"),
    ],
)
def test_a_whole_refund_follows_the_policy(shop: Shop, policy: dict[str, Any], state: str) -> None:
    offered, who = template(refund=policy), person()
    code = claimed(offered, who)
    shop.sell(code, person=who, key="O1")
    back = shop.refund("O1", Line(-90_00, pieces=-1))
    assert coupon(code).state == state
    assert (shop.payable(), view(offered).redeemed_count) == (0, 0)
    assert list(shop.step(back.fact_ids).movements) == []
    assert view(offered).redeemed_count == 0
    assert bool(shop.sell(code, person=who).codes) == (state == "redeemed")


def test_what_is_over_is_given_back_only_by_the_policy_that_says_so(shop: Shop) -> None:
    who = person()
    late = datetime(2100, 5, 1, 4, tzinfo=UTC)
    for policy, state in (("give_back", "issued"), ("give_back_if_valid", "redeemed")):
        code = claimed(template(refund={"policy": policy, "extend_days": 7}), who)
        shop.sell(code, person=who, key=f"O {policy}")
        shop.refund(f"O {policy}", Line(-90_00, pieces=-1), at=late)
        assert coupon(code).state == state
        if state == "issued":
            assert coupon(code).valid_until == datetime(2100, 5, 8, 16, tzinfo=UTC)  # midnight in Shanghai
            assert shop.sell(code, person=who, at=late + timedelta(days=7)).unmet == []


def test_a_refund_told_smaller_takes_the_coupon_again(shop: Shop) -> None:
    offered, who = template(), person()
    code = claimed(offered, who)
    lines = [Line(90_00, 10_00, pieces=2)]
    shop.sell(code, person=who, key="O1", lines=lines)
    shop.refund("O1", Line(-90_00, pieces=-2))
    assert (coupon(code).state, shop.payable()) == ("issued", 0)
    shop.refund("O1", Line(-45_00, pieces=-1), replaces_refund=True)
    assert (coupon(code).state, shop.payable(), view(offered).redeemed_count) == ("redeemed", 5_00, 1)


@pytest.mark.parametrize(("told", "excess"), [(10_00, 0), (8_00, 0), (15_00, 5_00)])
def test_had_again_it_is_owed_for_as_it_was(told: int, excess: int) -> None:
    """A till took off 13 by it, of which the rule gave 10; it was given back, a file of the past told another amount, and a
    refund told smaller lets it be had again."""
    rule = Rule(AmountOff(10_00), Validity())
    held = Held("X", rule, template_id=1, coupon_id=7, owner_id=3)
    coupon = Coupon(
        held, "issued", is_shared=False, uses=1, used=0, person_id=3, valid_until=AT, order_id=None
    )
    line = splitting.Line(1, 1, "a", 5, 1000, 100_00 - told, told, 0, 0)
    order = Order(
        1,
        2,
        False,
        Basket((), AT, person_id=3),
        None,
        [line],
        [],
        [splitting.Use(1, "X", told)],
        [],
        {7: 10_00},
    )
    redeeming = Redeeming({"X": coupon}, {})
    redeeming.take(order)
    (again,) = redeeming.out.redeemed
    assert (again.amount, again.excess, redeeming.out.unmet) == (told, excess, [])


def test_who_asks_his_money_back_is_not_refused_for_his_coupon(shop: Shop) -> None:
    """It was given back, is kept for another order by now, and has to be had again: that is shown, and he gets his money."""
    offered, who = template(), person()
    code = claimed(offered, who)
    shop.sell(code, person=who, key="O1", lines=[Line(90_00, 10_00, pieces=2)])
    shop.refund("O1", Line(-90_00, pieces=-2))
    campaigns.lock(
        [code], source_id=shop.source.id, order_key="other", until=clock.now() + timedelta(hours=1)
    )
    fact_ids = shop.receive([Sale(f"R{number()}", (Line(-45_00, pieces=-1),), of="O1", replaces_refund=True)])
    done = campaigns.redeem(campaigns.look(fact_ids), asks=set(fact_ids))
    assert ([u.code for u in done.unmet], [u.code for u in done.shown]) == ([], ["coupon_locked"])


def test_a_revision_without_the_coupon_gives_it_back(shop: Shop) -> None:
    offered, who = template(), person()
    code = claimed(offered, who)
    shop.sell(code, person=who, key="O1", report=True)
    shop.settle([Sale("O1", [Line(100_00)], person=who)])
    assert (coupon(code).state, shop.payable()) == ("issued", 0)


def test_a_revision_may_tell_another_amount(shop: Shop) -> None:
    offered, who = template(), person()
    code = claimed(offered, who)
    first = shop.sell(code, person=who, key="O1", report=True)
    shop.sell(code, 8_00, person=who, key="O1", report=True)
    assert (shop.payable(), view(offered).given_amount, view(offered).redeemed_count) == (8_00, 8_00, 1)
    (told,) = campaigns.redemptions_of(first.fact_ids)
    assert (told.amount, [tuple(x) for x in told.lines]) == (8_00, [(1, 8_00)])


def test_an_order_that_comes_refunded_uses_nothing(shop: Shop) -> None:
    code = claimed(template(), who := person())
    done = shop.sell(code, person=who, report=True, lines=[Line(90_00, 10_00, refunded=90_00)])
    assert (done.unmet, coupon(code).state) == ([], "issued")


def test_the_past_is_only_recorded() -> None:
    shop = Shop(a_source("history"))
    code = claimed(template(), who := person())
    shop.sell(code, person=who, report=True)
    assert coupon(code).state == "issued"


# ── how much it costs ────────────────────────────────────────────────────────────────────────────────────────────


def sales_with_coupons(count: int) -> list[Sale]:
    rules: list[dict[str, Any]] = [
        {"per_person": 3},
        {"has_budget": True, "scope": {"exclude": {"skus": ["x"]}}, "tiers": {"min_rank": 0}},
    ]
    offered = [template(**r) for r in rules]
    campaigns.fund(template_id=offered[1], amount=10**6, key="k", actor=SYSTEM)
    who = persons(count)
    own = [claimed(offered[1], p) for p in who]
    printed = campaigns.print_codes(template_id=offered[0], count=count, actor=SYSTEM)
    return [
        Sale(f"O{number()}", [Line(80_00, 20_00)], [(a, 10_00), (b, 10_00)], p)
        for a, b, p in zip(own, printed, who, strict=True)
    ]


def test_2n_sales_take_no_more_queries_than_n(shop: Shop) -> None:
    counts = []
    for n in (4, 8):
        fact_ids = shop.receive(sales_with_coupons(n))
        counts.append(statements(lambda ids=fact_ids: campaigns.redeem(campaigns.look(ids), asks=set())))  # type: ignore[misc]
        backs = [Sale(f"R{number()}", [Line(-80_00, pieces=-1)], of=k) for k in list(shop.orders)[-n:]]
        back_ids = shop.receive(backs)
        counts.append(statements(lambda ids=back_ids: campaigns.redeem(campaigns.look(ids), asks=set())))  # type: ignore[misc]
    assert counts[:2] == counts[2:]
    assert max(counts) <= 22


def test_a_batch_of_many_is_redeemed_line_by_line(shop: Shop) -> None:
    sales = sales_with_coupons(60)
    done = shop.settle(sales)
    assert done.unmet == []
    told = campaigns.redemptions_of(done.fact_ids)
    assert len(told) == 120
    assert all(sum(x.amount for x in r.lines) == r.amount == 10_00 for r in told)
    assert shop.payable() == 120 * 10_00


def test_sales_without_coupons_cost_one_query(shop: Shop) -> None:
    fact_ids = shop.receive([Sale(f"O{n}", [Line(1_00)]) for n in range(20)])
    assert statements(lambda: campaigns.redeem(campaigns.look(fact_ids), asks=set())) == 1
    assert statements(lambda: campaigns.redeem(campaigns.look([]), asks=set())) == 0
