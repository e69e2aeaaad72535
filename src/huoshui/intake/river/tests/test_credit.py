"""The river's `credit` step: a room that is paid by sales, here one that stands in for it, is told in the same transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from huoshui.core import sql
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.types import ISSUER, PAYABLE, IfShort, Movement, Party
from huoshui.core.subscribers import Crediting, registry
from huoshui.core.tests.ground import a_source, statements
from huoshui.intake.river.tests.world import TEA, Shop, check_books, given_back, line, shop
from huoshui.intake.river.types import Verdict

__all__ = ["shop"]

GUIDE = Party("staff", 7)
EFFECTS = sql.Statement(
    "effects",
    "select s.fact_id, o.amount - o.refunded - coalesce((select sum(r.amount - r.refunded) from fact_order r"
    " where r.fact_id = any(s.replaces)), 0)::bigint as effect from settlement s join fact_order o on o.fact_id = s.fact_id"
    " where s.fact_id = any(%(fact_ids)s::bigint[]) order by s.fact_id",
)


@dataclass
class Commission:
    """A tenth of what stays, to one guide."""

    told: list[Crediting] = field(default_factory=list)

    def __call__(self, what: Crediting) -> list[Movement]:
        self.told.append(what)
        rows = sql.fetch(EFFECTS, fact_ids=[*what.sold, *what.refunded])
        return [self._moved(r.fact_id, r.effect // 10) for r in rows if abs(r.effect) >= 10]

    def _moved(self, fact_id: int, amount: int) -> Movement:
        if amount > 0:
            return Movement(PAYABLE, ISSUER, GUIDE, amount, fact_id, "commission", repays=True)
        back = IfShort.DEBT
        return Movement(PAYABLE, GUIDE, ISSUER, -amount, fact_id, "commission_back", back)


@pytest.fixture
def commission(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Commission]:
    pays = Commission()
    monkeypatch.setitem(registry.crediting, "commission", pays)
    yield pays
    check_books()


def known(verdict: Verdict) -> int:
    assert verdict.fact_id is not None
    return verdict.fact_id


def earned() -> int:
    return ledger.balances(unit=PAYABLE, owner_kind="staff", owner_ids=[7]).get(7, 0)


def test_a_sale_pays_and_a_refund_takes_back(shop: Shop, commission: Commission) -> None:
    (sold,) = shop.tell(shop.order(line(100_00), line(50_00, TEA)))
    assert (earned(), commission.told[-1]) == (15_00, Crediting((known(sold),), ()))
    (back,) = shop.tell(shop.refund(given_back(50_00, TEA)))
    assert (earned(), commission.told[-1]) == (10_00, Crediting((), (known(back),)))
    assert {t.reason for t in ledger.transfers_of([known(back)])} >= {"commission_back", "take_back"}


def test_an_order_told_again_pays_its_difference_and_the_past_pays_nothing(
    shop: Shop, commission: Commission
) -> None:
    shop.tell(shop.order(line(100_00)))
    shop.tell(shop.order(line(60_00), status="shipped"))
    assert earned() == 6_00
    before = len(commission.told)
    shop.tell(shop.order(line(60_00), status="shipped"))
    assert (earned(), len(commission.told)) == (6_00, before), "the same again is told to nobody"
    past = Shop(a_source("history"))
    past.tell(past.order(line(80_00), key="H1"))
    assert (earned(), len(commission.told)) == (6_00, before)


def test_without_a_room_nothing_is_asked(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def sale(key: str) -> int:
        return statements(lambda: shop.tell(shop.order(line(10_00), key=key)))

    sale("O0")
    plain = sale("O1")
    monkeypatch.setitem(registry.crediting, "commission", lambda what: [])
    assert sale("O2") == plain + 1
