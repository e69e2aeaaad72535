"""What sales earn and returns take back: whole points, counted on the order."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.core.ledger.types import ISSUER, POOL, IfShort, Movement, Party
from huoshui.engage.loyalty import rules
from huoshui.engage.loyalty.types import (
    Earning,
    EarnRule,
    Given,
    OrderFact,
    Reached,
    Rulebook,
    Spent,
    Standing,
    Tier,
)

DAY = date(2026, 3, 10)
ONE_A_YUAN = EarnRule(version=1, points=1, per_minor=100, valid_years=1)
RULES = st.builds(EarnRule, st.just(1), st.integers(1, 5), st.integers(1, 300), st.integers(1, 3))
ANN, BEN = 1, 2


class Book:
    """An order's life: each fact is told with its effect, and what it moves is booked."""

    def __init__(self, rule: EarnRule = ONE_A_YUAN, *, history_first: bool = False) -> None:
        self._rule = rule
        self._history_first = history_first
        self._facts: list[OrderFact] = []
        self._given: Counter[tuple[int, str]] = Counter()

    def tell(self, effect: int, person: int | None = ANN) -> list[Movement]:
        """Movements of a further fact."""
        is_first = not self._facts
        is_history = self._history_first and is_first
        self._facts.append(OrderFact(1, effect, is_history, is_first))
        earning = Earning(len(self._facts), person, None if is_first else 1, DAY, effect)
        given = [Given(1, owner, bucket, points) for (owner, bucket), points in self._given.items()]
        moved = rules.movements(
            [] if is_history else [earning], Rulebook([self._rule]), facts=self._facts, given=given
        )
        for m in moved:
            if m.reason == "earn":
                self._given[m.target.owner_id, m.target.bucket] += m.amount
            else:
                self._given[m.source.owner_id, m.first[0] if m.first else "debt"] -= m.amount
        return moved

    def points(self) -> dict[int, int]:
        totals: dict[int, int] = defaultdict(int)
        for (owner, _), points in self._given.items():
            totals[owner] += points
        return {owner: points for owner, points in totals.items() if points}


def test_a_sale_earns_whole_points_that_expire_at_the_end_of_a_year() -> None:
    (moved,) = Book().tell(1299)
    assert moved == Movement("points", ISSUER, Party("person", ANN, "2027-12"), 12, 1, "earn", repays=True)


def test_what_is_too_small_earns_nothing() -> None:
    assert Book().tell(99) == []
    assert Book().tell(0) == []


def test_an_unknown_customer_earns_nothing() -> None:
    assert Book().tell(5000, None) == []


def test_a_return_without_its_sale_takes_what_it_would_have_given() -> None:
    (moved,) = Book().tell(-1299)
    assert (moved.source, moved.target, moved.amount) == (Party("person", ANN, POOL), ISSUER, 12)
    assert moved.if_short is IfShort.DEBT


def test_a_part_refund_takes_the_difference_from_the_bucket_it_filled() -> None:
    book = Book()
    book.tell(1299)
    (moved,) = book.tell(-400)
    assert (moved.amount, moved.first, moved.reason) == (4, ("2027-12",), "take_back")
    assert book.points() == {ANN: 8}


def test_a_change_of_status_moves_nothing() -> None:
    book = Book()
    book.tell(1299)
    assert book.tell(0) == []


def test_the_rest_of_an_order_earns_on_the_whole() -> None:
    book = Book()
    book.tell(150)
    book.tell(150)
    assert book.points() == {ANN: 3}, "1.50 and 1.50 are 3.00"


@given(RULES, st.integers(0, 10**6), st.data())
def test_however_a_refund_is_cut_it_takes_what_one_would(
    rule: EarnRule, paid: int, data: st.DataObject
) -> None:
    parts = data.draw(st.lists(st.integers(0, paid), max_size=8).map(sorted))
    at_once, cut = Book(rule), Book(rule)
    at_once.tell(paid)
    cut.tell(paid)
    given_back = 0
    for upto in parts:
        cut.tell(given_back - upto)
        given_back = upto
    at_once.tell(-given_back)
    assert cut.points() == at_once.points()
    cut.tell(given_back - paid)
    assert cut.points() == {}


@given(RULES, st.lists(st.integers(-(10**4), 10**4), min_size=1, max_size=8))
def test_whatever_becomes_of_an_order_it_has_earned_what_it_is_worth(
    rule: EarnRule, effects: list[int]
) -> None:
    book = Book(rule)
    for effect in effects:
        book.tell(effect)
    worth = rule.worth(sum(effects))
    assert book.points() == ({ANN: worth} if worth else {})


@given(RULES, st.integers(-(10**6), 10**6))
def test_a_return_never_costs_more_than_the_purchase_gave(rule: EarnRule, minor: int) -> None:
    assert rule.worth(-minor) == -rule.worth(minor)
    assert abs(rule.worth(minor)) * rule.per_minor <= abs(minor) * rule.points


class TestHistory:
    """An order known from history was paid in the old system, points and all."""

    def test_only_what_changes_afterwards_counts(self) -> None:
        book = Book(history_first=True)
        assert book.tell(1299) == []
        book.tell(-400)
        assert book.points() == {ANN: -4}
        book.tell(-899)
        assert book.points() == {ANN: -12}


class TestAnotherCustomer:
    def test_an_order_takes_its_points_along(self) -> None:
        book = Book()
        book.tell(1000)
        moved = book.tell(-200, BEN)
        assert [(m.reason, m.amount) for m in moved] == [("take_back", 10), ("earn", 8)]
        assert book.points() == {BEN: 8}

    def test_an_order_that_was_nobodys_is_earned_in_full(self) -> None:
        book = Book()
        book.tell(1000, None)
        book.tell(0, BEN)
        assert book.points() == {BEN: 10}


class TestSpent:
    def test_a_first_fact_is_its_persons(self) -> None:
        assert rules.spent([Earning(7, ANN, None, DAY, 500)], []) == [Spent(7, ANN, 500, DAY)]
        assert rules.spent([Earning(7, None, None, DAY, 500)], []) == []

    def test_what_is_taken_back_was_spent_by_whom_it_was_told_of(self) -> None:
        revised = Earning(8, BEN, 7, DAY, -100)
        assert rules.spent([revised], [Spent(8, ANN, -500)]) == [
            Spent(8, BEN, 400, DAY),
            Spent(8, ANN, -500),
        ]
        assert rules.spent([revised], [Spent(8, None, -500)]) == [Spent(8, BEN, 400, DAY)]


class TestProgress:
    TIERS = (Tier(0, "普通", 0), Tier(1, "银", 1_000_00))

    @pytest.mark.parametrize(("before", "after"), [(ANN, BEN), (BEN, ANN)])
    def test_an_order_that_goes_over_to_another_id_of_one_human_was_never_had_twice(
        self, before: int, after: int
    ) -> None:
        ids = (ANN, BEN)
        had = {p: Standing(p, 600_00 if p == before else 0, 0, ids) for p in ids}
        moved = [Spent(8, before, -600_00), Spent(8, after, 600_00)]
        assert rules.progress(moved, had, self.TIERS) == ([], [])
        more = [*moved, Spent(9, before, 400_00)]
        assert rules.progress(more, had, self.TIERS)[1] == [Reached(before, self.TIERS[1], 9)]
