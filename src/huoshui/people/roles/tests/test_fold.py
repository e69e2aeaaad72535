"""Reading facts as they come gives what reading all of them again gives, whatever was merged and parted between."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pyarrow as pa
import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, example, given, settings

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound
from huoshui.core.facts import api as facts
from huoshui.core.subscribers import Erased, XidRange
from huoshui.core.tests.ground import (
    NOON,
    Line,
    Told,
    a_source,
    clean_tables,
    number,
    receive,
    refund,
    sale,
    statements,
)
from huoshui.people import api as people
from huoshui.people.identity.tests.meeting import Carried, meet, new
from huoshui.people.relations import api as relations
from huoshui.people.relations.tests.reading import no_waiting
from huoshui.people.roles import api as roles
from huoshui.people.roles import erasing, fold, jobs, reads
from huoshui.people.roles.types import AlreadyDeclared, RoleUnsaid, StaffUnknown

__all__ = ["clean_tables", "no_waiting"]

pytestmark = pytest.mark.usefixtures("clean_tables", "no_waiting")

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
GUIDE = Actor("staff", 5, "导购", frozenset({"guide"}), frozenset({7}))
LATER = NOON + timedelta(days=1_000)

_ALL = sql.Statement(
    "all",
    "select person_id, name, since, until, rule_version, why::text as why from person_role order by 1, 2, 3",
)
_RECHECKS = sql.Statement("rechecks", "select person_id, at from role_recheck order by 1")
_CLEAR = sql.Statement("clear", "delete from person_role")
_CLEAR_RECHECKS = sql.Statement("clear_rechecks", "delete from role_recheck")


def day(n: float) -> datetime:
    return NOON + timedelta(days=n)


def buy(carried: Carried, at: datetime, *, key: str = "", amount: int = 1000) -> int:
    return settle(sale(key or f"o{number()}", Line(amount=amount), at=at, identifiers=(carried,)))


def settle(told: Told, source: Any = None) -> int:
    with transaction.atomic():
        (fact_id,) = receive([told], source or a_source()).fact_ids
        facts.mark_settled([fact_id], people.resolve([fact_id], actor=SYSTEM))
    return fact_id


def read(now: datetime = LATER) -> int:
    return fold.read(now=now)


def worn(person: int) -> dict[str, tuple[datetime, datetime | None]]:
    return {r.name: (r.since, r.until) for r in roles.roles_of(person) if r.until is None}


def merge(one: int, other: int) -> int:
    with transaction.atomic():
        return people.merge(person_a=one, person_b=other, reason="同一个人", actor=SYSTEM)


def unmerge(link_id: int) -> None:
    with transaction.atomic():
        people.unmerge(link_id=link_id, reason="弄错了", actor=SYSTEM)


def test_a_buyer_is_new_then_returning_then_lapsed() -> None:
    card = new()
    person = meet(card)
    buy(card, day(0))
    assert read(day(1)) == 1
    assert worn(person).keys() == {"member", "new"}
    buy(card, day(5))
    read(day(6))
    assert worn(person).keys() == {"member", "returning"}
    assert fold.attend(now=day(100)) == 0, "nothing is due"
    assert fold.attend(now=day(190)) == 1
    assert worn(person)["lapsed"] == (day(185), None)
    assert [(r.name, r.until) for r in roles.roles_of(person) if r.until] == [
        ("returning", day(185)),
        ("new", day(5)),
    ]
    assert roles.roles_now([person]) == {person: ["member", "lapsed"]}


def test_an_order_given_back_whole_was_none() -> None:
    card, source = new(), a_source()
    person = meet(card)
    first = settle(sale("A", Line(amount=500), at=day(0), identifiers=(card,)), source)
    read(day(1))
    assert "new" in worn(person)
    back = refund("B", "A", Line(amount=-500, quantity_milli=-1000), at=day(2), identifiers=(card,))
    back_id = settle(back, source)
    with transaction.atomic():
        facts.take_back([(back_id, first, [])])
    read(day(3))
    assert "new" not in worn(person)


def test_why_names_the_facts() -> None:
    card = new()
    meet(card)
    fact_id = buy(card, day(0))
    person = people.find(*card)
    assert person is not None
    read(day(1))
    (role,) = (r for r in roles.roles_of(person) if r.name == "new")
    assert (role.why, role.rule_version, roles.sentence(role)) == ({"facts": [fact_id]}, 0, "第一次买")


def test_a_merge_makes_one_history_and_a_parting_two() -> None:
    a, b = new(), new()
    one, other = meet(a), meet(b)
    buy(a, day(0))
    buy(b, day(3))
    read(day(4))
    before = sql.fetch(_ALL)
    assert "returning" not in worn(one)
    link = merge(one, other)
    read(day(4))
    assert worn(one)["returning"] == (day(3), None)
    assert {r.person_id for r in sql.fetch(_ALL)} == {one}
    unmerge(link)
    read(day(4))
    assert sql.fetch(_ALL) == before


def test_a_merge_of_two_newcomers_leaves_the_second_bringer_without_his_role() -> None:
    a, b, x, y = (meet(new()) for _ in range(4))
    for bringer, newcomer, n in ((a, x, 0), (b, y, 1)):
        with transaction.atomic():
            relations.declare(
                kind="brought",
                from_person_id=bringer,
                to_person_id=newcomer,
                reason="她说的",
                actor=SYSTEM,
                since=day(n),
            )
    read()
    assert "referrer" in worn(a) and "referrer" in worn(b)
    link = merge(x, y)
    read()
    assert "referrer" in worn(a) and "referrer" not in worn(b)
    unmerge(link)
    read()
    assert "referrer" in worn(b)


def test_staff_by_number_as_long_as_the_staff_list_says() -> None:
    listed = {"number": ["S007"], "name": ["王芳"], "store_code": ["S-7"]}
    brand.ensure_headquarters("总部")
    brand.upsert_staff(pa.table(listed), actor=SYSTEM)
    person = meet(new())
    with pytest.raises(StaffUnknown), transaction.atomic():
        roles.declare_staff(person_id=person, staff_number="S999", reason="本人说", actor=BOSS)
    with pytest.raises(RoleUnsaid), transaction.atomic():
        roles.declare_staff(person_id=person, staff_number="S007", reason=" ", actor=BOSS)
    with pytest.raises(NotFound), transaction.atomic():
        roles.declare_staff(person_id=person, staff_number="S007", reason="本人说", actor=GUIDE)
    assert worn(person) == {} or "staff" not in worn(person)
    with transaction.atomic():
        roles.declare_staff(
            person_id=person, staff_number="S007", reason="本人说", actor=BOSS, since=day(-30)
        )
    assert worn(person)["staff"] == (day(-30), None), "at once"
    with pytest.raises(AlreadyDeclared), transaction.atomic():
        roles.declare_staff(person_id=person, staff_number="S007", reason="本人说", actor=BOSS)
    brand.upsert_staff(pa.table(listed | {"left_on": [date(2026, 3, 20)]}), actor=SYSTEM)
    assert list(brand.staff_left([brand.find_staff(["S007"])["S007"]]).values()) == [date(2026, 3, 20)]
    jobs.attend_staff.func()
    (role,) = (r for r in roles.roles_of(person) if r.name == "staff")
    assert role.until is not None and role.until.date() == date(2026, 3, 20)


def test_a_professional_and_what_came_of_her() -> None:
    card, hers = new(), new()
    pro, newcomer = meet(card), meet(hers)
    buy(hers, day(-5), amount=70_00)
    buy(card, day(-2), amount=10_00)
    with transaction.atomic():
        declared = roles.declare_pro(
            person_id=pro, profession="设计师", reason="名片", actor=BOSS, since=day(-9)
        )
        relations.declare(
            kind="brought",
            from_person_id=pro,
            to_person_id=newcomer,
            reason="她说的",
            actor=SYSTEM,
            since=day(-3),
        )
    buy(hers, day(1), amount=120_00)
    read()
    found = roles.pro_of(pro)
    assert found is not None
    assert (found.profession, found.people, found.orders, found.amount) == ("设计师", 1, 1, 120_00)
    assert (found.own_orders, found.own_amount, found.worth) == (1, 10_00, 130_00)
    assert roles.pro_of(newcomer) is None
    with transaction.atomic():
        roles.end_declared(declared_id=declared, reason="转行了", actor=BOSS)
    assert "pro" not in worn(pro)
    with pytest.raises(NotFound), transaction.atomic():
        roles.end_declared(declared_id=declared, reason="转行了", actor=BOSS)


def test_a_rule_that_changes_is_told_of_the_past() -> None:
    card = new()
    person = meet(card)
    buy(card, day(0))
    read(day(10))
    assert "new" in worn(person)
    with pytest.raises(NotFound), transaction.atomic():
        roles.set_rule(name="new", params={"days": 5}, reason="太长", actor=GUIDE)
    with transaction.atomic():
        version = roles.set_rule(name="new", params={"days": 5}, reason="太长", actor=BOSS)
    fold.rebuild(now=day(10))
    (role,) = (r for r in roles.roles_of(person) if r.name == "new")
    assert (role.until, role.rule_version) == (day(5), version)


def test_whoever_is_erased_wears_nothing() -> None:
    card = new()
    person = meet(card)
    buy(card, day(0))
    read(day(1))
    assert {row["身份"] for row in erasing.told_of([person])} == {"会员", "新客"}
    assert erasing.erase(Erased((person,))) == {"身份": 2}
    assert roles.roles_of(person) == [] and sql.fetch(_RECHECKS) == []


def test_the_lake_is_told_who_wears_what_now() -> None:
    card = new()
    person = meet(card)
    buy(card, day(0))
    read(day(1))
    fold.attend(now=day(31))
    told = {r["key"]: r["number"] for r in reads.state_changes(XidRange(0, 1 << 60)).to_pylist()}
    assert told == {"role.member": 1.0, "role.new": None}
    assert {r["person_id"] for r in reads.state_changes(XidRange(0, 1 << 60)).to_pylist()} == {person}


def test_twice_the_people_take_no_more_statements() -> None:
    def some(n: int) -> int:
        cards = [new() for _ in range(n)]
        for card in cards:
            meet(card)
        for place, card in enumerate(cards):
            buy(card, day(place))
        return statements(lambda: fold.read(now=LATER))

    some(1)
    assert some(4) == some(8)


# ---- the law ------------------------------------------------------------------------------------------------

_PEOPLE = 4
_place = st.integers(0, _PEOPLE - 1)
_steps = st.lists(
    st.one_of(
        st.tuples(st.just("buy"), _place, st.integers(0, 700)),
        st.tuples(st.just("share"), _place, st.integers(0, 700)),
        st.tuples(st.just("follow"), _place, st.integers(0, 700)),
        st.tuples(st.just("unfollow"), _place, st.integers(0, 700)),
        st.tuples(st.just("bring"), _place, _place),
        st.tuples(st.just("bring"), _place, _place),
        st.tuples(st.just("bring"), _place, _place),
        st.tuples(st.just("end"), st.integers(0, 3), st.just(0)),
        st.tuples(st.just("merge"), _place, _place),
        st.tuples(st.just("merge"), _place, _place),
        st.tuples(st.just("part"), st.integers(0, 3), st.just(0)),
        st.tuples(st.just("read"), st.integers(1, 40), st.just(0)),
        st.tuples(st.just("read"), st.integers(1, 40), st.just(0)),
        st.tuples(st.just("attend"), st.integers(1, 200), st.just(0)),
    ),
    min_size=6,
    max_size=24,
)
_FACTS = {"share": "Product Shared", "follow": "Account Followed", "unfollow": "Account Unfollowed"}


_EMPTY = [
    sql.Statement(f"empty_{table}", f"delete from {table}")
    for table in ("settlement", "person_relation", "person_role", "role_recheck")
]


class World:
    """With nothing left of the history before: that one ended at another time."""

    def __init__(self) -> None:
        for statement in _EMPTY:
            sql.run(statement)
        self.cards = [new() for _ in range(_PEOPLE)]
        self.ids = [meet(card) for card in self.cards]
        self.links: list[int] = []
        self.now = day(700)

    def do(self, what: str, a: int, b: int) -> None:
        getattr(self, what, lambda a, b: self._tell(_FACTS[what], a, b))(a, b)

    def _tell(self, name: str, a: int, n: int) -> None:
        settle(Told(f"f{number()}", name=name, at=day(n), identifiers=(self.cards[a],)))

    def buy(self, a: int, n: int) -> None:
        buy(self.cards[a], day(n))

    def bring(self, a: int, b: int) -> None:
        one, other = self.ids[a], self.ids[b]
        standing = {e.other_id for e in relations.edges_of(one) if e.until is None}
        ca, cb = people.canonical_id(one), people.canonical_id(other)
        if ca != cb and cb not in standing:
            with transaction.atomic():
                relations.declare(
                    kind="brought",
                    from_person_id=one,
                    to_person_id=other,
                    reason="她说的",
                    actor=SYSTEM,
                    since=day(a * 100 + b - 1_000),
                )

    def end(self, place: int, _: int) -> None:
        living = sorted({e.id for p in self.ids for e in relations.edges_of(p) if e.until is None})
        if living:
            with transaction.atomic():
                relations.end(relation_id=living[place % len(living)], reason="说错了", actor=SYSTEM)

    def merge(self, a: int, b: int) -> None:
        if people.canonical_id(self.ids[a]) != people.canonical_id(self.ids[b]):
            self.links.append(merge(self.ids[a], self.ids[b]))

    def part(self, place: int, _: int) -> None:
        if self.links:
            unmerge(self.links.pop(place % len(self.links)))

    def read(self, days: int, _: int) -> None:
        self.now += timedelta(days=days)
        fold.read(now=self.now)

    def attend(self, days: int, _: int) -> None:
        self.now += timedelta(days=days)
        fold.attend(now=self.now)


def told() -> tuple[list[Any], list[Any]]:
    rows = [tuple(r._replace(why=json.dumps(json.loads(r.why), sort_keys=True))) for r in sql.fetch(_ALL)]
    return rows, [tuple(r) for r in sql.fetch(_RECHECKS)]


@settings(
    max_examples=50,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example([("bring", 0, 1), ("bring", 2, 3), ("read", 1, 0), ("merge", 1, 3)])
@given(_steps)
def test_reading_as_it_comes_is_reading_all_again(steps: list[tuple[str, int, int]]) -> None:
    world = World()
    for step in steps:
        world.do(*step)
    fold.read(now=world.now)
    fold.attend(now=world.now)
    incremental = told()
    assert fold.rebuild(now=world.now) == 0, "nothing comes out otherwise"
    sql.run(_CLEAR)
    sql.run(_CLEAR_RECHECKS)
    fold.rebuild(now=world.now)
    assert told() == incremental
    assert incremental[0], "there was something to compare"
