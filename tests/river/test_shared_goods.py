"""Sold here from another owner's shelf, and brought back: goods and what is owed for them go home, and no more than that."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

import pytest
from msgspec import structs

from huoshui.brand import api as brand
from huoshui.brand.catalog.models import Sku
from huoshui.brand.org.models import OrgUnit
from huoshui.brand.stock.tests.cast import Cast, a_cast, lines
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.ledger import api as ledger
from huoshui.core.tests.ground import a_source, clean_tables, number
from huoshui.intake.river.tests.world import check_books
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import Outcome, Refund, RefundLine, Sale, SaleLine, Till

__all__ = ["clean_tables"]

pytestmark = pytest.mark.django_db(transaction=True)

PRICE = 3_333
PAYABLE = sql.Statement(
    "owed", "select owner_id, sum(balance)::bigint as owed from account where unit = 'payable' group by 1"
)


@dataclass
class Shop:
    """Ann's western store sells what lies with Ben."""

    cast: Cast
    till: Till

    def sell(self, given: int, own: int = 0) -> Outcome:
        order_key, cast = f"O{number()}", self.cast
        brand.reserve_stock(
            order_key=order_key,
            lines=lines(cast, cap=given),
            org_unit_id=cast.ann_west,
            from_org_unit_id=cast.ben_store,
            until=clock.now() + timedelta(minutes=30),
            actor=cast.of_ann,
        )
        brand.fulfil_stock(order_key=order_key, actor=cast.of_ann)
        code = Sku.objects.get(id=cast.cap).code
        sale = Sale(
            key=f"k{number()}",
            order_key=order_key,
            store_code=OrgUnit.objects.get(id=cast.ann_west).code,
            at=clock.now(),
            lines=(SaleLine(code, (given + own) * 1000, (given + own) * 5_000),),
        )
        (outcome,) = tills.sell(self.till, [sale])
        assert outcome.state == "settled"
        return outcome

    def back(self, sold: Outcome, *given: RefundLine) -> Outcome:
        (outcome,) = tills.refund(
            self.till, [Refund(f"r{number()}", sold.order_key, clock.now(), lines=given)]
        )
        assert outcome.state == "settled", outcome
        return outcome

    def shelves(self) -> tuple[int, int]:
        """Caps with Ben, and here."""
        return tuple(
            ledger.stock_of(unit, [self.cast.cap]).get(self.cast.cap, 0) // 1000
            for unit in (self.cast.ben_store, self.cast.ann_west)
        )  # type: ignore[return-value]  # two of them

    def owed(self) -> tuple[int, int]:
        """What Ben has coming and what Ann has."""
        found = {r.owner_id: int(r.owed) for r in sql.fetch(PAYABLE)}
        return found.get(self.cast.ben, 0), found.get(self.cast.ann, 0)


@pytest.fixture
def shop(clean_tables: None) -> Shop:
    cast = a_cast()
    brand.receive_stock(key="R", org_unit_id=cast.ben_store, lines=lines(cast, cap=100), actor=SYSTEM)
    brand.receive_stock(key="R", org_unit_id=cast.ann_west, lines=lines(cast, cap=10), actor=SYSTEM)
    brand.share_stock(org_unit_id=cast.ben, transfer_price=PRICE, actor=SYSTEM)
    return Shop(cast, Till(a_source().id, "收银台"))


def clean() -> None:
    check_books()
    assert all(unit.is_clean for unit in ledger.audit_units())
    assert ledger.audit_stock().is_clean


def test_all_of_it(shop: Shop) -> None:
    sold = shop.sell(3)
    assert (shop.shelves(), shop.owed()) == ((97, 10), (3 * PRICE, -3 * PRICE))
    shop.back(sold)
    assert (shop.shelves(), shop.owed()) == ((100, 10), (0, 0))
    clean()


@pytest.mark.parametrize("condition", ["damaged", "not_returned"])
def test_what_cannot_be_sold_again_stays_with_who_sold_it(shop: Shop, condition: tills.Condition) -> None:
    sold = shop.sell(2)
    shop.back(sold, RefundLine(line_no=1, quantity_milli=1000, condition=condition))
    assert (shop.shelves(), shop.owed()) == ((98, 10), (2 * PRICE, -2 * PRICE))
    shop.back(sold)
    assert (shop.shelves(), shop.owed()) == ((99, 10), (PRICE, -PRICE))
    clean()


def test_money_alone_moves_nothing(shop: Shop) -> None:
    sold = shop.sell(2)
    tills.refund(shop.till, [Refund(f"r{number()}", sold.order_key, clock.now(), amount=1_000)])
    assert (shop.shelves(), shop.owed()) == ((98, 10), (2 * PRICE, -2 * PRICE))
    clean()


@pytest.mark.parametrize("is_strict", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_piece_by_piece_as_all_at_once(shop: Shop, seed: int, is_strict: bool) -> None:
    if is_strict:
        for unit in (shop.cast.ben_store, shop.cast.ann_west):
            ledger.set_policy(org_unit_id=unit, policy="strict", actor=SYSTEM)
    pick = random.Random(seed)
    given, own = pick.randint(1, 6), pick.randint(0, 3)
    sold = shop.sell(given, own)
    left, lost = given + own, 0
    while left:
        n = pick.randint(1, left)
        condition: tills.Condition = pick.choice(["sellable", "sellable", "damaged", "not_returned"])
        line = RefundLine(line_no=1, quantity_milli=n * 1000, condition=condition)
        outcome = shop.back(sold, line)
        left -= n
        lost += n if condition != "sellable" else 0
        still = min(left + lost, given)
        owed = given * PRICE - given * PRICE * (given - still) // given
        assert shop.owed() == (owed, -owed), (seed, outcome)
        assert shop.shelves() == (100 - still, 10 - (left + lost - still)), seed
    clean()


def test_a_void_too_and_told_again_once(shop: Shop) -> None:
    sold = shop.sell(2, 1)
    void = structs.replace(tills.void(shop.till, key="v", order_key=sold.order_key, at=clock.now()))
    assert void.state == "settled"
    again = tills.void(shop.till, key="v", order_key=sold.order_key, at=clock.now())
    assert again.fact_id == void.fact_id
    assert (shop.shelves(), shop.owed()) == ((100, 10), (0, 0))
    clean()


def test_what_came_back_damaged_is_listed(shop: Shop) -> None:
    sold = shop.sell(2)
    line = RefundLine(line_no=1, quantity_milli=1000, condition="damaged")
    back = shop.back(sold, line)
    (found,) = brand.stock_documents(shop.cast.of_ann, kinds=["damaged_return"])
    assert (found.head.fact_id, found.head.key) == (back.fact_id, sold.order_key)
    assert [(x.sku_id, x.said_milli, x.moved_milli) for x in found.lines] == [(shop.cast.cap, 1000, 0)]
    assert brand.stock_documents(shop.cast.of_ben, kinds=["damaged_return"]) == []
    assert [d.head.kind for d in brand.stock_documents(shop.cast.of_ben)] == ["handover", "receipt"]
