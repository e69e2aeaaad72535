"""What is sensitive goes with her consent, and when it is past its time: values, what facts said, and their raw words."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.subscribers import registry
from huoshui.core.tests.ground import NOON, statements
from huoshui.people import api as people
from huoshui.people.identity.tests.meeting import Carried, meet, new
from huoshui.people.profiles.catalogue import without_sensitive
from huoshui.people.rights import sensitive

pytestmark = pytest.mark.django_db

TOLD = (("city", "上海"), ("过敏史", "青霉素"))
RAW = {"traits": {"city": "上海", "过敏史": "青霉素", "more": [{"id_card": "3101"}]}, "page": "health"}
_LAST = sql.Statement("last", "select max(id) as id from fact")
_PUT = sql.Statement("put", "update fact set body = %(body)s::jsonb, name = %(name)s where id = %(id)s")
_NAMED = sql.Statement("named", "update settlement set name = %(name)s where fact_id = %(id)s")
_FACT = sql.Statement("fact", "select body::text as body, client_key from fact where id = %(id)s")
_TRAITS = sql.Statement("traits", "select name from fact_trait where fact_id = %(id)s order by 1")
_NO_JOBS = sql.Statement("no_jobs", "delete from procrastinate_jobs where task_name = 'rights.sensitive'")
_JOBS = sql.Statement("jobs", "select 1 from procrastinate_jobs where task_name = 'rights.sensitive'")


@pytest.fixture(autouse=True)
def turned_on(settings: Any) -> None:
    settings.HUOSHUI_SENSITIVE_ATTRIBUTES = True


def consent(person: int, *, is_given: bool = True) -> None:
    people.say_consent(person, [people.Said("sensitive", "", is_given, "self", "v1", "")], actor=SYSTEM)


def say(card: Carried, name: str = "Identify", **more: Any) -> int:
    """The fact, with the raw words that its source sent."""
    meet(card, traits=TOLD, **more)
    fact_id = int(sql.fetch_one(_LAST).id)
    sql.run(_PUT, id=fact_id, body=json.dumps(RAW, ensure_ascii=False), name=name)
    sql.run(_NAMED, id=fact_id, name=name)
    return fact_id


def kept(fact_id: int) -> tuple[Any, list[str]]:
    body = sql.fetch_one(_FACT, id=fact_id).body
    return body and json.loads(body), [r.name for r in sql.fetch(_TRAITS, id=fact_id)]


def names(person: int) -> list[str]:
    return sorted(row["项目"] for row in people.rights_reads.copy_of(person).parts["资料"])


def test_pure() -> None:
    assert without_sensitive(RAW) == {"traits": {"city": "上海", "more": [{}]}, "page": "health"}
    assert without_sensitive([1, "过敏"]) == [1, "过敏"]


def test_who_takes_it_back_leaves_nothing_of_it_and_who_does_not_keeps_all() -> None:
    hers, others = new(), new()
    her, other = meet(hers), meet(others)
    consent(her)
    consent(other)
    fact_id, exam, theirs = say(hers), say(hers, "疾病登记"), say(others)
    key = sql.fetch_one(_FACT, id=fact_id).client_key
    assert sensitive.take_withdrawn() == {"敏感资料": 0, "动态原文里的敏感内容": 0}
    sql.run(_NO_JOBS)
    consent(her, is_given=False)
    assert len(sql.fetch(_JOBS)) == 1, "the worker takes it up"
    assert sensitive.take_withdrawn()["动态原文里的敏感内容"] == 2
    assert kept(fact_id) == (without_sensitive(RAW), ["city"])
    assert kept(exam) == (None, ["city"]), "of an event that is itself sensitive nothing is left"
    assert "青霉素" not in str(people.rights_reads.copy_of(her).parts) and names(her) == ["城市"]
    assert kept(theirs) == (RAW, ["city", "过敏史"]) and "过敏史" in names(other)
    assert sql.fetch_one(_FACT, id=fact_id).client_key == key, "sent again, it is known"
    assert set(sensitive.take_withdrawn().values()) == {0}
    late = say(hers)
    sensitive.take_withdrawn()
    assert kept(late) == (without_sensitive(RAW), ["city"]), "what comes late, too"
    consent(her)
    again = say(hers)
    sensitive.take_withdrawn()
    assert kept(again)[0] == RAW, "who agrees again is kept again"


def test_a_no_of_one_part_holds_for_the_whole_human() -> None:
    one, other = new(), new()
    a, b = meet(one), meet(other)
    consent(b)
    fact_id = say(other)
    consent(a)
    people.merge(person_a=a, person_b=b, reason="同一张卡", actor=SYSTEM)
    consent(a, is_given=False)
    sensitive.take_withdrawn()
    assert kept(fact_id) == (without_sensitive(RAW), ["city"])


def test_past_its_time_it_goes_with_the_raw_words_and_what_is_younger_stays() -> None:
    card = new()
    person = meet(card)
    consent(person)
    old, young = say(card, at=NOON - timedelta(days=900)), say(new(), at=NOON)
    rule = registry.expiries["people.sensitive"]
    assert rule.count(NOON - timedelta(days=500)) == {"敏感资料": 1}
    assert rule.take(NOON - timedelta(days=500))["动态原文里的敏感内容"] == 1
    assert kept(old) == (without_sensitive(RAW), ["city"]) and kept(young)[0] == RAW
    assert names(person) == ["城市"]
    assert set(rule.take(NOON - timedelta(days=500)).values()) == {0}


def test_twice_as_many_cost_no_question_more() -> None:
    def cost(people_: int) -> int:
        for _ in range(people_):
            card = new()
            person = meet(card)
            consent(person)
            say(card)
            consent(person, is_given=False)
        return statements(sensitive.take_withdrawn)

    assert cost(2) == cost(4)
