"""Rules are drafted, rehearsed and put live; what they change of the past is made up for, and can be had back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.tests.ground import number, rolled_back
from huoshui.people import api as people
from huoshui.people.identity import live, rehearsing, ruleset, ruling
from huoshui.people.identity.tests.meeting import canonical, clusters, everything, meet, meet_all, new
from huoshui.people.identity.tests.test_rehearsing import HISTORIES
from huoshui.people.identity.tests.test_ruleset import changed

pytestmark = pytest.mark.django_db

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
OPERATOR = Actor("staff", 3, "小李", frozenset({"operator"}))
GUIDE = Actor("staff", 4, "导购", frozenset({"guide"}), frozenset({7}))
REPEATED = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_WAITING = sql.Statement("waiting", "select id from identity_rehearsal where state = 'waiting' order by id")


@pytest.fixture(autouse=True)
def _as_delivered() -> Any:
    yield
    live.adopt(ruleset.FIRST)


def put(body: dict[str, Any], *, actor: Actor = BOSS) -> int:
    """Drafted, live, and carried out as the worker would."""
    ruling.save_draft(body, actor=actor)
    version = ruling.put_live(reason="门店平板", actor=actor)
    for row in sql.fetch(_WAITING):
        ruling.carry_out(row.id)
    return version


def raised() -> list[str]:
    return [r.code for r in sql.fetch(sql.Statement("codes", "select code from fact_exception order by id"))]


class TestGoingLive:
    def test_what_is_weak_now_parts_whom_it_had_joined_and_joins_nobody_any_more(self) -> None:
        phone, card = new("phone"), new()
        one, other = meet(phone, new()), meet(phone, card)
        assert canonical(other) == [one]
        assert put(changed(phone={"strength": "weak"})) == 2
        assert canonical(one, other) == [one, other]
        third = meet(phone, new())
        assert canonical(one, other, third) == [one, other, third]
        assert meet(phone) == one and meet(card) == other

    def test_back_to_the_first_rules_all_are_one_again(self) -> None:
        phone = new("phone")
        found = [meet(phone, new()) for _ in range(3)]
        put(changed(phone={"strength": "weak"}))
        later = meet(phone, new())
        assert put(changed()) == 3
        assert canonical(*found, later) == [found[0]] * 4
        assert len(people.why(found[2], later)) >= 1

    def test_what_is_certain_now_joins_by_what_was_told_before(self) -> None:
        device = new("device_id")
        one, other = meet(device, new()), meet(device, new())
        put(changed(device_id={"strength": "certain"}))
        assert canonical(other) == [one]
        (evidence,) = people.why(one, other)
        assert evidence.rule == "same_fact" and "设备" in evidence.sentence

    def test_a_lower_limit_guards_parts_and_asks_somebody_to_look(self) -> None:
        phone = new("phone")
        found = [meet(phone, new()) for _ in range(3)]
        put(changed(phone={"most_people": 2}))
        assert canonical(*found) == found
        assert raised() == ["shared_identifier"]
        last = meet(phone, new())
        assert canonical(last) == [last]
        put(changed())
        assert canonical(*found, last) == [found[0]] * 4

    def test_a_blocked_value_names_nobody_from_every_door(self) -> None:
        card = ("card_no", f"SHOP-{number()}")
        one, other = meet(card, new("phone")), meet(card, new("phone"))
        body = changed()
        body["blocked"]["card_no"] = ["SHOP-*"]
        put(body)
        assert canonical(one, other) == [one, other]
        live.adopt(ruleset.FIRST)  # a process that has not heard of it yet
        assert not people.is_blocked("card_no", "SHOP-NEW")
        assert meet_all([[("card_no", "SHOP-NEW")]]) == [None]
        assert people.is_blocked("card_no", "SHOP-NEW")
        assert meet_all([[card]]) == [None]
        put(changed())
        assert canonical(other) == [one]

    def test_whom_somebody_parted_no_rules_join(self) -> None:
        phone = new("phone")
        one, other, third = (meet(phone, new()) for _ in range(3))
        (evidence,) = people.why(one, other)
        people.unmerge(link_id=evidence.link_id, reason="是两个人", actor=OPERATOR)
        put(changed(phone={"strength": "weak"}))
        put(changed())
        assert canonical(one, third) == [one, one]
        assert canonical(other) == [other]

    def test_whom_somebody_joined_no_rules_part(self) -> None:
        phone = new("phone")
        one, other = meet(phone, new()), meet(phone, new())
        third = meet(new())
        people.merge(person_a=one, person_b=third, reason="本人说的", actor=OPERATOR)
        put(changed(phone={"strength": "weak"}))
        assert canonical(one, other, third) == [one, other, one]

    def test_too_many_of_one_kind_are_shown_and_not_joined(self) -> None:
        put(changed(member_no={"most_of_person": 1}))
        phone = new("phone")
        one, other = meet(phone, new("member_no")), meet(phone, new("member_no"))
        assert canonical(one, other) == [one, other]
        assert raised() == ["too_many_of_one"]

    def test_once_carried_out_again_changes_nothing(self) -> None:
        phone = new("phone")
        meet(phone, new())
        meet(phone, new())
        put(changed(phone={"strength": "weak"}))
        before, after = everything(), ruling.latest(BOSS, is_live=True)
        assert after is not None
        ruling.carry_out(after.id)
        assert everything() == before


class TestWhoMay:
    def test_a_boss_with_a_reason_and_a_change(self) -> None:
        ruling.save_draft(changed(phone={"most_people": 3}), actor=OPERATOR)
        with pytest.raises(NotFound):
            ruling.put_live(reason="试试", actor=OPERATOR)
        with pytest.raises(Refused, match="请写明"):
            ruling.put_live(reason=" ", actor=BOSS)
        assert live.now().version == 1
        ruling.save_draft(changed(), actor=OPERATOR)
        with pytest.raises(Refused, match="和现行规则一样"):
            ruling.put_live(reason="试试", actor=BOSS)
        with pytest.raises(NotFound):
            ruling.save_draft(changed(), actor=GUIDE)
        with pytest.raises(NotFound):
            ruling.versions(GUIDE)

    def test_one_at_a_time(self) -> None:
        ruling.save_draft(changed(phone={"most_people": 3}), actor=BOSS)
        ruling.put_live(reason="导购手机", actor=BOSS)
        ruling.save_draft(changed(phone={"most_people": 4}), actor=BOSS)
        with pytest.raises(ruling.NotYet):
            ruling.put_live(reason="导购手机", actor=BOSS)

    def test_what_failed_is_made_up_for_by_the_next(self, monkeypatch: pytest.MonkeyPatch) -> None:
        phone = new("phone")
        one, other = meet(phone, new()), meet(phone, new())
        ruling.save_draft(changed(phone={"strength": "weak"}), actor=BOSS)
        ruling.put_live(reason="平板", actor=BOSS)
        (asked,) = sql.fetch(_WAITING)
        with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
            broken.setattr(ruling, "rehearse", lambda old, new: 1 // 0)
            ruling.carry_out(asked.id)
        shown = ruling.latest(BOSS, is_live=True)
        assert shown is not None and shown.state == "failed"
        assert canonical(other) == [one]
        put(changed(phone={"strength": "weak", "most_people": 5}))
        assert canonical(one, other) == [one, other]

    def test_versions_say_who_when_and_why(self) -> None:
        put(changed(phone={"most_people": 3}))
        newest, first = ruling.versions(BOSS)
        assert (newest.version, newest.reason, newest.actor) == (2, "门店平板", "staff:1")
        assert first.version == 1
        (change,) = ruleset.changes(first.rules, newest.rules)
        assert change == ("most_people", "phone", "6", "3")


def test_a_rehearsal_says_what_it_touches_and_leads_to_people() -> None:
    phone = new("phone")
    one, other = meet(phone, new()), meet(phone, new())
    ruling.save_draft(changed(phone={"strength": "weak"}), actor=OPERATOR)
    before = everything()
    told = ruling.carry_out(ruling.ask(actor=OPERATOR))
    assert everything() == before
    assert (told["joined"], told["split"], told["persons"], told["orders"]) == (0, 1, 2, 0)
    (sample,) = told["splits"]
    assert (sample["person_id"], sample["parts"]) == (one, [one, other])
    assert [e["label"] for e in sample["evidence"]] == ["手机号"]
    kept = ruling.latest(OPERATOR, is_live=False)
    assert kept is not None and (kept.state, kept.report) == ("done", told)


def test_rules_are_tried_out_without_being_kept() -> None:
    phone = new("phone")
    meet(phone, new())
    meet(phone, new())
    assert ruling.try_out(changed(phone={"strength": "weak"}))["split"] == 1
    assert ruling.draft(BOSS) is None and ruling.latest(BOSS, is_live=False) is None
    with pytest.raises(ruleset.BadRules):
        ruling.try_out({})


@REPEATED
@given(HISTORIES)
def test_live_is_what_was_rehearsed_and_back_is_where_we_were(history: list[list[tuple[str, int]]]) -> None:
    with rolled_back():
        run = number()
        meet_all([[(kind, f"{kind}{key}-{run}") for kind, key in fact] for fact in history])
        body = changed(phone={"strength": "weak"}, device_id={"strength": "certain", "most_people": 3})
        first = clusters()
        done = rehearsing.rehearse(ruleset.delivered(), ruleset.read(body, version=2))
        put(body)
        for affected in done.affected:
            for group in affected.groups.after:
                assert canonical(*group) == [group[0]] * len(group)
        assert people.cluster_differences() == []
        put(changed())
        assert clusters() == first
    live.adopt(ruleset.FIRST)


class TestLateArrivals:
    def test_an_openid_comes_first_and_the_unionid_months_later(self) -> None:
        openid, union = new("openid"), new("unionid")
        walked_in, known = meet(openid), meet(union, new("phone"))
        assert canonical(walked_in, known) == [walked_in, known]
        assert meet(openid, union) in (walked_in, known)
        assert canonical(walked_in, known) == [walked_in, walked_in]
        (evidence,) = people.why(walked_in, known)
        assert evidence.rule == "same_fact"

    def test_without_the_other_the_unionid_is_the_same_persons(self) -> None:
        openid, union = new("openid"), new("unionid")
        person = meet(openid)
        assert meet(openid, union) == person == meet(union)
        assert SYSTEM.kind == "system"
