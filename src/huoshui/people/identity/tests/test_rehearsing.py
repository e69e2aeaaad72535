"""A rehearsal says what would happen: held against going live, and against telling everything anew; nothing is written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.core.actor import SYSTEM
from huoshui.core.tests.ground import number, rolled_back
from huoshui.people import api as people
from huoshui.people.identity import rehearsing, ruleset
from huoshui.people.identity.judging import different, judge
from huoshui.people.identity.tests.meeting import canonical, everything, meet, meet_all, new
from huoshui.people.identity.tests.test_ruleset import changed
from huoshui.people.identity.undoing import regroup_without

pytestmark = pytest.mark.django_db

REPEATED = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FIRST = ruleset.delivered()


def rehearse(**of: Any) -> rehearsing.Rehearsed:
    before = everything()
    done = rehearsing.rehearse(FIRST, ruleset.read(changed(**of), version=2))
    assert everything() == before
    return done


def counts(done: rehearsing.Rehearsed) -> tuple[int, int]:
    told = rehearsing.counts(done)
    return told["joined"], told["split"]


def test_the_same_rules_change_nobody() -> None:
    phone = new("phone")
    meet(phone, new())
    meet(phone, new())
    done = rehearse()
    assert (done.affected, done.looked_at, done.persons) == ([], 0, 2)


def test_what_is_weak_now_parts_whom_it_joined() -> None:
    phone = new("phone")
    one, other = meet(phone, new()), meet(phone, new())
    done = rehearse(phone={"strength": "weak"})
    (affected,) = done.affected
    assert affected.groups == ([[one, other]], [[one], [other]])
    assert counts(done) == (0, 1)


def test_what_else_holds_them_together_still_does() -> None:
    phone, union = new("phone"), new("unionid")
    one, other = meet(phone, new()), meet(phone, new())
    third = meet(union, new())
    meet(union, phone)
    assert canonical(other, third) == [one, one]
    done = rehearse(card_no={"strength": "weak"})
    assert done.affected == []
    assert counts(rehearse(phone={"strength": "weak"}))[1] == 2


def test_what_is_certain_now_joins() -> None:
    device = new("device_id")
    one, other = meet(device, new()), meet(device, new())
    assert canonical(one, other) == [one, other]
    done = rehearse(device_id={"strength": "certain"})
    (affected,) = done.affected
    assert affected.groups == ([[one], [other]], [[one, other]])
    (made,) = affected.made
    assert (made.person_a, made.person_b) == (one, other)
    assert counts(done) == (1, 0)


def test_a_lower_limit_parts_and_a_higher_one_joins() -> None:
    phone = new("phone")
    few = [meet(phone, new()) for _ in range(4)]
    done = rehearse(phone={"most_people": 3})
    assert counts(done) == (0, 3) and len(done.guarded) == 1
    many = new("phone")
    for _ in range(9):
        meet(many, new())
    done = rehearse(phone={"most_people": 10})
    assert counts(done) == (8, 0) and len(done.released) == 1
    assert few[0] == canonical(*few)[3]


def test_a_blocked_number_joins_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    card = ("card_no", f"shop-{number()}")
    one, other = meet(card, new("phone")), meet(card, new("phone"))
    assert canonical(other) == [one]
    body = changed()
    body["blocked"]["card_no"] = ["SHOP-*"]
    done = rehearsing.rehearse(FIRST, ruleset.read(body, version=2))
    assert counts(done) == (0, 1)
    body["blocked"]["card_no"] = ["SHIP-*"]
    assert rehearsing.rehearse(FIRST, ruleset.read(body, version=2)).affected == []


KEYS = st.tuples(st.sampled_from(["phone", "card_no", "device_id", "openid", "unionid"]), st.integers(0, 4))
HISTORIES = st.lists(
    st.lists(KEYS, min_size=1, max_size=3, unique_by=lambda k: k[0]), min_size=1, max_size=14
)


@REPEATED
@given(HISTORIES)
def test_what_is_left_out_would_not_have_changed(history: list[list[tuple[str, int]]]) -> None:
    """The arrays leave out only whom no change can touch: judged all together, as one, it comes to the same."""
    with rolled_back():
        run = number()
        meet_all([[(kind, f"{kind}{key}-{run}") for kind, key in fact] for fact in history])
        for change in (
            {"phone": {"strength": "weak"}},
            {"device_id": {"strength": "certain"}, "card_no": {"most_of_person": 1}},
            {"phone": {"most_people": 2}, "openid": {"strength": "hint"}},
        ):
            by = ruleset.read(changed(**change), version=2)
            done = rehearsing.rehearse(FIRST, by)
            base = rehearsing.read_base()
            told = rehearsing.whole(base)
            before, after = judge(told, FIRST), judge(told, by)
            everyone = {o.person_id for o in told.owned.values()}
            groups = different(everyone, before, after)
            assert sorted(g for a in done.affected for g in a.groups.before) == groups.before
            assert sorted(g for a in done.affected for g in a.groups.after) == groups.after
            assert canonical(*sorted(everyone)) == [before.find(p) for p in sorted(everyone)]


def test_a_crowd_that_the_worker_parted_is_not_joined_by_the_next_rules() -> None:
    """Two phones of one crowd, each of which joined few: a rehearsal says of them what the worker does."""
    phones, cards = [new("phone"), new("phone")], [new() for _ in range(8)]
    met = [meet(card, phones[n % 2]) for n, card in enumerate(cards)]
    met += [meet(card, phones[(n + 1) % 2]) for n, card in enumerate(cards)]
    assert len(set(canonical(*met))) == 1
    told = rehearsing.whole(rehearsing.read_base())
    judged = judge(told, FIRST)
    assert len(judged.guarded) == 2 and len({judged.find(p) for p in met}) == 8
    assert people.guard_crowds() == 2
    regroup_without(met, actor=SYSTEM)
    assert len(set(canonical(*met))) == 8 and people.guard_crowds() == 0
    assert rehearse(email={"strength": "weak"}).affected == []
    assert counts(rehearse(phone={"most_people": 20})) == (7, 0)
