"""Coupons that come with a tier: once for each time it is reached, and not again within the days the tier says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import Refused
from huoshui.core.facts import actions
from huoshui.core.facts.derived import Derived, derive
from huoshui.core.tests.ground import (
    Told,
    a_source,
    clean_tables,
    number,
    receive,
    settle,
    statements,
    wait_for_readers,
)
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.campaigns import gifts
from huoshui.engage.campaigns.gifts import Reached
from huoshui.engage.campaigns.jobs import give_gifts
from huoshui.engage.campaigns.tests.shop import Line, Sale, Shop, persons, template
from huoshui.engage.loyalty import api as loyalty
from huoshui.people import api as people

__all__ = ["clean_tables"]

SILVER = loyalty.Tier(1, "银卡", 100)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
RANKED = sql.Statement("ranked", "update fact set body = %(body)s::jsonb where id = %(fact_id)s")
EXCEPTIONS = sql.Statement("exceptions", "select fact_id, code from fact_exception order by id")


def due(again_days: int | None, *at: tuple[int, int], had: int | None = None) -> list[int]:
    """`at`: (person, days after the first of March). Returns which of them are given."""
    tiers = {1: replace(SILVER, gift_template_id=7, gift_again_days=again_days)}
    reached = [Reached(n, person, 1, MARCH + timedelta(days=days)) for n, (person, days) in enumerate(at)]
    own = {1: 1, 2: 1, 3: 3}  # the first two are one human
    before = {} if had is None else {(1, 1): [MARCH + timedelta(days=had)]}
    return [r.fact_id for r in gifts.due_gifts(reached, tiers, own, before)]


def test_not_again_within_the_days_that_the_tier_says() -> None:
    assert due(None, (1, 0), (1, 400)) == [0]
    assert due(30, (1, 0), (1, 29), (1, 30), (1, 59)) == [0, 2]
    assert due(30, (1, 0), (2, 5), (3, 5)) == [0, 2], "whoever is one human has one history"
    assert due(30, (1, 29), (1, 31), had=0) == [1]
    assert due(None, (2, 900), had=0) == []


@pytest.fixture
def shop(clean_tables: None) -> Iterator[Shop]:
    before = loyalty.all_tiers()
    with transaction.atomic():
        counter = Shop()
    give()
    yield counter
    with transaction.atomic():
        for tier in before:  # the tiers stay when the tables are emptied
            loyalty.set_tier(tier, actor=SYSTEM)


def gift(template_id: int | None, again_days: int | None = None) -> None:
    silver = loyalty.all_tiers()[1]
    with transaction.atomic():
        loyalty.set_tier(
            replace(silver, gift_template_id=template_id, gift_again_days=again_days), actor=SYSTEM
        )


def reach(shop: Shop, *person_ids: int, rank: int = 1) -> list[int]:
    """Each by an order of his own. Returns the orders' facts."""
    with transaction.atomic():
        causes = shop.receive([Sale(f"O{number()}", [Line(100)], person=p) for p in person_ids])
        derive(
            [
                Derived(loyalty.TIER_REACHED, p, cause, f"tier:{p}:{cause}", {"tier": "银卡", "rank": rank})
                for p, cause in zip(person_ids, causes, strict=True)
            ]
        )
    return causes


def give() -> None:
    wait_for_readers()
    give_gifts(0)


def held(person_id: int) -> list[int]:
    return [h.template_id for h in campaigns.held_by([person_id])]


@pytest.mark.django_db(transaction=True)
def test_whoever_reaches_a_tier_is_given_its_coupon_once(shop: Shop) -> None:
    with transaction.atomic():
        ann, ben = persons(2)
        offered = template()
    reach(shop, ann)
    give()
    assert held(ann) == [], "the tier had none yet"
    gift(offered)
    reach(shop, ann, ben, ben)
    reach(shop, ann, rank=2)
    give()
    give()
    assert (held(ann), held(ben)) == ([offered], [offered])
    with transaction.atomic():
        people.merge(person_a=ann, person_b=ben, reason="同一个人", actor=SYSTEM)
    reach(shop, ann)
    give()
    assert held(ann) == [offered, offered], "each had one before they were one"


@pytest.mark.django_db(transaction=True)
def test_a_tier_that_others_say_was_reached_brings_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        actions, "refuse_ours", lambda *_, **__: None
    )  # as a base of before, which has such facts
    with transaction.atomic():
        (ann,) = persons(1)
        gift(template())
        told = [Told(f"g{number()}", name="Tier Reached") for _ in range(2)]
        fact_ids = receive(told, a_source()).fact_ids
        for fact_id, rank in zip(fact_ids, ("1", '"abc"'), strict=True):
            sql.run(RANKED, fact_id=fact_id, body=f'{{"rank": {rank}}}')
        settle(fact_ids, dict.fromkeys(fact_ids, ann))
    give()
    assert held(ann) == []


@pytest.mark.django_db(transaction=True)
def test_one_that_cannot_be_had_is_shown(shop: Shop) -> None:
    with transaction.atomic():
        ann, ben = persons(2)
        offered = template(total_count=1)
    gift(offered, 30)
    reach(shop, ann, ben)
    give()
    assert [held(ann), held(ben)] == [[offered], []]
    (shown,) = sql.fetch(EXCEPTIONS)
    assert shown.code == "coupon_sold_out"
    with transaction.atomic():
        campaigns.revise_template(
            template_id=offered,
            title="多几张",
            rule={"benefit": {"kind": "amount_off", "amount": 5_00}, "validity": {"days": 30}},
            actor=SYSTEM,
        )
    reach(shop, ben)
    give()
    assert held(ben) == [offered], "what he could not have does not count as had"


@pytest.mark.django_db(transaction=True)
def test_many_take_no_more_queries(shop: Shop) -> None:
    with transaction.atomic():
        offered = template()
    gift(offered)

    def queries(count: int) -> int:
        with transaction.atomic():
            everyone = persons(count)
        reach(shop, *everyone)
        wait_for_readers()
        return statements(lambda: give_gifts(0))

    queries(1)
    assert queries(2) == queries(6)


@pytest.mark.django_db
def test_days_are_at_least_one() -> None:
    with pytest.raises(Refused):
        loyalty.set_tier(replace(loyalty.all_tiers()[1], gift_template_id=1, gift_again_days=0), actor=SYSTEM)
