"""A wrong number of hers, put right or taken away, and what the river makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.tests.ground import number
from huoshui.intake.river.api import part_shared, sweep
from huoshui.intake.river.tests.world import Shop, check_books, line, spend_of
from huoshui.people import api as people
from huoshui.people.card.actions import rewrite
from huoshui.people.rights import correcting
from huoshui.people.rights.types import MayNot

pytestmark = pytest.mark.django_db

WRONG, RIGHT = "15912340001", "15912340002"
BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
GUIDE = Actor("staff", 5, "导购", frozenset({"guide"}), frozenset({1}))
_PHONES = sql.Statement(
    "phones", "select id, key, is_guarded from identifier where kind = 'phone' order by id"
)
_CARDS = sql.Statement("cards", "select person_id from person_card")
_ACTS = sql.Statement(
    "acts",
    "select action, detail->>'reason' as reason from audit_entry where object_kind = 'person' order by id",
)


def phone_id() -> int:
    return int(sql.fetch(_PHONES)[0].id)


@pytest.fixture
def two(db: None) -> list[Shop]:
    """Hers and another's account, one person by a phone that was written down wrong."""
    brand.ensure_headquarters("总部")
    one = Shop()
    other = Shop(source=one.source, card=f"a-{number()}")
    one.tell(one.member(("card_no", one.card), ("phone", WRONG), name="周"))
    other.tell(other.member(("account@shop", other.card), ("phone", WRONG), name="吴"))
    told: Any = (("account@shop", other.card),)
    other.tell(other.order(line(50_00), identifiers=told))
    people.refresh_cards()
    return [one, other]


def account(one: Shop) -> int:
    found = sql.Statement("account", "select person_id from identifier where key = %(key)s")
    return people.canonical_id(sql.fetch_one(found, key=one.card).person_id)


def correct(person_id: int, *, actor: Actor = BOSS, value: str = RIGHT, **more: Any) -> None:
    told = {"identifier_id": phone_id(), "reason": "她说录错了", **more}
    correcting.correct_contact(actor, person_id, value=value, **told)


def settled() -> None:
    sweep()
    part_shared()
    rewrite([r.person_id for r in sql.fetch(_CARDS)])


def test_another_stands_in_its_place_and_whom_only_it_had_joined_part(two: list[Shop]) -> None:
    hers, his = two
    assert account(hers) == account(his)
    correct(account(hers))
    settled()
    assert account(hers) != account(his)
    assert (spend_of(account(hers)), spend_of(account(his))) == (0, 50_00)
    assert people.find("phone", RIGHT) == account(hers) and people.find("phone", WRONG) is None
    assert [r.is_guarded for r in sql.fetch(_PHONES)] == [True, False]
    assert people.card_for(SYSTEM, account(hers)).phone_tail4 == RIGHT[-4:]
    check_books()
    acts = [tuple(r) for r in sql.fetch(_ACTS)]
    assert ("identifier.corrected", "她说录错了") in acts
    assert ("identifier.shared", "不是本人的：她说录错了") in acts
    told = people.rights_reads.copy_of(account(hers)).parts["谁查看过"]
    assert "按要求改了一个号码" in {row["做了什么"] for row in told}


def test_it_is_taken_away_and_whoever_calls_by_it_is_another(two: list[Shop]) -> None:
    hers, _ = two
    correct(account(hers), value="")
    settled()
    assert people.card_for(SYSTEM, account(hers)).phone_tail4 == ""
    may = people.may_send([account(hers)], channel="sms", purpose="service", at=clock.now())
    assert may[account(hers)].code == "no_contact", "nobody is written to on it"
    stranger = Shop(source=hers.source)
    stranger.tell(stranger.member(("card_no", stranger.card), ("phone", WRONG)))
    assert stranger.person() != account(hers)


def test_a_card_number_too_and_it_can_be_taken_back(two: list[Shop]) -> None:
    hers, _ = two
    found = correcting.correctable(BOSS, account(hers))
    card = next(i for i in found if i.kind == "card_no")
    correct(account(hers), identifier_id=card.id, value="C-90001")
    settled()
    assert people.find("card_no", "C-90001") == account_of("C-90001") == people.find("phone", WRONG)
    assert people.find("card_no", hers.card) is None
    people.say_own(SYSTEM, account_of("C-90001"), identifier_id=card.id, reason="原来没错")
    assert people.find("card_no", hers.card) is not None


def account_of(key: str) -> int:
    found = sql.Statement("account", "select person_id from identifier where key = %(key)s")
    return people.canonical_id(sql.fetch_one(found, key=key).person_id)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"reason": " "}, "为什么"),
        ({"value": "12"}, "手机号"),
        ({"value": WRONG}, "已经登记"),
        ({"actor": GUIDE}, "岗位"),
    ],
)
def test_what_cannot_be_changes_nothing(two: list[Shop], more: dict[str, Any], why: str) -> None:
    before = sql.fetch(_PHONES)
    with pytest.raises((Refused, MayNot, NotFound)):
        correct(account(two[0]), **more)
    assert sql.fetch(_PHONES) == before, why


def test_never_anothers_number_nor_one_of_somebody_elses_page(two: list[Shop]) -> None:
    third = Shop(source=two[0].source)
    third.tell(third.member(("card_no", third.card), ("phone", RIGHT)))
    people.refresh_cards()
    with pytest.raises(Refused, match="已经登记"):
        correct(account(two[0]))
    with pytest.raises(NotFound):
        correct(third.person(), value="")


def test_at_the_desk_it_closes_her_case(two: list[Shop]) -> None:
    case_id = people.rights.ask(BOSS, account(two[0]), "correct", said="号码录错了")
    people.rights.correct_contact(BOSS, case_id, identifier_id=phone_id(), value=RIGHT)
    done = people.rights_reads.case(BOSS, case_id)
    assert (done.state, done.outcome) == ("done", {"项目": "手机号"})
    settled()
    assert people.find("phone", RIGHT) == account(two[0])
