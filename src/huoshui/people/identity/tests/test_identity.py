"""One human once, and reversibly: against PostgreSQL."""

from __future__ import annotations

import json

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import api as facts
from huoshui.core.tests.ground import number, rolled_back
from huoshui.people import api as people
from huoshui.people.identity import rules
from huoshui.people.identity.tests.meeting import (
    canonical,
    clusters,
    everything,
    links,
    meet,
    meet_all,
    new,
    persons,
)

pytestmark = pytest.mark.django_db

OPERATOR = Actor("staff", 3, "小李", frozenset({"operator"}))
REPEATED = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class TestMeeting:
    def test_a_shared_card_is_one_person(self) -> None:
        card = new()
        assert meet(card) == meet(card)

    def test_a_fact_with_two_known_people_links_them_with_evidence(self) -> None:
        card, phone = new(), new("phone")
        one, other = meet(card), meet(phone)
        assert canonical(one, other) == [one, other]
        assert meet(card, phone) == other
        assert canonical(one, other) == [one, one]
        (evidence,) = people.why(one, other)
        assert (evidence.rule, evidence.actor) == ("same_fact", "system:0")
        assert {evidence.person_a, evidence.person_b} == {one, other}
        assert card[1] in evidence.sentence

    def test_why_goes_the_whole_way(self) -> None:
        card, phone, member = new(), new("phone"), new("member_no")
        one, two, three = meet(card), meet(phone), meet(member)
        meet(card, phone)
        meet(phone, member)
        path = people.why(one, three)
        assert [{e.person_a, e.person_b} for e in path] == [{one, two}, {two, three}]
        assert [{e.person_a, e.person_b} for e in people.why(three, one)] == [{two, three}, {one, two}]
        assert people.why(one, one) == []
        assert people.why(one, meet(new())) == []

    def test_a_batch_decides_as_one_after_another_would(self) -> None:
        a, b, c = new(), new("phone"), new("member_no")
        found = meet_all([[a], [b], [a, b], [c, b], [c], [], [("phone", "")]])
        assert found[0] == found[0] and len({found[0], found[1]}) == 2
        assert found[2] == found[3] == found[4] == found[1]
        assert found[5] is None
        assert canonical(*[p for p in found[:5] if p]) == [min(p for p in found if p)] * 5

    def test_a_device_joins_nobody(self) -> None:
        device, card, other = new("device_id"), new(), new()
        first = meet(device, card)
        assert meet(device) == first
        second = meet(device, other)
        assert second != first
        assert canonical(first, second) == [first, second]
        assert meet(device) == second, "a device is of whoever was known there last"
        assert people.find(*device) == second

    def test_a_guides_phone_is_guarded_and_somebody_is_told(self) -> None:
        phone = new("phone")
        found = [meet(new(), phone) for _ in range(rules.KINDS["phone"].most_links + 3)]
        assert len(set(found)) == len(found)
        joined = canonical(*found)
        assert joined.count(found[0]) == rules.KINDS["phone"].most_links + 1
        raised = sql.fetch(
            sql.Statement(
                "raised", "select code, detail from fact_exception where code = 'shared_identifier'"
            )
        )
        assert [json.loads(r.detail) for r in raised] == [{"kind": "phone"}]
        (shown,) = [i for i in everything()["identifiers"] if i.key == phone[1]]
        assert shown.is_guarded

    def test_two_cards_under_one_phone_can_part_again(self) -> None:
        phone, card = new("phone"), new()
        first, second = meet(phone, new()), meet(phone, card)
        assert canonical(first, second) == [first, first]
        (evidence,) = people.why(first, second)
        people.unmerge(link_id=evidence.link_id, reason="导购代填", actor=OPERATOR)
        assert meet(card) == second
        assert canonical(first, second) == [first, second]

    def test_those_whom_somebody_parted_are_not_joined_again_by_the_same_record(self) -> None:
        card, phone = new(), new("phone")
        one, other = meet(card), meet(phone)
        meet(card, phone)
        (evidence,) = people.why(one, other)
        people.unmerge(link_id=evidence.link_id, reason="是两个人", actor=OPERATOR)
        meet(card, phone)
        assert canonical(one, other) == [one, other]
        people.merge(person_a=one, person_b=other, reason="还是一个人", actor=OPERATOR)
        assert canonical(one, other) == [one, one]


