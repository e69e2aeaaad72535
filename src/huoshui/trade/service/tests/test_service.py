"""Notes and today's list on the real rooms."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound
from huoshui.core.tests.ground import Line, number, sale, texts
from huoshui.insight.api import tags
from huoshui.people import api as people
from huoshui.trade.bonds import api as bonds
from huoshui.trade.bonds.tests.world import BOSS, Shops, no_waiting, open_shops, settle
from huoshui.trade.service import api as service
from huoshui.trade.service.types import NoteKeyReused

__all__ = ["no_waiting"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_waiting")]

CARD = sql.Statement(
    "card",
    "insert into person_card (person_id, display_name, home_org_unit_id, dealer_id, guide_id, orders) values"
    " (%(id)s, '周丽', %(home)s, %(dealer)s, %(guide)s, 1)",
)
NOTES = sql.Statement("notes", "select count(*) as notes from settlement where name = 'Guide Noted'")


class Counter:
    """A store with a guide, and her customers."""

    def __init__(self) -> None:
        self.shops: Shops = open_shops()
        self.store, self.dealer = self.shops.stores[0][0], self.shops.dealers[0]
        self.guide = Actor(
            "staff", self.shops.guides[0], "小王", frozenset({"guide"}), frozenset({self.store})
        )
        other = frozenset({self.shops.stores[1][0]})
        self.stranger = Actor("staff", self.shops.guides[2], "小赵", frozenset({"guide"}), other)

    def customer(self, *days_ago: float, sku: int = 7) -> int:
        carried = ("card_no", f"serve-{number()}")
        phone = ("phone", f"{number():032x}")
        for n in days_ago:
            at = clock.now() - timedelta(days=n)
            settle(
                sale(
                    f"o{number()}",
                    Line(sku_id=sku, amount=900),
                    at=at,
                    identifiers=(carried, phone),
                    store=self.store,
                )
            )
        person = people.find(*carried)
        assert person is not None
        sql.run(CARD, id=person, home=self.store, dealer=self.dealer, guide=self.guide.id)
        return person

    def serve(self, *person_ids: int) -> None:
        for person_id in person_ids:
            bonds.assign(
                person_id=person_id, store_id=self.store, guide_id=self.guide.id, reason="她的", actor=BOSS
            )
        bonds.read()

    def note(self, person_id: int, key: str, *, actor: Actor | None = None, **said: str) -> service.Noted:
        given = {"whom": "gift", "looked": "礼盒", "took": "later"} | said
        note = service.Note(key=key, person_id=person_id, at=clock.now(), **given)
        with transaction.atomic():
            return service.note(note, looked=["礼盒", "坚果"], actor=actor or self.guide)


@pytest.fixture
def counter() -> Counter:
    return Counter()


def notes() -> int:
    return int(sql.fetch_one(NOTES).notes)


class TestNotes:
    def test_three_taps_are_one_fact_and_tags_that_fade(self, counter: Counter) -> None:
        person = counter.customer(1)
        first = counter.note(person, "k1")
        again = counter.note(person, "k1")
        assert (again.fact_id, again.is_repeat, notes()) == (first.fact_id, True, 1)
        worn = {w.key: w for w in tags.of_person(counter.guide, person)}
        assert {k: w.value for k, w in worn.items()} == {
            "note_whom": "送礼", "note_looked": "礼盒", "note_took": tags.YES,
        }  # fmt: skip
        faded = worn["note_took"].expires_at
        assert faded and 29 <= (faded - clock.now()).days <= 30

    def test_what_is_said_anew_stands_and_several_stand_beside(self, counter: Counter) -> None:
        person = counter.customer(1)
        counter.note(person, "k1")
        counter.note(person, "k2", whom="self", looked="坚果", took="")
        said = sorted((w.key, w.value) for w in tags.of_person(counter.guide, person))
        assert said == [
            ("note_looked", "坚果"),
            ("note_looked", "礼盒"),
            ("note_took", tags.YES),
            ("note_whom", "自己"),
        ]

    def test_a_key_says_one_thing(self, counter: Counter) -> None:
        person, other = counter.customer(1), counter.customer(1)
        counter.note(person, "k1")
        for who, said in ((person, "self"), (other, "gift")):
            with pytest.raises(NoteKeyReused):
                counter.note(who, "k1", whom=said)
        assert notes() == 1

    def test_of_anothers_customer_nothing_is_noted(self, counter: Counter) -> None:
        person = counter.customer(1)
        for who in (person, 987_654_321):
            with pytest.raises(NotFound):
                counter.note(who, "k1", actor=counter.stranger)
        assert notes() == 0 and tags.of_person(counter.guide, person) == []


class TestBought:
    def test_a_sale_told_anew_counts_once(self, counter: Counter) -> None:
        person = counter.customer(40)
        (only,) = service.bought({person: [person]})[person]
        assert (only.sku_id, only.quantity_milli, only.org_unit_id) == (7, 1000, counter.store)
        (fact,) = sql.fetch(
            sql.Statement("f", "select max(fact_id) as id from settlement where person_id = %(p)s"), p=person
        )
        (fresh,) = settle(sale(f"o{number()}", Line(sku_id=8, amount=500), at=clock.now() - timedelta(days=40),
                               identifiers=(), store=counter.store))  # fmt: skip
        sql.run(sql.Statement("r", "update settlement set person_id = %(p)s, replaces = %(was)s::bigint[] where fact_id = %(f)s"),
                p=person, was=[fact.id], f=fresh)  # fmt: skip
        assert [p.sku_id for p in service.bought({person: [person]})[person]] == [8]

    def test_twice_the_people_cost_no_statement_more(self, counter: Counter) -> None:
        one, two = counter.customer(1), counter.customer(2)
        few = len(texts(lambda: service.bought({one: [one]})))
        assert len(texts(lambda: service.bought({one: [one], two: [two]}))) == few


class TestToday:
    def test_due_and_care_are_there_and_done_when_done(self, counter: Counter) -> None:
        due, care, fresh = counter.customer(90, 60, 30), counter.customer(4), counter.customer(1)
        counter.serve(due, care, fresh)
        noon = clock.from_local(datetime.combine(clock.today(), time(12)))
        found = service.today(counter.guide, now=noon)
        assert {d.task.person_id: d.task.kind for d in found} == {care: "care"}, (
            "nobody asked may be sold to by phone"
        )
        people.say_consent(due, [people.Said("marketing", "call", True, proof="当面")], actor=SYSTEM)
        found = service.today(counter.guide, now=noon)
        assert fresh not in {d.task.person_id for d in found} and not any(d.is_done for d in found)
        assert service.today(counter.stranger, now=noon) == []
        record(counter.guide, "contact.dialled", "person", care)
        counter.note(due, "k9")
        told = {d.task.person_id: (d.task.kind, d.is_done) for d in service.today(counter.guide, now=noon)}
        assert told == {due: ("due", True), care: ("care", True)}
