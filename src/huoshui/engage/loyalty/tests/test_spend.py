"""Points as money: soonest expiry first, given back to where they came from, owed where they were not there."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest import MonkeyPatch

from huoshui.core.actor import SYSTEM
from huoshui.core.ledger import actions as ledger_actions
from huoshui.core.ledger import rules as ledger_rules
from huoshui.core.tests import ground
from huoshui.core.tests.ground import clean_tables, number, rolled_back, statements
from huoshui.core.tests.racing import race, take_out
from huoshui.core.unmet import sentence
from huoshui.engage.loyalty import api as loyalty
from huoshui.engage.loyalty.tests.till import (
    Till,
    audit,
    back,
    by_reason,
    give,
    held,
    money,
    noon,
    person,
    persons,
    total,
)
from huoshui.people import api as people

__all__ = ["clean_tables"]

REPEATED = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def till(db: None) -> Till:
    return Till()


def test_points_pay_soonest_expiry_first_and_earn_nothing(till: Till) -> None:
    ann = person()
    give(ann, 300, "2026-12")
    give(ann, 900, "2027-06")
    sold = till.sell("O1", ann, money(10_000), points=(400, 400))
    assert held(ann) == {"2027-06": 800, "2027-12": 96}
    assert by_reason(sold.fact_ids) == {"spend": 400, "earn": 96}


def test_what_an_ask_has_too_little_for_is_refused_and_a_report_owes(till: Till) -> None:
    ann = person()
    give(ann, 100)
    told = ground.sale("O1", money(10_000))
    refused = till.settle([(told, ann, (101, 101))], are_asks=True)
    assert refused.refused == set(refused.fact_ids)
    assert held(ann) == {"2027-12": 100}
    till.sell("O2", ann, money(300), points=(150, 150))
    assert held(ann) == {"debt": -49}, "150 of 100, and what the sale earned paid one"


def test_the_next_earning_pays_what_is_owed(till: Till) -> None:
    ann = person()
    till.sell("O1", ann, money(150), points=(150, 150))
    assert held(ann) == {"debt": -150}
    till.sell("O2", ann, money(20_000))
    assert held(ann) == {"2027-12": 50}
    till.refund("O2", ann, back(20_000))
    assert held(ann) == {"debt": -150}, "a refund takes all it gave, what paid the debt too"
    audit()


def test_points_of_nobody_are_unmet(till: Till) -> None:
    sold = till.sell("O1", None, money(1000), points=(100, 100))
    assert [(u.code, u.fact_id) for u in sold.unmet] == [("points_need_member", sold.fact_ids[0])]
    assert sold.movements == []


def test_an_ask_must_name_the_money_its_points_are_worth(till: Till) -> None:
    ann = person()
    give(ann, 500)
    told = ground.sale("O1", money(1000))
    (unmet,) = till.settle([(told, ann, (100, 120))], are_asks=True).unmet
    assert (unmet.code, unmet.detail["right"]) == ("points_value_differs", 100)
    assert "1.00 元" in sentence(unmet.code, unmet.detail)
    assert total(ann) == 500 + 8, "nothing was spent"


def test_a_report_that_names_other_money_is_kept_and_shown(till: Till) -> None:
    ann = person()
    give(ann, 500)
    (unmet,) = till.sell("O1", ann, money(5000), points=(5, 5000)).unmet
    assert (unmet.code, unmet.detail["right"], unmet.detail["amount"]) == ("points_value_differs", 5, 5000)
    assert held(ann) == {"2027-12": 495}
    assert till.sell("O1", ann, money(5000), points=(5, 5000), status="shipped").unmet == [], "no news"
    assert till.sell("O1", ann, money(5000), points=(7, 5002), status="again").unmet == []
    (unmet,) = till.sell("O1", ann, money(5000), points=(10, 5900), status="once more").unmet
    assert unmet.code == "points_value_differs"
    assert till.refund("O1", ann, back(5000), points=(-10, -5900)).unmet == []


def test_a_refund_gives_back_to_the_buckets_they_came_from(till: Till) -> None:
    ann = person()
    give(ann, 300, "2026-12")
    give(ann, 900, "2027-06")
    till.sell("O1", ann, money(400), points=(400, 400))
    till.refund("O1", ann, back(50), points=(-50, -50))
    assert held(ann) == {"2027-06": 850}
    till.refund("O1", ann, back(350), points=(-350, -350))
    assert held(ann) == {"2026-12": 300, "2027-06": 900}


def test_what_has_expired_since_goes_to_the_next_bucket_still_valid(till: Till) -> None:
    ann = person()
    give(ann, 300, "2026-03")
    give(ann, 100, "2026-09")
    till.sell("O1", ann, money(400), points=(400, 400))
    till.refund("O1", ann, back(400), points=(-400, -400), at=noon(date(2026, 5, 2)))
    assert held(ann) == {"2026-09": 400}
    till.sell("O2", ann, money(400), points=(400, 400))
    till.refund("O2", ann, back(400), points=(-400, -400), at=noon(date(2026, 11, 2)))
    assert held(ann) == {"2027-12": 400}


def test_more_given_back_than_the_order_used_is_shown(till: Till) -> None:
    ann = person()
    give(ann, 300)
    till.sell("O1", ann, money(100), points=(100, 100))
    (unmet,) = till.refund("O1", ann, back(100), points=(-130, -100)).unmet
    assert (unmet.code, unmet.detail) == ("points_back_exceed", {"points": 30})
    assert held(ann) == {"2027-12": 300}


def test_an_order_told_again_spends_the_difference(till: Till) -> None:
    ann, ben = persons(2)
    give(ann, 300)
    give(ben, 300)
    till.sell("O1", ann, money(200), points=(100, 100))
    till.sell("O1", ann, money(200), points=(150, 150), status="shipped")
    assert total(ann) == 150
    till.sell("O1", ben, money(200), points=(150, 150), status="was Ben's")
    assert (total(ann), total(ben)) == (300, 150)
    audit()


def test_all_ids_of_one_human_pay_together(till: Till) -> None:
    ann, also_ann = persons(2)
    give(ann, 100, "2027-12")
    give(also_ann, 100, "2026-12")
    people.merge(person_a=ann, person_b=also_ann, actor=SYSTEM, reason="同一个人")
    assert loyalty.usable([ann, also_ann]) == {ann: 200, also_ann: 200}
    told = ground.sale("O1", money(150))
    assert till.settle([(told, ann, (150, 150))], are_asks=True).refused == set()
    assert (held(ann), held(also_ann)) == ({"2027-12": 50}, {})
    till.refund("O1", ann, back(150), points=(-150, -150))
    assert (held(ann), held(also_ann)) == ({"2027-12": 100}, {"2026-12": 100})


BUCKETS = st.sampled_from(["2026-06", "2026-12", "2027-12"])


@REPEATED
@given(
    holdings=st.dictionaries(BUCKETS, st.integers(1, 200), max_size=3),
    paid=st.integers(1, 400),
    cuts=st.lists(st.integers(0, 400), max_size=4),
)
def test_however_a_refund_is_cut_it_gives_back_what_one_would(
    till: Till, holdings: dict[str, int], paid: int, cuts: list[int]
) -> None:
    def life(parts: list[int]) -> tuple[dict[str, int], dict[str, int]]:
        with rolled_back():
            shop, ann = Till(), person()
            for bucket, points in holdings.items():
                give(ann, points, bucket)
            shop.sell("O", ann, money(paid), points=(paid, paid))
            for part in parts:
                shop.refund("O", ann, back(part), points=(-part, -part))
            part_way = held(ann)
            if left := paid - sum(parts):
                shop.refund("O", ann, back(left), points=(-left, -left))
            audit()
            return part_way, held(ann)

    upto = sorted(min(cut, paid) for cut in cuts)
    parts = [b - a for a, b in zip([0, *upto], upto, strict=False) if b > a]
    cut_up, at_the_end = life(parts)
    assert at_the_end == holdings
    assert cut_up == life([sum(parts)] if parts else [])[0]


def test_a_batch_without_points_costs_nothing_beside_the_look_and_more_of_them_no_more(till: Till) -> None:
    def cost(count: int, points: tuple[int, int] | None) -> int:
        buyers = persons(count)
        for buyer in buyers:
            give(buyer, 100)
        ids = till.receive([(ground.sale(f"Q{number()}", money(500)), p, points) for p in buyers])
        return statements(lambda: loyalty.spend(loyalty.look(ids), asks=set()))

    assert cost(4, None) == 2, "money and rules"
    assert cost(8, (10, 10)) <= cost(4, (10, 10))


class TestRace:
    """Many tills spend the same points at once."""

    TILLS, POINTS = 6, 100

    @pytest.fixture(autouse=True)
    def _slow_decisions(self, monkeypatch: MonkeyPatch) -> None:
        def decide(*args: Any) -> Any:
            time.sleep(0.05)
            return ledger_rules.decide(*args)

        monkeypatch.setattr(ledger_actions, "rules", type("Slow", (), {"decide": staticmethod(decide)}))

    def run(self) -> tuple[int, int]:
        """(how many asks were granted, what is left)."""
        with transaction.atomic():
            ann = person()
            give(ann, self.POINTS)
            till = Till()
            told = [(ground.sale(f"O{n}", money(60)), ann, (60, 60)) for n in range(self.TILLS)]
            fact_ids = till.receive(told)

        def ask(fact_id: int) -> int:
            with transaction.atomic(durable=True):
                return len(till.pay([fact_id], are_asks=True).refused)

        outcome = race(*[lambda f=f: ask(f) for f in fact_ids])
        assert outcome.errors == []
        return outcome.results.count(0), total(ann)

    @pytest.mark.usefixtures("clean_tables")
    def test_the_same_points_pay_once(self) -> None:
        assert self.run() == (1, 40)
        audit()

    @pytest.mark.usefixtures("clean_tables")
    def test_control_without_the_lock_they_pay_more_than_once(self, monkeypatch: MonkeyPatch) -> None:
        take_out(monkeypatch, ledger_actions.Q, "lock_accounts", "for no key update")
        with pytest.raises(AssertionError):
            assert self.run() == (1, 40)
