"""Whose goods may be sold where: what is set nearest counts, and offers stand in one order."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from huoshui.brand.stock import rules
from huoshui.brand.stock.rules import ShareRow
from huoshui.brand.stock.types import SAME_OWNER, SHARED, WAREHOUSE, Offer, Product, Terms
from huoshui.core.ledger.goods_types import Shelf

STORE, DEALER = 3, 2
CAP = Product(1, 10_000, ("帽子", "服装"))


def fixed(price: int, kept: int = 0) -> ShareRow:
    return ShareRow(kept, price, None, True)


CLOSED = ShareRow(0, None, None, False)


def terms(**shares: ShareRow) -> Terms | None:
    keys = {
        "store_cap": (STORE, 1, ""),
        "store_hats": (STORE, 0, "帽子"),
        "dealer_cap": (DEALER, 1, ""),
        "dealer_clothes": (DEALER, 0, "服装"),
        "dealer_all": (DEALER, 0, ""),
        "elsewhere": (9, 1, ""),
    }
    return rules.terms([STORE, DEALER], CAP, {keys[name]: share for name, share in shares.items()})


def test_what_nobody_shares_is_not_shared() -> None:
    assert terms() is None
    assert terms(elsewhere=fixed(1)) is None


def test_the_product_goes_before_its_category_and_the_narrow_before_the_wide() -> None:
    assert terms(dealer_all=fixed(5), dealer_clothes=fixed(4)) == Terms(0, 4)
    assert terms(dealer_clothes=fixed(4), store_hats=fixed(3)) == Terms(0, 3)
    assert terms(store_hats=fixed(3), dealer_cap=fixed(2)) == Terms(0, 2)
    assert terms(dealer_cap=fixed(2), store_cap=fixed(1, kept=500)) == Terms(500, 1)


def test_what_is_taken_out_is_not_shared_whatever_else_is() -> None:
    assert terms(dealer_all=fixed(5), store_cap=CLOSED) is None


def test_a_price_may_go_by_the_list_price() -> None:
    share = ShareRow(0, None, 655, True)
    assert terms(dealer_all=share) == Terms(0, 6550)
    unknown = Product(1, None, ())
    assert rules.terms([DEALER], unknown, {(DEALER, 0, ""): share}) is None


def test_what_is_kept_or_kept_back_or_oversold_is_not_free() -> None:
    assert rules.free(Shelf(STORE, 1, 5000, 1000, 0, None), 2000) == 2000
    assert rules.free(Shelf(STORE, 1, 5000, 1000, 0, None), 9000) == 0
    assert rules.free(Shelf(STORE, 1, -1000, 0, 0, -5000)) == 0


def offer(unit: int, kind: str, price: int | None, available: int, *, has_all: bool = True) -> Offer:
    return Offer(unit, "", 0, kind, available, price, has_all)


def test_our_warehouse_then_our_stores_then_others_by_price() -> None:
    cheap, dear = offer(1, SHARED, 5, 9), offer(2, SHARED, 7, 99)
    ours, half, house = (
        offer(3, SAME_OWNER, None, 9),
        offer(4, SAME_OWNER, None, 99, has_all=False),
        offer(5, WAREHOUSE, None, 1, has_all=False),
    )
    assert rules.in_order([dear, cheap, half, ours, house]) == [house, ours, half, cheap, dear]


OFFERS = st.lists(
    st.builds(
        offer,
        st.integers(1, 50),
        st.sampled_from([WAREHOUSE, SAME_OWNER, SHARED]),
        st.integers(0, 9),
        st.integers(1, 9),
    ),
    max_size=8,
)


@given(OFFERS, st.randoms())
def test_the_order_is_one_whatever_was_found_first(offers: list[Offer], random: Any) -> None:
    shuffled = offers.copy()
    random.shuffle(shuffled)
    assert rules.in_order(shuffled) == rules.in_order(offers)
