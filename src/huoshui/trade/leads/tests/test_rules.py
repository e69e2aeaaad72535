"""Whose a lead is next, and what may become of it: no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from huoshui.trade.leads import rules, terms
from huoshui.trade.leads.rules import House, Verdict, Wanted
from huoshui.trade.leads.terms import HOUSE, Terms
from huoshui.trade.leads.types import BadLeadRules, Event, LeadGone, State

HQ, EAST, WEST = 1, 2, 3
A, B, C = 11, 12, 13
STORE = 21
HOUSES = (House(A, (A, EAST, HQ)), House(B, (B, EAST, HQ)), House(C, (C, WEST, HQ)))
NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)


def one(wanted: Wanted, *houses: House, by: Terms = HOUSE) -> Verdict:
    (verdict,) = rules.give_out([wanted], houses or HOUSES, by, regions=frozenset({EAST, WEST}))
    return verdict


def test_territory_is_by_the_tree_then_by_district_then_everybodys() -> None:
    assert one(Wanted(1, unit_path=(STORE, C, WEST, HQ))).dealer_id == C
    assert {c.dealer_id for c in one(Wanted(1, unit_path=(EAST, HQ))).candidates} == {A, B}
    by = replace(HOUSE, areas={"杭州": (B,), "杭州西湖": (C,)})
    assert one(Wanted(1, district="杭州西湖区文三路"), by=by).dealer_id == C
    assert one(Wanted(1, district="杭州滨江"), by=by).dealer_id == B
    assert len(one(Wanted(1, district="宁波"), by=by).candidates) == 3


def test_a_living_bond_wins_before_area_and_room() -> None:
    full = House(C, (C, WEST, HQ), in_hand=99)
    verdict = one(Wanted(1, unit_path=(EAST, HQ), bond_dealer_id=C), *HOUSES[:2], full)
    assert (verdict.dealer_id, verdict.candidates[0].said) == (C, (("bond", 1000),))
    assert (
        one(Wanted(1, unit_path=(EAST, HQ), bond_dealer_id=C), by=replace(HOUSE, bond_wins=False)).dealer_id
        == A
    )
    bounced = Wanted(1, unit_path=(EAST, HQ), bond_dealer_id=C, tried=frozenset({C}))
    assert one(bounced).dealer_id == A


def test_each_turn_is_fair_and_sees_the_one_before() -> None:
    got = rules.give_out([Wanted(n) for n in range(9)], HOUSES, HOUSE, regions=frozenset())
    assert [sum(v.dealer_id == d for v in got) for d in (A, B, C)] == [3, 3, 3]


def test_who_wins_more_comes_first_and_who_has_had_none_is_not_last() -> None:
    by = replace(HOUSE, weight_fair=0, weight_room=0)
    good, bad, new = House(A, (A,), won=8, closed=10), House(B, (B,), won=1, closed=10), House(C, (C,))
    points = {c.dealer_id: c.points for c in one(Wanted(1), bad, new, good, by=by).candidates}
    assert points[A] > points[C] > points[B]


def test_nobody_is_given_more_than_he_can_hold_or_what_he_refused() -> None:
    full = replace(HOUSE, capacity=1)
    got = rules.give_out([Wanted(n) for n in range(4)], HOUSES, full, regions=frozenset({EAST}))
    assert [v.dealer_id for v in got] == [A, B, C, None]
    assert got[3].because == "full" and all(c.is_out and c.said[0][0] == "full" for c in got[3].candidates)
    assert one(Wanted(1, tried=frozenset({A, B}))).dealer_id == C


def test_what_nobody_takes_goes_to_the_desk_of_its_region() -> None:
    tired = Wanted(1, unit_path=(STORE, C, WEST, HQ), tried=frozenset({A, B, C}), tries=3)
    assert one(tired)[1:] == (None, (), "tries", WEST)
    assert one(Wanted(1, unit_path=(C, WEST, HQ), tried=frozenset({C})))[3:] == ("full", WEST)
    assert rules.give_out([Wanted(1)], (), HOUSE, regions=frozenset())[0].because == "area"


def event(kind: str, **more: object) -> Event:
    return Event(kind, "staff:1", NOON, 1, **more)  # type: ignore[arg-type]  # fields by name


def test_a_lead_has_one_holder_and_closes_once() -> None:
    until = NOON + timedelta(hours=1)
    start = [
        event("made"),
        event("offered", dealer_id=A, until=until),
        event("accepted", dealer_id=A, stage="量房"),
    ]
    held = rules.replay(start)
    assert held == State("held", A, stage="量房", held_at=NOON, tries=1, no=3)
    for wrong in (
        event("lost", dealer_id=B, reason="x"),
        event("offered", dealer_id=B, until=until),
        event("made"),
    ):
        with pytest.raises(LeadGone):
            rules.applied(held, wrong)
    won = rules.applied(held, event("won", dealer_id=A, stage="成交", order_id=5))
    for again in ("won", "lost", "recalled", "bounced"):
        with pytest.raises(LeadGone):
            rules.applied(won, event(again, dealer_id=A, reason="x"))
    late = event("accepted", dealer_id=A)._replace(at=until + timedelta(seconds=1))
    with pytest.raises(LeadGone):
        rules.applied(rules.replay(start[:2]), late)
    assert rules.replay([*start, event("recalled", dealer_id=A, reason="x")]) == State("new", no=4)


def test_a_fee_is_capped_and_shares_sum_to_the_whole() -> None:
    assert [rules.fee(n, permille=50, cap=1_000) for n in (-5, 10_000, 30_000)] == [0, 500, 1_000]
    assert rules.fee(30_000, permille=50, cap=0) == 1_500
    assert rules.shared(1_001, [333, 333, 334]) == [333, 333, 335]


@pytest.mark.parametrize(
    "wrong",
    [
        {"accept_minutes": 1},
        {"fee_permille": 1_001},
        {"bond_wins": 1},
        {"stages": ["量房"]},
        {"stages": ["量房", "量房"]},
        {"won_stage": "没有的"},
        {"areas": {"杭州": []}},
        {"scan_kinds": ["none"]},
        {"distance": 1},
    ],
)
def test_rules_that_say_nothing_sensible_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadLeadRules):
        terms.checked(wrong)


def test_rules_are_kept_as_they_are_read() -> None:
    by = replace(HOUSE, version=4, areas={"杭州": (A,)}, stages=("测量", "成交"))
    assert terms.read(4, terms.checked(terms.told(by))) == by
