"""Sales credit who brought and who served, money is frozen, taken back by the same shares, and closed once."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.subscribers import Erased
from huoshui.core.tests.ground import Line, clean_tables, number
from huoshui.people import api as people
from huoshui.trade.bonds.tests.world import no_waiting
from huoshui.trade.codes import api as codes
from huoshui.trade.commission import api as commission
from huoshui.trade.commission import erasing as commission_erasing
from huoshui.trade.commission.tests.world import BOSS, World, check_books, owed, world

__all__ = ["clean_tables", "no_waiting", "world"]

pytestmark = pytest.mark.usefixtures("world")

FLAT = [{"permille": 50}]
_TOLD = sql.Statement(
    "told",
    "select reason as said from commission_decision union all"
    " select detail::text from audit_entry where action = 'commission.decided' union all"
    " select body::text from fact where name = 'Commission Decided'",
)


def card() -> str:
    return f"paid-{number()}"


def commissioned(world: World, guide: int, amount: int) -> dict[tuple[str, int, int, str], int]:
    return {("guide", world.shops.guides[guide], world.shops.dealers[guide // 2], "commission"): amount}


def test_a_sale_is_owed_to_its_server_frozen_and_a_refund_takes_the_same_back(world: World) -> None:
    world.employer(0, rates=FLAT, return_days=7)
    order = world.buy(card(), 0, 0, 9_990, key="A")
    assert world.read() == 1 and world.read() == 0
    assert owed() == commissioned(world, 0, 499)
    (own,) = commission.earned(world.guide(0), first=clock.today(), last=clock.today())
    assert (own.amount, own.frozen, own.posted, own.taken_back) == (499, 499, 0, 0)
    world.give_back("A", 3_330)
    world.read()
    assert owed() == commissioned(world, 0, 333)
    check_books()
    world.give_back("A", 6_660)
    world.read()
    assert owed() == {}
    assert [e.amount for e in commission.entries(world.guide(0))] == [-333, -166, 499]
    assert [e.is_correction for e in commission.entries(world.guide(0))] == [False] * 3
    check_books()
    assert "由她接待" in commission.why(world.guide(0), order)[0].sentences[0]
    assert commission.why(world.guide(1), order) == []


def test_released_after_the_return_period_and_taken_back_later_it_is_a_debt_that_the_next_repays(
    world: World,
) -> None:
    world.employer(0, rates=FLAT, return_days=3)
    world.buy(card(), 0, 0, 10_000, key="A")
    world.read()
    assert commission.release(clock.today()) == 0
    world.today = 3
    assert commission.release(clock.today()) == 1 and commission.release(clock.today()) == 0
    (own,) = commission.earned(world.guide(0), first=clock.today(), last=clock.today())
    assert (own.frozen, own.posted) == (0, 500)
    check_books()
    world.give_back("A", 10_000)
    world.read()
    check_books()
    assert owed() == {}
    world.buy(card(), 0, 0, 20_000)
    world.read()
    world.today = 9
    commission.release(clock.today())
    check_books()
    assert owed() == commissioned(world, 0, 1_000)


def test_a_new_version_is_for_what_settles_after_it_and_a_refund_goes_by_the_old(world: World) -> None:
    world.employer(0, rates=FLAT)
    world.buy(card(), 0, 0, key="A")
    world.employer(0, rates=[{"permille": 100}])
    world.buy(card(), 0, 0)
    world.read()
    assert owed() == commissioned(world, 0, 1_500)
    world.give_back("A", 10_000)
    world.read()
    assert owed() == commissioned(world, 0, 1_000)


def test_by_product_and_by_new_and_returning(world: World) -> None:
    world.employer(0, rates=[{"permille": 100, "customer": "new"}, {"permille": 20}])
    one = card()
    for _ in range(2):
        world.buy(one, 0, 0)
    world.buy(None, 0, 0)
    world.read()
    assert owed() == commissioned(world, 0, 1_000 + 200 + 200), "of nobody nobody knows that she is new"


def test_bringer_and_server_of_one_house_share_and_a_team_shares_the_servers_part(world: World) -> None:
    store, guides = world.shops.stores[0][0], world.shops.guides
    team = {str(store): {str(guides[0]): 1, str(guides[1]): 2}}
    world.employer(0, rates=FLAT, bringer_permille=300, team_permille=500, teams=team)
    one = card()
    world.scan(world.code(1), one, at=0)
    world.today = 1
    order = world.buy(one, 0, 0, 10_001, key="A")
    world.read()
    told = {w.payee_id: w for w in commission.why(BOSS, order)}
    assert sum(w.amount for w in told.values()) == 500
    dealer = world.shops.dealers[0]
    # 50 of 1000: to the one who brought 300, of the 700 that remain half by hand and half over the team 1:2
    assert owed() == {
        ("guide", guides[0], dealer, "commission"): told[guides[0]].amount,
        ("guide", guides[1], dealer, "commission"): told[guides[1]].amount,
    }
    assert abs(told[guides[0]].amount - (175 + 58)) <= 1
    assert any("扫的码" in s for s in told[guides[1]].sentences)
    world.give_back("A", 10_001)
    world.read()
    assert owed() == {}
    check_books()


def test_who_was_brought_by_another_house_costs_a_fee_and_each_pays_its_own(world: World) -> None:
    world.brand(fee_permille=30, fee_cap=250)
    world.employer(0, rates=FLAT, bringer_permille=400)
    world.employer(1, rates=[{"permille": 60}], bringer_permille=500)
    one = card()
    world.scan(world.code(0), one, at=0)
    world.today = 1
    world.buy(one, 1, 2, 10_000, key="A")
    world.read()
    guides, (here, there) = world.shops.guides, world.shops.dealers
    assert owed() == {
        ("guide", guides[2], there, "commission"): 600,
        ("guide", guides[0], here, "commission"): 200,
        ("dealer", here, there, "fee"): 250,
    }
    world.give_back("A", 10_000)
    world.read()
    assert owed() == {}
    check_books()


def test_an_order_at_head_office_is_the_owners_and_her_guides(world: World) -> None:
    world.brand(area_permille=80)
    world.employer(0, rates=FLAT)
    one = card()
    world.scan(world.code(0), one, at=0)
    world.today = 1
    world.buy(one, -1, None)
    world.read()
    here = world.shops.dealers[0]
    assert owed() == commissioned(world, 0, 500) | {("dealer", here, 0, "fee"): 800}


def test_a_code_brings_within_its_days_and_after_them_the_bond_does(world: World) -> None:
    world.brand(code_days=5)
    world.employer(0, rates=FLAT, bringer_permille=500)
    one = card()
    world.scan(world.code(0), one, at=0)
    world.scan(world.code(1), one, at=1)
    world.today = 2
    within = world.buy(one, 0, None)
    world.today = 20
    after = world.buy(one, 0, None)
    world.read()
    guides = world.shops.guides
    assert [(w.payee_id, "扫的码" in w.sentences[0]) for w in commission.why(BOSS, within)] == [
        (guides[1], True)
    ]
    assert [(w.payee_id, "顾客归属" in w.sentences[0]) for w in commission.why(BOSS, after)] == [
        (guides[0], True)
    ]


def test_a_decision_writes_the_difference_beside_what_was_written(world: World) -> None:
    world.employer(0, rates=FLAT)
    order = world.buy(card(), 0, 0, key="A")
    world.read()
    guides, dealer = world.shops.guides, world.shops.dealers[0]
    shares = [(guides[0], 400), (guides[1], 600)]
    with transaction.atomic():
        commission.decide(
            order, employer_id=dealer, shares=shares, reason="两个人一起接待", actor=world.shops.owner(0)
        )
    commission.work_off()
    assert owed() == commissioned(world, 0, 200) | commissioned(world, 1, 300)
    assert [(e.amount, e.is_correction) for e in commission.entries(world.guide(0))] == [
        (-300, True),
        (500, False),
    ]
    commission.look_again([order], because="again")
    commission.work_off()
    assert len(commission.entries(world.guide(0))) == 2, "looked at again nothing differs"
    world.give_back("A", 10_000)
    world.read()
    assert owed() == {}
    check_books()


def test_of_who_is_erased_no_reason_tells_and_what_was_decided_stays(world: World) -> None:
    world.employer(0, rates=FLAT)
    card_no = card()
    order = world.buy(card_no, 0, 0)
    world.read()
    person = people.find("card_no", card_no)
    assert person is not None
    with transaction.atomic():
        commission.decide(
            order,
            employer_id=world.shops.dealers[0],
            shares=[(world.shops.guides[1], 1_000)],
            reason="林要走说是另一位接待",
            actor=world.shops.owner(0),
        )
    commission.work_off()
    before = owed()
    with transaction.atomic():
        commission_erasing.erase(Erased((person,)))
    told = sql.fetch(_TOLD)
    assert len(told) == 3 and not [r for r in told if "林要走" in (r.said or "")]
    commission.look_again([order], because="again")
    commission.work_off()
    assert owed() == before


def test_shares_are_whole_and_of_ones_own(world: World) -> None:
    world.employer(0, rates=FLAT)
    order = world.buy(card(), 0, 0)
    world.read()
    guides = world.shops.guides
    for shares in ([(0, 900)], [(0, 500), (0, 500)], [(2, 1000)], [(0, 1100), (1, -100)], []):
        with pytest.raises(commission.BadShares), transaction.atomic():
            commission.decide(
                order,
                employer_id=world.shops.dealers[0],
                shares=[(guides[n], p) for n, p in shares],
                reason="试",
                actor=world.shops.owner(0),
            )
    commission.work_off()
    assert owed() == commissioned(world, 0, 500)


def test_each_house_says_what_it_pays_and_nobody_for_it(world: World) -> None:
    dealer = world.shops.dealers[0]
    manager = Actor("staff", 1, "店长", frozenset({"manager"}), frozenset({dealer}))
    for actor in (BOSS, world.shops.owner(1), world.guide(0), manager):
        with pytest.raises(NotFound), transaction.atomic():
            commission.set_employer_rules(dealer, {"rates": FLAT}, reason="试", actor=actor)
    with pytest.raises(NotFound), transaction.atomic():
        commission.set_brand_rules({"fee_permille": 1}, reason="试", actor=world.shops.owner(0))
    world.buy(card(), 0, 0)
    world.read()
    assert owed() == {}, "without rules nobody is owed anything"


def test_who_recommends_is_rewarded_for_the_first_order_alone_and_once(world: World) -> None:
    world.brand(reward_amount=500, reward_permille=50, reward_least=5_000)
    anna, bea, cleo = card(), card(), card()
    world.buy(anna, 0, None)
    world.scan(world.recommends(anna), bea, at=1)
    world.today = 2
    world.buy(bea, 0, None, key="B")
    world.buy(bea, 0, None)
    world.read()
    her = people.find("card_no", anna)
    assert owed() == {("recommender", her, 0, "reward"): 1_000}
    # Whom Bea brings in turn is Bea's alone
    world.scan(world.recommends(bea), cleo, at=3)
    world.today = 4
    world.buy(cleo, 0, None)
    world.read()
    second = people.find("card_no", bea)
    assert owed() == {("recommender", her, 0, "reward"): 1_000, ("recommender", second, 0, "reward"): 1_000}
    world.give_back("B", 6_000)
    world.read()
    assert owed() == {("recommender", second, 0, "reward"): 1_000}, "below the least there is no reward"
    check_books()


def test_nobody_recommends_herself_or_who_bought_before(world: World) -> None:
    world.brand(reward_amount=500)
    anna, bea = card(), card()
    world.buy(anna, 0, None)
    world.buy(bea, 0, None)
    code = world.recommends(anna)
    world.scan(code, anna, at=1)
    world.scan(code, bea, at=1)
    world.today = 2
    world.buy(anna, 0, None)
    world.buy(bea, 0, None)
    world.read()
    assert owed() == {}


def test_a_pyramid_is_refused_by_its_law(world: World) -> None:
    wrong: tuple[dict[str, Any], ...] = (
        {"reward_levels": 2},
        {"reward_per": "head"},
        {"reward_per": "recruit_sales"},
    )
    for params in wrong:
        with pytest.raises(commission.PyramidForbidden, match="禁止传销条例"):
            world.brand(reward_amount=100, **params)
    world.brand(reward_amount=100, reward_levels=1, reward_per="order")


_SECOND = sql.Statement(
    "second",
    "insert into commission_credit (order_id, role, party_id, permille, rule_version, because, buyer_id, recommender_id)"
    " select %(order_id)s, 'recommender', max(id), 1000, 1, '', %(buyer)s, %(by)s from commission_party",
)


def test_the_tables_hold_no_second_level(world: World) -> None:
    """Anna brought Bea, Bea brought Cleo: that Anna is paid for Cleo's order cannot be written down."""
    world.brand(reward_amount=500)
    anna, bea, cleo = card(), card(), card()
    unpaid = world.buy(anna, 0, None)
    world.scan(world.recommends(anna), bea, at=1)
    world.today = 2
    paid = world.buy(bea, 0, None)
    world.read()
    world.scan(world.recommends(bea), cleo, at=3)
    world.today = 4
    world.buy(cleo, 0, None)
    world.read()
    a, b, c = (people.find("card_no", one) for one in (anna, bea, cleo))
    for buyer, by in ((c, a), (b, c), (a, b)):
        with pytest.raises(psycopg.errors.ForeignKeyViolation), transaction.atomic():
            sql.run(_SECOND, order_id=unpaid, buyer=buyer, by=by)
    with pytest.raises(psycopg.errors.UniqueViolation), transaction.atomic():
        sql.run(_SECOND, order_id=paid, buyer=b, by=a)