class TestByHand:
    def test_merged_and_parted_with_who_and_why(self) -> None:
        one, other = meet(new()), meet(new())
        link = people.merge(person_a=other, person_b=one, reason="同一个电话打来", actor=OPERATOR)
        (evidence,) = people.why(one, other)
        assert (evidence.link_id, evidence.rule, evidence.actor) == (link, "by_hand", "staff:3")
        assert "同一个电话打来" in evidence.sentence
        people.unmerge(link_id=link, reason="弄错了", actor=OPERATOR)
        assert people.why(one, other) == []
        entries = sql.fetch(
            sql.Statement("entries", "select action, actor, detail from audit_entry order by id")
        )
        assert [(e.action, e.actor) for e in entries] == [
            ("person.merged", "staff:3"),
            ("person.unmerged", "staff:3"),
        ]
        assert json.loads(entries[1].detail) == {"link_id": link, "reason": "弄错了"}

    def test_what_cannot_be_merged_changes_nothing(self) -> None:
        one, other = meet(new()), meet(new())
        people.merge(person_a=one, person_b=other, reason="x", actor=OPERATOR)
        before = everything()
        for a, b, reason, refusal in (
            (one, other, "再来一次", Refused),
            (other, one, "反过来", Refused),
            (one, one, "自己", Refused),
            (one, meet(new()), "  ", Refused),
            (one, 10**12, "没有这个人", NotFound),
        ):
            with pytest.raises(refusal):
                people.merge(person_a=a, person_b=b, reason=reason, actor=OPERATOR)
        after = everything()
        assert (after["links"], after["clusters"]) == (before["links"], before["clusters"])

    def test_a_link_is_taken_back_once(self) -> None:
        link = people.merge(person_a=meet(new()), person_b=meet(new()), reason="x", actor=OPERATOR)
        people.unmerge(link_id=link, reason="y", actor=OPERATOR)
        for link_id in (link, 10**12):
            with pytest.raises(NotFound):
                people.unmerge(link_id=link_id, reason="y", actor=OPERATOR)

    def test_readers_are_told_of_all_whom_it_concerns(self) -> None:
        one, other = meet(new()), meet(new())
        changes = sql.Statement("changes", "select person_id, canonical_id from cluster_change order by id")
        link = people.merge(person_a=one, person_b=other, reason="x", actor=OPERATOR)
        assert [tuple(c) for c in sql.fetch(changes)][-1:] == [(other, one)]
        people.unmerge(link_id=link, reason="y", actor=OPERATOR)
        assert [tuple(c) for c in sql.fetch(changes)][-2:] == [(one, one), (other, other)]
        assert facts.is_behind("readers")

    @REPEATED
    @given(
        st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=8),
        st.tuples(st.integers(0, 5), st.integers(0, 5)),
    )
    def test_merge_then_unmerge_is_the_identity(
        self, pairs: list[tuple[int, int]], last: tuple[int, int]
    ) -> None:
        """Law 3, whatever was linked before."""
        with rolled_back():
            crowd = [meet(new(), traits=(("name", f"顾客{n}"),)) for n in range(6)]
            for a, b in pairs:
                merge_if_two(crowd[a], crowd[b])
            before = everything()
            link = merge_if_two(crowd[last[0]], crowd[last[1]])
            if link is not None:
                assert everything() != before
                people.unmerge(link_id=link, reason="试一下", actor=OPERATOR)
            assert everything() == before


def merge_if_two(one: int, other: int) -> int | None:
    try:
        with transaction.atomic():
            return people.merge(person_a=one, person_b=other, reason="试一下", actor=OPERATOR)
    except Refused:
        return None


@REPEATED
@given(st.data())
def test_clusters_are_what_their_living_links_say(data: st.DataObject) -> None:
    """The rebuild law: links alone give the present, after whatever facts, merges and partings."""
    pool = [new(kind) for kind in ("card_no", "card_no", "phone", "phone", "member_no", "device_id")]
    carried = st.lists(st.lists(st.integers(0, 5), unique=True, max_size=3), max_size=4)
    with rolled_back():
        for _ in range(data.draw(st.integers(1, 10))):
            crowd, living = persons(), living_links()
            match data.draw(st.sampled_from(["meet", "meet", "meet", "merge", "part"])):
                case "meet":
                    meet_all([[pool[i] for i in fact] for fact in data.draw(carried)])
                case "merge" if len(crowd) > 1:
                    one, other = data.draw(st.permutations(range(len(crowd))))[:2]
                    merge_if_two(crowd[one], crowd[other])
                case "part" if living:
                    link = living[data.draw(st.integers(0, len(living) - 1))]
                    people.unmerge(link_id=link, reason="试一下", actor=OPERATOR)
            rebuilt = rules.clusters(persons(), links())
            assert clusters() == {p: c for p, c in rebuilt.items() if p != c}


def living_links() -> list[int]:
    living = sql.Statement("ids", "select id from link where unlinked_at is null order by id")
    return [r.id for r in sql.fetch(living)]


class TestDoors:
    def test_any_id_of_a_cluster_will_do(self) -> None:
        card, phone = new(), new("phone")
        one, other = meet(card), meet(phone)
        meet(card, phone)
        assert people.members(one) == people.members(other)
        assert sorted(people.members(one)) == [one, other]
        assert people.canonical_ids([one, other]) == {one: one, other: one}
        assert sorted(people.members_of([one])) == [(one, one), (other, one)]
        with pytest.raises(NotFound):
            people.canonical_id(10**12)

    def test_a_plain_value_finds_its_person(self) -> None:
        card = new()
        person = meet(card)
        assert people.find("card_no", f" {card[1]} ") == person
        assert people.find("card_no", f"nobody {number()}") is None

    def test_the_same_value_of_another_kind_is_somebody_else(self) -> None:
        one, other = meet(("card_no", f"x{number()}")), meet(("member_no", "x"))
        assert one != other


def test_system_is_the_actor_of_what_facts_say() -> None:
    card, phone = new(), new("phone")
    meet(card)
    meet(phone)
    meet(card, phone)
    (actor,) = {r.actor for r in sql.fetch(sql.Statement("actors", "select actor from link"))}
    assert actor == str(SYSTEM)
