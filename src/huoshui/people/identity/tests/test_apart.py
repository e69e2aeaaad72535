"""Two of whom a human said that they are two people stay two, whatever comes; and nobody loses an account by it."""

from __future__ import annotations

import random

import pytest

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.unmet import sentence
from huoshui.people import api as people
from huoshui.people.identity import judging, rules
from huoshui.people.identity.apart import Apart
from huoshui.people.identity.judging import Owned
from huoshui.people.identity.tests.meeting import Carried, canonical, meet, meet_all, new
from huoshui.people.identity.tests.test_rules import seen
from huoshui.people.identity.types import PartedAgain

_RAISED = sql.Statement("raised", "select code from fact_exception order by id")


def raised() -> list[str]:
    return [r.code for r in sql.fetch(_RAISED)]


def parted() -> tuple[tuple[int, Carried], tuple[int, Carried]]:
    """Two who were one by a record of another system, and each with an account."""
    first, second = new("phone"), new("card_no")
    one, other = meet(first), meet(second)
    meet(first, second)
    for link in people.why(one, other):
        people.unmerge(link_id=link.link_id, reason="是两个人", actor=SYSTEM)
    return (one, first), (other, second)


def test_heads_that_become_one_keep_from_whom_each_was_parted() -> None:
    """Held against looking at every pair of members."""
    chance = random.Random(7)
    for _ in range(50):
        pairs = [(chance.randrange(9), chance.randrange(9)) for _ in range(4)]
        apart, head = Apart(pairs), list(range(9))
        for _ in range(8):
            a, b = head[chance.randrange(9)], head[chance.randrange(9)]
            if a != b:
                apart.joined(max(a, b), min(a, b))
                head = [min(a, b) if h == max(a, b) else h for h in head]
            for one in set(head):
                for other in set(head) - {one}:
                    among = any({head[x], head[y]} == {one, other} for x, y in pairs)
                    assert (apart.between(one, other) is not None) == among


def test_a_batch_joins_nobody_round_a_third_whom_a_hand_has_parted() -> None:
    rows = [
        seen(1, "member_no", "m"),
        seen(1, "card_no", "c", 9),
        seen(2, "member_no", "m"),
        seen(2, "phone", "p", 7),
    ]
    assert rules.may_meet(rows) == {7, 9}
    assert rules.may_meet(rows[:2]) == set()
    found = rules.assign(rows, {}, apart=[(7, 9)])
    assert (found.links, found.charged) == ([], [])
    assert found.parted == [PartedAgain(("member_no", "", "m"), 2, 7, 9)]
    assert len(rules.assign(rows, {}).links) == 1


def test_other_rules_join_nobody_round_a_third() -> None:
    owned = {n: Owned(n, kind, "") for n, kind in enumerate(("phone", "card_no", "member_no"), 1)}
    carried = [(1, 1), (2, 2), (3, 3), (4, 2), (4, 3), (5, 1), (5, 3)]
    told = judging.Told(carried, owned, parted=frozenset({(1, 2)}))
    assert judging.judge(told, rules.AS_DELIVERED).root == {3: 2}


@pytest.mark.django_db
class TestInTheRiver:
    def test_whom_a_hand_has_parted_no_third_account_makes_one(self) -> None:
        (one, phone), (other, card) = parted()
        member = new("member_no")
        third = meet(member)
        meet(member, card)
        meet(member, phone)
        assert canonical(one, other, third) == [one, other, other]
        meet(member, phone)
        assert raised() == ["parted_again"], "asked once"
        people.merge(person_a=one, person_b=other, reason="本人说的", actor=SYSTEM)
        meet(member, phone)
        assert canonical(one, other, third) == [one, one, one]

    def test_records_with_accounts_of_both_cost_neither_an_account(self) -> None:
        (one, phone), (other, card) = parted()
        for _ in range(6):
            meet_all([[card, phone]] * 2)
        assert (meet(phone), meet(card)) == (one, other)
        assert canonical(one, other) == [one, other]
        assert raised() == ["parted_again"]


@pytest.mark.django_db
class TestUnionids:
    def test_an_openid_with_another_unionid_joins_nobody(self) -> None:
        openid, first, second = new("openid"), new("unionid"), new("unionid")
        one, other = meet(openid, first), meet(second)
        told = [meet(openid, second) for _ in range(2)]
        assert (canonical(one, other), set(told)) == ([one, other], {other})
        assert raised() == ["unionid_differs"], "asked once"
        assert "只属于一个 UnionID" in sentence("unionid_differs")

    def test_a_phone_under_more_unionids_than_it_may_have_people_is_shared(self) -> None:
        phone = new("phone")
        for _ in range(rules.AS_DELIVERED.kinds["phone"].most_links + 2):
            pair = (phone, new("unionid"))
            meet(*pair)
            meet(*pair)
        assert meet_all([[phone]]) == [None]
        assert raised().count("shared_identifier") == 1

    def test_a_phone_under_two_unionids_is_put_before_somebody(self) -> None:
        phone = new("phone")
        one, other = meet(phone, new("unionid")), meet(phone, new("unionid"))
        assert canonical(one, other) == [one, other]
        assert raised() == ["too_many_of_one"]


def test_each_corp_has_its_own_number_of_her() -> None:
    has = {
        7: {("external_userid", "corpA"): 1},
        9: {("external_userid", "corpB"): 1},
        11: {("external_userid", "corpA"): 1},
    }
    for other, links in ((9, 1), (11, 0)):
        rows = [seen(1, "member_no", "m", 7), seen(1, "phone", "p", other)]
        assert len(rules.assign(rows, {}, counts=has).links) == links
