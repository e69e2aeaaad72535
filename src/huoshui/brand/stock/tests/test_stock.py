"""Documents and reads on behalf of somebody: everyone his own, and what is another's is as if it were not there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound
from huoshui.core.ledger import api as ledger
from huoshui.core.tests.ground import statements
from huoshui.core.unmet import Unmet, sentence

from .cast import Cast, a_cast, dealer, lines

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return a_cast()


def received(cast: Cast, store: int, *, actor: Actor = SYSTEM, cap: int = 0, hat: int = 0) -> int:
    told = lines(cast, cap=cap, hat=hat)
    return brand.receive_stock(key=f"R{store}", org_unit_id=store, lines=told, actor=actor)


def test_a_store_is_listed_with_the_names_of_its_goods(cast: Cast) -> None:
    received(cast, cast.ann_east, cap=5, hat=2)
    cap, hat = brand.stock_list(cast.of_ann, cast.ann_east)
    assert (cap.name, cap.on_hand_milli, cap.is_strict) == ("帽子", 5000, False)
    assert (hat.name, hat.on_hand_milli) == ("礼帽", 2000)
    assert [i.name for i in brand.stock_list(cast.of_ann, cast.ann_east, text="礼")] == ["礼帽"]
    assert brand.stock_list(cast.of_ann, cast.ann_east, text="鞋") == []
    moved = brand.stock_movements(cast.of_ann, cast.ann_east, cast.cap)
    assert [(m.kind, m.balance_milli) for m in moved] == [("receipt", 5000)]
    head, told = brand.stock_document(cast.of_ann, moved[0].fact_id)
    assert (head.kind, [line.said_milli for line in told]) == ("receipt", [5000, 2000])


def everything(cast: Cast, fact_id: int) -> list[Callable[[Actor], object]]:
    """All that may be done with or read of Ann's eastern store."""
    store, some = cast.ann_east, lines(cast, cap=1)

    def document(act: Callable[..., object], **more: object) -> Callable[[Actor], object]:
        return lambda actor: act(key=repr(act), org_unit_id=store, lines=some, actor=actor, **more)

    return [
        document(brand.receive_stock),
        document(brand.count_stock),
        document(brand.adjust_stock, reason="错"),
        document(brand.damage_stock, reason="破"),
        document(brand.send_stock, to_org_unit_id=cast.ben_store),
        lambda actor: brand.set_stock_policy(org_unit_id=store, policy="strict", actor=actor),
        lambda actor: brand.share_stock(org_unit_id=store, transfer_price=1, actor=actor),
        lambda actor: brand.unshare_stock(org_unit_id=store, actor=actor),
        lambda actor: brand.shared_by(actor, store),
        lambda actor: brand.stock_list(actor, store),
        lambda actor: brand.stock_movements(actor, store, cast.cap),
        lambda actor: brand.stock_policies(actor, store),
        lambda actor: brand.stock_document(actor, fact_id),
        lambda actor: brand.available_to_promise([cast.cap], store, actor=actor),
        lambda actor: brand.offer_elsewhere(store, cast.cap, 1000, actor=actor),
    ]


def state() -> list[object]:
    tables = (
        "stock",
        "goods_document",
        "goods_document_line",
        "goods_policy",
        "stock_share",
        "audit_entry",
        "fact",
    )
    return [sql.fetch_one(sql.Statement("n", f"select count(*) as n from {table}")).n for table in tables]


def test_what_is_another_dealers_is_as_if_it_were_not_there(cast: Cast) -> None:
    fact_id = received(cast, cast.ann_east, cap=5)
    before = state()
    for act in everything(cast, fact_id):
        with pytest.raises(NotFound):
            act(cast.of_ben)
        with pytest.raises(NotFound):
            act(dealer(10**6))
    assert state() == before
    for act in everything(cast, fact_id):
        act(dealer(cast.ann_east))


def test_a_unit_or_product_that_does_not_exist_is_not_found(cast: Cast) -> None:
    with pytest.raises(NotFound):
        brand.stock_list(SYSTEM, 10**6)
    with pytest.raises(NotFound, match="商品清单"):
        told = [ledger.GoodsLine(10**6, 1000)]
        brand.receive_stock(key="R", org_unit_id=cast.ann_east, lines=told, actor=SYSTEM)
    with pytest.raises(NotFound):
        brand.send_stock(
            key="T", org_unit_id=cast.ann_east, to_org_unit_id=10**6, lines=lines(cast, cap=1), actor=SYSTEM
        )
    with pytest.raises(NotFound):
        brand.stock_document(SYSTEM, 10**9)


def test_a_transfer_is_seen_from_both_ends_and_taken_in_by_one(cast: Cast) -> None:
    received(cast, cast.ann_east, cap=5)
    sent = brand.send_stock(
        key="T1",
        org_unit_id=cast.ann_east,
        to_org_unit_id=cast.ben_store,
        lines=lines(cast, cap=3),
        actor=cast.of_ann,
    )
    with pytest.raises(NotFound):
        brand.take_in_stock(key="T1", sent_fact_id=sent, lines=lines(cast, cap=2), actor=cast.of_ann)
    assert [t.fact_id for t in brand.stock_transfers(cast.of_ben, is_open=True)] == [sent]
    assert brand.stock_list(cast.of_ben, cast.ben_store)[0].in_transit_milli == 3000
    brand.take_in_stock(key="T1", sent_fact_id=sent, lines=lines(cast, cap=2), actor=cast.of_ben)
    for actor in (cast.of_ann, cast.of_ben, SYSTEM):
        (line,) = brand.stock_transfer(actor, sent).lines
        assert (line.name, line.sent_milli, line.arrived_milli, line.difference_milli) == (
            "帽子",
            3000,
            2000,
            -1000,
        )
    with pytest.raises(NotFound):
        brand.stock_transfer(dealer(cast.own_store), sent)
    assert brand.stock_transfers(dealer(cast.own_store)) == []


def test_everyone_sees_his_own_shortages(cast: Cast) -> None:
    for store in (cast.ann_east, cast.ben_store):
        brand.set_stock_policy(org_unit_id=store, policy="strict", actor=SYSTEM)
        brand.damage_stock(key="D", org_unit_id=store, lines=lines(cast, cap=1), reason="破", actor=SYSTEM)
    assert [s.org_unit_id for s in brand.stock_shortages(SYSTEM)] == [cast.ann_east, cast.ben_store]
    (short,) = brand.stock_shortages(cast.of_ben)
    assert (short.org_unit_id, short.name, short.missing_milli, short.is_strict) == (
        cast.ben_store,
        "帽子",
        1000,
        True,
    )


def test_a_shortage_is_told_by_name(cast: Cast) -> None:
    unmet = Unmet(1, "stock_short", {"sku": cast.cap, "have": "0", "want": "2"})
    (named,) = brand.name_goods([unmet])
    assert sentence(named.code, named.detail) == "库存不足：帽子 只剩 0 件，需要 2 件。"
    other = Unmet(1, "points_short")
    assert brand.name_goods([other]) == [other]


def test_pages_of_2n_cost_no_more_queries_than_n(cast: Cast) -> None:
    received(cast, cast.ann_east, cap=5, hat=2)

    def cost(limit: int) -> int:
        return statements(lambda: listed(limit))

    def listed(limit: int) -> None:
        assert len(brand.stock_list(cast.of_ann, cast.ann_east, limit=limit)) == limit

    assert cost(2) == cost(1) > 0
