"""What is left in baskets and after scans: concluded once, and taken back when the order comes late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.tests.ground import statements, wait_for_readers
from huoshui.intake.visitors import api as visitors
from huoshui.intake.visitors import jobs, judging, reading
from huoshui.intake.visitors.tests.shop import HOUR, Shop, clean_tables, shop
from huoshui.intake.visitors.types import BASKET_LEFT, BOUGHT_AFTER_ALL, SCAN_LEFT
from huoshui.people import api as people

__all__ = ["clean_tables", "shop"]

BOSS_DAYS = timedelta(days=30)


def overview(shop: Shop) -> visitors.Overview:
    today = clock.today()
    return visitors.overview(SYSTEM, today - BOSS_DAYS, today)


def test_a_basket_is_left_once_with_what_lay_in_it(shop: Shop) -> None:
    person, _ = shop.person()
    shop.track(person, "Product Added", 7, product_id="P1", name="雪花酥", price=12.5, quantity=2)
    shop.track(person, "Product Added", 6, product_id="P9", price=3)
    shop.track(person, "Product Removed", 6, product_id="P1", quantity=1)
    for _ in range(3):
        shop.follow()
    judging.recheck()
    (fact,) = shop.said()
    assert (fact.name, fact.person_id, fact.state) == (BASKET_LEFT, person, "settled")
    assert fact.occurred_at == shop.now - 2 * HOUR
    assert fact.body["amount"] == 1550
    assert [(p["code"], p["quantity_milli"]) for p in fact.body["products"]] == [("P1", 1000), ("P9", 1000)]
    left = overview(shop).baskets
    assert (left.visits, left.people, left.back, left.amount) == (1, 1, 0, 1550)


def test_what_may_still_be_bought_is_not_left(shop: Shop) -> None:
    person, _ = shop.person()
    shop.track(person, "Product Added", 3.9, product_id="P1")
    shop.track(person, "Product Scanned", 23, code="P1")
    shop.follow()
    assert shop.said() == []
    assert overview(shop).baskets.visits == overview(shop).scans.visits == 0


def test_what_was_bought_was_never_left(shop: Shop) -> None:
    person, card = shop.person()
    shop.track(person, "Cart Viewed", 9, products=[{"product_id": "P1", "price": 9}])
    shop.track(person, "Product Scanned", 48, code="P1")
    shop.buys(card, 8)
    shop.buys(card, 49)  # scanned after paying: the code in the pack
    shop.follow()
    assert shop.said() == []


def test_a_late_order_takes_it_back_once(shop: Shop) -> None:
    person, card = shop.person()
    shop.track(person, "Product Added", 30, product_id="P1", price=5)
    shop.track(person, "Product Scanned", 80, code="P1")
    shop.follow()
    assert sorted(f.name for f in shop.said()) == [BASKET_LEFT, SCAN_LEFT]
    shop.buys(card, 29)  # an offline till tells of it now
    for _ in range(2):
        shop.follow()
    (basket,), (back,) = shop.said(BASKET_LEFT), shop.said(BOUGHT_AFTER_ALL)
    assert back.body["of"] == basket.id
    assert overview(shop).baskets.visits == 0
    # that order is no purchase of the scan's, but the person came back
    assert (overview(shop).scans.visits, overview(shop).scans.back) == (1, 1)


def test_coming_back_within_two_weeks_is_counted_and_takes_nothing_back(shop: Shop) -> None:
    person, card = shop.person()
    shop.track(person, "Product Added", 400, product_id="P1", price=5)
    other, late = shop.person()
    shop.track(other, "Product Added", 400, product_id="P1", price=5)
    shop.follow()
    shop.buys(card, 200)
    shop.buys(late, 400 - 24 * 14 - 1)
    shop.follow()
    assert [f.name for f in shop.said()] == [BASKET_LEFT, BASKET_LEFT]
    left = overview(shop).baskets
    assert (left.visits, left.back) == (2, 1)


def test_a_sign_counts_once_and_a_late_one_begins_no_second_basket(shop: Shop) -> None:
    person, _ = shop.person()
    shop.track(person, "Product Added", 10, product_id="P1")
    shop.follow()
    shop.track(person, "Product Added", 12, product_id="P2")  # came late
    shop.follow()
    sql.run(sql.Statement("again", "delete from watermark where reader = 'visitors'"))
    shop.follow()
    assert [f.name for f in shop.said()] == [BASKET_LEFT]
    assert overview(shop).baskets.visits == 1


def test_two_ids_of_one_human_are_one_buyer(shop: Shop) -> None:
    visitor, _ = shop.person()
    member, card = shop.person()
    shop.track(visitor, "Product Added", 10, product_id="P1")
    shop.buys(card, 9)
    shop.follow()
    assert [f.name for f in shop.said()] == [BASKET_LEFT]
    with transaction.atomic():
        people.merge(person_a=visitor, person_b=member, reason="同一人", actor=SYSTEM)
    judging.recheck()
    assert [f.name for f in shop.said()] == [BASKET_LEFT, BOUGHT_AFTER_ALL]


def test_of_nobody_and_of_history_nothing_is_concluded(shop: Shop) -> None:
    person, _ = shop.person()
    old = facts.ensure_source(name="track:old", label="旧商城", mode="history")
    shop.track(None, "Product Added", 10, product_id="P1")
    shop.track(person, "Product Added", 10, source=old, product_id="P1")
    shop.follow()
    assert shop.said() == []


def test_only_who_sees_the_brand_counts_what_belongs_to_no_store(shop: Shop) -> None:
    person, _ = shop.person()
    shop.track(person, "Product Added", 10, product_id="P1")
    shop.track(person, "Product Added", 100, product_id="P1", store_code="S1")
    shop.follow()
    today = clock.today()
    span = (today - BOSS_DAYS, today)
    assert overview(shop).baskets.visits == 2
    assert visitors.overview(shop.guide("S1"), *span).baskets.visits == 1
    assert visitors.overview(shop.guide("S2"), *span).baskets.visits == 0
    assert visitors.people_of(shop.guide("S2"), visitors.Cell("basket", *span)) == []
    assert visitors.people_of(shop.guide("S1"), visitors.Cell("basket", *span)) == [person]


def test_more_people_cost_no_more_statements(shop: Shop) -> None:
    def work(size: int) -> int:
        for _ in range(size):
            person, card = shop.person()
            shop.track(person, "Product Added", 30, product_id="P1")
            shop.track(person, "Product Scanned", 30, code="P2")
            shop.buys(card, 2)
        wait_for_readers()
        return statements(lambda: jobs.follow())

    work(1)
    assert work(6) <= work(3)


def test_a_reader_that_dies_has_read_nothing(shop: Shop) -> None:
    person, _ = shop.person()
    shop.track(person, "Product Added", 10, product_id="P1")

    def dies(*_: object) -> None:
        raise RuntimeError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_read_buyers", dies)
        with pytest.raises(RuntimeError):
            shop.read()
    shop.follow()
    assert [f.name for f in shop.said()] == [BASKET_LEFT]
