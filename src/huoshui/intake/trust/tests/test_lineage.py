"""Lineage: the parts of a number sum to it, to the cent, and nobody sees a part that is not his."""

from __future__ import annotations

from datetime import date

import pytest

from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound
from huoshui.core.tests.ground import NOON, clean_tables
from huoshui.intake.river.tests.world import (
    OTHER_STORE,
    STORE,
    Shop,
    anonymous,
    line,
    shop,
)
from huoshui.intake.trust import api as trust
from huoshui.intake.trust.tests.ground import folded, lake_has_all

__all__ = ["clean_tables", "shop"]

DAY = date(2026, 3, 10)
BOSS = Actor("staff", 1, "Zhou", frozenset({"boss"}), frozenset({1}))
GUIDE = Actor("staff", 4, "Chen", frozenset({"guide"}), frozenset({7}))


def asked(**more: object) -> trust.Asked:
    return trust.Asked(**{"first": DAY, "last": DAY, **more})  # type: ignore[arg-type]  # the tests' own choices


def all_rows(actor: Actor, what: trust.Asked, limit: int = 7) -> list[trust.LineageRow]:
    rows: list[trust.LineageRow] = []
    after = ""
    while True:
        page = trust.lineage(actor, what, after=after, limit=limit)
        rows += page.rows
        if not (after := page.after):
            return rows


def test_of_an_unknown_buyer_only_the_sales_nobody_is_known_for(shop: Shop) -> None:
    shop.tell(shop.order(line(10_000), key="O1"), anonymous(shop.order(line(2_500), key="O2")))
    folded(NOON)
    found = trust.lineage(BOSS, asked(is_unknown=True))
    assert (found.amount, [r.order_key for r in found.rows]) == (2_500, ["O2"])
    (store,) = trust.coverage(BOSS, DAY, DAY)
    assert (store.sales, store.known_sales, store.share) == (2, 1, 0.5)


def test_a_dealer_follows_the_sales_of_his_own_stores_only(shop: Shop) -> None:
    shop.tell(shop.order(line(10_000), key="O1"), shop.order(line(2_500), key="O2", store=OTHER_STORE))
    mine, others = Shop(), Shop()
    mine.tell(mine.order(line(700), key="M1"))
    others.tell(others.order(line(900), key="N1", store=OTHER_STORE))
    folded(NOON)
    own, foreign = brand.find_units([STORE, OTHER_STORE]).values()
    dealer = Actor("staff", 9, "Gao", frozenset({"dealer"}), frozenset({own}))
    assert trust.lineage(dealer, asked()).amount == 10_700
    assert {r.org_unit_id for r in all_rows(dealer, asked())} == {own}
    with pytest.raises(NotFound):
        trust.lineage(dealer, asked(unit_ids=(own, foreign)))
    # Sources that speak of others too are not his, whatever part of them is
    assert [s.source_id for s in trust.overview(dealer).sources] == [mine.source.id]
    assert {s.org_unit_id for s in trust.overview(dealer).stores} == {own}
    for source_id in (shop.source.id, others.source.id, 0):
        with pytest.raises(NotFound):
            trust.source_trust(dealer, source_id)
    foreign_fact = next(r.fact_id for r in trust.lineage(BOSS, asked()).rows if r.org_unit_id == foreign)
    assert trust.origin_of(BOSS, foreign_fact).order_key in ("O2", "N1")
    with pytest.raises(NotFound):
        trust.origin_of(dealer, foreign_fact)
    with pytest.raises(NotFound):
        trust.causes(dealer)


def test_who_has_no_part_in_data_sees_nothing(shop: Shop) -> None:
    shop.tell(shop.order())
    folded(NOON)
    for look in (
        lambda: trust.overview(GUIDE),
        lambda: trust.lineage(GUIDE, asked()),
        lambda: trust.coverage(GUIDE, DAY, DAY),
        lambda: trust.causes(GUIDE),
    ):
        with pytest.raises(NotFound):
            look()


def test_a_page_that_is_none_is_not_found(shop: Shop) -> None:
    lake_has_all(NOON)
    for after in ("x", "2026-03-10", "2026-03-10.1", "2026-03-10.-1.2", f"2026-03-10.1.{9**40}"):
        with pytest.raises(NotFound):
            trust.lineage(SYSTEM, asked(), after=after)
