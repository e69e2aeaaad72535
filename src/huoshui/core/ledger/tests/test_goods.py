"""Goods at managed places, through the doors of the ledger: moved when they settle, never lost or doubled by a change of policy."""

from __future__ import annotations

import json

import pytest
from django.db import connection, transaction

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Source
from huoshui.core.ledger import api as ledger
from huoshui.core.tests.ground import (
    STORE,
    Line,
    Told,
    a_source,
    clean_tables,
    number,
    receive,
    refund,
    sale,
    settle,
    statements,
    wait_for_readers,
)

__all__ = ["clean_tables"]

pytestmark = pytest.mark.django_db

CAP, HAT = 1, 2
OTHER_STORE = 8


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def rows() -> dict[tuple[int, int], tuple[int, int, int, int | None]]:
    """(store, product) → on hand, reserved, shortage, floor, as they stand in the row."""
    columns = "org_unit_id, sku_id, on_hand_milli, reserved_milli, shortage_milli, floor_milli"
    found = sql.fetch(sql.Statement("rows", f"select {columns} from stock order by 1, 2"))
    return {(r.org_unit_id, r.sku_id): tuple(r[2:]) for r in found}


def strict(sku_id: int = 0, *, store: int = STORE, floor: int = 0) -> None:
    ledger.set_policy(org_unit_id=store, sku_id=sku_id, policy="strict", floor_milli=floor, actor=SYSTEM)


def tell(
    *told: Told, asks: bool = False, source: Source | None = None
) -> tuple[list[int], ledger.GoodsPosted]:
    """Receive, settle and move, as the river does; a refused ask leaves nothing behind."""
    fact_ids = receive(list(told), source or a_source()).fact_ids
    with transaction.atomic():
        settle(fact_ids)
        posted = ledger.move_goods(fact_ids, asks=set(fact_ids) if asks else ())
        transaction.set_rollback(asks and bool(posted.unmet))
    return fact_ids, posted


def sold(quantity_milli: int = 1000, sku_id: int = CAP, **more: object) -> Told:
    return sale(f"k{number()}", Line(sku_id=sku_id, quantity_milli=quantity_milli), **more)


def came(quantity_milli: int, sku_id: int = CAP) -> Told:
    """Goods that were there before: a sale turned round."""
    return sold(-quantity_milli, sku_id)


def folded() -> int:
    wait_for_readers()
    return ledger.fold_goods()


def test_where_nothing_is_managed_one_look_is_all() -> None:
    fact_ids = receive([sold() for _ in range(5)], a_source()).fact_ids
    settle(fact_ids)
    assert statements(lambda: ledger.move_goods(fact_ids, asks=())) == 1
    assert rows() == {}


def test_a_sale_at_a_strict_place_is_in_its_row_at_once() -> None:
    tell(came(5000))
    strict()
    assert rows() == {(STORE, CAP): (5000, 0, 0, 0)}
    _, posted = tell(sold(2000), asks=True)
    assert posted.unmet == ()
    assert rows() == {(STORE, CAP): (3000, 0, 0, 0)}
    assert ledger.stock_of(STORE, [CAP]) == {CAP: 3000}
    assert ledger.audit_stock().is_clean


def test_an_ask_for_too_much_leaves_the_row_alone() -> None:
    tell(came(1000))
    strict()
    fact_ids, posted = tell(sold(2000), asks=True)
    assert [(u.fact_id, u.code, u.line_no) for u in posted.unmet] == [(fact_ids[0], "stock_short", 1)]
    assert rows() == {(STORE, CAP): (1000, 0, 0, 0)}


def test_a_report_of_too_much_leaves_a_shortage_that_is_filled_first() -> None:
    tell(came(1000))
    strict()
    _, posted = tell(sold(3000))
    assert [u.code for u in posted.unmet] == ["stock_short"]
    assert rows() == {(STORE, CAP): (0, 0, 2000, 0)}
    assert ledger.stock_of(STORE, [CAP]) == {CAP: -2000}
    assert ledger.audit_stock().is_clean
    tell(came(2500))
    assert rows() == {(STORE, CAP): (500, 0, 0, 0)}
    assert ledger.audit_stock().is_clean


def test_a_product_that_never_moved_has_nothing() -> None:
    strict()
    _, posted = tell(sold(1000, HAT), asks=True)
    assert [u.detail["have"] for u in posted.unmet] == ["0"]
    tell(sold(1000, HAT))
    assert rows() == {(STORE, HAT): (0, 0, 1000, 0)}


def test_a_product_goes_before_its_store() -> None:
    strict()
    ledger.set_policy(org_unit_id=STORE, sku_id=CAP, policy="open", actor=SYSTEM)
    _, posted = tell(sold(1000, CAP), asks=True)
    assert posted.unmet == ()
    ledger.set_policy(org_unit_id=STORE, sku_id=CAP, policy=None, actor=SYSTEM)
    assert rows() == {(STORE, CAP): (0, 0, 1000, 0)}
    assert ledger.audit_stock().is_clean


