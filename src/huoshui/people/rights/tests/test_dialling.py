"""One tap dials: who may, whom, for what, and what is left of it. And what head office may see of a dealer's customer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.subscribers import registry
from huoshui.people import api as people
from huoshui.people.identity.types import ContactsClosed
from huoshui.people.rights import dialling, glass
from huoshui.people.rights.head_office import HeadOfficeClosed
from huoshui.people.rights.tests.test_glass import GUIDE, PHONE, contact

pytestmark = pytest.mark.django_db

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
OPERATOR = Actor("staff", 2, "运营", frozenset({"operator"}))
ANALYST = Actor("staff", 6, "分析", frozenset({"analyst"}))
DEALER = Actor("staff", 9, "经销商", frozenset({"dealer"}), frozenset({70}))
NOON, NIGHT = (
    datetime(2026, 3, 2, 4, tzinfo=UTC),
    datetime(2026, 3, 2, 15, tzinfo=UTC),
)  # 12:00, 23:00 in Shanghai
_TRACES = sql.Statement(
    "traces", "select actor, detail->>'purpose' as purpose from audit_entry where action = 'contact.dialled'"
)
_SENT = sql.Statement("sent", "select purpose, channel from contact_sent")
_NAMED = sql.Statement(
    "named",
    "with t as (update identifier set tail4 = '0007' where kind = 'phone')"
    " update person_card set display_name = '张晓明', phone_tail4 = '0007'",
)
_DEALER = sql.Statement("dealer", "update person_card set dealer_id = 70")


@contextmanager
def at_time(at: datetime) -> Iterator[None]:
    with patch.object(clock, "now", lambda: at):
        yield


def traces() -> list[tuple[str, str]]:
    return [tuple(r) for r in sql.fetch(_TRACES)]


def test_a_guide_calls_whom_she_serves_and_all_concerned_see_it() -> None:
    person, identifier = contact()
    with at_time(NOON):
        assert dialling.dial(GUIDE, person, identifier, purpose="service") == PHONE
    assert traces() == [("staff:5", "service")]
    assert [tuple(r) for r in sql.fetch(_SENT)] == [("service", "call")], "it counts among what was sent"
    told = people.rights_reads.copy_of(person).parts["谁查看过"]
    assert told[0]["做了什么"] == "打了电话，没有看号码"


@pytest.mark.parametrize(
    ("at", "purpose", "why"),
    [(NIGHT, "service", "22"), (NOON, "marketing", "同意"), (NOON, "gossip", "为什么")],
)
def test_only_when_and_for_what_she_may_be_called(at: datetime, purpose: str, why: str) -> None:
    person, identifier = contact()
    with at_time(at), pytest.raises(Refused):
        dialling.dial(GUIDE, person, identifier, purpose=purpose)
    assert traces() == [] and sql.fetch(_SENT) == [], why


def test_after_she_agreed_so_often_and_no_more() -> None:
    person, identifier = contact()
    people.say_consent(person, [people.Said("marketing", "call", True, "self", "v1", "")], actor=SYSTEM)
    with at_time(NOON):
        for _ in range(2):
            dialling.dial(GUIDE, person, identifier, purpose="marketing")
        with pytest.raises(Refused):
            dialling.dial(GUIDE, person, identifier, purpose="marketing")
    assert len(traces()) == 2


def test_not_of_others_customers_nor_by_who_only_counts_nor_what_is_no_phone() -> None:
    person, identifier = contact(home=8)
    with pytest.raises(NotFound):
        dialling.dial(GUIDE, person, identifier, purpose="service")
    with pytest.raises(ContactsClosed):
        dialling.dial(ANALYST, person, identifier, purpose="service")
    assert traces() == []


def test_where_dealers_keep_their_customers_head_office_reaches_one_only_if_she_agreed_apart(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "hear_dealers", lambda actor, dealers: dict.fromkeys(dealers, True))
    settings.HUOSHUI_DEALERS_OWN_CUSTOMERS = True
    person, identifier = contact()
    sql.run(_DEALER)
    asks: tuple[tuple[Actor, Callable[[], str]], ...] = (
        (BOSS, lambda: people.reveal_contact(BOSS, person, identifier)),
        (OPERATOR, lambda: glass.open_contact(OPERATOR, person, identifier, reason="约好今天送货")),
        (OPERATOR, lambda: dialling.dial(OPERATOR, person, identifier, purpose="service")),
    )
    for actor, ask in asks:
        with pytest.raises(HeadOfficeClosed):
            ask()
        assert not any(i.can_reveal or i.can_ask for i in people.identifiers_for(actor, person))
    assert traces() == [] and glass.opened() == []
    with at_time(NOON):
        assert dialling.dial(DEALER, person, identifier, purpose="service") == PHONE, "the dealer serves her"
    people.say_consent(person, [people.Said("head_office", "", True, "self", "v2", "")], actor=SYSTEM)
    assert people.reveal_contact(BOSS, person, identifier) == PHONE
    people.say_consent(person, [people.Said("head_office", "", False, "self", "", "")], actor=SYSTEM)
    with pytest.raises(HeadOfficeClosed):
        people.reveal_contact(BOSS, person, identifier)
    assert people.rights_reads.copy_of(person).parts["账号与联系方式"], (
        "what the law asks for goes by the desk"
    )


def test_a_no_to_head_office_holds_everywhere() -> None:
    person, identifier = contact()
    sql.run(_DEALER)
    assert people.reveal_contact(BOSS, person, identifier) == PHONE
    people.say_consent(person, [people.Said("head_office", "", False, "self", "", "")], actor=SYSTEM)
    with pytest.raises(HeadOfficeClosed):
        people.reveal_contact(BOSS, person, identifier)
    assert not any(i.can_reveal for i in people.identifiers_for(BOSS, person))


def test_lists_and_files_show_head_office_no_name_and_no_tail(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "hear_dealers", lambda actor, dealers: dict.fromkeys(dealers, True))
    person, _ = contact()
    sql.run(_NAMED)

    def seen(actor: Actor) -> tuple[str, str, str]:
        (card,) = people.cards_for(actor, [person])
        (found,) = people.search(actor, "", people.Filters()).rows
        (masked,) = [i.masked for i in people.identifiers_for(actor, person) if i.kind == "phone"]
        assert (found.display_name, found.phone_tail4) == (card.display_name, card.phone_tail4)
        return card.display_name, card.phone_tail4, masked

    whole = ("张晓明", "0007", "•••• 0007")
    assert seen(BOSS) == whole, "head office's own"
    sql.run(_DEALER)
    assert seen(BOSS) == whole, "dealers act for the house"
    settings.HUOSHUI_DEALERS_OWN_CUSTOMERS = True
    assert seen(BOSS) == seen(ANALYST) == ("张**", "", "••••")
    assert seen(DEALER) == whole
    assert people.cards_for(SYSTEM, [person])[0].display_name == "张晓明"
    people.say_consent(person, [people.Said("head_office", "", True, "self", "v2", "")], actor=SYSTEM)
    assert seen(BOSS) == whole
    people.say_consent(person, [people.Said("head_office", "", False, "self", "", "")], actor=SYSTEM)
    settings.HUOSHUI_DEALERS_OWN_CUSTOMERS = False
    assert seen(BOSS) == ("张**", "", "••••"), "a no holds everywhere"


def test_as_many_statements_for_one_card_as_for_many(settings: Any) -> None:
    settings.HUOSHUI_DEALERS_OWN_CUSTOMERS = True
    asked = [contact()[0] for _ in range(4)]
    sql.run(_DEALER)
    counts = []
    for some in (asked[:1], asked):
        with (
            patch.object(sql, "fetch", wraps=sql.fetch) as fetch,
            patch.object(sql, "fetch_as", wraps=sql.fetch_as) as fetch_as,
        ):
            assert len(people.cards_for(BOSS, some)) == len(some)
        counts.append(fetch.call_count + fetch_as.call_count)
    assert counts[0] == counts[1]
