"""Points changed with partners, both ways, and the statement of it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.ledger import api as ledger
from huoshui.core.tests.ground import rolled_back
from huoshui.engage.loyalty import alliance
from huoshui.engage.loyalty import api as loyalty
from huoshui.engage.loyalty.alliance import Partner
from huoshui.engage.loyalty.tests.till import audit, give, held, person, persons, today, total
from huoshui.people import api as people

pytestmark = pytest.mark.django_db

LI = Actor("staff", 1, "李")
MARCH, APRIL = date(2026, 3, 10), date(2026, 4, 10)
FACTS = sql.Statement("facts", "select count(*) as n from fact where name = 'Points Exchanged'")


def put(**more: object) -> Partner:
    values = {
        "ours": 10,
        "theirs": 3,
        "direction": "both",
        "monthly_cap": 1000,
        "prepaid_limit": 50,
        "fen_per_100": 90,
    }
    loyalty.put_partner(Partner(0, "kafei", "咖啡馆", **(values | more)), actor=LI)  # type: ignore[arg-type]
    return loyalty.partners()[0]


def out(ann: int, points: int, **more: object) -> alliance.Exchanged:
    return loyalty.exchange(person_id=ann, partner="kafei", points=points, way="out", actor=LI, **more)  # type: ignore[arg-type]


def in_(ann: int, points: int) -> alliance.Exchanged:
    return loyalty.exchange(person_id=ann, partner="kafei", points=points, way="in", actor=LI)


def test_ours_become_theirs_and_come_back() -> None:
    partner, ann = put(), person()
    give(ann, 100, "2026-12")
    with today(MARCH):
        done = out(ann, 40)
        assert (done.ours, done.theirs) == (40, 12)
        assert (held(ann), held(ann, partner.unit)) == ({"2026-12": 60}, {"": 12})
        in_(ann, 6)
    assert (held(ann), held(ann, partner.unit)) == ({"2026-12": 60, "2027-12": 20}, {"": 6})
    assert ledger.balances(unit="points", owner_kind="partner", owner_ids=[partner.id]) == {partner.id: 20}
    audit()


@pytest.mark.parametrize(
    ("points", "why"),
    [(45, alliance.NotEven), (0, alliance.NotEven), (-10, alliance.NotEven), (110, alliance.PointsShort)],
)
def test_what_cannot_be_changed_moves_nothing(points: int, why: type[Refused]) -> None:
    put()
    ann = person()
    give(ann, 100)
    with pytest.raises(why):
        out(ann, points)
    assert total(ann) == 100


def test_only_in_the_agreed_direction() -> None:
    put(direction="in")
    ann = person()
    give(ann, 100)
    with pytest.raises(alliance.NotThisWay):
        out(ann, 10)
    put(state="ended")
    with pytest.raises(alliance.NotThisWay):
        in_(ann, 3)
    with pytest.raises(NotFound):
        loyalty.exchange(person_id=ann, partner="nobody", points=10, way="out", actor=LI)
    assert total(ann) == 100


def test_a_partner_brings_no_more_than_it_has_prepaid() -> None:
    partner, ann = put(), person()
    told = {"partner": "kafei", "actor": SYSTEM, "key": "k1"}
    first = loyalty.credit_partner_points(person_id=ann, points=30, **told)  # type: ignore[arg-type]
    again = loyalty.credit_partner_points(person_id=ann, points=30, **told)  # type: ignore[arg-type]
    assert (again.fact_id, first.is_repeat, again.is_repeat) == (first.fact_id, False, True)
    for changed in ({"person_id": person(), "points": 30}, {"person_id": ann, "points": 31}):
        with pytest.raises(alliance.KeyReused):
            loyalty.credit_partner_points(**changed, **told)  # type: ignore[arg-type]
    in_(ann, 15)
    with pytest.raises(alliance.Exhausted):
        in_(ann, 3)
    assert (total(ann), held(ann, partner.unit)) == (50, {"": 15})
    with pytest.raises(alliance.PointsShort):
        put(prepaid_limit=500)
        in_(ann, 18)
    audit()


def test_the_months_cap_is_everybodys_and_begins_anew() -> None:
    put(monthly_cap=50)
    ann, ben = persons(2)
    give(ann, 100)
    give(ben, 100)
    with today(MARCH):
        out(ann, 30)
        with pytest.raises(alliance.CapReached, match="20"):
            out(ben, 30)
        out(ben, 20)
    with today(APRIL):
        out(ben, 50)
    assert (total(ann), total(ben)) == (70, 30)


def test_a_key_makes_it_once() -> None:
    put()
    ann = person()
    give(ann, 100)
    first = out(ann, 10, key="k")
    put(state="ended")
    again = out(ann, 10, key="k")
    assert (again.fact_id, again.theirs, again.is_repeat) == (first.fact_id, first.theirs, True)
    for whose, points in ((ann, 20), (person(), 10)):
        with pytest.raises(alliance.KeyReused):
            out(whose, points, key="k")
    assert total(ann) == 90


def test_all_ids_of_a_human_change_together() -> None:
    put()
    ann, also = persons(2)
    give(ann, 10)
    give(also, 10)
    people.merge(person_a=ann, person_b=also, reason="同一个人", actor=SYSTEM)
    out(also, 20)
    assert (total(ann), total(also)) == (0, 0)


def test_the_statement_goes_both_ways() -> None:
    put()
    ann, ben = persons(2)
    give(ann, 100)
    give(ben, 100)
    with today(MARCH):
        out(ann, 40)
    with today(APRIL):
        out(ann, 10)
        out(ben, 20)
        in_(ann, 6)
        loyalty.settle_partner(partner="kafei", points=40, reference="付款-1", actor=LI)
    march, april = loyalty.statement("kafei", MARCH), loyalty.statement("kafei", APRIL)
    assert (march.opening, march.issued, march.redeemed, march.closing) == (0, 40, 0, 40)
    assert (april.opening, april.issued, april.redeemed, april.settled, april.closing) == (40, 30, 20, 40, 10)
    assert (april.theirs_issued, april.theirs_redeemed) == (9, 6)
    assert (april.sent, april.received, april.exchanges_out, april.exchanges_in) == (2, 1, 2, 1)
    assert (april.net_points, april.net_money, march.net_money) == (10, 9, 36)
    with pytest.raises(Refused):
        loyalty.settle_partner(partner="kafei", points=40, reference="付款-1", actor=LI)
    with pytest.raises(NotFound):
        loyalty.statement("nobody", MARCH)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 12)), max_size=10))
def test_whatever_is_changed_the_statement_and_the_books_agree(steps: list[tuple[bool, int]]) -> None:
    with rolled_back():
        partner, ann = put(), person()
        give(ann, 60)
        for is_out, sets in steps:
            if is_out and total(ann) >= sets * 10:
                out(ann, sets * 10)
            elif not is_out and held(ann, partner.unit).get("", 0) >= sets * 3:
                in_(ann, sets * 3)
        said = loyalty.statement("kafei", clock.today())
        owed = ledger.balances(unit="points", owner_kind="partner", owner_ids=[partner.id])[partner.id]
        assert said.closing == owed == 60 - total(ann)
        assert said.theirs_issued - said.theirs_redeemed == held(ann, partner.unit).get("", 0)
        audit()
