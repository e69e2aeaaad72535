"""Leads given out, taken, timed out, won, billed and given back, through the room's door."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.scope import scoped
from huoshui.core.tests.ground import clean_tables, number, texts
from huoshui.people import api as people
from huoshui.trade.bonds.tests.world import live, no_waiting
from huoshui.trade.commission.tests.world import BOSS, check_books
from huoshui.trade.leads import api as leads
from huoshui.trade.leads.tests.world import Leads, every, world

__all__ = ["clean_tables", "no_waiting", "world"]

pytestmark = [pytest.mark.django_db(transaction=True)]

FEE = {"fee_permille": 50, "fee_cap": 800, "object_days": 7}


def kinds(lead_id: int, actor: Actor = SYSTEM) -> list[str]:
    with scoped(actor):
        return [e.kind for e in leads.events(actor, lead_id)]


def test_an_offer_nobody_answers_goes_to_the_next_and_then_to_a_desk(world: Leads) -> None:
    world.rules(accept_minutes=30)
    lead = world.lead("c1", wants="净水器")
    world.give_out()
    first = world.said(lead)
    assert first.state == "offered" and first.until == world.now() + timedelta(minutes=30)
    world.minutes = 31
    with pytest.raises(leads.LeadGone), transaction.atomic():
        leads.accept(lead, actor=world.holder(lead))
    world.give_out()
    second = world.said(lead)
    assert second.state == "offered" and second.dealer_id != first.dealer_id
    with pytest.raises(leads.ReasonMissing), transaction.atomic():
        leads.bounce(lead, reason=" ", actor=world.holder(lead))
    with transaction.atomic():
        leads.bounce(lead, reason="人手不够", actor=world.holder(lead))
    world.give_out()
    assert world.said(lead).state == "escalated"
    assert kinds(lead) == ["made", "offered", "timed_out", "offered", "bounced", "escalated"]
    with transaction.atomic():
        assert leads.offer([lead], dealer_id=world.shops.dealers[1], reason="请您看一下", actor=BOSS) == 1
    world.take(lead)
    assert world.said(lead)[12:17] == ("held", world.shops.dealers[1], world.shops.stores[1][0], None, "量房")


def test_each_offer_says_who_was_looked_at_and_why_and_a_dealer_sees_its_own_alone(world: Leads) -> None:
    lead = world.lead("c1")
    world.give_out()
    told = leads.why(SYSTEM, lead)
    assert len(told) == 2 and sum(c.is_chosen for c in told) == 1
    assert {w for c in told for w, _ in c.said} == {"fair", "wins", "room"}
    chosen = next(c for c in told if c.is_chosen)
    with scoped(world.holder(lead)) as _:
        assert leads.why(world.holder(lead), lead) == [chosen]
    other = world.shops.owner(1 - world.shops.dealers.index(chosen.dealer_id))
    with scoped(other), pytest.raises(NotFound):
        leads.why(other, lead)


def test_a_dealers_own_customer_is_offered_to_it_and_another_becomes_its_own(world: Leads) -> None:
    world.buy("c1", 1, None)
    world.read()
    people.refresh_cards()
    lead, other = world.lead("c1"), world.lead("c2")
    world.give_out()
    assert world.said(lead).dealer_id == world.shops.dealers[1]
    world.take(lead)
    who = world.take(other)
    (mine,) = who.org_unit_ids
    assert live(world.person("c1"), world.person("c2")) == [world.shops.dealers[1], mine]


def test_one_human_is_one_open_lead_and_a_key_is_told_once(world: Leads) -> None:
    first, second = world.lead("c1", key="same"), world.lead("c1")
    assert (world.said(second).state, world.said(second).same_as_id) == ("double", first)
    draft = leads.Draft("same", "form", world.person("c1"), world.now())
    with transaction.atomic():
        assert leads.make([draft], actor=SYSTEM) == {}
    twins = [leads.Draft(f"t{n}", "form", world.person("c9"), world.now()) for n in range(3)]
    with transaction.atomic():
        made = leads.make(twins, actor=SYSTEM)
    assert [world.said(made[f"t{n}"]).state for n in range(3)].count("double") == 2
    assert len(every()) == 5


def test_an_order_at_the_holder_wins_it_is_billed_first_and_owed_later(world: Leads) -> None:
    world.rules(**FEE)
    lead, elsewhere = world.lead("c1"), world.lead("c2")
    world.give_out()
    who, other = world.take(lead), world.take(elsewhere)
    place = world.shops.dealers.index(next(iter(who.org_unit_ids)))
    world.today = 1
    order = world.buy("c1", place, None, key="A", amount=10_000)
    world.buy("c2", place, None, amount=10_000)  # not at its holder
    assert other != who
    world.follow()
    won = world.said(lead)
    assert (won.state, won.stage, won.order_id) == ("won", "成交", order)
    assert world.said(elsewhere).state == "held"
    with scoped(who):
        (bill,) = leads.bills(who)
    assert (bill.base, bill.amount, bill.state) == (10_000, 500, "open") and world.fees() == {}
    world.follow()
    with scoped(other):
        assert leads.bills(other) == []
    assert kinds(lead).count("won") == 1, "closing twice changes nothing"
    world.today = 9
    world.follow()
    assert world.fees() == {won.dealer_id: 500}
    world.give_back("A", 4_000)
    world.follow()
    assert world.fees() == {won.dealer_id: 300}, "what is worked out whole follows the order"
    check_books()


def test_a_cap_holds_and_an_order_too_late_is_none(world: Leads) -> None:
    world.rules(**FEE, window_days=10)
    lead, late = world.lead("c1"), world.lead("c2")
    world.give_out()
    places = [world.shops.dealers.index(next(iter(world.take(x).org_unit_ids))) for x in (lead, late)]
    world.today = 9
    world.buy("c1", places[0], None, amount=90_000)
    world.follow()
    world.today = 20
    world.buy("c2", places[1], None, amount=90_000)
    world.follow()
    assert world.fees() == {world.shops.dealers[places[0]]: 800}
    assert world.said(late).state == "held"


def test_who_objects_owes_nothing_until_it_is_decided(world: Leads) -> None:
    world.rules(**FEE)
    cards = ["c1", "c2"]
    ids = [world.lead(c) for c in cards]
    world.give_out()
    for lead, card in zip(ids, cards, strict=True):
        world.buy(card, world.shops.dealers.index(next(iter(world.take(lead).org_unit_ids))), None)
    world.follow()
    for lead in ids:
        (bill,) = [b for b in leads.bills(SYSTEM) if b.lead_id == lead]
        with pytest.raises(NotFound), transaction.atomic():
            leads.object_to(
                bill.id,
                said="不对",
                actor=world.shops.owner(0 if bill.dealer_id != world.shops.dealers[0] else 1),
            )
        with transaction.atomic():
            leads.object_to(bill.id, said="老顾客", actor=world.holder(lead))
    world.today = 30
    world.follow()
    assert world.fees() == {} and {b.state for b in leads.bills(SYSTEM)} == {"objected"}
    for bill in leads.bills(SYSTEM):
        with transaction.atomic():
            leads.decide_bill(bill.id, stands=bill.lead_id == ids[0], reason="查过了", actor=BOSS)
    world.minutes = 1
    world.follow()
    assert list(world.fees().values()) == [500]
    assert sorted(b.state for b in leads.bills(SYSTEM)) == ["entered", "waived"]
    check_books()


def test_a_bad_lead_is_closed_and_what_was_owed_is_given_back_visibly(world: Leads) -> None:
    world.rules(lead_price=2_000, free_leads=0, object_days=1, bad_days=10, fee_permille=50)
    lead = world.lead("c1")
    world.give_out()
    who = world.take(lead)
    place = world.shops.dealers.index(next(iter(who.org_unit_ids)))
    world.buy("c1", place, None)
    world.follow()
    world.today = 2
    world.follow()
    assert world.fees() == {world.shops.dealers[place]: 2_500}
    with pytest.raises(NotFound), transaction.atomic():
        leads.claim_bad(lead, kind="empty_number", said="打了三次", actor=world.shops.owner(1 - place))
    with transaction.atomic():
        claim = leads.claim_bad(lead, kind="duplicate", said="上周就在店里登记过", actor=who)
    with pytest.raises(leads.AlreadySaid), transaction.atomic():
        leads.claim_bad(lead, kind="duplicate", said="再说一次", actor=who)
    with pytest.raises(NotFound), transaction.atomic():
        leads.decide_claim(claim, granted=True, reason="属实", actor=who)
    with transaction.atomic():
        assert leads.decide_claim(claim, granted=True, reason="属实", actor=BOSS) == 2_500
    with transaction.atomic():
        assert leads.decide_claim(claim, granted=True, reason="属实", actor=BOSS) == 0
    world.follow()
    assert world.said(lead).state == "bad" and world.fees() == {}
    assert {b.state for b in leads.bills(SYSTEM)} == {"refunded"}
    assert leads.claims(SYSTEM)[0].refunded == 2_500
    check_books()


def test_the_first_leads_are_free_and_what_is_recalled_is_not_billed(world: Leads) -> None:
    world.rules(lead_price=100, free_leads=1)
    ids = [world.lead(f"c{n}") for n in range(4)]
    world.give_out()
    for lead in ids:
        world.take(lead)
    assert len(leads.bills(SYSTEM)) == 2
    with transaction.atomic():
        assert leads.recall(ids, reason="换一批", actor=BOSS) == 4
    with transaction.atomic():
        assert leads.recall(ids, reason="换一批", actor=BOSS) == 0
    assert {b.state for b in leads.bills(SYSTEM)} == {"waived"}
    world.give_out()
    assert {world.said(x).state for x in ids} == {"offered"}, "to the other dealer"


def test_stages_are_the_houses_own_and_only_the_holder_moves_them(world: Leads) -> None:
    world.rules(stages=["测量", "报价", "成交", "回访"])
    lead = world.lead("c1")
    world.give_out()
    who = world.take(lead)
    other = world.shops.owner(1 - world.shops.dealers.index(next(iter(who.org_unit_ids))))
    with pytest.raises(NotFound), transaction.atomic():
        leads.move(lead, stage="报价", actor=other)
    with pytest.raises(leads.StageUnknown), transaction.atomic():
        leads.move(lead, stage="量房", actor=who)
    with transaction.atomic():
        assert leads.move(lead, stage="报价", actor=who) and not leads.move(lead, stage="报价", actor=who)
    with transaction.atomic():
        assert leads.lose(lead, reason="买了别家", actor=who) and not leads.lose(
            lead, reason="买了别家", actor=who
        )
    assert kinds(lead) == ["made", "offered", "accepted", "moved", "lost"]


def test_the_bringer_sees_how_far_it_is_and_nobody_by_name(world: Leads) -> None:
    guide = world.guide(0)
    lead = world.lead("c1", brought_kind="guide", brought_by=guide.id, source="partner")
    world.give_out()
    with scoped(guide):
        (mine,) = leads.brought(guide)
        assert (mine.id, mine.state) == (lead, "offered") and "person_id" not in mine._fields
        with pytest.raises(NotFound):
            leads.leads(guide)
    with scoped(world.guide(1)):
        assert leads.brought(world.guide(1)) == []


def test_a_region_sees_and_gives_what_is_on_its_desk_alone(world: Leads) -> None:
    world.rules(most_tries=1, accept_minutes=5)
    lead = world.lead("c1")
    manager = Actor("staff", 7, "区域经理", frozenset({"regional_manager"}), frozenset({777}))
    world.give_out()
    world.minutes = 6
    world.give_out()
    assert (world.said(lead).state, world.said(lead).desk_id) == ("escalated", None), (
        "no region: head office's desk"
    )
    with scoped(manager):
        assert leads.leads(manager) == []
    with pytest.raises(NotFound), transaction.atomic():
        leads.offer([lead], dealer_id=world.shops.dealers[0], reason="给", actor=manager)
    assert world.said(lead).state == "escalated"


def test_what_leads_cost_is_borne_by_whom_was_said(world: Leads) -> None:
    east, west = world.shops.dealers
    with transaction.atomic():
        with pytest.raises(Refused):
            leads.add_batch("差一点", 100, [(0, 999)], actor=BOSS)
        batch = leads.add_batch("春天的广告", 10_001, [(0, 500), (east, 250), (west, 250)], actor=BOSS)
    world.lead("c1", batch_id=batch)
    world.lead("c2", batch_id=batch)
    (told,) = leads.batches(BOSS)
    assert sum(money for *_, money in told.shares) == 10_001 and (told.per_lead, told.per_order) == (
        5_000,
        None,
    )
    mine = world.shops.owner(0)
    with scoped(mine):
        assert [(s.title, s.permille, s.amount) for s in leads.own_shares(mine)] == [
            ("春天的广告", 250, 2_500)
        ]
        with pytest.raises(NotFound):
            leads.batches(mine)


def test_a_thousand_leads_cost_as_many_statements_as_ten(world: Leads) -> None:
    def some(count: int) -> int:
        people_ids = [world.person(f"n{number()}") for _ in range(4)]
        drafts = [leads.Draft(f"k{number()}", "import", people_ids[n % 4], world.now()) for n in range(count)]

        def work() -> None:
            with transaction.atomic():
                leads.make(drafts, actor=SYSTEM)
            leads.tend()

        return len(texts(work))

    some(5)
    assert some(300) == some(10)
