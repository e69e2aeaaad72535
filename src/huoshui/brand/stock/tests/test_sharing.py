"""Selling here what lies on another's shelf: found, kept, handed over, and owed for."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from huoshui.brand import api as brand
from huoshui.brand.stock.jobs import expire_reservations
from huoshui.brand.stock.models import Share
from huoshui.brand.stock.types import SAME_OWNER, SHARED, WAREHOUSE
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.api import StockShort
from huoshui.core.tests.ground import statements

from .cast import Cast, a_cast, lines, unit

pytestmark = pytest.mark.django_db

SOON = timedelta(minutes=30)


@pytest.fixture
def cast() -> Cast:
    """Each of them has ten caps, but Ann's western store, which has none."""
    made = a_cast()
    for store in (made.ann, made.ann_east, made.ben_store, made.own_store, made.headquarters):
        brand.receive_stock(key="R", org_unit_id=store, lines=lines(made, cap=10), actor=SYSTEM)
    return made


def shared(cast: Cast, **more: object) -> None:
    told: dict[str, object] = {"org_unit_id": cast.ben, "transfer_price": 6_000, "kept_milli": 4_000}
    brand.share_stock(**(told | more), actor=SYSTEM)  # type: ignore[arg-type]  # a test names some of them


def offers(cast: Cast, quantity: int = 1) -> list[tuple[int, str, int, int | None]]:
    found = brand.offer_elsewhere(cast.ann_west, cast.cap, quantity * 1000, actor=cast.of_ann)
    return [(o.org_unit_id, o.kind, o.available_milli // 1000, o.price) for o in found]


def test_only_what_is_shared_is_offered_to_others(cast: Cast) -> None:
    ours = [(cast.ann, WAREHOUSE, 10, None), (cast.ann_east, SAME_OWNER, 10, None)]
    assert offers(cast) == ours
    shared(cast)
    assert offers(cast) == [*ours, (cast.ben_store, SHARED, 6, 6_000)]
    brand.share_stock(org_unit_id=cast.headquarters, price_permille=500, actor=SYSTEM)
    cheaper = {(cast.own_store, SHARED, 10, 5_000), (cast.headquarters, SHARED, 10, 5_000)}
    assert set(offers(cast)[2:4]) == cheaper
    assert offers(cast)[4:] == [(cast.ben_store, SHARED, 6, 6_000)]
    shared(cast, is_open=False, transfer_price=None)
    assert cast.ben_store not in [o[0] for o in offers(cast)]


def promised(cast: Cast, store: int, actor: Actor = SYSTEM) -> tuple[int, int]:
    found = brand.available_to_promise([cast.cap, cast.hat], store, actor=actor)
    assert found[cast.hat].total_milli == 0
    return found[cast.cap].own_milli // 1000, found[cast.cap].shared_milli // 1000


def test_what_may_be_promised_is_ours_and_what_others_let_us(cast: Cast) -> None:
    assert promised(cast, cast.ann_west) == (0, 20)
    assert promised(cast, cast.ann_east) == (10, 10)
    shared(cast)
    assert promised(cast, cast.ann_west) == (0, 26)
    keep(cast, "o1", cast.ann_east, 3)
    assert promised(cast, cast.ann_west) == (0, 23)
    assert promised(cast, cast.ann_east) == (7, 16)


def keep(cast: Cast, order_key: str, shelf: int, quantity: int, *, seller: int | None = None) -> None:
    brand.reserve_stock(
        order_key=order_key,
        lines=lines(cast, cap=quantity),
        org_unit_id=cast.ann_west if seller is None else seller,
        from_org_unit_id=shelf,
        until=clock.now() + SOON,
        actor=cast.of_ann,
    )


def test_what_the_owner_keeps_for_itself_is_not_had(cast: Cast) -> None:
    shared(cast)
    with pytest.raises(StockShort, match="只剩 6 件"):
        keep(cast, "o1", cast.ben_store, 7)
    keep(cast, "o1", cast.ben_store, 6)
    with pytest.raises(StockShort, match="只剩 0 件"):
        keep(cast, "o2", cast.ben_store, 1)


def test_what_is_not_shared_is_as_if_it_were_not_there(cast: Cast) -> None:
    for shelf in (cast.ben_store, 10**6):
        with pytest.raises(NotFound):
            keep(cast, "o1", shelf, 1)
    shared(cast)
    with pytest.raises(NotFound):
        keep(cast, "o1", cast.ann_east, 1, seller=cast.ben_store)
    assert ledger.reservations_of("o1") == []


def payable() -> dict[tuple[str, int], int]:
    text = "select owner_kind, owner_id, sum(balance) as balance from account where unit = 'payable' group by 1, 2"
    return {(r.owner_kind, r.owner_id): int(r.balance) for r in sql.fetch(sql.Statement("owed", text))}


def test_the_seller_owes_the_shelfs_owner(cast: Cast) -> None:
    shared(cast)
    keep(cast, "o1", cast.ben_store, 2)
    (handed,) = brand.fulfil_stock(order_key="o1", actor=cast.of_ann)
    assert handed.amount == 12_000
    assert payable() == {("dealer", cast.ann): -12_000, ("dealer", cast.ben): 12_000}
    assert brand.fulfil_stock(order_key="o1", actor=cast.of_ann) == []
    assert payable() == {("dealer", cast.ann): -12_000, ("dealer", cast.ben): 12_000}
    assert ledger.stock_of(cast.ben_store, [cast.cap]) == {cast.cap: 8_000}
    assert ledger.stock_of(cast.ann_west, [cast.cap]) == {cast.cap: 2_000}
    assert promised(cast, cast.ann_west)[0] == 0, "it waits for its order"
    assert all(audited.is_clean for audited in ledger.audit_units())
    assert ledger.explained() == (1, 1)
    assert ledger.audit_stock().is_clean


def test_debts_go_both_ways_and_the_next_goods_repay_them(cast: Cast) -> None:
    shared(cast)
    brand.share_stock(org_unit_id=cast.headquarters, price_permille=500, actor=SYSTEM)
    keep(cast, "o1", cast.ben_store, 2)
    brand.fulfil_stock(order_key="o1", actor=cast.of_ann)
    brand.share_stock(org_unit_id=cast.ann, transfer_price=5_000, actor=cast.of_ann)
    brand.reserve_stock(
        order_key="o2",
        lines=lines(cast, cap=1),
        org_unit_id=cast.ben_store,
        from_org_unit_id=cast.ann_east,
        until=clock.now() + SOON,
        actor=cast.of_ben,
    )
    brand.fulfil_stock(order_key="o2", actor=cast.of_ben)
    assert payable() == {("dealer", cast.ann): -7_000, ("dealer", cast.ben): 7_000}
    keep(cast, "o3", cast.headquarters, 1)
    brand.fulfil_stock(order_key="o3", actor=cast.of_ann)
    assert payable()["org_unit", cast.headquarters] == 5_000
    assert all(audited.is_clean for audited in ledger.audit_units())


def test_among_our_own_nothing_is_owed(cast: Cast) -> None:
    keep(cast, "o1", cast.ann, 2)
    (handed,) = brand.fulfil_stock(order_key="o1", actor=cast.of_ann)
    assert (handed.amount, payable()) == (0, {})
    assert ledger.stock_of(cast.ann_west, [cast.cap]) == {cast.cap: 2_000}


def test_the_price_is_that_of_the_day_it_was_kept(cast: Cast) -> None:
    shared(cast)
    keep(cast, "o1", cast.ben_store, 1)
    shared(cast, transfer_price=9_999)
    assert brand.fulfil_stock(order_key="o1", actor=cast.of_ann)[0].amount == 6_000


def test_whoever_gives_or_sells_may_let_go_and_nobody_else(cast: Cast) -> None:
    shared(cast)
    keep(cast, "o1", cast.ben_store, 1)
    stranger = Actor("staff", 9, "别人", frozenset(), frozenset({cast.own_store}))
    for act in (brand.release_stock, brand.fulfil_stock):
        with pytest.raises(NotFound):
            act(order_key="o1", actor=stranger)
        with pytest.raises(NotFound):
            act(order_key="no such order", actor=SYSTEM)
    assert [r.state for r in ledger.reservations_of("o1")] == ["held"]
    assert brand.release_stock(order_key="o1", actor=cast.of_ben) == 1
    assert ledger.audit_stock().is_clean


def test_what_is_not_fetched_is_let_go_by_the_clock(cast: Cast) -> None:
    keep(cast, "o1", cast.ann, 1)
    expire_reservations(0)
    assert [r.state for r in ledger.reservations_of("o1")] == ["held"]
    with mock.patch.object(clock, "now", return_value=clock.now() + SOON):
        expire_reservations(0)
    assert [r.state for r in ledger.reservations_of("o1")] == ["expired"]
    assert promised(cast, cast.ann_west) == (0, 20)


@pytest.mark.parametrize(
    "terms",
    [
        {"sku_id": 1, "category": "服装", "transfer_price": 1},
        {},
        {"transfer_price": 1, "price_permille": 1},
        {"transfer_price": -1},
        {"price_permille": 1001},
        {"transfer_price": 1, "kept_milli": -1},
    ],
)
def test_terms_that_make_no_sense_are_refused(cast: Cast, terms: dict[str, int]) -> None:
    with pytest.raises(Refused):
        brand.share_stock(org_unit_id=cast.ben, actor=SYSTEM, **terms)  # type: ignore[arg-type]
    assert brand.shared_by(SYSTEM, cast.ben) == []


def test_the_table_itself_holds_a_price(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Share.objects.create(org_unit_id=cast.ben)


def test_sharing_leaves_its_mark_and_is_taken_back(cast: Cast) -> None:
    shared(cast, sku_id=cast.cap)
    (row,) = brand.shared_by(cast.of_ben, cast.ben)
    assert (row.sku_id, row.kept_milli, row.transfer_price) == (cast.cap, 4_000, 6_000)
    brand.unshare_stock(org_unit_id=cast.ben, sku_id=cast.cap, actor=cast.of_ben)
    assert brand.shared_by(cast.of_ben, cast.ben) == []
    text = "select action from audit_entry where action like 'stock.%%' order by id"
    actions = [r.action for r in sql.fetch(sql.Statement("actions", text))]
    assert actions == ["stock.shared", "stock.unshared"]


def test_2n_shelves_cost_no_more_queries_than_n(cast: Cast) -> None:
    shared(cast)

    def cost() -> int:
        with CaptureQueriesContext(connection) as django:
            ours = statements(lambda: offers(cast))
        return len(django) + ours

    few = cost()
    for _ in range(5):
        store = unit("store", cast.ben)
        brand.receive_stock(key="R", org_unit_id=store, lines=lines(cast, cap=9), actor=SYSTEM)
    assert cost() == few
    assert len(offers(cast)) == 8
