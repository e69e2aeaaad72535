"""Her own page: whose address opens, for how long and how often, and what one tap does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

import pytest

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.tests.ground import NOON
from huoshui.people import api as people
from huoshui.people.identity.tests.meeting import meet, new
from huoshui.people.rights import links, own_page
from huoshui.people.rights.links import TooManyTaps

pytestmark = pytest.mark.django_db

STAFF = Actor("staff", 5, "小丽", frozenset({"boss"}))
ELSEWHERE = Actor("staff", 9, "别店", frozenset({"guide"}), frozenset({-1}))
_CARD = sql.Statement("card", "insert into person_card (person_id) values (%(id)s::bigint)")
_AUDIT = sql.Statement("audit", "select actor, action from audit_entry order by id")


def somebody(**more: object) -> int:
    person = meet(new("phone"), **more)
    sql.run(_CARD, id=person)
    return person


def address(person: int) -> str:
    return links.make(STAFF, person).token


@contextmanager
def later(by: timedelta) -> Iterator[None]:
    at = clock.now() + by
    with patch.object(clock, "now", lambda: at):
        yield


def stands(person: int, purpose: str = "marketing", channel: str = "") -> bool | None:
    rows = own_page.page(links.find(address(person))).rows
    return next(r.stands for r in rows if (r.purpose, r.channel) == (purpose, channel))


def test_one_tap_gives_and_one_withdraws_and_both_are_told_of() -> None:
    person = somebody()
    link = links.find(address(person))
    assert stands(person) is None
    own_page.say(link, "marketing", "", is_given=True)
    assert stands(person) is True and stands(person, channel="sms") is True, (
        "what is said of all holds of each"
    )
    assert people.may_send([person], channel="sms", purpose="marketing", at=NOON)[person].may
    own_page.say(link, "marketing", "sms", is_given=False)
    assert stands(person) is True and stands(person, channel="sms") is False
    entry = people.consents_for(SYSTEM, person)[0]
    assert (entry.actor, entry.notice_version) == (f"person:{person}", own_page.NOTICE)
    assert "员工 5" in entry.proof, "whoever handed the address over is known"
    assert [a for _, a in sql.fetch_as(tuple, _AUDIT)][:4] == [
        "rights.link_made",
        "rights.link_opened",
        "rights.link_made",
        "rights.link_opened",
    ]


def test_an_address_tells_nothing_of_whose_it_is_and_cannot_be_made_up() -> None:
    person = somebody()
    token = address(person)
    assert (len(token) == 32 and str(person) not in token.replace("0", "")) or len(str(person)) < 4
    forged = [
        token[:-1] + ("0" if token[-1] != "0" else "1"),
        ("x" if token[0] != "x" else "y") + token[1:],
        token[:12],
        "",
        "é" * 32,
    ]
    for one in forged:
        with pytest.raises(NotFound), patch.object(sql, "fetch_one", side_effect=AssertionError("looked up")):
            links.find(one)


def test_what_is_over_taken_back_or_an_erased_persons_looks_alike() -> None:
    person = somebody()
    token = address(person)
    with later(links.LIFETIME - timedelta(minutes=1)):
        assert links.find(token).person_id == person
    with later(links.LIFETIME + timedelta(minutes=1)), pytest.raises(NotFound) as over:
        links.find(token)
    assert links.revoke(STAFF, person) == 1
    with pytest.raises(NotFound) as gone:
        links.find(token)
    assert str(over.value) == str(gone.value) == str(NotFound())
    again = address(person)
    erased = "insert into erased_person (person_id, case_id) values (%(id)s::bigint, 0)"
    sql.run(sql.Statement("erased", erased), id=person)
    with pytest.raises(NotFound):
        links.find(again)


def test_only_for_whom_one_may_see() -> None:
    person = somebody()
    with pytest.raises(NotFound):
        links.make(ELSEWHERE, person)
    with pytest.raises(NotFound):
        links.revoke(ELSEWHERE, person)
    assert links.living(STAFF, person) == []


def test_it_goes_with_whom_she_becomes_one() -> None:
    one, other = somebody(), somebody()
    token = address(other)
    people.merge(person_a=one, person_b=other, reason="同一人", actor=SYSTEM)
    assert links.find(token).person_id == people.canonical_id(other)


def test_so_many_taps_and_no_more_for_a_while() -> None:
    person = somebody()
    link = links.find(address(person))
    for n in range(20):
        own_page.say(link, "marketing", "", is_given=n % 2 == 0)
    with pytest.raises(TooManyTaps):
        own_page.say(link, "marketing", "", is_given=True)
    with pytest.raises(TooManyTaps):
        own_page.ask(link, "copy")
    assert stands(person) is False
    with later(timedelta(minutes=11)):
        own_page.say(link, "marketing", "", is_given=True)


def test_what_she_asks_for_is_a_case_of_the_desk() -> None:
    person = somebody()
    link = links.find(address(person))
    with pytest.raises(Refused):
        own_page.ask(link, "restrict")
    with pytest.raises(Refused):
        own_page.ask(link, "correct", said=" ")
    case = people.rights_reads.case(STAFF, own_page.ask(link, "erase"))
    assert (case.kind, case.person_id, case.via, case.asked_by) == (
        "erase",
        person,
        "自助页面",
        f"person:{person}",
    )
    assert case.is_open and "员工 5" in case.proof
    with pytest.raises(Refused):
        own_page.ask(link, "erase")
    assert [c.id for c in own_page.page(link).cases] == [case.id]


@pytest.mark.parametrize(("purpose", "channel"), [("sensitive", ""), ("marketing", "email"), ("gossip", "")])
def test_what_takes_more_than_a_tap_is_not_given_here(purpose: str, channel: str) -> None:
    person = somebody()
    with pytest.raises(Refused):
        own_page.say(links.find(address(person)), purpose, channel, is_given=True)
    assert people.consents_for(SYSTEM, person) == []


def test_a_child_may_withdraw_and_not_give() -> None:
    child = somebody(traits=(("birthday", f"{clock.today().year - 10}-01-01"),))
    link = links.find(address(child))
    assert own_page.page(link).is_child
    with pytest.raises(Refused):
        own_page.say(link, "marketing", "", is_given=True)
    own_page.say(link, "marketing", "", is_given=False)
    assert stands(child) is False
