"""The books as one opens them: unit, account, transfer, and the balance beside each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from huoshui.core import clock, sql
from huoshui.core.errors import NotFound
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger import explorer
from huoshui.core.ledger.explorer import AccountKey
from huoshui.core.ledger.types import ISSUER, POOL, Account, IfShort, Movement, Party
from huoshui.core.tests.ground import (
    STORE,
    Line,
    a_source,
    clean_tables,
    number,
    receive,
    refund,
    sale,
    settle,
)

__all__ = ["clean_tables"]

pytestmark = pytest.mark.django_db


LATE = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)
"""Past midnight where the brand is."""


def earn(person: int, amount: int, bucket: str = "2026-12", fact_id: int | None = None) -> Movement:
    fact = fact_id or 10**6 + number()
    return Movement("points", ISSUER, Party("person", person, bucket), amount, fact, "earn")


def spend(person: int, amount: int) -> Movement:
    return Movement(
        "points",
        Party("person", person, POOL),
        ISSUER,
        amount,
        10**6 + number(),
        "spend",
        if_short=IfShort.DEBT,
    )


def of(person: int, bucket: str = "2026-12") -> Account:
    return next(a for a in explorer.accounts_of("points", "person", [person]) if a.bucket == bucket)


def test_a_unit_tells_what_is_held_owed_and_moved_today() -> None:
    ledger.post([earn(1, 10), earn(2, 5)])
    ledger.post([spend(1, 10), spend(2, 8)])
    (points,) = explorer.units(since=clock.now() - timedelta(days=1))
    assert (points.held, points.debts, points.owed, points.holders) == (0, 1, 3, 1)
    assert points.moved == 10 + 5 + 10 + 8
    (later,) = explorer.units(since=clock.now() + timedelta(hours=1))
    assert (later.moves, later.moved) == (0, 0)


def test_a_refund_goes_by_the_number_of_its_order() -> None:
    source = a_source()
    fact_ids = receive([sale("a"), refund("idempotency-key-7", "a")], source).fact_ids
    settle(fact_ids)
    ledger.post([earn(1, 10, fact_id=fact_ids[0]), earn(1, 1, fact_id=fact_ids[1])])
    assert [leg.order_key for leg in explorer.legs(of(1))] == ["a", "a"]


def test_what_is_explained_is_told_by_unit_and_day() -> None:
    fact_ids = receive([sale("a")], a_source()).fact_ids
    settle(fact_ids)
    ledger.post([earn(1, 10, fact_id=fact_ids[0]), earn(2, 5)])
    ledger.post([Movement("budget", ISSUER, Party("template", 1), 100, fact_ids[0], "fund")])
    sql.run(sql.Statement("late", "update transfer set posted_at = %(at)s where amount = 5"), at=LATE)
    found = explorer.explained_by_day()
    today = clock.business_day(clock.now())
    assert found == [("budget", today, 1, 1), ("points", date(2026, 3, 2), 1, 0), ("points", today, 1, 1)]
    assert [(one.is_whole, one.percent) for one in found] == [(True, 100.0), (False, 0.0), (True, 100.0)]
    (leg,) = explorer.legs(of(1))
    assert (leg.name, leg.is_explained, leg.order_key) == ("Order Completed", True, "a")


def test_pages_of_accounts_meet_without_a_gap() -> None:
    ledger.post([earn(person, 1, bucket) for person in (1, 2, 3) for bucket in ("2026-12", "2027-12")])
    whole = explorer.accounts("points")
    assert [(a.owner_kind, a.owner_id) for a in whole[:2]] == [("issuer", 0), ("person", 1)]
    seen: list[Account] = []
    while page := explorer.accounts("points", after=AccountKey(*seen[-1][2:5]) if seen else None, limit=2):
        seen += page
    assert seen == whole and len(seen) == 7


def test_empty_accounts_are_left_out_and_debts_stand_alone() -> None:
    ledger.post([earn(1, 10), earn(2, 5)])
    ledger.post([spend(1, 10), spend(2, 8)])
    assert {(a.owner_kind, a.bucket) for a in explorer.accounts("points")} == {
        ("issuer", ""),
        ("person", "debt"),
    }
    assert [(a.owner_id, a.balance) for a in explorer.accounts("points", only="debts")] == [(2, -3)]
    # A debt account was opened for each of them, also for the one who owes nothing
    assert len(explorer.accounts("points", only="all")) == 5


def test_the_balance_beside_each_transfer_ends_at_nothing() -> None:
    for amount in (10, 20, 30):
        ledger.post([earn(1, amount)])
    ledger.post([spend(1, 25)])
    found = explorer.legs(of(1))
    assert [(leg.delta, leg.balance) for leg in found] == [(-25, 35), (30, 60), (20, 30), (10, 10)]
    assert found[0].other.owner_kind == "issuer" and found[0].name is None and not found[0].is_explained


def test_a_later_page_agrees_with_the_one_above_it() -> None:
    for amount in (10, 20, 30, 40, 50):
        ledger.post([earn(1, amount)])
    whole = explorer.legs(of(1))
    first = explorer.legs(of(1), limit=2)
    rest = explorer.legs(of(1), after=first[-1].key)
    assert [*first, *rest] == whole


def test_a_system_account_has_transfers_and_no_balance() -> None:
    ledger.post([earn(1, 10), earn(2, 5)])
    (issuer,) = explorer.accounts_of("points", "issuer", [0])
    assert [(leg.delta, leg.balance) for leg in explorer.legs(issuer)] == [(-5, None), (-10, None)]


def test_what_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        explorer.account(10**15)
    with pytest.raises(NotFound):
        explorer.accounts("gold")


def test_buckets_come_soonest_first() -> None:
    ledger.post([earn(1, 10, "2027-12"), earn(1, 5, "2026-12"), earn(9, 7)])
    assert list(explorer.buckets_of("points", "person", [1]).items()) == [("2026-12", 5), ("2027-12", 10)]


def test_stock_is_told_by_place_whether_folded_or_not() -> None:
    source = a_source()
    settle(receive([sale("a", Line(sku_id=1, quantity_milli=2000))], source).fact_ids)
    told = {(1, STORE): -2000}
    assert explorer.stock_by_place([1, 2], [STORE]) == told
    assert explorer.stock_by_place([1], [STORE + 1]) == {}
    ledger.fold_goods()
    settle(receive([sale("b", Line(sku_id=1, quantity_milli=500))], source).fact_ids)
    assert explorer.stock_by_place([1, 2], [STORE]) == {(1, STORE): -2500}
    assert ledger.stock_of(STORE, [1, 2]) == {1: -2500}, "both tell the same"
