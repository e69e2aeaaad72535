"""A whole number behind glass: who may, for what, and what is left of it."""

from __future__ import annotations

import pytest

from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.crypto import lookup_key, seal
from huoshui.core.errors import NotFound, Refused
from huoshui.people import api as people
from huoshui.people.identity.tests.meeting import meet, new
from huoshui.people.identity.types import ContactsClosed
from huoshui.people.rights import glass

pytestmark = pytest.mark.django_db

PHONE = "+8613911113333"
GUIDE = Actor("staff", 5, "导购", frozenset({"guide"}), frozenset({7}))
_SEAL = sql.Statement("seal", "update identifier set sealed = %(sealed)s where id = %(id)s")
_CARD = sql.Statement(
    "card",
    "insert into person_card (person_id, home_org_unit_id) values (%(person_id)s, %(home)s)",
)


def contact(home: int = 7) -> tuple[int, int]:
    person = meet(("phone", lookup_key(PHONE)), new())
    sql.run(_CARD, person_id=person, home=home)
    (found,) = [i for i in people.identifiers_for(SYSTEM, person) if i.kind == "phone"]
    sql.run(_SEAL, sealed=seal(PHONE), id=found.id)
    return person, found.id


def test_with_a_reason_and_all_concerned_see_it() -> None:
    person, identifier = contact()
    assert glass.open_contact(GUIDE, person, identifier, reason="约好今天送货") == PHONE
    (trace,) = glass.opened()
    assert (trace.actor, trace.person_id, trace.kind, trace.reason) == (
        "staff:5",
        person,
        "phone",
        "约好今天送货",
    )
    told = people.rights_reads.copy_of(person).parts["谁查看过"]
    assert told[0]["做了什么"] == "写明原因后看了完整号码：约好今天送货"


@pytest.mark.parametrize("reason", ["", "   ", "看看"])
def test_without_one_nothing_is_shown_and_nothing_noted(reason: str) -> None:
    person, identifier = contact()
    with pytest.raises(Refused):
        glass.open_contact(GUIDE, person, identifier, reason=reason)
    assert glass.opened() == []


def test_not_of_another_stores_customer() -> None:
    person, identifier = contact(home=8)
    with pytest.raises(NotFound):
        glass.open_contact(GUIDE, person, identifier, reason="约好今天送货")
    assert glass.opened() == []


@pytest.mark.parametrize("role", ["analyst", "auditor"])
def test_not_by_who_only_counts(role: str) -> None:
    person, identifier = contact()
    with pytest.raises(ContactsClosed):
        glass.open_contact(
            Actor("staff", 6, "x", frozenset({role})), person, identifier, reason="约好今天送货"
        )
    assert glass.opened() == []


def test_only_contacts_stand_behind_glass_and_only_for_those_posts() -> None:
    person, _ = contact()
    can = {i.kind: i.can_ask for i in people.identifiers_for(GUIDE, person)}
    assert can == {"phone": True, "card_no": False}
    assert not any(i.can_ask for i in people.identifiers_for(SYSTEM, person))