def test_other_stores_stay_open() -> None:
    strict()
    _, posted = tell(sold(1000, store=OTHER_STORE), asks=True)
    assert posted.unmet == ()
    assert rows() == {}
    assert ledger.stock_of(OTHER_STORE, [CAP]) == {CAP: -1000}


def test_a_floor_below_nothing_may_be_sold_down_to() -> None:
    strict(floor=-2000)
    assert tell(sold(2000), asks=True)[1].unmet == ()
    assert rows() == {(STORE, CAP): (-2000, 0, 0, -2000)}
    assert len(tell(sold(1), asks=True)[1].unmet) == 1
    with pytest.raises(ValueError, match="floor"):
        strict(floor=1)


def test_the_past_moves_nothing() -> None:
    strict()
    fact_ids = receive([sold()], a_source("history"), mode="history").fact_ids
    settle(fact_ids)
    assert ledger.move_goods(fact_ids, asks=()).unmet == ()
    assert rows() == {}


def test_a_refund_and_a_revision_put_back_by_their_effect() -> None:
    tell(came(5000))
    strict()
    key = f"k{number()}"
    first = sale(key, Line(sku_id=CAP, quantity_milli=3000))
    (first_id,), _ = tell(first)
    tell(refund(f"r{number()}", key, Line(sku_id=CAP, quantity_milli=-1000)))
    assert rows()[STORE, CAP][0] == 3000
    revision = receive([first.again(lines=(Line(sku_id=CAP, quantity_milli=2000),))], a_source()).fact_ids
    settle(revision)
    facts.take_back([(revision[0], first_id, [first_id])])
    ledger.move_goods(revision, asks=())
    assert rows()[STORE, CAP][0] == 4000
    assert ledger.audit_stock().is_clean


@pytest.mark.usefixtures("clean_tables")
def test_no_line_is_lost_or_doubled_however_policies_and_folding_come_in_between() -> None:
    tell(came(9000), came(4000, HAT))
    folded()
    tell(sold(1000), sold(1000, HAT))  # not folded when the floor is set
    strict()
    tell(sold(1000), sold(1000, HAT))
    folded()
    ledger.set_policy(org_unit_id=STORE, policy="open", actor=SYSTEM)
    tell(sold(1000), sold(1000, HAT))
    assert ledger.stock_of(STORE, [CAP, HAT]) == {CAP: 6000, HAT: 1000}
    folded()
    strict(CAP)
    tell(sold(1000), sold(3000, HAT))
    folded()
    assert rows() == {(STORE, CAP): (5000, 0, 0, 0), (STORE, HAT): (-2000, 0, 0, None)}
    assert ledger.stock_of(STORE, [CAP, HAT]) == {CAP: 5000, HAT: -2000}
    assert ledger.audit_stock().is_clean
    before = rows()
    ledger.refold_goods()
    folded()
    assert rows() == before
    assert ledger.audit_stock().is_clean


@pytest.mark.usefixtures("clean_tables")
def test_a_floor_is_set_while_an_older_transaction_runs() -> None:
    """Folding may not read what is younger than the oldest transaction; the floor must not wait for that one."""
    tell(came(3000))
    with transaction.atomic():
        number_of = sql.fetch_one(sql.Statement("mine", "select pg_current_xact_id()::text as xid"))
        assert number_of.xid
        tell(sold(1000))
        strict()
        assert rows() == {(STORE, CAP): (2000, 0, 0, 0)}
    folded()
    assert rows() == {(STORE, CAP): (2000, 0, 0, 0)}
    assert ledger.audit_stock().is_clean


@pytest.mark.usefixtures("clean_tables")
@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("update stock set on_hand_milli = 999 where sku_id = 1", "wrong"),
        ("update goods_posted set moved_milli = moved_milli - 1 where moved_milli < 0", "wrong_posted"),
        ("update stock set reserved_milli = 5 where sku_id = 1", "wrong_reservations"),
        ("update stock set floor_milli = null where sku_id = 1", "wrong_floors"),
        ("delete from goods_policy", "wrong_floors"),
    ],
)
def test_a_planted_error_at_a_managed_place_is_found(planted: str, found: str) -> None:
    tell(came(5000))
    strict()
    tell(sold(1000))
    folded()
    assert ledger.audit_stock().is_clean
    execute(planted)
    audited = ledger.audit_stock()
    assert not audited.is_clean
    assert getattr(audited, found) == 1


def test_2n_facts_take_no_more_queries_than_n() -> None:
    strict()
    tell(came(90000), came(90000, HAT))

    def cost(n: int) -> int:
        told = [sale(f"k{number()}", Line(sku_id=CAP + i % 2, quantity_milli=1000)) for i in range(n)]
        fact_ids = receive(told, a_source()).fact_ids
        settle(fact_ids)
        return statements(lambda: ledger.move_goods(fact_ids, asks=set(fact_ids)))

    assert cost(10) == cost(5)


def test_a_policy_leaves_its_mark() -> None:
    strict(CAP)
    entry = sql.fetch_one(sql.Statement("entry", "select action, object_id, detail from audit_entry"))
    assert (entry.action, entry.object_id) == ("stock.policy_set", STORE)
    assert json.loads(entry.detail) == {"sku_id": CAP, "policy": "strict", "floor_milli": 0, "was": None}
