"""A stateful test: whatever is earned, spent, taken back and refused, the books are exact after each step."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

import psycopg
import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from psycopg.errors import UniqueViolation
from pytest import MonkeyPatch

from huoshui.core import sql
from huoshui.core.ledger import actions
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.rules import _Book
from huoshui.core.ledger.types import DEBT_BUCKET, ISSUER, POOL, IfShort, Movement, Party
from huoshui.core.tests.ground import number
from huoshui.core.tests.playing import play

PEOPLE = st.sampled_from([1, 2, 3])
BUCKETS = st.sampled_from(["", "2026-12", "2027-12", "2028-12"])
AMOUNTS = st.integers(1, 40)
STEPS = st.one_of(
    st.tuples(st.just("earn"), PEOPLE, AMOUNTS, BUCKETS),
    st.tuples(st.just("spend"), PEOPLE, AMOUNTS, st.just("")),
    st.tuples(st.just("take_back"), PEOPLE, AMOUNTS, BUCKETS),
)
ACCOUNTS = sql.Statement(
    "accounts",
    "select owner_kind, owner_id, bucket, balance from account where unit = %(unit)s",
)
NET = sql.Statement(
    "net",
    "select sum(case when owner_kind = 'issuer' then 0 else balance end) as held, coalesce((select sum(case"
    " when f.owner_kind = 'issuer' then t.amount else 0 end - case when g.owner_kind = 'issuer' then t.amount else 0 end)"
    " from transfer t join account f on f.id = t.from_account_id join account g on g.id = t.to_account_id"
    " where t.unit = %(unit)s), 0) as issued from account where unit = %(unit)s",
)
COUNT = sql.Statement("count", "select count(*) as n from transfer where unit = %(unit)s")
Book = dict[tuple[int, str], int]
STEPS_EACH = 40


class Ledger(RuleBasedStateMachine):
    """Beside the ledger stands a plain dictionary that must agree with it."""

    @initialize()
    def open(self) -> None:
        self.unit = f"unit {number()}"
        self.book: Book = defaultdict(int)
        self.last: list[Movement] = []
        self.refused_last: set[int] = set()

    @rule(step=STEPS)
    def post_one(self, step: tuple[str, int, int, str]) -> None:
        self._post([[step]])

    @rule(groups=st.lists(st.lists(STEPS, min_size=1, max_size=3), min_size=1, max_size=4))
    def post_many(self, groups: list[list[tuple[str, int, int, str]]]) -> None:
        self._post(groups)

    @rule()
    def post_the_same_again(self) -> None:
        replayed = [m for m in self.last if m.fact_id not in self.refused_last]
        if not replayed:
            return
        try:
            with transaction.atomic():
                posted = _post(replayed)
        except UniqueViolation:
            return
        assert posted.refused.keys() == {m.fact_id for m in replayed}, (
            "too poor by now, and then it is refused"
        )

    def _post(self, groups: list[list[tuple[str, int, int, str]]]) -> None:
        movements, refused, indebted = [], set(), set()
        for group in groups:
            fact_id = 10**6 + number()
            movements += [self._movement(fact_id, *step) for step in group]
            after = self.book.copy()
            if all(_apply(after, step) for step in group):
                indebted |= {fact_id} if _debts(after) < _debts(self.book) else set()
                self.book = after
            else:
                refused.add(fact_id)
        posted = _post(movements)
        assert posted.refused.keys() == refused
        assert posted.indebted.keys() == indebted
        self.last, self.refused_last = movements, set(posted.refused)

    def _movement(self, fact_id: int, what: str, person: int, amount: int, bucket: str) -> Movement:
        owner = ("person", person)
        if what == "earn":
            return Movement(self.unit, ISSUER, Party(*owner, bucket), amount, fact_id, what)
        if what == "spend":
            return Movement(self.unit, Party(*owner, POOL), ISSUER, amount, fact_id, what)
        source = Party(*owner, POOL)
        return Movement(self.unit, source, ISSUER, amount, fact_id, what, IfShort.DEBT, (bucket,))

    @invariant()
    def balances_are_what_they_should_be(self) -> None:
        rows = sql.fetch(ACCOUNTS, unit=self.unit)
        held = {(r.owner_id, r.bucket): r.balance for r in rows if r.owner_kind == "person" and r.balance}
        assert held == {place: balance for place, balance in self.book.items() if balance}
        totals: dict[int, int] = defaultdict(int)
        for (person, _), balance in self.book.items():
            totals[person] += balance
        found = ledger.balances(unit=self.unit, owner_kind="person", owner_ids=[1, 2, 3])
        assert {p: n for p, n in found.items() if n} == {p: n for p, n in totals.items() if n}

    @invariant()
    def what_was_issued_is_what_people_hold(self) -> None:
        net = sql.fetch_one(NET, unit=self.unit)
        assert (net.held or 0) == net.issued

    @invariant()
    def the_audit_is_clean(self) -> None:
        for audited in ledger.audit_units():
            if audited.unit == self.unit:
                assert audited.is_clean
                assert audited.transfers == sql.fetch_one(COUNT, unit=self.unit).n


def _post(movements: list[Movement]) -> Any:
    with transaction.atomic():
        return ledger.post(movements)


def _debts(book: Book) -> int:
    return sum(balance for (_, bucket), balance in book.items() if bucket == DEBT_BUCKET)


def _apply(book: Book, step: tuple[str, int, int, str]) -> bool:
    """The rule once more, one point at a time; False where there is too little."""
    what, person, amount, bucket = step
    if what == "earn":
        book[person, bucket] += amount
        return True
    for _ in range(amount):
        full = [b for b in ("2026-12", "2027-12", "2028-12", "") if book[person, b] > 0]
        if full:
            book[person, bucket if what == "take_back" and bucket in full else full[0]] -= 1
        elif what == "take_back":
            book[person, DEBT_BUCKET] -= 1
        else:
            return False
    return True


@pytest.mark.django_db
@pytest.mark.slow
def test_whatever_is_posted_the_books_are_exact() -> None:
    play(Ledger, examples=20, steps=STEPS_EACH, from_seed=random.randrange(2**32))


# ── and each of these bites ──────────────────────────────────────────────────────────────────────────────────────


def _from_any_bucket(sources: Any, book: Any, m: Movement) -> Any:
    return sources(book, m._replace(first=()))


def _latest_first(sources: Any, book: Any, m: Movement) -> Any:
    return list(reversed(sources(book, m)))


def _a_point_is_made(write: Any, transfers: Any) -> None:
    write(transfers)
    sql.run(_MAKE, account_id=transfers[-1].to_account_id if transfers else 0)


def _one_is_not_written(write: Any, transfers: Any) -> None:
    write(transfers)
    if transfers:
        sql.run(_LOSE, fact_id=transfers[-1].fact_id, reason=transfers[-1].reason)


def _refused_feeds(undo: Any, book: Any) -> None:
    book.keep()


_MAKE = sql.Statement(
    "make", "update account set balance = balance + 1 where id = %(account_id)s and balance >= 0"
)
_LOSE = sql.Statement(
    "lose", "delete from transfer where fact_id = %(fact_id)s and reason = %(reason)s and part = 0"
)


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.parametrize(
    ("of", "name", "broken"),
    [
        (_Book, "_sources", _from_any_bucket),
        (_Book, "_sources", _latest_first),
        (_Book, "undo", _refused_feeds),
        (_Book, "_free", lambda *_: 1 << 62),
        (actions, "_write", _a_point_is_made),
        (actions, "_write", _one_is_not_written),
    ],
)
def test_a_broken_ledger_is_found_out(monkeypatch: MonkeyPatch, of: Any, name: str, broken: Any) -> None:
    whole = getattr(of, name)
    monkeypatch.setattr(of, name, lambda *args: broken(whole, *args))
    with pytest.raises((AssertionError, ExceptionGroup, psycopg.Error)):
        play(Ledger, examples=25, steps=STEPS_EACH, from_seed=1)
