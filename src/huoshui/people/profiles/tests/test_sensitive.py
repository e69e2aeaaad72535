"""Health, faith, numbers of documents: kept of nobody, unless the house and she herself say so, and never shown in a store."""

from __future__ import annotations

from typing import Any

import pytest

from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.subscribers import XidRange
from huoshui.people import api as people
from huoshui.people.identity.tests.meeting import Carried, meet, new
from huoshui.people.profiles.catalogue import is_sensitive
from huoshui.people.profiles.reads import changes

pytestmark = pytest.mark.django_db

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
GUIDE = Actor("staff", 5, "导购", frozenset({"guide"}), frozenset({7}))
_TRAITS = sql.Statement("traits", "select name from fact_trait order by name")
_CARD = sql.Statement(
    "card", "insert into person_card (person_id, home_org_unit_id) values (%(person_id)s, 7)"
)
TOLD = (("city", "上海"), ("过敏史", "青霉素"), ("身份证号", "310101199001010000"))


def say(card: Carried, *more: tuple[str, str]) -> int:
    return meet(card, traits=(*TOLD, *more))


def consent(person: int, purpose: str = "sensitive", *, is_given: bool = True, basis: str = "self") -> None:
    people.say_consent(person, [people.Said(purpose, "", is_given, basis, "v1", "")], actor=SYSTEM)


def seen(actor: Actor, person: int) -> list[str]:
    return sorted(a.name for a in people.attributes_for(actor, person))


@pytest.mark.parametrize("name", ["健康状况", "家族病史", "宗教信仰", "身份证号", "ID_Number", "银行卡号"])
def test_by_their_names(name: str) -> None:
    assert is_sensitive(name) and not is_sensitive("city") and not is_sensitive("备注")


def test_off_as_delivered_even_with_consent_and_the_fact_forgets_it() -> None:
    card = new()
    consent(meet(card))
    person = say(card)
    assert seen(SYSTEM, person) == ["city"]
    assert [r.name for r in sql.fetch(_TRAITS)] == ["city"]


def test_kept_of_whoever_consented_apart_and_of_nobody_else(settings: Any) -> None:
    settings.HUOSHUI_SENSITIVE_ATTRIBUTES = True
    card = new()
    person, other = meet(card), say(new())
    consent(person)
    say(card)
    assert seen(BOSS, person) == ["city", "身份证号", "过敏史"] and seen(BOSS, other) == ["city"]
    sql.run(_CARD, person_id=person)
    assert seen(GUIDE, person) == ["city"], "never on a guide's screen"
    consent(person, is_given=False)
    assert seen(BOSS, person) == ["city"]
    say(card)
    names = {r.name for r in sql.fetch(_TRAITS)}
    assert "city" in names
    told = people.rights_reads.copy_of(person).parts["资料"]
    assert any(row["项目"] == "过敏史" for row in told), "what is kept of her she may see"


def test_of_a_child_its_guardian_too(settings: Any) -> None:
    settings.HUOSHUI_SENSITIVE_ATTRIBUTES = True
    card, born = new(), ("birthday", "2020-05-01")
    person = meet(card, traits=(born,))
    consent(person)
    say(card)
    assert seen(BOSS, person) == ["birthday", "city"]
    consent(person, "minor", basis="guardian")
    say(card)
    assert seen(BOSS, person) == ["birthday", "city", "身份证号", "过敏史"]


def test_never_in_the_lake(settings: Any) -> None:
    settings.HUOSHUI_SENSITIVE_ATTRIBUTES = True
    card = new()
    consent(meet(card))
    say(card)
    keys = set(changes(XidRange(0, 1 << 62))["key"].to_pylist())
    assert keys == {"attr.city"}
