"""Of a child nothing is guessed, wherever people are judged; and on the birthday that is over by itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction

from huoshui.core import clock
from huoshui.core.tests.ground import clean_tables, wait_for_readers
from huoshui.insight.api import tags
from huoshui.intake.river.tests.world import Shop
from huoshui.people import api as people
from huoshui.people.consent import jobs
from tests.insight.test_memberships import ANALYST, BOSS, another, buy, inside, refresh, saved, shop
from tests.insight.test_tags import defined, worn

__all__ = ["clean_tables", "shop"]

pytestmark = pytest.mark.django_db(transaction=True)


def born(who: Shop, day: date) -> None:
    who.tell(who.member(("card_no", who.card), birthday=day.isoformat()))
    buy(who, f"o-{who.card}")


def test_a_child_is_in_no_group_and_wears_no_guess_and_the_birthday_ends_that(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = date(2026, 3, 10)
    monkeypatch.setattr(clock, "today", lambda: day)
    child, grown = shop, another(shop)
    born(child, date(2012, 3, 11))
    born(grown, date(1990, 1, 1))
    bought = saved("bought", 1)
    refresh()
    assert inside(bought) == {grown.person()}
    likely = defined("likely", "number")
    with transaction.atomic():
        ids = [child.person(), grown.person()]
        taken = tags.take_model(
            likely, person_ids=ids, values=["0.8"] * 2, scores=[0.8] * 2, model="m 1", actor=ANALYST
        )
    assert taken == (1, 0, 1)
    assert worn(child) == {} and worn(grown) == {"likely": ["0.8"]}
    assert people.everyone_unprofiled() == {child.person()}

    day += timedelta(days=1)
    refresh()
    assert inside(bought) == {grown.person()}, "nobody has told the groups yet: the control"
    jobs.tell_grown()
    refresh()
    assert inside(bought) == {child.person(), grown.person()}


def test_a_guardians_word_opens_and_closes(shop: Shop) -> None:
    born(shop, clock.today() - timedelta(days=3_000))
    bought = saved("bought", 1)
    refresh()
    assert inside(bought) == set()
    for is_given in (True, False):
        with transaction.atomic():
            said = people.Said("minor", "", is_given, "guardian", "v1")
            people.say_consent(shop.person(), [said], actor=BOSS)
        wait_for_readers()
        refresh()
        assert inside(bought) == ({shop.person()} if is_given else set())
