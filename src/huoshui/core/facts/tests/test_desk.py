"""The desk of what could not be had: who sees it, who acts, and that the same is done once."""

from __future__ import annotations

import json

import pytest

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.facts import api as facts
from huoshui.core.facts import desk
from huoshui.core.tests.ground import SKU, STORE, a_source, clean_tables, receive, refund, sale, settle

__all__ = ["clean_tables"]

pytestmark = pytest.mark.django_db

TRACES = sql.Statement("traces", "select actor, action, object_id, detail from audit_entry order by id")


def staff(role: str) -> Actor:
    return Actor("staff", 3, role, frozenset({role}))


OPERATOR = staff("operator")


@pytest.fixture
def raised() -> list[int]:
    """Facts with three exceptions of two codes."""
    ids = receive([sale("a"), sale("b"), refund("c", of="z")], a_source()).fact_ids
    settle(ids[:2])
    facts.mark_waiting(ids[2:], "parent")
    facts.raise_exceptions(
        [
            (ids[0], None, "points_short", {"short": 3}),
            (ids[1], 1, "points_short", {}),
            (ids[2], None, "parent_unknown", {}),
        ]
    )
    return ids


def test_counted_by_code_and_listed_newest_first(raised: list[int]) -> None:
    assert [(k.code, k.cases) for k in desk.kinds(OPERATOR)] == [("points_short", 2), ("parent_unknown", 1)]
    found = desk.cases(OPERATOR)
    assert [c.fact_id for c in found] == raised[::-1]
    assert (found[0].fact_state, found[0].parent_key) == ("waiting", "z")
    assert (found[2].fact_state, found[2].org_unit_id, found[2].detail) == ("settled", STORE, {"short": 3})
    assert [c.fact_id for c in desk.cases(OPERATOR, code="points_short")] == [raised[1], raised[0]]


def test_pages_meet_without_a_gap(raised: list[int]) -> None:
    first = desk.cases(OPERATOR, limit=2)
    assert [*first, *desk.cases(OPERATOR, before=first[-1].id)] == desk.cases(OPERATOR)


def test_mending_needs_a_reason_leaves_a_trace_and_is_done_once(raised: list[int]) -> None:
    that = desk.cases(OPERATOR, code="parent_unknown")[0]
    with pytest.raises(desk.ReasonMissing):
        desk.mend(that.id, reason="  ", actor=OPERATOR)
    desk.mend(that.id, reason=" 原单在旧系统里 ", actor=OPERATOR)
    assert [k.code for k in desk.kinds(OPERATOR)] == ["points_short"]
    (trace,) = sql.fetch(TRACES)
    assert (trace.actor, trace.action, trace.object_id) == ("staff:3", "exception.mended", that.id)
    kept = json.loads(trace.detail)
    assert (kept["reason"], kept["code"], kept["fact_id"]) == ("原单在旧系统里", that.code, that.fact_id)
    with pytest.raises(desk.AlreadyMended):
        desk.mend(that.id, reason="再来一次", actor=OPERATOR)
    assert len(sql.fetch(TRACES)) == 1


def test_an_auditor_looks_and_does_not_act(raised: list[int]) -> None:
    auditor = staff("auditor")
    that = desk.cases(auditor)[0]
    with pytest.raises(NotFound):
        desk.mend(that.id, reason="看过了", actor=auditor)
    assert len(desk.cases(auditor)) == 3


@pytest.mark.parametrize("role", ["guide", "manager", "dealer", "analyst", "privacy_officer"])
def test_others_find_nothing_there(raised: list[int], role: str) -> None:
    actor = staff(role)
    for look in (
        lambda: desk.kinds(actor),
        lambda: desk.cases(actor),
        lambda: desk.case(actor, desk.cases(OPERATOR)[0].id),
        lambda: desk.mend(desk.cases(OPERATOR)[0].id, reason="x", actor=actor),
    ):
        with pytest.raises(NotFound):
            look()


def test_what_is_not_there_is_not_found(raised: list[int]) -> None:
    with pytest.raises(NotFound):
        desk.case(OPERATOR, 10**15)


def test_where_the_goods_of_an_order_left_from(raised: list[int]) -> None:
    assert desk.place_of(raised[0]) == (STORE, False, [SKU])
    assert desk.place_of(10**15) is None


def test_one_that_settles_when_tried_again_is_mended(raised: list[int]) -> None:
    that = desk.cases(OPERATOR, code="parent_unknown")[0]
    assert not desk.retried(that.id, actor=OPERATOR)
    assert desk.case(OPERATOR, that.id).state == "open"
    settle(raised[2:])
    assert desk.retried(that.id, actor=OPERATOR)
    assert desk.case(OPERATOR, that.id).state == "mended"
    told = [(s.action, s.who, s.said) for s in desk.trail(OPERATOR, that.id)]
    assert told == [
        ("exception.retried", "operator", "waiting"),
        ("exception.retried", "operator", "settled"),
    ]


def test_whoever_may_not_act_cannot_say_it_was_tried(raised: list[int]) -> None:
    that = desk.cases(OPERATOR)[0]
    with pytest.raises(NotFound):
        desk.retried(that.id, actor=staff("auditor"))
    assert desk.trail(OPERATOR, that.id) == []
