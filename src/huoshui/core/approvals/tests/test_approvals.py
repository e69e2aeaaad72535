"""What one may not do alone waits for another."""

from __future__ import annotations

import psycopg
import pytest

from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.approvals import api as approvals
from huoshui.core.approvals.api import AlreadyDecided, Approval, SecondPersonNeeded
from huoshui.core.errors import NotFound

pytestmark = pytest.mark.django_db

LI = Actor("staff", 1, "李", frozenset({"manager"}))
WANG = Actor("staff", 2, "王", frozenset({"operator"}))
TRACES = sql.Statement(
    "traces", "select action, actor from audit_entry where action like 'test.%%' order by id"
)
DEFAULTS = {"manager": 100, "operator": 500, "boss": None}


def asked(key: str = "k", n: int = 7) -> Approval:
    return approvals.ask(
        kind="test", key=key, object_kind="fact", object_id=1, said={"n": n}, reason="要", actor=LI
    )


def test_asked_twice_it_waits_once() -> None:
    assert asked() == asked(n=8)
    assert [(a.said, a.state) for a in approvals.waiting("test")] == [({"n": 7}, "waiting")]
    assert approvals.waiting("other") == []
    assert [tuple(r) for r in sql.fetch(TRACES)] == [("test.asked", "staff:1")]


def test_another_decides_and_once() -> None:
    one = asked()
    with pytest.raises(SecondPersonNeeded):
        approvals.undecided(one.id, kind="test", actor=LI)
    with pytest.raises(NotFound):
        approvals.undecided(one.id, kind="other", actor=WANG)
    closed = approvals.done(approvals.undecided(one.id, kind="test", actor=WANG), fact_id=5, actor=WANG)
    assert (closed.state, closed.decided_by, closed.fact_id) == ("done", "staff:2", 5)
    with pytest.raises(AlreadyDecided):
        approvals.undecided(one.id, kind="test", actor=WANG)
    assert approvals.waiting("test") == []


def test_what_could_not_be_carried_out_waits_again() -> None:
    one = approvals.approve(asked(), actor=WANG)
    assert [a.state for a in approvals.waiting("test")] == ["approved"]
    assert approvals.reopen(one).decided_by is None
    assert (
        approvals.reject(approvals.undecided(one.id, kind="test", actor=WANG), actor=WANG).state == "rejected"
    )


def test_nobody_approves_his_own_whatever_the_code_says() -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        approvals.approve(asked(), actor=LI)


def test_how_much_one_may_do_alone() -> None:
    both = Actor("staff", 3, "赵", frozenset({"manager", "operator", "guide"}))
    assert approvals.alone_upto("test", LI, DEFAULTS) == 100
    assert approvals.alone_upto("test", both, DEFAULTS) == 500
    assert approvals.alone_upto("test", Actor("staff", 4, "孙", frozenset({"guide"})), DEFAULTS) == 0
    assert approvals.alone_upto("test", SYSTEM, DEFAULTS) is None
    approvals.set_limit(kind="test", role="manager", alone_upto=900, actor=WANG)
    approvals.set_limit(kind="test", role="boss", alone_upto=1, actor=WANG)
    assert approvals.limits("test", DEFAULTS) == {"manager": 900, "operator": 500, "boss": 1}
    assert approvals.alone_upto("test", both, DEFAULTS) == 900
    assert approvals.alone_upto("other", LI, DEFAULTS) == 100
    approvals.set_limit(kind="test", role="manager", alone_upto=None, actor=WANG)
    assert approvals.alone_upto("test", LI, DEFAULTS) is None
