"""A number that changes hands: the old holder keeps what was, the new one gets what is, and all of it can be taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import NotFound, Refused
from huoshui.people import api as people
from huoshui.people.identity import eras, live, ruleset
from huoshui.people.identity.rehearsing import rehearse
from huoshui.people.identity.tests.meeting import canonical, meet, new
from huoshui.people.identity.undoing import regroup_without

pytestmark = pytest.mark.django_db

NUMBER = ("phone", "13911110001")
BEFORE, ON, AFTER = (clock.now() - timedelta(days=days) for days in (400, 200, 100))
_ID = sql.Statement(
    "of_phone", "select id, scope, person_id from identifier where kind = 'phone' order by scope desc"
)
_OPEN = sql.Statement(
    "open", "select detail from fact_exception where code = 'number_recycled' and state = 'open'"
)


def the_number() -> int:
    return int(sql.fetch(_ID)[-1].id)


def era_id() -> int:
    return int(next(r.id for r in sql.fetch(_ID) if r.scope))


def retire(person: int, at: datetime = ON) -> None:
    eras.retire(person, identifier_id=the_number(), at=at, reason="新机主接的", actor=SYSTEM)


def redecide() -> list[int]:
    """What the river's parting does first. Returns facts that would be somebody else's."""
    retold: list[int] = []
    for one in people.unparted():
        retold += regroup_without(one.person_ids, actor=SYSTEM).retold
    return retold


def test_before_it_is_the_old_ones_and_after_it_the_new_ones() -> None:
    card = new()
    old = meet(card, NUMBER, at=BEFORE)
    retire(old)
    assert canonical(meet(NUMBER, at=BEFORE + timedelta(days=1))) == [old], "told late, it happened before"
    someone = meet(NUMBER, at=AFTER)
    assert canonical(someone) != [old]
    assert canonical(meet(NUMBER, new(), at=AFTER + timedelta(days=1))) == [someone]
    assert canonical(meet(card, at=AFTER)) == [old]


def test_two_who_had_it_one_after_the_other_never_join() -> None:
    old = meet(new(), NUMBER, at=BEFORE)
    retire(old)
    someone = meet(new(), NUMBER, at=AFTER)
    assert canonical(old, someone) == [old, someone]
    again = meet(new(), NUMBER, at=BEFORE)
    assert canonical(again) == [old], "late, of the old one's time"
    assert canonical(old, someone) == [old, someone]


def test_what_was_told_since_is_decided_anew() -> None:
    old, mine = meet(new(), NUMBER, at=BEFORE), new()
    wrongly = meet(mine, NUMBER, at=AFTER)
    assert canonical(wrongly) == [old], "taken for the same, as long as nobody said otherwise"
    retire(old)
    redecide()
    assert canonical(old, wrongly) == [old, wrongly]
    assert canonical(meet(NUMBER, at=AFTER)) == [wrongly]


def test_it_can_be_taken_back() -> None:
    old, mine = meet(new(), NUMBER, at=BEFORE), new()
    someone = meet(mine, NUMBER, at=AFTER)
    retire(old)
    redecide()
    assert canonical(someone) == [someone]
    with pytest.raises(NotFound):
        eras.give_back(old, identifier_id=the_number(), reason="不是", actor=SYSTEM)
    eras.give_back(old, identifier_id=era_id(), reason="一直是她", actor=SYSTEM)
    redecide()
    assert canonical(someone) == [old], "one again, by the same evidence"
    assert [r.scope for r in sql.fetch(_ID)] == [""]
    assert canonical(meet(NUMBER, at=AFTER)) == [old]


def test_it_changes_hands_twice_and_goes_back_in_order() -> None:
    first = meet(new(), NUMBER, at=BEFORE)
    retire(first, ON)
    second = meet(NUMBER, new(), at=ON + timedelta(days=5))
    eras.retire(second, identifier_id=the_number(), at=AFTER, reason="又换了", actor=SYSTEM)
    third = meet(NUMBER, at=clock.now())
    times = (BEFORE, ON + timedelta(days=9), clock.now())
    assert [canonical(meet(NUMBER, at=at)) for at in times] == [[first], [second], [third]]
    with pytest.raises(Refused, match="后来又换过一次人"):
        eras.give_back(first, identifier_id=era_id_of(first), reason="x", actor=SYSTEM)


def era_id_of(person: int) -> int:
    return int(next(r.id for r in sql.fetch(_ID) if r.scope and r.person_id == person))


def test_why_says_until_when_and_a_rehearsal_knows_it() -> None:
    one, other = meet(new(), NUMBER, at=BEFORE), meet(new(), NUMBER, at=BEFORE)
    retire(one)
    someone = meet(new(), NUMBER, at=AFTER)
    (step,) = people.why(one, other)
    assert "之后换了人用" in step.sentence and ON.date().isoformat()[:7] in step.sentence
    done = rehearse(live.now(), ruleset.delivered())
    assert done.affected == [], "by the same rules all stays as it is"
    assert canonical(one, other, someone) == [one, one, someone]


def test_who_gave_it_up_is_not_called_on_it() -> None:
    old = meet(new(), NUMBER, at=BEFORE)
    number = the_number()
    retire(old)
    with pytest.raises(NotFound):
        people.reveal_contact(SYSTEM, old, number)
    decided = people.may_send([old], channel="call", purpose="service", at=clock.now())[old]
    assert decided.code == "no_contact"


@pytest.mark.parametrize(
    ("at", "reason", "why"),
    [
        (clock.now() + timedelta(days=2), "换了", "今天或更早"),
        (BEFORE - timedelta(days=9), "换了", "还没有登记过"),
        (ON, " ", "请写明为什么"),
    ],
)
def test_what_cannot_be_said(at: datetime, reason: str, why: str) -> None:
    old = meet(new(), NUMBER, at=BEFORE)
    with pytest.raises(Refused, match=why):
        eras.retire(old, identifier_id=the_number(), at=at, reason=reason, actor=SYSTEM)
    assert canonical(meet(NUMBER, at=AFTER)) == [old]


@pytest.fixture
def asks_after_a_year() -> Any:
    body = ruleset.delivered().body()
    rows = [row | ({"quiet_days": 250} if row["kind"] == "phone" else {}) for row in body["kinds"]]
    people.identity_rules.save_draft(body | {"kinds": rows}, actor=SYSTEM)
    people.identity_rules.put_live(reason="换号的多", actor=SYSTEM)
    yield
    live.adopt(ruleset.FIRST)


def test_silent_for_long_and_then_anothers_waits_for_a_human(asks_after_a_year: None) -> None:
    card, other = new(), new()
    old, known = meet(card, NUMBER, at=BEFORE), meet(other, at=BEFORE)
    assert canonical(meet(other, NUMBER, at=AFTER)) == [known], "the card says who it is"
    someone = meet(new(), NUMBER, at=AFTER)
    assert canonical(old, known, someone) == [old, known, someone]
    assert len(sql.fetch(_OPEN)) == 1, "one question for a number"
    assert canonical(meet(NUMBER, at=AFTER)) == [old], "alone it contradicts nobody"


def test_who_comes_in_between_is_joined_as_ever(asks_after_a_year: None) -> None:
    old = meet(new(), NUMBER, at=BEFORE)
    meet(NUMBER, at=AFTER - timedelta(days=10))
    assert canonical(meet(new(), NUMBER, at=AFTER)) == [old]
    assert sql.fetch(_OPEN) == []


def test_the_erased_do_not_come_back_by_their_time_of_a_number() -> None:
    from huoshui.people.identity import erasing

    old = meet(new(), NUMBER, at=BEFORE)
    retire(old)
    someone = meet(NUMBER, at=AFTER)
    erasing.suppress(sorted(erasing.marks_of([old])), [1] * len(erasing.marks_of([old])))
    erasing.forget([old], [1])
    late = meet_or_nobody(NUMBER, at=BEFORE + timedelta(days=1))
    assert late is None, "nobody's, and never the new one's"
    assert canonical(meet(NUMBER, at=AFTER)) == [someone]


def meet_or_nobody(*carried: tuple[str, str], at: datetime) -> int | None:
    from huoshui.people.identity.tests.meeting import meet_all

    (person,) = meet_all([carried], at=at)
    return person
