"""Ids that WeCom lends for ninety days, and accounts that come months after one another."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.tests.ground import NOON, number
from huoshui.people import api as people
from huoshui.people.identity import sharing
from huoshui.people.identity.actions import unmerge
from huoshui.people.identity.kinds import DELIVERED
from huoshui.people.identity.reads import identifiers
from huoshui.people.identity.ruleset import delivered, read
from huoshui.people.identity.tests.meeting import canonical, meet, meet_all, new
from huoshui.people.identity.undoing import regroup_without

pytestmark = pytest.mark.django_db

START = NOON - timedelta(days=400)
ENDED = sql.Statement(
    "ended", "update identifier set ends_at = now() - interval '1 day' where kind = 'pending_id'"
)


def day(count: int) -> dict[str, object]:
    return {"at": START + timedelta(days=count)}


class TestPending:
    def test_while_it_lives_the_real_id_is_the_same_humans(self) -> None:
        union, pending, real = new("unionid"), new("pending_id"), new("external_userid")
        one = meet(union, pending, **day(0))
        assert meet(pending, real, **day(90)) == one
        assert meet(real, **day(200)) == one

    def test_a_real_id_known_before_is_joined_with_the_evidence_shown(self) -> None:
        union, pending, real = new("unionid"), new("pending_id"), new("external_userid")
        one, other = meet(union, pending, **day(0)), meet(real, **day(1))
        meet(pending, real, **day(60))
        assert canonical(one, other) == [one, one]
        (evidence,) = people.why(one, other)
        unmerge(link_id=evidence.link_id, reason="不是一个人", actor=SYSTEM)
        assert canonical(one, other) == [one, other]

    def test_after_that_it_names_nobody_and_what_comes_with_it_is_anothers(self) -> None:
        union, pending, real = new("unionid"), new("pending_id"), new("external_userid")
        one = meet(union, pending, **day(0))
        assert meet_all([[pending]], **day(91)) == [None]
        assert meet(pending, real, **day(91)) != one
        assert meet(real, **day(92)) != one
        assert meet(union, **day(92)) == one

    def test_it_lives_from_when_it_was_first_seen_not_from_when_that_was_told(self) -> None:
        union, pending, real = new("unionid"), new("pending_id"), new("external_userid")
        one = meet(union, pending, **day(80))
        assert meet_all([[pending]], **day(0)) == [one]
        assert meet(pending, real, **day(160)) != one
        assert meet_all([[pending]], **day(90)) == [one]

    def test_what_happened_while_it_lived_may_be_told_later(self) -> None:
        union, pending, real = new("unionid"), new("pending_id"), new("external_userid")
        one = meet(union, pending, **day(0))
        assert meet_all([[pending]], **day(120)) == [None]
        assert meet(pending, real, **day(30)) == one

    def test_one_nobody_heard_of_lives_from_the_first_fact_that_carries_it(self) -> None:
        pending = new("pending_id")
        one = meet(pending, **day(0))
        assert meet(pending, **day(89)) == one
        assert meet_all([[pending]], **day(91)) == [None]

    def test_a_human_may_be_lent_many_one_after_another(self) -> None:
        """They are no other humans' accounts, and her own id is not taken for one that is shared."""
        union = new("unionid")
        met = {meet(union, new("pending_id"), **day(95 * n)) for n in range(8)}
        assert len(set(canonical(*met))) == 1
        people.guard_crowds()
        assert meet(union, **day(800)) in met

    def test_decided_anew_the_ended_joins_nobody_either(self) -> None:
        union, pending, real = new("unionid"), new("pending_id"), new("external_userid")
        one = meet(union, pending, **day(0))
        other = meet(pending, real, **day(120))
        again = regroup_without([one, other], actor=SYSTEM)
        assert not again.retold and canonical(one, other) == [one, other]

    def test_it_is_shown_as_ended_and_found_no_more(self) -> None:
        pending = new("pending_id")
        one = meet(pending, at=clock.now() - timedelta(days=1))
        (shown,) = identifiers(one, may_reveal=False)
        assert (shown.label, people.find(*pending)) == (DELIVERED["pending_id"].label, one)
        sql.run(ENDED)
        (shown,) = identifiers(one, may_reveal=False)
        assert (shown.label, people.find(*pending)) == (DELIVERED["pending_id"].ended, None)
        assert "过期" in shown.label

    def test_rules_kept_before_there_were_any_are_read(self) -> None:
        body = delivered().body()
        body["kinds"] = [row for row in body["kinds"] if row["kind"] != "pending_id"]
        assert read(body, version=3).kinds["pending_id"] == DELIVERED["pending_id"]


class TestLateArrivals:
    """What joins two may come months after both, whichever was first, and whichever fact is told first."""

    def test_openid_first_and_the_unionid_months_later(self) -> None:
        openid, phone, union = new("openid"), new("phone"), new("unionid")
        visitor = meet(openid, **day(0))
        member = meet(phone, union, **day(30))
        assert canonical(visitor, member) == [visitor, member]
        meet(openid, union, **day(300))
        assert canonical(visitor, member) == [visitor, visitor]
        assert len(people.why(visitor, member)) == 1

    def test_unionid_first_and_the_openid_months_later(self) -> None:
        openid, phone, union = new("openid"), new("phone"), new("unionid")
        member = meet(phone, union, **day(0))
        visitor = meet(openid, **day(280))
        meet(union, openid, **day(300))
        assert canonical(visitor, member) == [member, member]

    def test_the_fact_that_joins_them_may_be_told_first(self) -> None:
        openid, union = new("openid"), new("unionid")
        first = meet(openid, union, **day(300))
        assert meet(openid, **day(0)) == first == meet(union, **day(100))

    def test_and_all_in_one_import(self) -> None:
        openid, phone, union = new("openid"), new("phone"), new("unionid")
        met = meet_all([[openid], [phone, union], [openid, union]], **day(0))
        assert len(set(canonical(*[m for m in met if m is not None]))) == 1

    def test_a_value_that_proves_shared_takes_the_late_link_with_it(self) -> None:
        openid, phone, union = new("openid"), new("phone"), new("unionid")
        visitor, member = meet(openid, **day(0)), meet(phone, new(), **day(30))
        meet(openid, phone, **day(200))
        assert canonical(visitor, member) == [visitor, visitor]
        (shown,) = [i for i in identifiers(visitor, may_reveal=False) if i.kind == "phone"]
        sharing.say_shared(member, identifier_id=shown.id, reason=f"共用 {number()}", actor=SYSTEM)
        regroup_without([visitor], actor=SYSTEM)
        assert canonical(visitor, member) == [visitor, member]
        assert meet(union, openid, **day(300)) == visitor
