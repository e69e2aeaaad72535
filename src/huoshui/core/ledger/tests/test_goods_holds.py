"""Goods kept for an order: all or nothing, for that order only, and not for ever."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from pytest import MonkeyPatch

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import Refused
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger import goods, goods_holds, goods_rules
from huoshui.core.ledger.api import GoodsLine, KeyTaken, StockShort
from huoshui.core.retry import retrying
from huoshui.core.tests.ground import SKU, STORE, Line, a_source, clean_tables, sale, statements
from huoshui.core.tests.racing import Outcome, race, take_out

from .test_goods import CAP, HAT, OTHER_STORE, rows, sold, strict, tell
from .test_goods_documents import lines, received, there

__all__ = ["clean_tables"]

pytestmark = pytest.mark.django_db

SOON = timedelta(minutes=30)


def keep(
    order_key: str,
    *,
    store: int = STORE,
    seller: int | None = None,
    source: int = ledger.ANY_SOURCE,
    **quantities: int,
) -> None:
    ledger.reserve_goods(
        order_key=order_key,
        source_id=source,
        org_unit_id=store,
        lines=lines(**quantities),
        until=clock.now() + SOON,
        seller_org_unit_id=seller,
        prices={CAP: 999, HAT: 2000} if seller else None,
        actor=SYSTEM,
    )


def reserved() -> dict[tuple[int, int], int]:
    return {place: row[1] // 1000 for place, row in rows().items() if row[1]}


@pytest.mark.parametrize("policy", ["open", "strict"])
def test_all_is_kept_or_nothing(policy: str) -> None:
    received("R1", cap=3, hat=1)
    if policy == "strict":
        strict()
    with pytest.raises(StockShort) as refused:
        keep("o1", cap=1, hat=2)
    assert [(u.detail["have"], u.detail["want"]) for u in refused.value.unmet] == [("1", "2")]
    assert reserved() == {}
    keep("o1", cap=2, hat=1)
    with pytest.raises(StockShort):
        keep("o2", cap=2)
    assert reserved() == {(STORE, CAP): 2, (STORE, HAT): 1}
    assert ledger.audit_stock().is_clean


def test_the_same_again_keeps_nothing_more() -> None:
    received("R1", cap=3)
    keep("o1", cap=1)
    keep("o1", cap=1)
    assert reserved() == {(STORE, CAP): 1}
    with pytest.raises(KeyTaken):
        keep("o1", cap=2)
    with pytest.raises(Refused):
        keep("o2", cap=0)
    assert reserved() == {(STORE, CAP): 1}


def test_what_is_kept_is_sold_to_its_order_only() -> None:
    received("R1", cap=2)
    strict()
    keep("o1", cap=2)
    assert [u.detail["have"] for u in tell(sold(1000), asks=True)[1].unmet] == ["0"]
    assert tell(sale("o1", Line(sku_id=CAP, quantity_milli=1000)), asks=True)[1].unmet == ()
    assert (there(), reserved()) == ({CAP: 1}, {(STORE, CAP): 1})
    assert ledger.audit_stock().is_clean
    tell(sale("o1", Line(sku_id=CAP, quantity_milli=1000)), asks=True)
    assert (there(), reserved()) == ({CAP: 0}, {})
    assert [r.state for r in ledger.reservations_of("o1")] == ["fulfilled"]
    assert ledger.audit_stock().is_clean


def test_two_tills_number_their_orders_alike() -> None:
    received("R1", cap=4)
    strict()
    mine, other = a_source(), a_source()
    keep("o1", source=mine.id, cap=1)
    keep("o1", source=other.id, cap=2)
    keep(f"{other.id}/o1", cap=1)  # the number of an order may look like anything
    bought = [sale("o1", Line(sku_id=CAP, quantity_milli=n)) for n in (1000, 1000, 500)]
    assert tell(bought[0], asks=True)[1].unmet, "a third till's order has nothing kept for it"
    assert tell(bought[1], asks=True, source=mine)[1].unmet == ()
    assert tell(bought[2], asks=True, source=mine)[1].unmet, "what is left is the other till's"
    assert [r.state for r in ledger.reservations_of("o1", mine.id)] == ["fulfilled"]
    assert [r.left_milli for r in ledger.reservations_of("o1", other.id)] == [2000]
    assert ledger.release_goods(order_key="o1", source_id=other.id, actor=SYSTEM) == 1
    assert reserved() == {(STORE, CAP): 1}
    assert ledger.audit_stock().is_clean


def test_what_was_kept_before_orders_had_sources_stays_kept() -> None:
    received("R1", cap=3)
    strict(store=OTHER_STORE)
    keep("5/o1", seller=OTHER_STORE, cap=2)
    ledger.fulfil_goods(order_key="5/o1", actor=SYSTEM)
    with connection.cursor() as cursor:
        cursor.execute("update goods_reservation set order_key = substr(order_key, 3)")
        cursor.execute("update goods_document set key = 'handover 5/o1' where kind = 'handover'")
        cursor.execute(sql.schema("huoshui.core.ledger", "schema_0013_hold_keys"))
    _, posted = tell(sale("5/o1", Line(sku_id=CAP, quantity_milli=2000), store=OTHER_STORE), asks=True)
    assert (posted.unmet, there(OTHER_STORE), reserved()) == ((), {CAP: 0}, {})
    keys = sql.Statement("keys", "select key from goods_document where kind = 'handover'")
    assert [row.key for row in sql.fetch(keys)] == ["handover 0/5/o1"]


def test_an_open_store_uses_up_what_it_kept() -> None:
    received("R1", cap=2)
    keep("o1", cap=2)
    tell(sale("o1", Line(sku_id=CAP, quantity_milli=2000)))
    assert (there(), reserved()) == ({CAP: 0}, {})
    assert ledger.audit_stock().is_clean


def test_what_is_let_go_may_be_kept_again() -> None:
    received("R1", cap=2)
    keep("o1", cap=2)
    assert ledger.release_goods(order_key="o1", actor=SYSTEM) == 1
    assert ledger.release_goods(order_key="o1", actor=SYSTEM) == 0
    assert reserved() == {}
    keep("o2", cap=2)
    ledger.release_goods(order_key="o2", actor=SYSTEM)
    keep("o1", cap=1)
    assert reserved() == {(STORE, CAP): 1}
    assert ledger.audit_stock().is_clean


def test_what_is_not_fetched_in_time_is_free_again() -> None:
    received("R1", cap=5)
    for n in range(3):
        keep(f"o{n}", cap=1)
    assert ledger.expire_goods(at=clock.now()) == 0
    assert statements(lambda: ledger.expire_goods(at=clock.now() + SOON)) <= 4
    assert reserved() == {}
    assert [r.state for r in ledger.reservations_of("o1")] == ["expired"]
    assert ledger.audit_stock().is_clean


def test_another_shelf_hands_over_and_its_goods_wait_for_the_sale() -> None:
    received("R1", cap=3, hat=3)
    strict()
    strict(store=OTHER_STORE)
    keep("o1", seller=OTHER_STORE, cap=2, hat=1)
    assert tell(sold(2000), asks=True)[1].unmet, "kept for the other store"
    (handed,) = ledger.fulfil_goods(order_key="o1", actor=SYSTEM)
    assert (handed.org_unit_id, handed.seller_org_unit_id, handed.amount) == (STORE, OTHER_STORE, 3998)
    assert ledger.fulfil_goods(order_key="o1", actor=SYSTEM) == []
    assert (there(), there(OTHER_STORE)) == ({CAP: 1, HAT: 2}, {CAP: 2, HAT: 1})
    assert reserved() == {(OTHER_STORE, CAP): 2, (OTHER_STORE, HAT): 1}
    assert tell(sold(1000, store=OTHER_STORE), asks=True)[1].unmet, "kept for the order"
    order = sale("o1", Line(sku_id=CAP, quantity_milli=2000), Line(sku_id=HAT), store=OTHER_STORE)
    assert tell(order, asks=True)[1].unmet == ()
    assert (there(OTHER_STORE), reserved()) == ({CAP: 0, HAT: 0}, {})
    assert ledger.audit_stock().is_clean


def test_what_has_been_sold_already_is_kept_for_nobody() -> None:
    received("R1", cap=3)
    strict(store=OTHER_STORE)
    keep("o1", seller=OTHER_STORE, cap=2)
    tell(sale("o1", Line(sku_id=CAP, quantity_milli=2000), store=OTHER_STORE))  # an offline till's
    assert there(OTHER_STORE) == {CAP: -2}
    ledger.fulfil_goods(order_key="o1", actor=SYSTEM, is_sold=True)
    assert (there(), there(OTHER_STORE), reserved()) == ({CAP: 1}, {CAP: 0}, {})
    assert ledger.audit_stock().is_clean


def test_a_shelf_that_has_it_no_more_hands_nothing_over() -> None:
    received("R1", cap=2)
    strict()
    keep("o1", seller=OTHER_STORE, cap=2)
    tell(sold(1000))  # an offline till reports what it sold
    with pytest.raises(StockShort):
        ledger.fulfil_goods(order_key="o1", actor=SYSTEM)
    assert (there(), reserved()) == ({CAP: 1}, {(STORE, CAP): 2})
    assert there(OTHER_STORE) == {}
    assert ledger.audit_stock().is_clean


def test_2n_lines_cost_no_more_queries_than_n() -> None:
    many = [GoodsLine(sku_id, 3000) for sku_id in range(1, 21)]
    for store in (STORE, OTHER_STORE):
        ledger.receive_goods(key="R1", org_unit_id=store, lines=many, actor=SYSTEM)

    def cost(key: str, n: int) -> tuple[int, int]:
        some, until = [GoodsLine(sku_id, 1000) for sku_id, _ in many[:n]], clock.now() + SOON
        kept = statements(
            lambda: ledger.reserve_goods(
                order_key=key,
                org_unit_id=STORE,
                lines=some,
                until=until,
                seller_org_unit_id=OTHER_STORE,
                actor=SYSTEM,
            )
        )
        return kept, statements(lambda: ledger.fulfil_goods(order_key=key, actor=SYSTEM))

    cost("o0", 20)  # the first makes the rows
    assert cost("o1", 20) == cost("o2", 10)


BUYERS, THERE = 8, 3


def keep_at_once(monkeypatch: MonkeyPatch) -> Outcome:
    def slowly(*args: Any) -> Any:
        time.sleep(0.01)
        return goods_rules.reserve(*args)

    monkeypatch.setattr(goods_holds, "rules", type("Slow", (), {"reserve": staticmethod(slowly)}))
    ledger.receive_goods(key="R1", org_unit_id=STORE, lines=[GoodsLine(SKU, THERE * 1000)], actor=SYSTEM)
    until = clock.now() + SOON

    def buyer(n: int) -> bool:
        try:
            retrying(
                lambda: ledger.reserve_goods(
                    order_key=f"o{n}",
                    org_unit_id=STORE,
                    lines=[GoodsLine(SKU, 1000)],
                    until=until,
                    actor=SYSTEM,
                )
            )
        except StockShort:
            return False
        return True

    return race(*[lambda n=n: buyer(n) for n in range(BUYERS)])


@pytest.mark.usefixtures("clean_tables")
@pytest.mark.parametrize("policy", ["open", "strict"])
def test_the_last_is_kept_once(policy: str, monkeypatch: MonkeyPatch) -> None:
    if policy == "strict":
        strict()
    outcome = keep_at_once(monkeypatch)
    assert outcome.errors == []
    assert sum(outcome.results) == THERE
    assert ledger.audit_stock().is_clean


@pytest.mark.usefixtures("clean_tables")
def test_control_without_the_lock_more_is_kept_than_there_is(monkeypatch: MonkeyPatch) -> None:
    take_out(monkeypatch, goods.Q, "lock_shelves", "for no key update")
    strict()
    assert sum(keep_at_once(monkeypatch).results) > THERE


def test_a_reservation_leaves_its_mark() -> None:
    received("R1", cap=1)
    keep("o1", cap=1)
    entry = sql.fetch_one(sql.Statement("entry", "select action, object_id from audit_entry"))
    assert (entry.action, entry.object_id) == ("goods.reserved", STORE)