def test_a_month_is_closed_once_confirmed_line_by_line_and_nothing_goes_in_after(world: World) -> None:
    world.employer(0, rates=FLAT, ladder=[[15_000, 100], [25_000, 200]])
    for key in ("A", "B", "C"):
        world.buy(card(), 0, 0, key=key)
    world.read()
    own, guide, dealer = world.shops.owner(0), world.guide(0), world.shops.dealers[0]
    with pytest.raises(commission.PeriodOpen), transaction.atomic():
        commission.close("2026-03", actor=own, payer_id=dealer)
    world.today = 30
    with pytest.raises(NotFound), transaction.atomic():
        commission.close("2026-03", actor=world.shops.owner(1), payer_id=dealer)
    with transaction.atomic():
        assert commission.close("2026-03", actor=own, payer_id=dealer) == 1
    (made,) = commission.statements(guide)
    # 3 × 500, and of 30,000: 10,000 × 10 % and 5,000 × 20 %
    assert (made.period, made.lines, made.amount) == ("2026-03", 4, 1_500 + 1_000 + 1_000)
    check_books()
    for _ in range(2):
        with transaction.atomic():
            assert commission.close("2026-03", actor=BOSS) == 0
    assert commission.statements(guide) == [made]
    lines = commission.lines(guide, made.id)
    with transaction.atomic():
        commission.say(made.id, [x.id for x in lines[:2]], word="confirmed", actor=guide)
        commission.say(made.id, [lines[0].id], word="confirmed", actor=own)
        commission.say(made.id, [lines[2].id], word="disputed", said="是两个人接待的", actor=guide)
    assert [x.state for x in commission.lines(own, made.id)] == ["confirmed", "open", "disputed", "open"]
    for actor, wanted in ((world.guide(1), made.id), (world.shops.owner(1), made.id), (guide, made.id + 1)):
        with pytest.raises(NotFound), transaction.atomic():
            commission.say(wanted, [lines[0].id], word="disputed", said="不对", actor=actor)
    with pytest.raises(commission.SayWhy), transaction.atomic():
        commission.say(made.id, [lines[0].id], word="disputed", actor=guide)
    disputed = lines[2].order_id
    assert disputed is not None
    with transaction.atomic():
        guides = world.shops.guides
        shares = [(guides[0], 500), (guides[1], 500)]
        commission.decide(disputed, employer_id=dealer, shares=shares, reason="一人一半", actor=own)
    world.give_back("A", 10_000)
    world.read()
    assert commission.statements(guide) == [made] and commission.lines(guide, made.id)[3].amount == 2_000
    assert sorted(e.amount for e in commission.entries(guide)[:2]) == [-500, -250]
    check_books()


