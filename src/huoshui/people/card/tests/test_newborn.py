"""Somebody just born is found before the worker has written his card, by whoever will see that."""

from __future__ import annotations

import pytest
from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound
from huoshui.core.facts import api as facts
from huoshui.core.scope import scoped
from huoshui.core.tests.ground import Line, Told, a_source, clean_tables, number, receive, wait_for_readers
from huoshui.people import api as people
from huoshui.people.identity.tests.meeting import meet, new

__all__ = ["clean_tables"]

pytestmark = pytest.mark.usefixtures("clean_tables")

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))


def manager(unit: int) -> Actor:
    return Actor("staff", 2, "店长", frozenset({"manager"}), frozenset({unit}))


def bought_at(unit: int) -> int:
    """Somebody born by an order at a store."""
    told = Told(
        f"k{number()}",
        lines=(Line(1, 100),),
        order_key=f"O{number()}",
        store=unit,
        identifiers=(("card_no", f"born-{number()}"),),
    )
    fact_ids = receive([told], a_source()).fact_ids
    found = people.resolve(fact_ids, actor=SYSTEM)
    facts.mark_settled(fact_ids, found)
    return found[fact_ids[0]]


@pytest.fixture
def units() -> tuple[int, int]:
    brand.ensure_headquarters("总部")
    found = brand.unit_ids(["S-one", "S-two"])
    return found["S-one"], found["S-two"]


def test_head_office_finds_him_at_once() -> None:
    card = new()
    person = meet(card, traits=(("name", "王小明"),))
    found = people.card_for(BOSS, person)
    assert (found.person_id, found.card_no, found.display_name) == (person, card[1], "王小明")
    assert people.visible_persons(BOSS, [person]) == {person: person}
    wait_for_readers()
    people.refresh_cards()
    assert people.card_for(BOSS, person).card_no == card[1]


def test_a_store_finds_whom_it_brought_in_and_nobody_elses(units: tuple[int, int]) -> None:
    one, other = units
    person = bought_at(one)
    assert people.card_for(manager(one), person).home_org_unit_id == one
    assert people.visible_persons(manager(one), [person]) == {person: person}
    with pytest.raises(NotFound):
        people.card_for(manager(other), person)
    assert people.visible_persons(manager(other), [person]) == {}


def test_one_whose_card_is_written_is_seen_by_the_card_alone(units: tuple[int, int]) -> None:
    one, other = units
    person = bought_at(one)
    wait_for_readers()
    people.refresh_cards()
    for unit in (one, other):
        with pytest.raises(NotFound):  # no room has said yet whose he is
            people.card_for(manager(unit), person)


def test_who_is_parted_from_another_is_found_at_once() -> None:
    other = new()
    one, two = meet(new()), meet(other)
    wait_for_readers()
    people.refresh_cards()
    with transaction.atomic():
        link = people.merge(person_a=one, person_b=two, reason="同一个人", actor=SYSTEM)
    wait_for_readers()
    people.refresh_cards()
    with transaction.atomic():
        people.unmerge(link_id=link, reason="看错了", actor=SYSTEM)
    assert (
        people.card_for(BOSS, two).card_no == other[1]
    )  # the card of the one who stayed is still to be written anew
    assert people.card_for(BOSS, one).person_id == one


def test_nobody_is_still_nobody() -> None:
    with pytest.raises(NotFound):
        people.card_for(BOSS, 10**12)
    assert people.visible_persons(BOSS, [10**12]) == {}


def test_what_the_database_keeps_from_a_store_stays_kept(units: tuple[int, int]) -> None:
    one, other = units
    person = bought_at(one)
    for unit, seen in ((one, [person]), (other, [])):
        with scoped(manager(unit)):
            assert [c.person_id for c in people.cards_for(BOSS, [person])] == seen
