"""What was claimed, came out and was noticed follows whoever it turns out to be of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.facts import withdrawn
from huoshui.core.tests.ground import clean_tables, statements
from huoshui.intake.devices import api as devices
from huoshui.intake.devices import following, jobs
from huoshui.intake.devices.tests.conftest import NOW, Machine, Register, body, days_ago
from huoshui.intake.devices.tests.test_samples import claim, out
from huoshui.intake.devices.tests.test_trends import rule
from huoshui.intake.river import api as river
from huoshui.people import api as people

__all__ = ["clean_tables"]

pytestmark = pytest.mark.django_db(transaction=True)

_HERE = sql.Statement("here", "select pg_current_xact_id()::text as xid")
SHARED = "15912340001"
CODES = sql.Statement(
    "codes",
    "select c.code, claim.person_id as claimed_by, sample.person_id as given_to, c.is_followed from sample_code c"
    " left join settlement claim on claim.fact_id = c.claim_fact_id"
    " left join settlement sample on sample.fact_id = c.out_fact_id order by c.code",
)
PHONE = sql.Statement("phone", "select id, person_id from identifier where kind = 'phone'")
WEEK = timedelta(days=7, minutes=1)


@pytest.fixture
def here(clean_tables: None, register: Register, monkeypatch: pytest.MonkeyPatch) -> Register:
    """No rules but the test's own, and nobody waits for transactions of others on this server."""
    monkeypatch.setattr("huoshui.core.facts.reads.horizon", lambda: int(sql.fetch_one(_HERE).xid))
    sql.run(sql.Statement("none", "update trend_rule set is_on = false"))
    return register


def known_as(*identifiers: tuple[str, str]) -> int:
    source = facts.ensure_source(name="test", label="test", mode="live")
    key = "who:" + ":".join(value for _, value in identifiers)
    item = river.Item(name="Identify", client_key=key, occurred_at=NOW, identifiers=identifiers)
    river.submit([item], source=source, actor=SYSTEM)
    return holder(identifiers[0][1])


def holder(card: str) -> int:
    row = sql.fetch_one(sql.Statement("of", "select person_id from identifier where key = %(key)s"), key=card)
    return people.canonical_ids([row.person_id])[row.person_id]


HUSBAND = {"person": {"account": "husband", "scope": "shop"}}
WIFE = {"person": {"card_no": "wife"}}


def parted() -> None:
    """The phone turns out to be of two."""
    (phone,) = sql.fetch(PHONE)
    people.refresh_cards()
    people.say_shared(SYSTEM, phone.person_id, identifier_id=phone.id, reason="夫妻共用")
    assert river.part_shared() == 1
    people.refresh_cards()


def couple() -> int:
    """Two under one phone, taken for one."""
    wife = known_as(("card_no", "wife"), ("phone", SHARED))
    assert known_as(("account@shop", "husband"), ("phone", SHARED)) == wife
    return wife


def dispensed(machine: Machine, *whose: dict[str, Any]) -> list[str]:
    sample = devices.add_sample(name="小样", follow_up_days=7, actor=SYSTEM)
    codes = devices.make_codes(sample, count=len(whose), actor=SYSTEM)
    for code, who in zip(codes, whose, strict=True):
        told = claim(code, f"c{code}") | who
        assert {v.status for v in machine.tell(told, out(code, f"o{code}"))} == {"accepted"}
    return codes


def asked() -> list[tuple[str, int]]:
    return sorted((n.state, n.person_id) for n in devices.notices(SYSTEM))


def test_a_sample_and_the_question_after_it_go_to_whoever_claimed_it(here: Register) -> None:
    with time_machine.travel(NOW, tick=False):
        wife = couple()
        first, second = dispensed(here(devices.DISPENSER), WIFE, HUSBAND)
    with time_machine.travel(NOW + WEEK, tick=False):
        devices.tend()
        assert asked() == [("open", wife), ("open", wife)]
        parted()
        husband = holder("husband")
        assert husband != wife
        devices.tend()
        told = {r.code: (r.claimed_by, r.given_to, r.is_followed) for r in sql.fetch(CODES)}
        assert told == {first: (wife, wife, True), second: (husband, husband, True)}
        assert asked() == sorted([("open", wife), ("open", husband)])
        assert [f.name for f in devices.facts_of(SYSTEM, husband)].count("Sample Dispensed") == 1
        assert [f.name for f in devices.facts_of(SYSTEM, wife)].count("Sample Follow Up Due") == 1
        devices.tend()
        assert len(asked()) == 2, "once"


