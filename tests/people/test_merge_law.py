"""Law 3 over all rooms: merge then unmerge, with nothing between, is the identity; with something between, every
difference is explained."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.tests.ground import clean_tables, wait_for_readers
from huoshui.intake.river.tests.world import Shop, check_books, given_back, line, points_of, spend_of
from huoshui.people import api as people

__all__ = ["clean_tables"]

CARDS = sql.Statement(
    "cards",
    "select person_id, display_name, card_no, tier, points, home_org_unit_id, first_sale_at, last_sale_at, orders, spend"
    " from person_card order by person_id",
)


@pytest.fixture
def shop(clean_tables: None) -> Shop:
    brand.ensure_headquarters("总部")
    return Shop()


def cards() -> list[Any]:
    wait_for_readers()
    people.refresh_cards()
    return sql.fetch(CARDS)


def customers(shop: Shop, count: int) -> list[Shop]:
    """Each with a name and an order of his own."""
    everyone = [Shop(source=shop.source) for _ in range(count)]
    for n, one in enumerate(everyone):
        one.tell(one.member(("card_no", one.card), name=f"顾客{n}"))
        one.tell(one.order(line(600_00 + n * 100), key=f"O{n}", store=f"S{n % 2}"))
    return everyone


def merge(one: Shop, other: Shop) -> int:
    with transaction.atomic():
        return people.merge(person_a=one.person(), person_b=other.person(), reason="同一个人", actor=SYSTEM)


def unmerge(link: int) -> None:
    with transaction.atomic():
        people.unmerge(link_id=link, reason="弄错了", actor=SYSTEM)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pairs=st.lists(
        st.sampled_from([(0, 1), (1, 2), (2, 3), (0, 3), (0, 2)]), unique=True, min_size=1, max_size=3
    )
)
def test_merge_then_unmerge_leaves_every_card_as_it_was(shop: Shop, pairs: list[tuple[int, int]]) -> None:
    everyone = customers(Shop(), 4)
    before = cards()
    links = []
    for a, b in pairs:
        if people.canonical_id(everyone[a].person()) != people.canonical_id(everyone[b].person()):
            links.append(merge(everyone[a], everyone[b]))
    assert len(cards()) == len(before) - len(links)
    for link in links:
        unmerge(link)
    assert cards() == before
    check_books()


def test_one_card_for_one_human_with_all_he_bought_and_holds(shop: Shop) -> None:
    one, other = customers(shop, 2)
    merge(one, other)
    (card,) = cards()
    assert (card.person_id, card.orders, card.spend) == (one.person(), 2, 600_00 + 601_00)
    assert (card.points, card.display_name) == (1201, "顾客1")


def test_what_comes_between_stays_with_whom_it_came_to(shop: Shop) -> None:
    one, other = customers(shop, 2)
    numbers = [s.card for s in (one, other)]
    link = merge(one, other)
    other.tell(other.order(line(50_00), key="O9"))
    other.tell(other.refund(given_back(20_00), key="R9", of="O9"))
    cards()
    unmerge(link)
    found = {card.card_no: (card.orders, card.spend, card.points) for card in cards()}
    assert found == {numbers[0]: (1, 600_00, 600), numbers[1]: (2, 601_00 + 30_00, 631)}
    ids = [people.find("card_no", number) for number in numbers]
    assert [(spend_of(p), points_of(p)) for p in ids if p] == [(600_00, 600), (631_00, 631)]
    check_books()
