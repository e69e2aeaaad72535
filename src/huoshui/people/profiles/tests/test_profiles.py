"""Attributes: the latest word of each source, and none of the others lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow.compute as pc
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts.types import Source
from huoshui.core.subscribers import XidRange
from huoshui.core.tests.ground import a_source, rolled_back
from huoshui.people import api as people
from huoshui.people.card import retelling
from huoshui.people.card.actions import rewrite
from huoshui.people.card.retelling import retell
from huoshui.people.identity.tests.meeting import meet, new
from huoshui.people.profiles.reads import attributes, changes

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


def standing(person: int) -> str:
    (city,) = attributes([person])
    return city.value


class TestPriority:
    def test_the_first_of_the_houses_order_stands_and_the_others_are_shown(self) -> None:
        card, till, shop = new(), a_source(), a_source()
        person = say(card, till, 3, city="上海")
        say(card, shop, 2, city="北京")
        people.set_profile_priority("city", [shop.name, till.name], actor=SYSTEM)
        (city,) = attributes([person])
        assert [(v.value, v.source, v.is_preferred) for v in city.said] == [
            ("北京", shop.label, True),
            ("上海", till.label, True),
        ]
        assert (city.value, city.is_disputed, city.others) == ("北京", True, (f"上海（{till.label}）",))
        people.set_profile_priority("city", [], actor=SYSTEM)
        assert standing(person) == "上海"

    def test_an_order_for_one_name_goes_before_that_for_all(self) -> None:
        card, till, shop = new(), a_source(), a_source()
        person = say(card, till, 3, city="上海", gender="女")
        say(card, shop, 2, city="北京", gender="男")
        people.set_profile_priority("", [shop.name], actor=SYSTEM)
        people.set_profile_priority("city", [till.name], actor=SYSTEM)
        # (till, for the city) and (shop, for all) are both first: the later word
        assert [(a.name, a.value) for a in attributes([person])] == [("city", "上海"), ("gender", "男")]
        assert people.profile_priorities() == {"": [shop.name], "city": [till.name]}

    def test_a_source_that_nobody_knows_changes_nothing(self) -> None:
        till = a_source()
        people.set_profile_priority("city", [till.name], actor=SYSTEM)
        for wrong, refusal in ((["nobody"], NotFound), ([till.name, till.name], Refused)):
            with pytest.raises(refusal), transaction.atomic():
                people.set_profile_priority("city", wrong, actor=SYSTEM)
        assert people.profile_priorities() == {"city": [till.name]}

    def test_her_name_on_the_card_follows(self) -> None:
        card, till, shop = new(), a_source(), a_source()
        person = say(card, till, 3, name="王")
        say(card, shop, 2, name="王芳")
        rewrite([person])
        assert people.card_for(SYSTEM, person).display_name == "王"
        people.set_profile_priority("name", [shop.name], actor=SYSTEM)
        assert people.card_for(SYSTEM, person).display_name == "王", "nobody waits for all cards"
        worked()
        assert people.card_for(SYSTEM, person).display_name == "王芳"

    def test_merged_and_parted_it_carries_both_ways(self) -> None:
        till, shop = a_source(), a_source()
        one, other = say(new(), till, 3, city="上海"), say(new(), shop, 2, city="北京")
        people.set_profile_priority("city", [shop.name], actor=SYSTEM)
        link = people.merge(person_a=one, person_b=other, reason="同一个人", actor=SYSTEM)
        assert standing(one) != "" and [a.value for a in attributes(people.members(one))] == ["北京"]
        people.unmerge(link_id=link, reason="弄错了", actor=SYSTEM)
        assert [[a.value for a in attributes(people.members(p))] for p in (one, other)] == [
            ["上海"],
            ["北京"],
        ]

    def test_what_the_lake_is_told_is_what_stands(self) -> None:
        card, till, shop = new(), a_source(), a_source()
        person = say(card, till, 3, city="上海")
        say(card, shop, 4, city="北京")
        assert told_to_the_lake(person) == "北京"
        people.set_profile_priority("city", [till.name], actor=SYSTEM)
        assert standing(person) == "上海", "her page says so at once"
        worked()
        assert told_to_the_lake(person) == "上海"
        say(card, shop, 5, city="广州")
        assert told_to_the_lake(person) == "上海"


class TestStretches:
    def test_everybody_is_told_of_by_stretches_and_only_of_what_sources_differ_in(self) -> None:
        till, shop = a_source(), a_source()
        cards = [new() for _ in range(5)]
        told = [say(card, till, 3, city="上海", gender="女") for card in cards]
        for card in cards[:4]:
            say(card, shop, 4, city="北京")
        before = {r.person_id: r.told_seq for r in sql.fetch(_TOLD, name="city")}
        people.set_profile_priority("city", [till.name], actor=SYSTEM)
        assert {r.person_id: r.told_seq for r in sql.fetch(_TOLD, name="city")} == before
        assert retell("city", limit=2) == 3
        assert [told_to_the_lake(p) for p in told] == ["上海"] * 5
        touched = {r.person_id for r in sql.fetch(_TOLD, name="city") if r.told_seq is not None}
        assert touched == set(told[:4])
        assert not any(r.told_seq for r in sql.fetch(_TOLD, name="gender")), (
            "of that nobody said another word"
        )

    def test_killed_in_the_middle_it_is_run_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        till, shop = a_source(), a_source()
        told = []
        for card in [new() for _ in range(3)]:
            told.append(say(card, till, 3, name="王"))
            say(card, shop, 2, name="王芳")
        rewrite(sorted(told))
        people.set_profile_priority("name", [shop.name], actor=SYSTEM)
        taken: list[list[int]] = []

        def killed(cards: list[int]) -> None:
            if taken:
                raise KeyboardInterrupt
            taken.append(cards)
            rewrite(cards)

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(retelling, "rewrite", killed)
            retell("name", limit=1)
        names = [people.card_for(SYSTEM, p).display_name for p in told]
        assert names == ["王芳", "王", "王"]
        retell("name", limit=1)
        assert [people.card_for(SYSTEM, p).display_name for p in told] == ["王芳"] * 3

    def test_asked_for_twice_it_waits_once(self) -> None:
        till = a_source()
        for _ in range(2):
            people.set_profile_priority("city", [till.name], actor=SYSTEM)
        assert len(sql.fetch(_WAITING)) == 1


_TOLD = sql.Statement("told", "select person_id, told_seq from attribute where name = %(name)s order by 1, 2")
_WAITING = sql.Statement(
    "waiting",
    "select args->>'name' as name from procrastinate_jobs where task_name = 'card.retell' order by id",
)


def worked() -> None:
    """What the worker does with what waits."""
    for row in sql.fetch(_WAITING):
        retell(row.name)


def told_to_the_lake(person: int) -> str:
    rows = changes(XidRange(0, 1 << 62)).filter(pc.field("person_id") == person).to_pylist()
    return str(max(rows, key=lambda r: (r["seq"], r["at"]))["value"])


def test_each_value_tells_where_it_comes_from() -> None:
    card, till = new(), a_source()
    person = say(card, till, 1, city="上海")
    (city,) = attributes([person])
    (said,) = city.said
    fact = sql.fetch_one(sql.Statement("fact", "select max(fact_id) as id from settlement"))
    assert (said.fact_id, said.run_id, said.source, said.at) == (fact.id, None, till.label, at(1))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 9), st.sampled_from("甲乙丙")), min_size=1, max_size=6
    ),
    order=st.lists(st.integers(0, 2), unique=True, max_size=3),
)
def test_what_stands_is_the_first_in_order_then_the_latest(
    said: list[tuple[int, int, str]], order: list[int]
) -> None:
    with rolled_back():
        card, sources = new(), [a_source() for _ in range(3)]
        for place, (source, hour, word) in enumerate(said):
            when = at(hour) + timedelta(minutes=place)
            person = meet(card, source=sources[source], at=when, traits=(("city", word),))
        people.set_profile_priority("city", [sources[n].name for n in order], actor=SYSTEM)
        last = {}
        for place, (source, hour, word) in sorted(enumerate(said), key=lambda x: (x[1][1], x[0])):
            last[source] = ((hour, place), word)
        ranked = sorted(last, key=lambda n: (order.index(n) if n in order else 9, [-x for x in last[n][0]]))
        assert standing(person) == last[ranked[0]][1]