def test_before_anybody_asked_the_new_one_is_asked_and_no_other(here: Register) -> None:
    with time_machine.travel(NOW, tick=False):
        wife = couple()
        dispensed(here(devices.DISPENSER), HUSBAND)
        parted()
        jobs.notice()
    with time_machine.travel(NOW + WEEK, tick=False):
        devices.tend()
        assert asked() == [("open", holder("husband"))] != [("open", wife)]


def test_a_claim_that_is_nobodys_any_more_asks_nobody(here: Register) -> None:
    with time_machine.travel(NOW, tick=False):
        couple()
        dispensed(here(devices.DISPENSER), WIFE)
    with time_machine.travel(NOW + WEEK, tick=False):
        devices.tend()
        assert len(asked()) == 1
        _tell_again([r.claim_fact_id for r in sql.fetch(sql.Statement("ids", _NEWEST), n=1)], None)
        devices.tend()
        (row,) = sql.fetch(CODES)
        assert (row.claimed_by, row.given_to, asked()) == (None, None, [])


def fat(day: float, percent: float, **more: Any) -> dict[str, Any]:
    return body(days_ago(day), f"d{day}", body_fat_percent=percent, weight_kg=60) | more


def test_a_trend_of_readings_told_again_is_of_whoever_they_are_of(here: Register) -> None:
    with time_machine.travel(NOW, tick=False):
        wife = couple()
        rule()
        who = HUSBAND | {"consent": "v1"}
        told = here().tell(*(fat(d, p, **who) for d, p in ((13, 24.0), (8, 24.4), (4, 25.1), (0, 26.1))))
        assert {v.status for v in told} == {"accepted"}
        devices.tend()
        assert asked() == [("open", wife)]
        parted()
        devices.tend()
        assert asked() == [("open", holder("husband"))]
        assert "Trend Noticed" not in [f.name for f in devices.facts_of(SYSTEM, wife)]
        devices.tend()
        assert len(asked()) == 1


def test_a_trend_told_of_two_taken_for_one_is_theirs_whose_readings_these_are(here: Register) -> None:
    with time_machine.travel(NOW, tick=False):
        anna, bert = known_as(("card_no", "anna")), known_as(("card_no", "bert"))
        rule()
        scale = here()
        devices.give(scale.id, person_id=bert, notice_version="v1", since=days_ago(30), actor=SYSTEM)
        link = people.merge(person_a=anna, person_b=bert, reason="同一个人", actor=SYSTEM)
        scale.tell(fat(13, 24.0), fat(8, 24.4), fat(4, 25.1), fat(0, 26.1))
        devices.tend()
        (before,) = devices.notices(SYSTEM)
        assert before.person_id == anna
        people.unmerge(link_id=link, reason="是两个人", actor=SYSTEM)
        devices.tend()
        (after,) = devices.notices(SYSTEM)
        assert after.person_id == bert and after.said["cause"] == before.said["cause"]
        devices.close_notice(after.fact_id, actor=SYSTEM)
        # Made one again: what was done stays done
        people.merge(person_a=anna, person_b=bert, reason="还是同一个人", actor=SYSTEM)
        devices.tend()
        assert devices.notices(SYSTEM) == [] and len(devices.notices(SYSTEM, state="done")) == 1


def test_twice_as_many_ask_no_more(here: Register) -> None:
    def cost(n: int) -> int:
        dispensed(machine, *[HUSBAND] * n)
        with time_machine.travel(NOW + WEEK, tick=False):
            devices.tend()
        ids = [r.claim_fact_id for r in sql.fetch(sql.Statement("ids", _NEWEST), n=n)]
        _tell_again(ids, other)
        return statements(following.follow)

    with time_machine.travel(NOW, tick=False):
        couple()
        other = known_as(("card_no", "other"))
        machine = here(devices.DISPENSER)
        cost(1)
        assert cost(3) == cost(6)


_NEWEST = "select claim_fact_id from sample_code order by claim_fact_id desc limit %(n)s::int"


def _tell_again(ids: list[int], other: int | None) -> None:
    """As somebody else's, or nobody's."""
    with transaction.atomic():
        by = withdrawn.reverse_others(-7, ids)
        withdrawn.withdraw(-7, [(fact_id, by[fact_id], True) for fact_id in ids])
        told = withdrawn.retell(ids)
        facts.mark_settled(told, {} if other is None else dict.fromkeys(told, other))
