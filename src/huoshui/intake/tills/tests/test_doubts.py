"""What a sale says against itself: an ask is refused for it, a report keeps it beside."""

from __future__ import annotations

import pytest

from huoshui.core.facts import api as facts
from huoshui.intake.river.tests.world import check_books, points_of
from huoshui.intake.tills.api import Outcome, SaleLine, Tender
from huoshui.intake.tills.tests.counter import Counter, clean_tables, counter

__all__ = ["clean_tables", "counter"]

pytestmark = pytest.mark.django_db(transaction=True)

CASH = Tender("cash", 1_900)


def pay(counter: Counter, *tenders: Tender, is_offline: bool = False) -> Outcome:
    return counter.sell(SaleLine("P1", 1000, 2_000), tenders=tenders, is_offline=is_offline)


def codes(outcome: Outcome) -> list[str]:
    return [r.code for r in outcome.refusals or outcome.exceptions]


class TestTendersOfPoints:
    @pytest.fixture(autouse=True)
    def five_hundred_points(self, counter: Counter) -> None:
        counter.sell(SaleLine("P1", 1000, 50_000))

    @pytest.mark.parametrize(
        ("tenders", "code", "pointer"),
        [
            ((Tender("points", 2_000, 0),), "tender_points_missing", "/tenders/0/points"),
            ((Tender("Points", 2_000, 0),), "tender_points_missing", "/tenders/0/points"),
            ((Tender("cash", 2_000, 50),), "tender_points_elsewhere", "/tenders/0/points"),
            ((CASH, Tender("points", 99, 1), Tender("points", 1, 99)), "tender_points_twice", "/tenders/2"),
        ],
    )
    def test_must_say_their_points_once(
        self, counter: Counter, tenders: tuple[Tender, ...], code: str, pointer: str
    ) -> None:
        before = counter.facts()
        outcome = pay(counter, *tenders)
        assert [(r.code, r.pointer) for r in outcome.refusals] == [(code, pointer)]
        assert counter.facts() == before
        reported = pay(counter, *tenders, is_offline=True)
        assert reported.state == "settled"
        assert code in codes(reported)
        check_books()

    def test_are_taken_whatever_their_case(self, counter: Counter) -> None:
        outcome = pay(counter, CASH, Tender(" Points", 100, 100))
        assert outcome.points is not None
        assert (outcome.state, outcome.points.spent) == ("settled", 100)
        assert [t.kind for t in facts.tenders_of([outcome.fact_id or 0])] == ["cash", "points"]
        assert points_of(counter.person()) == 500 - 100 + 19
        check_books()
