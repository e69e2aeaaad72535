"""Goods, read: rows agree with lines, pages with each other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huoshui.core import clock
from huoshui.core.actor import SYSTEM
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.api import GoodsLine
from huoshui.core.ledger.goods_reads import Shortage, TransferLine
from huoshui.core.tests.ground import STORE, clean_tables, statements

from .test_goods import CAP, HAT, OTHER_STORE, folded, sold, strict, tell
from .test_goods_documents import counted, lines, received, sent, there

__all__ = ["clean_tables"]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("policy", ["open", "strict"])
def test_a_store_reads_what_lies_there(policy: str) -> None:
    if policy == "strict":
        strict(store=OTHER_STORE)
    received("R1", cap=5, hat=2)
    sent("T1", cap=2, hat=1)
    ledger.receive_goods(key="R1", org_unit_id=OTHER_STORE, lines=lines(cap=4), actor=SYSTEM)
    ledger.count_goods(key="C1", org_unit_id=OTHER_STORE, lines=lines(cap=4), actor=SYSTEM)
    until = clock.now() + timedelta(hours=1)
    ledger.reserve_goods(
        order_key="o1", org_unit_id=OTHER_STORE, lines=lines(cap=1), until=until, actor=SYSTEM
    )
    cap, hat = ledger.goods_at(OTHER_STORE)
    assert (cap.sku_id, cap.on_hand_milli, cap.reserved_milli, cap.in_transit_milli) == (
        CAP,
        4000,
        1000,
        2000,
    )
    assert cap.counted_at is not None
    assert cap.is_strict == (policy == "strict")
    assert (hat.sku_id, hat.on_hand_milli, hat.in_transit_milli, hat.counted_at) == (HAT, 0, 1000, None)
    assert [row.sku_id for row in ledger.goods_at(OTHER_STORE, after_sku_id=CAP)] == [HAT]
    assert [row.sku_id for row in ledger.goods_at(OTHER_STORE, limit=1)] == [CAP]
    assert [row.sku_id for row in ledger.goods_at(OTHER_STORE, sku_ids=[HAT])] == [HAT]


def test_each_movement_leads_to_its_fact_and_the_last_to_what_is_there() -> None:
    received("R1", cap=5)
    (sale_id,), _ = tell(sold(2000))
    counted("C1", cap=4)
    moved = ledger.goods_movements(STORE, CAP)
    assert [(m.moved_milli, m.balance_milli) for m in moved] == [(1000, 4000), (-2000, 3000), (5000, 5000)]
    assert [m.name for m in moved] == ["Goods Counted", "Order Completed", "Goods Received"]
    assert [m.kind for m in moved] == ["count", None, "receipt"]
    assert moved[1].fact_id == sale_id
    assert moved[1].order_key is not None
    assert there() == {CAP: moved[0].balance_milli // 1000}
    first, second = ledger.goods_movements(STORE, CAP, limit=2)
    assert ledger.goods_movements(STORE, CAP, before=second.fact_id) == moved[2:]
    assert first == moved[0]


@pytest.mark.usefixtures("clean_tables")
def test_shortages_of_both_kinds_are_shown() -> None:
    strict(HAT)
    tell(sold(2000), sold(3000, HAT))
    received("R9", hat=1)
    folded()
    cap, hat = Shortage(STORE, CAP, 2000, False), Shortage(STORE, HAT, 2000, True)
    assert ledger.goods_shortages(None) == [cap, hat]
    assert ledger.goods_shortages([STORE], after=(STORE, CAP)) == [hat]
    assert ledger.goods_shortages([OTHER_STORE]) == []


@pytest.mark.usefixtures("clean_tables")
def test_a_floor_below_nothing_is_no_shortage() -> None:
    strict(floor=-5000)
    tell(sold(2000))
    assert ledger.goods_shortages(None) == []


def test_a_transfer_shows_what_did_not_come() -> None:
    received("R1", cap=5, hat=5)
    fact_id = sent("T1", cap=2, hat=1)
    assert ledger.transfer_lines(fact_id) == [TransferLine(CAP, 2000, None), TransferLine(HAT, 1000, None)]
    (open_one,) = ledger.goods_transfers([OTHER_STORE], is_open=True)
    assert (open_one.fact_id, open_one.arrival_fact_id) == (fact_id, None)
    ledger.take_in_goods(key="T1", sent_fact_id=fact_id, lines=lines(cap=1), actor=SYSTEM)
    assert [line.difference_milli for line in ledger.transfer_lines(fact_id)] == [-1000, -1000]
    assert ledger.goods_transfers(None, is_open=True) == []
    assert len(ledger.goods_transfers([STORE])) == 1
    assert ledger.goods_transfers([99]) == []


def test_pages_of_2n_cost_no_more_queries_than_n() -> None:
    many = [GoodsLine(sku_id, 1000) for sku_id in range(1, 21)]
    ledger.receive_goods(key="R1", org_unit_id=STORE, lines=many, actor=SYSTEM)
    assert statements(lambda: ledger.goods_at(STORE, limit=20)) == statements(
        lambda: ledger.goods_at(STORE, limit=10)
    )


def test_documents_say_how_they_stand() -> None:
    received("R1", cap=5, hat=5)
    ledger.count_goods(key="C1", org_unit_id=STORE, lines=lines(cap=5), actor=SYSTEM)
    ledger.count_goods(key="C2", org_unit_id=STORE, lines=lines(cap=4), actor=SYSTEM)
    whole, part = sent("T1", cap=1), sent("T2", cap=1)
    way = [(d.key, d.state) for d in ledger.goods_documents([OTHER_STORE], is_open=True)]
    assert way == [("T2", "on_its_way"), ("T1", "on_its_way")]
    ledger.take_in_goods(key="A1", sent_fact_id=whole, lines=lines(cap=1), actor=SYSTEM)
    ledger.take_in_goods(key="A2", sent_fact_id=part, lines=(), actor=SYSTEM)
    found = ledger.goods_documents(None)
    assert [(d.key, d.state, d.sent_fact_id) for d in found] == [
        ("A2", "differs", part),
        ("A1", "matches", whole),
        ("T2", "differs", part),
        ("T1", "matches", whole),
        ("C2", "differs", None),
        ("C1", "matches", None),
        ("R1", "booked", None),
    ]
    assert [d.key for d in ledger.goods_documents([STORE], before=found[4].fact_id)] == ["C1", "R1"]
    assert [d.key for d in ledger.goods_documents([STORE], kinds=["receipt"])] == ["R1"]
    assert ledger.goods_documents([99]) == []
    said = ledger.document_lines([d.fact_id for d in found[4:6]])
    assert [(x.said_milli, x.moved_milli) for x in said] == [(5000, 0), (4000, -1000)]
