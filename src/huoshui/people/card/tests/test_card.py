"""The card: who someone is at a glance, brought up to date after facts, merges and partings."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from django.db import transaction
from pytest import MonkeyPatch

from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.crypto import lookup_key, seal
from huoshui.core.errors import NotFound
from huoshui.core.subscribers import registry
from huoshui.core.tests.ground import NOON, clean_tables, number, wait_for_readers
from huoshui.people import api as people
from huoshui.people.identity.tests.meeting import meet, new

__all__ = ["clean_tables"]

pytestmark = pytest.mark.usefixtures("clean_tables", "alone")

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
OPERATOR = Actor("staff", 2, "运营", frozenset({"operator"}))


@pytest.fixture
def alone(monkeypatch: MonkeyPatch) -> None:
    """No other room writes on the cards."""
    monkeypatch.setattr(registry, "card", {})


def named(name: str, hour: int = 4, *identifiers: tuple[str, str]) -> int:
    carried = identifiers or (new(),)
    return meet(*carried, traits=(("name", name),), at=datetime(2026, 3, 10, hour, tzinfo=UTC))


def refresh() -> int:
    wait_for_readers()
    return people.refresh_cards()


def merge(one: int, other: int) -> int:
    with transaction.atomic():
        return people.merge(person_a=one, person_b=other, reason="同一个人", actor=SYSTEM)


def unmerge(link_id: int) -> None:
    with transaction.atomic():
        people.unmerge(link_id=link_id, reason="弄错了", actor=SYSTEM)


def titles() -> dict[int, tuple[str, str]]:
    return {c.person_id: (c.display_name, c.card_no) for c in people.search(BOSS, "", people.Filters()).rows}


def test_a_card_says_name_card_and_tail() -> None:
    card = new()
    person = named("王小明", 4, card)
    assert refresh() == 1
    found = people.card_for(BOSS, person)
    assert (found.title, found.card_no, found.orders, found.tier) == ("王小明", card[1], 0, "")
    assert refresh() == 0, "nobody was touched since"


def test_a_merge_makes_one_card_and_a_parting_two() -> None:
    a, b = new(), new()
    one, other = named("王小明", 4, a), named("王晓明", 5, b)
    refresh()
    before = titles()
    assert before == {one: ("王小明", a[1]), other: ("王晓明", b[1])}
    link = merge(one, other)
    refresh()
    assert titles() == {one: ("王晓明", b[1])}, "the newest name and card"
    assert people.card_for(BOSS, other).person_id == one, "any id of the cluster will do"
    unmerge(link)
    assert refresh() == 2
    assert titles() == before


def test_other_rooms_write_their_part_for_whole_clusters(monkeypatch: MonkeyPatch) -> None:
    asked: list[list[int]] = []
    monkeypatch.setitem(registry.card, "probe", asked.append)
    one, other, third = named("甲"), named("乙"), named("丙")
    merge(one, other)
    refresh()
    assert asked == [[one, third]]


class TestContacts:
    ENTRIES = sql.Statement(
        "entries",
        "select actor, action, object_kind, object_id, detail->>'kind' as kind,"
        " (detail->>'identifier_id')::bigint as identifier_id"
        " from audit_entry where action like 'contact%%' order by id",
    )

    @staticmethod
    def with_phone(phone: str) -> int:
        """A person whose phone is kept sealed, as the doors do it."""
        person = meet(("phone", lookup_key(phone)), new())
        sealing = "update identifier set sealed = %(sealed)s, tail4 = %(tail)s where person_id = %(id)s and kind = 'phone'"
        sql.run(sql.Statement("seal", sealing), sealed=seal(phone), tail=phone[-4:], id=person)
        refresh()
        return person

    @staticmethod
    def phone_of(actor: Actor, person: int) -> people.Identifier:
        (found,) = [i for i in people.identifiers_for(actor, person) if i.kind == "phone"]
        return found

    def entries(self) -> list[sql.Row]:
        return sql.fetch(self.ENTRIES)

    def test_they_are_masked_for_everybody_and_opening_leaves_no_trace(self) -> None:
        phone = f"+8613912{number():06d}"
        person = self.with_phone(phone)
        for actor in (BOSS, OPERATOR, SYSTEM):
            found = self.phone_of(actor, person)
            assert (found.label, found.masked) == ("手机号", f"•••• {phone[-4:]}")
            assert phone not in repr(people.identifiers_for(actor, person))
        assert self.entries() == []

    def test_only_a_kept_contact_and_only_the_right_post_can_reveal(self) -> None:
        person = self.with_phone(f"+8613912{number():06d}")
        bare = meet(("phone", lookup_key(f"+8613912{number():06d}")))
        refresh()
        can = {i.kind: i.can_reveal for i in people.identifiers_for(BOSS, person)}
        assert can == {"phone": True, "card_no": False}
        assert not any(i.can_reveal for i in people.identifiers_for(OPERATOR, person))
        assert not self.phone_of(BOSS, bare).can_reveal, "a hash alone tells no number"

    def test_revealing_tells_the_number_and_is_noted(self) -> None:
        phone = f"+8613912{number():06d}"
        person = self.with_phone(phone)
        identifier_id = self.phone_of(BOSS, person).id
        assert people.reveal_contact(BOSS, person, identifier_id) == phone
        noted = (str(BOSS), "contact.revealed", "person", person, "phone", identifier_id)
        assert self.entries() == [noted]
        assert phone not in str(self.entries())

    def test_the_note_stands_or_falls_with_the_transaction(self) -> None:
        person = self.with_phone(f"+8613912{number():06d}")
        with transaction.atomic():
            people.reveal_contact(BOSS, person, self.phone_of(BOSS, person).id)
            transaction.set_rollback(True)
        assert self.entries() == []

    def test_any_id_of_the_cluster_asks_for_any_of_its_contacts(self) -> None:
        phone = f"+8613912{number():06d}"
        one, other = named("甲"), self.with_phone(phone)
        identifier_id = self.phone_of(BOSS, other).id
        merge(one, other)
        refresh()
        for person in (one, other):
            assert people.reveal_contact(BOSS, person, identifier_id) == phone
        assert [row.object_id for row in self.entries()] == [one, one]

    def test_a_post_without_the_right_is_refused(self) -> None:
        person = self.with_phone(f"+8613912{number():06d}")
        with pytest.raises(people.ContactsClosed):
            people.reveal_contact(OPERATOR, person, self.phone_of(OPERATOR, person).id)
        assert self.entries() == []

    def test_what_is_foreign_or_absent_is_not_found(self) -> None:
        person, other = (self.with_phone(f"+8613912{number():06d}") for _ in range(2))
        mine, foreign = (self.phone_of(BOSS, p).id for p in (person, other))
        (card,) = [i.id for i in people.identifiers_for(BOSS, person) if i.kind == "card_no"]
        placed = Actor("staff", 3, "店长", frozenset({"guide"}), frozenset({10**6}))
        for actor, whose, identifier_id in (
            (placed, person, mine),
            (BOSS, 10**12, mine),
            (BOSS, person, foreign),
            (OPERATOR, person, foreign),
            (BOSS, person, card),
            (BOSS, person, 10**30),
        ):
            with pytest.raises(NotFound):
                people.reveal_contact(actor, whose, identifier_id)
        assert self.entries() == []


def test_labels_touch_only_the_cards_that_change() -> None:
    one, other = named("甲"), named("乙")
    refresh()
    labels = pa.table(
        {
            "person_id": [one, other],
            "grade": ["high", None],
            "frequency": ["often", None],
            "ticket": ["large", None],
        }
    )
    assert people.write_card_labels(labels) == 1
    assert people.write_card_labels(labels) == 0
    card = people.card_for(BOSS, one)
    assert (card.grade, card.frequency_ticket) == ("high", "often_large")


def test_a_fact_of_long_ago_is_read_too() -> None:
    person = meet(new(), at=NOON.replace(year=2011))
    assert refresh() == 1
    assert people.card_for(BOSS, person).person_id == person
