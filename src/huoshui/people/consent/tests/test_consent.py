"""The ledger and its one answer, through the room's door."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import Refused
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Batch
from huoshui.core.subscribers import XidRange
from huoshui.core.tests.ground import NOON, a_source, number, statements
from huoshui.people import api as people
from huoshui.people.consent import reads
from huoshui.people.consent.types import Decision, Said, SendRule, Sent
from huoshui.people.identity.tests.meeting import meet, new
from huoshui.people.profiles.reads import attributes

pytestmark = pytest.mark.django_db

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
YES = Said("marketing", "sms", True, notice_version="v1", proof="勾选", place="S001")
NO = YES._replace(is_given=False)


def somebody(**more: Any) -> int:
    return meet(new("phone"), **more)


def say(person_id: int, *said: Said) -> int:
    with transaction.atomic():
        return people.say_consent(person_id, said, actor=BOSS)


def may(person_id: int, at: datetime = NOON, channel: str = "sms", purpose: str = "marketing") -> Decision:
    return people.may_send([person_id], channel=channel, purpose=purpose, at=at)[person_id]


def test_giving_and_withdrawing_are_one_step_each_and_both_stay_in_the_ledger() -> None:
    person = somebody()
    assert may(person).code == "never"
    say(person, YES)
    assert may(person).may
    say(person, NO)
    assert may(person).code == "withdrawn"
    say(person, YES)
    assert may(person).may
    told = reads.entries(person)
    assert [e.is_given for e in told] == [True, False, True]
    assert (told[0].notice_version, told[0].proof, told[0].place) == ("v1", "勾选", "S001")


def test_one_word_gives_or_withdraws_not_both() -> None:
    person = somebody()
    with pytest.raises(Refused):
        say(person, YES, NO._replace(channel="email"))
    assert reads.entries(person) == []


def test_the_strictest_wins_on_merge_and_each_has_his_own_again_on_unmerge() -> None:
    one, other = somebody(), somebody()
    say(one, YES)
    say(other, NO)
    link = people.merge(person_a=one, person_b=other, reason="同一人", actor=SYSTEM)
    assert (may(one).code, may(other).code) == ("withdrawn", "withdrawn")
    people.unmerge(link_id=link, reason="弄错了", actor=SYSTEM)
    assert (may(one).code, may(other).code) == ("", "withdrawn")


def test_a_yes_said_while_they_are_one_is_after_all_only_his_who_said_it() -> None:
    one, other = somebody(), somebody()
    say(other, NO)
    link = people.merge(person_a=one, person_b=other, reason="同一人", actor=SYSTEM)
    say(one, YES)
    assert may(other).may, "said after they were one, it speaks for both"
    people.unmerge(link_id=link, reason="弄错了", actor=SYSTEM)
    assert (may(one).code, may(other).code) == ("", "withdrawn")
    assert [e.is_given for e in reads.entries(other)] == [False]
    again = people.merge(person_a=one, person_b=other, reason="同一人", actor=SYSTEM)
    assert may(other).may, "one again, it speaks for both again"
    people.unmerge(link_id=again, reason="弄错了", actor=SYSTEM)


def test_who_never_said_anything_has_not_agreed_by_a_mistaken_merge() -> None:
    one, other = somebody(), somebody()
    link = people.merge(person_a=one, person_b=other, reason="同一人", actor=SYSTEM)
    say(one, YES._replace(channel=""))
    told = state_of(other)
    people.unmerge(link_id=link, reason="弄错了", actor=SYSTEM)
    assert may(other).code == "never"
    assert (told, state_of(other)) == ("given", None), "and the lake hears of it"
    assert state_of(one) == "given"


def state_of(person_id: int) -> str | None:
    rows = reads.state_changes(XidRange(0, 1 << 60)).to_pylist()
    (value,) = [r["value"] for r in rows if (r["person_id"], r["key"]) == (person_id, "consent.marketing")]
    return value  # type: ignore[no-any-return]


def test_a_no_said_while_they_are_one_stays_with_both() -> None:
    one, other = somebody(), somebody()
    say(one, YES)
    say(other, YES)
    link = people.merge(person_a=one, person_b=other, reason="同一人", actor=SYSTEM)
    say(one, NO)
    people.unmerge(link_id=link, reason="弄错了", actor=SYSTEM)
    assert (may(one).code, may(other).code) == ("withdrawn", "withdrawn")


@pytest.mark.parametrize("purpose", ["nonsense", "minor", "processing", "sensitive", ""])
def test_nobody_sends_for_a_purpose_that_is_none(purpose: str) -> None:
    person = somebody()
    with pytest.raises(KeyError):
        may(person, purpose=purpose)


def fact(person_id: int, name: str, body: dict[str, Any], at: datetime = NOON) -> int:
    """As a door tells it: settled by the river with its person."""
    source = a_source()
    key = f"k{number()}"
    table = pa.table(
        {
            "ref": [0],
            "name": [name],
            "client_key": [key],
            "content_hash": ["0" * 32],
            "occurred_at": pa.array([at], pa.timestamp("us", tz="UTC")),
            "body": [json.dumps(body)],
        }
    )
    (fact_id,) = facts.receive(Batch(facts=table), source=source, actor=SYSTEM).fact_ids
    claimed = facts.claim([fact_id])
    assert claimed.consents == [fact_id]
    facts.mark_settled([fact_id], {fact_id: person_id})
    people.record_consents(claimed.consents)
    return fact_id


def test_facts_of_any_door_tell_it() -> None:
    person = somebody()
    fact(person, "Consent Given", {"properties": {"purpose": "marketing", "channel": "sms"}})
    assert may(person).may
    fact(person, "Consent Withdrawn", {"properties": {"purpose": "marketing"}}, NOON + timedelta(days=1))
    assert may(person).code == "withdrawn"


def test_an_older_word_that_comes_late_changes_nothing() -> None:
    person = somebody()
    fact(person, "Consent Withdrawn", {"purpose": "marketing"}, NOON)
    fact(person, "Consent Given", {"purpose": "marketing"}, NOON - timedelta(days=1))
    assert may(person).code == "withdrawn"


def test_what_cannot_be_read_is_shown_for_mending() -> None:
    person = somebody()
    fact_id = fact(person, "Consent Given", {"purpose": "whatever"})
    assert [e.code for e in facts.exceptions_of([fact_id])] == ["consent_unread"]
    assert may(person).code == "never"


def test_a_list_tells_it_and_never_overrides_a_withdrawal_with_a_yes_without_a_date() -> None:
    card = new("phone")
    person = meet(card, traits=(("consent_sms", "是"), ("name", "林")))
    assert may(person).may
    assert [a.name for a in attributes([person])] == ["name"], "no trait of hers"
    say(person, NO)
    meet(card, traits=(("consent_sms", "同意"),), at=NOON + timedelta(days=9))
    assert may(person).code == "withdrawn"
    meet(card, traits=(("consent_sms", "同意"), ("consent_at", "2999-01-01")))
    assert may(person).may, "a dated one counts by its date"


def test_a_child_is_left_alone() -> None:
    person = somebody(traits=(("birthday", "2020-01-01"),))
    say(person, YES)
    assert may(person).code == "minor"
    say(person, Said("minor", "", True, "guardian", "g1"))
    assert may(person).may


def test_limits_count_what_went_out_once() -> None:
    person = somebody()
    say(person, YES)
    sent = [Sent(f"m{n}", person, "marketing", "sms", NOON - timedelta(days=n)) for n in (1, 3)]
    assert people.note_sent([*sent, *sent]) == 2
    answer = may(person)
    assert (answer.code, answer.until) == ("frequent", NOON + timedelta(days=4))
    assert may(person, NOON + timedelta(days=4)).may, "the older one is a week old then"
    assert may(person, channel="sms", purpose="service").may


def test_a_rule_set_by_hand_holds() -> None:
    person = somebody()
    say(person, YES)
    with pytest.raises(Refused):
        people.set_send_rule(SendRule("marketing", "sms", days=1), actor=BOSS)
    people.set_send_rule(SendRule("marketing", "sms", None, None, 1, 1), actor=BOSS)
    people.note_sent([Sent("x", person, "marketing", "sms", NOON - timedelta(hours=1))])
    assert may(person).sentence == "1 天内已经发过 1 次，先不打扰"


def test_twice_as_many_people_cost_no_more_statements() -> None:
    def cost(ids: list[int]) -> int:
        return statements(lambda: people.may_send(ids, channel="sms", purpose="marketing", at=NOON))

    few, many = [somebody() for _ in range(3)], [somebody() for _ in range(12)]
    for person in many:
        say(person, YES)
    assert cost(few) == cost(few + many) <= 9


@pytest.mark.parametrize("born", ["{}-05-03", "{}", "3/5/{}", " ２０{:.2}－05－03"])
def test_a_child_is_found_however_its_birthday_is_written(born: str) -> None:
    year = clock.today().year - 10
    child = somebody(traits=(("birthday", born.format(str(year)[2:] if "２" in born else year)),))
    assert child in people.everyone_unprofiled() and people.unprofiled([child]) == {child}
    assert may(child).code == "minor"


def test_no_profiling_is_honoured_by_labels_and_told_to_the_lake() -> None:
    free, closed = somebody(), somebody()
    say(closed, Said("profiling", "", False))
    assert people.unprofiled([free, closed]) == {closed} == people.everyone_unprofiled()
    sql.run(
        sql.Statement("cards", "insert into person_card (person_id) select unnest(%(ids)s::bigint[])"),
        ids=[free, closed],
    )
    labels = pa.table(
        {
            "person_id": [free, closed],
            "grade": ["高", "高"],
            "frequency": ["F", "F"],
            "ticket": ["T", "T"],
        }
    )
    people.write_card_labels(labels)
    cards = people.cards_for(BOSS, [free, closed])
    assert {p: c.grade for p, c in ((c.person_id, c) for c in _cards(cards))} == {free: "高", closed: ""}
    xid = sql.fetch_one(sql.Statement("x", "select pg_current_xact_id()::text::bigint as xid")).xid
    rows = reads.state_changes(XidRange(0, xid + 1)).to_pylist()
    assert [(r["person_id"], r["key"], r["value"]) for r in rows] == [
        (closed, "consent.profiling", "withdrawn")
    ]
    say(closed, Said("profiling", "", True))
    assert people.everyone_unprofiled() == set()


def test_of_a_child_nothing_is_guessed_until_a_guardian_says_so_or_the_birthday(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    day = date(2026, 3, 10)
    monkeypatch.setattr(clock, "today", lambda: day)
    child = somebody(traits=(("birthday", "2012/3/11"),))
    other = somebody(traits=(("birthday", "1988-05-01"),))
    assert people.unprofiled([child, other]) == {child} == people.everyone_unprofiled()
    say(child, Said("minor", "", True, "guardian", "v1"))
    assert people.unprofiled([child]) == set() == people.everyone_unprofiled()
    say(child, Said("minor", "", False, "guardian", "v1"))
    assert people.unprofiled([child]) == {child} == people.everyone_unprofiled()
    day += timedelta(days=1)
    assert people.unprofiled([child]) == set() == people.everyone_unprofiled(), "nothing was written"


def test_a_child_of_the_cluster_is_found_by_any_of_its_ids_and_a_corrected_birthday_stands_alone() -> None:
    first, second = (
        somebody(traits=(("birthday", "1988-05-01"),)),
        somebody(traits=(("birthday", "2020-05-01"),)),
    )
    with transaction.atomic():
        people.merge(person_a=first, person_b=second, reason="同一人", actor=BOSS)
    head = people.canonical_id(second)
    assert people.unprofiled([first, second]) == {first, second} and people.everyone_unprofiled() == {head}
    with transaction.atomic():
        case_id = people.rights.ask(SYSTEM, head, "correct", said="我是 88 年的")
        people.rights.correct(SYSTEM, case_id, name="birthday", value="1988-05-01")
    assert people.unprofiled([first, second]) == set() == people.everyone_unprofiled()


def test_twice_as_many_children_cost_no_more_statements() -> None:
    few = [somebody(traits=(("birthday", "2020-05-01"),)) for _ in range(2)]
    cost = statements(lambda: people.unprofiled(few)), statements(people.everyone_unprofiled)
    many = few + [somebody(traits=(("birthday", "2020-05-01"),)) for _ in range(4)]
    assert (statements(lambda: people.unprofiled(many)), statements(people.everyone_unprofiled)) == cost


def _cards(found: Any) -> list[Any]:
    return list(found.values()) if isinstance(found, dict) else list(found)


def test_the_unknown_is_not_sent_to() -> None:
    assert may(999_999_999).code == "unknown"
