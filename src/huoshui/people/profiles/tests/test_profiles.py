"""Attributes: the latest word of each source, and none of the others lost."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts.types import Source
from huoshui.core.tests.ground import a_source, rolled_back
from huoshui.people import api as people
from huoshui.people.identity.tests.meeting import meet, new
from huoshui.people.profiles.reads import attributes

pytestmark = pytest.mark.django_db


def at(hour: int) -> datetime:
    return datetime(2026, 3, 10, hour, tzinfo=UTC)


def say(card: tuple[str, str], source: Source, hour: int, **traits: str) -> int:
    return meet(card, source=source, at=at(hour), traits=tuple(traits.items()))


def test_the_latest_word_of_a_source_holds() -> None:
    card, till = new(), a_source()
    person = say(card, till, 1, city="上海", name="王")
    say(card, till, 2, city="北京")
    found = {a.name: (a.label, a.value, a.source, a.at, a.others) for a in attributes([person])}
    assert found == {
        "city": ("城市", "北京", till.label, at(2), ()),
        "name": ("姓名", "王", till.label, at(1), ()),
    }


def test_words_of_other_sources_are_kept_beside_it() -> None:
    card, till, shop = new(), a_source(), a_source()
    person = say(card, till, 3, city="上海")
    say(card, shop, 2, city="北京")
    (city,) = attributes([person])
    assert (city.value, city.source, city.others) == ("上海", till.label, (f"北京（{shop.label}）",))


def test_a_name_of_its_own_keeps_its_header() -> None:
    person = say(new(), a_source(), 1, 备注="老客户")
    assert [(a.name, a.label) for a in attributes([person])] == [("备注", "备注")]


def test_a_word_repeated_is_newer_but_no_change() -> None:
    card, till = new(), a_source()
    changes = sql.Statement("changes", "select said_at, xid::text from attribute where person_id = %(id)s")
    person = say(card, till, 1, city="上海")
    (before,) = sql.fetch(changes, id=person)
    say(card, till, 3, city="上海")
    (after,) = sql.fetch(changes, id=person)
    assert (before.xid, after.said_at) == (after.xid, at(3))
    say(card, till, 2, city="北京")
    assert [a.value for a in attributes([person])] == ["上海"], "said between, and taken back"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(range(6)), st.lists(st.sampled_from("甲乙丙"), min_size=6, max_size=6))
def test_in_whatever_order_words_arrive_the_latest_holds(order: list[int], words: list[str]) -> None:
    with rolled_back():
        card, till = new(), a_source()
        (person, *_) = [say(card, till, hour, city=words[hour]) for hour in order]
        (city,) = attributes([person])
        assert (city.value, city.at) == (words[5], at(5))


def test_a_cluster_shows_what_is_known_of_all_its_members() -> None:
    till = a_source()
    one, other = say(new(), till, 1, city="上海", name="王"), say(new(), till, 2, city="北京")
    people.merge(person_a=one, person_b=other, reason="同一个人", actor=SYSTEM)
    found = {a.name: (a.value, a.others) for a in attributes(people.members(other))}
    assert found == {"city": ("北京", (f"上海（{till.label}）",)), "name": ("王", ())}