_REWRITES = (
    "update commission_entry set amount = amount + 1",
    "delete from commission_entry",
    "update commission_credit set permille = 1",
    "delete from commission_credit",
    "update commission_statement set amount = 1",
    "update commission_entry set statement_id = null",
    "insert into commission_entry (party_id, order_id, fact_id, kind, amount, is_correction, rule_version, booked_on, release_on,"
    " is_frozen) select party_id, order_id, fact_id, kind, 1, true, 1, booked_on, release_on, false from commission_entry",
)


def test_what_was_written_is_not_rewritten(world: World) -> None:
    world.employer(0, rates=FLAT)
    world.buy(card(), 0, 0)
    world.read()
    world.today = 30
    with transaction.atomic():
        commission.close("2026-03", actor=world.shops.owner(0), payer_id=world.shops.dealers[0])
    before = owed(), commission.statements(BOSS)
    for text in _REWRITES:
        with pytest.raises(psycopg.errors.RaiseException), transaction.atomic():
            sql.run(sql.Statement("rewrite", text))
    assert (owed(), commission.statements(BOSS)) == before


def test_twice_as_many_orders_take_no_more_statements(world: World) -> None:
    from huoshui.core.tests.ground import texts

    world.employer(0, rates=FLAT, bringer_permille=200)
    code = world.code(1)

    def counted(orders: int) -> int:
        for _ in range(orders):
            one = card()
            world.scan(code, one)
            world.buy(one, 0, 0, lines=(Line(amount=100), Line(sku_id=6, amount=200)))
        codes.read()
        return len([t for t in texts(commission.read) if "org_unit" not in t])

    counted(2)
    assert counted(8) <= counted(4)
