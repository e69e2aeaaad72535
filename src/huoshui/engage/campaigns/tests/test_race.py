"""Many at once for the same coupon, each race with its control: without the lock the test must find out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from pytest import MonkeyPatch

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.tests.ground import clean_tables, number
from huoshui.core.tests.racing import Outcome, race, take_out
from huoshui.engage.campaigns import actions, claiming, claims, redeem
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.campaigns.tests.shop import Line, Sale, Shop, claimed, person, persons, template, view

__all__ = ["clean_tables"]

CLIENTS = 8


@pytest.fixture
def slow_decisions(monkeypatch: MonkeyPatch) -> None:
    """Between reading a counter and writing it lies long enough for others to come between."""
    quick = claiming.decide

    def decide(*args: Any, **more: Any) -> Any:
        time.sleep(0.03)
        return quick(*args, **more)

    monkeypatch.setattr(claiming, "decide", decide)


def claim_alone(offered: int, who: int, key: str) -> str:
    with transaction.atomic(durable=True):
        return campaigns.claim([campaigns.Claim(offered, who, key)], actor=SYSTEM)[0].code


def race_for(offered: int, who: Sequence[int]) -> Outcome:
    outcome = race(*[lambda p=p: claim_alone(offered, p, f"k{number()}") for p in who])
    assert outcome.errors == []
    return outcome


def given(offered: int) -> int:
    return int(sql.fetch_one(_GIVEN, id=offered).count)


_GIVEN = sql.Statement("given", "select count(*) from coupon where template_id = %(id)s")


@pytest.mark.usefixtures("clean_tables", "slow_decisions")
def test_the_last_coupons_go_to_as_many_as_there_are() -> None:
    offered, who = template(total_count=3), persons(CLIENTS)
    outcome = race_for(offered, who)
    assert (sum(map(bool, outcome.results)), given(offered), view(offered).issued_count) == (3, 3, 3)


@pytest.mark.usefixtures("clean_tables", "slow_decisions")
def test_control_without_the_lock_it_oversells(monkeypatch: MonkeyPatch) -> None:
    take_out(monkeypatch, actions.Q, "offered", "for no key update")
    offered, who = template(total_count=3), persons(CLIENTS)
    race_for(offered, who)
    assert given(offered) > 3


@pytest.mark.usefixtures("clean_tables", "slow_decisions")
def test_one_person_at_many_doors_has_one() -> None:
    offered, who = template(per_person=1), person()
    assert sum(map(bool, race_for(offered, [who] * CLIENTS).results)) == 1
    assert given(offered) == 1


@pytest.mark.usefixtures("clean_tables", "slow_decisions")
def test_control_without_its_lock_one_person_has_several(monkeypatch: MonkeyPatch) -> None:
    take_out(monkeypatch, claims.Q, "lock_taken", "for update")
    offered, who = template(per_person=1), person()
    # The template's lock would do alone what the person's does, and the row that is opened waits for its rival
    monkeypatch.setitem(claims.Q._by_name, "open_taken", sql.Statement("open_taken", "select 1"))
    sql.run(_OPEN, template_id=offered, person_id=who)
    take_out(monkeypatch, actions.Q, "offered", "for no key update")
    race_for(offered, [who] * CLIENTS)
    assert given(offered) > 1


_OPEN = sql.Statement("open", "insert into coupon_taken values (%(template_id)s, %(person_id)s, 0)")


@pytest.mark.usefixtures("clean_tables", "slow_decisions")
def test_the_same_claim_told_at_once_is_one() -> None:
    offered, who = template(), person()
    outcome = race(*[lambda: claim_alone(offered, who, "same")] * CLIENTS)
    assert outcome.errors == []
    assert len(set(outcome.results)) == given(offered) == 1


def sell_at_once(code: str) -> tuple[int, int]:
    """(how many sales had the coupon, how many redemptions there are) of as many tills."""
    shop = Shop()
    sales = [Sale(f"O{n}", [Line(90_00, 10_00)], [(code, 10_00)]) for n in range(CLIENTS)]
    fact_ids = shop.receive(sales)

    def sell(fact_id: int) -> bool:
        with transaction.atomic(durable=True):
            done = campaigns.redeem(campaigns.look([fact_id]), asks={fact_id})
            if done.unmet:
                transaction.set_rollback(True)
            return not done.unmet

    outcome = race(*[lambda f=f: sell(f) for f in fact_ids])
    assert outcome.errors == []
    return sum(outcome.results), len(campaigns.redemptions_of(fact_ids))


@pytest.fixture
def slow_sales(monkeypatch: MonkeyPatch) -> None:
    quick = redeem._orders

    def orders(*args: Any) -> Any:
        time.sleep(0.03)
        return quick(*args)

    monkeypatch.setattr(redeem, "_orders", orders)


@pytest.mark.usefixtures("clean_tables", "slow_sales")
def test_one_code_at_many_tills_is_used_once() -> None:
    (code,) = campaigns.print_codes(template_id=template(), count=1, actor=SYSTEM)
    assert sell_at_once(code) == (1, 1)


@pytest.mark.usefixtures("clean_tables", "slow_sales")
def test_control_without_the_lock_it_is_used_often(monkeypatch: MonkeyPatch) -> None:
    take_out(monkeypatch, redeem.Q, "lock_used", "for update of c")
    (code,) = campaigns.print_codes(template_id=template(), count=1, actor=SYSTEM)
    assert sell_at_once(code)[1] > 1


def lock_at_once(code: str) -> int:
    """How many orders believe that they have the coupon."""
    until = clock.now() + timedelta(minutes=5)

    def lock(order: str) -> bool:
        with transaction.atomic(durable=True):
            failed = campaigns.lock([code], source_id=1, order_key=order, until=until)
            time.sleep(0.03)
            return not failed

    outcome = race(*[lambda n=n: lock(f"O{n}") for n in range(CLIENTS)])
    assert outcome.errors == []
    return sum(outcome.results)


@pytest.mark.usefixtures("clean_tables")
def test_one_coupon_is_kept_for_one_order() -> None:
    assert lock_at_once(claimed(template(), person())) == 1


@pytest.mark.usefixtures("clean_tables")
def test_control_without_the_lock_many_believe_they_have_it(monkeypatch: MonkeyPatch) -> None:
    take_out(monkeypatch, actions.Q, "lock_coupons", "for update of c")
    assert lock_at_once(claimed(template(), person())) > 1
