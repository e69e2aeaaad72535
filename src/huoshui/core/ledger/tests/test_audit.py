"""The audit recomputes every balance and every shelf, and finds what somebody planted."""

from __future__ import annotations

import pytest
from django.db import connection

from huoshui.core.facts import api as facts
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.types import ISSUER, POOL, Movement, Party
from huoshui.core.tests.ground import (
    STORE,
    Line,
    a_source,
    clean_tables,
    number,
    receive,
    sale,
    settle,
    wait_for_readers,
)

__all__ = ["clean_tables"]

pytestmark = pytest.mark.django_db


def earn(person: int, amount: int, bucket: str = "2026-12") -> Movement:
    return Movement("points", ISSUER, Party("person", person, bucket), amount, 10**6 + number(), "earn")


def execute(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)


def test_books_that_balance_are_clean() -> None:
    spend = Movement("points", Party("person", 1, POOL), ISSUER, 4, 10**6 + number(), "spend")
    ledger.post([earn(1, 10), earn(2, 5), spend])
    (audited,) = ledger.audit_units()
    assert (audited.transfers, audited.accounts, audited.is_clean) == (3, 3, True)
    assert ledger.explained() == (3, 0), "these facts do not exist"


def test_a_planted_balance_is_found() -> None:
    ledger.post([earn(1, 10), earn(2, 5)])
    execute("update account set balance = balance + 1 where owner_kind = 'person' and owner_id = 2")
    (audited,) = ledger.audit_units()
    assert (audited.wrong_balances, audited.is_clean) == (1, False)


def test_a_lost_transfer_is_found() -> None:
    ledger.post([earn(1, 10), earn(2, 5)])
    execute("delete from transfer where amount = 5")
    assert [unit.wrong_balances for unit in ledger.audit_units()] == [1]


def sold(*lines: Line) -> list[int]:
    fact_ids = receive([sale(f"k{number()}", *lines)], a_source()).fact_ids
    settle(fact_ids)
    return fact_ids


def test_goods_move_with_their_lines() -> None:
    sold(Line(sku_id=1, quantity_milli=2000), Line(sku_id=2, quantity_milli=500, refunded_milli=200))
    assert ledger.stock_of(STORE, [1, 2, 3]) == {1: -2000, 2: -300}


def test_what_replaces_moves_the_difference() -> None:
    source = a_source()
    first, then = receive(
        [
            sale("k", Line(sku_id=1, quantity_milli=2000), Line(sku_id=2)),
            sale("k", Line(sku_id=1, quantity_milli=2000, refunded_milli=500), status="refunded"),
        ],
        source,
    ).fact_ids
    settle([first, then])
    facts.take_back([(then, first, [first])])
    assert ledger.stock_of(STORE, [1, 2]) == {1: -1500, 2: 0}


def folded() -> int:
    wait_for_readers()
    return ledger.fold_goods()


@pytest.mark.usefixtures("clean_tables")
def test_what_is_on_hand_is_the_same_before_and_after_folding() -> None:
    sold(Line(sku_id=1, quantity_milli=2000), Line(sku_id=2))
    assert ledger.stock_of(STORE, [1, 2]) == {1: -2000, 2: -1000}
    assert folded() == 2
    sold(Line(sku_id=1))
    assert ledger.stock_of(STORE, [1, 2]) == {1: -3000, 2: -1000}
    assert ledger.audit_stock().is_clean, "what moved since is not in the rows yet"
    assert (folded(), folded()) == (1, 0)
    assert ledger.stock_of(STORE, [1, 2]) == {1: -3000, 2: -1000}
    assert ledger.audit_stock().is_clean


@pytest.mark.usefixtures("clean_tables")
@pytest.mark.parametrize(
    "planted",
    [
        "update stock set on_hand_milli = on_hand_milli + 1 where sku_id = 1",
        "delete from stock where sku_id = 1",
        "insert into stock (org_unit_id, sku_id, on_hand_milli) values (7, 99, 1)",
        "delete from fact_line where sku_id = 1",
    ],
)
def test_a_planted_stock_is_found(planted: str) -> None:
    sold(Line(sku_id=1), Line(sku_id=2))
    folded()
    execute(planted)
    audited = ledger.audit_stock()
    assert (audited.wrong, audited.is_clean) == (1, False)
