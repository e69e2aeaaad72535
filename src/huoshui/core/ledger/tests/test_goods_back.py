"""Goods of others that come back: what was owed is undone by the recorded split, in however many steps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from huoshui.core.ledger.goods_back import Given, going_back

PIECES = st.integers(1, 12_000)


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[tuple[int, int]], int, list[int]]:
    """Hand-overs (thousandths, price), what the seller sold of its own, and how many are out after each thing told."""
    handed = draw(st.lists(st.tuples(PIECES, st.integers(0, 99_999)), min_size=1, max_size=4))
    own = draw(st.integers(0, 5_000))
    total = sum(n for n, _ in handed) + own
    return handed, own, draw(st.lists(st.integers(0, total), min_size=1, max_size=6))


@given(stories())
def test_what_went_back_and_what_is_owed_tell_only_of_what_is_out(
    story: tuple[list[tuple[int, int]], int, list[int]],
) -> None:
    handed, _, outs = story
    back, undone = [0] * len(handed), [0] * len(handed)
    for fact_id, out in enumerate([*outs, 0]):
        rows = [
            Given(fact_id, "o", n, 1, 2, 3, quantity, price, out, back[n])
            for n, (quantity, price) in enumerate(handed)
        ]
        for b in going_back(rows):
            back[b.given.handover_fact_id] += b.quantity_milli
            undone[b.given.handover_fact_id] += b.amount
        assert all(0 <= taken <= n for taken, (n, _) in zip(back, handed, strict=True))
        still = sum(n for n, _ in handed) - sum(back)
        assert still == min(out, sum(n for n, _ in handed)), (
            "others' goods are out first, the seller's own last"
        )
        for (n, price), taken, amount in zip(handed, back, undone, strict=True):
            owed = (price * n + 500) // 1000
            assert amount == owed * taken // n, "whatever was told on the way"
    assert undone == [(price * n + 500) // 1000 for n, price in handed], "all back: nothing is owed"


def test_nothing_new_is_nothing_to_do() -> None:
    assert going_back([Given(1, "o", 1, 1, 2, 3, 2_000, 700, 2_000, 0)]) == []
    assert going_back([Given(1, "o", 1, 1, 2, 3, 2_000, 700, 1_000, 1_000)]) == []
