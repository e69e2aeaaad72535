"""Whatever is told of some orders, in whatever order and however it is cut into deliveries: the books are exact."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.core import sql
from huoshui.core.tests.ground import a_source, rolled_back
from huoshui.intake.river.api import Item, sweep
from huoshui.intake.river.tests.world import (
    MILK,
    TEA,
    Shop,
    check_books,
    given_back,
    line,
    points_of,
    shop,
    spend_of,
    stock,
)
from huoshui.people import api as people

__all__ = ["shop"]

REPEATED = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CARDS = ("any-order-1", "any-order-2")


@dataclass(frozen=True)
class Said:
    """One thing said of an order."""

    order: int
    what: str  # order | rest | refund
    place: int  # tells refunds apart
    yuan: int
    back: int
    card: int | None
    status: int

    def item(self, shop: Shop) -> Item:
        identifiers = () if self.card is None else (("card_no", CARDS[self.card]),)
        common = {"identifiers": identifiers, "status": f"s{self.status}"}
        if self.what == "refund":
            lines = (given_back(self.back * 55),)
            return shop.refund(*lines, key=f"R{self.order}-{self.place}", of=f"O{self.order}", **common)
        sku = TEA if self.what == "rest" else MILK
        back = self.back * 55 if self.status else 0
        lines = (line(self.yuan * 55, sku, 3, refunded=back, refunded_milli=1000 if back else 0),)
        return shop.order(*lines, key=f"O{self.order}", **common)


SAID = st.builds(
    Said,
    order=st.integers(0, 1),
    what=st.sampled_from(["order", "order", "rest", "refund", "refund"]),
    place=st.integers(0, 1),
    yuan=st.integers(0, 40),
    back=st.integers(1, 10),
    card=st.none() | st.integers(0, 1),
    status=st.integers(0, 2),
)


def tell(shop: Shop, deliveries: list[list[Said]]) -> None:
    for delivery in deliveries:
        shop.tell(*[said.item(shop) for said in delivery])
        check_books()
    sweep()
    check_books()


def cut(said: list[Said], lengths: list[int]) -> list[list[Said]]:
    parts, place = [], 0
    for length in lengths:
        parts.append(said[place : place + length])
        place += length
    return [*parts, said[place:]]


SALES = sql.Statement(
    "sales",
    "select order_key, amount, refunded, status, line_count, cardinality(fact_ids) as facts from sale"
    " where source_id = %(id)s order by order_key",
)


def state(shop: Shop) -> object:
    """What can be seen from outside, told without ids."""
    persons = [people.find("card_no", card) for card in CARDS]
    return (
        sql.fetch(SALES, id=shop.source.id),
        [(points_of(p), spend_of(p)) if p else (0, 0) for p in persons],
        (stock(MILK), stock(TEA)),
    )


@REPEATED
@given(said=st.lists(SAID, min_size=1, max_size=8), lengths=st.lists(st.integers(0, 3), max_size=4))
def test_however_deliveries_are_cut_the_outcome_is_the_same(
    shop: Shop, said: list[Said], lengths: list[int]
) -> None:
    with rolled_back():
        one_by_one = Shop(source=a_source())
        tell(one_by_one, [[s] for s in said])
        wanted = state(one_by_one)
    with rolled_back():
        cut_so = Shop(source=a_source())
        tell(cut_so, cut(said, lengths))
        assert state(cut_so) == wanted


@REPEATED
@given(said=st.lists(SAID, min_size=1, max_size=6), again=st.lists(st.integers(0, 5), max_size=6))
def test_what_is_delivered_again_changes_nothing(shop: Shop, said: list[Said], again: list[int]) -> None:
    with rolled_back():
        told = Shop(source=a_source())
        tell(told, [[s] for s in said])
        before = state(told)
        tell(told, [[said[i % len(said)]] for i in again])
        assert state(told) == before
