"""Which goods move, decided over arrays: no floor broken, order respected, a refused fact feeds nobody."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from huoshui.core.ledger import goods_rules as rules
from huoshui.core.ledger.goods_types import Hold, Move, Shelf

STORE, CAP, HAT = 7, 1, 2
PLACES = [(STORE, CAP), (STORE, HAT)]


def shelf(sku_id: int, on_hand: int, *, reserved: int = 0, floor: int | None = 0, shortage: int = 0) -> Shelf:
    return Shelf(STORE, sku_id, on_hand, reserved, shortage, floor)


def out(fact_id: int, sku_id: int, quantity: int, key: str | None = None) -> Move:
    return Move(fact_id, STORE, sku_id, 1, -quantity, key)


def on_hand(decided: rules.Decided, sku_id: int = CAP) -> int | None:
    return next((s.on_hand_milli for s in decided.shelves if s.sku_id == sku_id), None)


def test_an_ask_for_what_is_not_there_moves_nothing_of_its_fact() -> None:
    moves = [out(1, CAP, 1000), out(1, HAT, 3000)]
    decided = rules.decide(moves, [shelf(CAP, 5000), shelf(HAT, 2000)], [], asks={1})
    assert (decided.shelves, decided.moves) == ([], [])
    (unmet,) = decided.unmet
    assert (unmet.fact_id, unmet.code, unmet.line_no) == (1, "stock_short", 1)
    assert unmet.detail == {"sku": HAT, "have": "2", "want": "3"}


def test_a_report_moves_all_the_same_and_leaves_a_shortage() -> None:
    decided = rules.decide([out(1, CAP, 3000)], [shelf(CAP, 2000)], [], asks=())
    assert decided.shelves == [shelf(CAP, 0, shortage=1000)]
    assert [u.detail["have"] for u in decided.unmet] == ["2"]


def test_what_comes_in_fills_the_shortage_first() -> None:
    decided = rules.decide([out(1, CAP, -1500)], [shelf(CAP, 0, shortage=1000)], [], asks=())
    assert decided.shelves == [shelf(CAP, 500)]


def test_the_first_to_ask_has_it() -> None:
    moves = [out(1, CAP, 1000), out(2, CAP, 1000)]
    decided = rules.decide(moves, [shelf(CAP, 1000)], [], asks={1, 2})
    assert [u.fact_id for u in decided.unmet] == [2]
    assert [m.fact_id for m in decided.moves] == [1]


def test_what_a_refused_ask_would_have_brought_back_feeds_nobody() -> None:
    exchange = [out(1, CAP, -1000), out(1, HAT, 1000)]
    decided = rules.decide([*exchange, out(2, CAP, 1000)], [shelf(CAP, 0), shelf(HAT, 0)], [], asks={1, 2})
    assert [u.fact_id for u in decided.unmet] == [1, 2]
    assert decided.shelves == []


def test_what_is_kept_is_for_its_order_only() -> None:
    shelves, holds = [shelf(CAP, 1000, reserved=1000)], [Hold("mine", STORE, CAP, 1000, "mine")]
    others = rules.decide([out(1, CAP, 1000, "theirs")], shelves, holds, asks={1})
    assert [u.detail["have"] for u in others.unmet] == ["0"]
    mine = rules.decide([out(1, CAP, 1000, "mine")], shelves, holds, asks={1})
    assert (mine.unmet, mine.shelves) == ([], [shelf(CAP, 0)])
    assert mine.holds == [Hold("mine", STORE, CAP, 0, "mine")]


def test_what_is_kept_on_an_open_shelf_is_used_up_though_folding_moves_it() -> None:
    shelves, holds = [shelf(CAP, 5000, reserved=2000, floor=None)], [Hold("mine", STORE, CAP, 2000, "mine")]
    decided = rules.decide([out(1, CAP, 500, "mine")], shelves, holds, asks={1})
    assert decided.shelves == [shelf(CAP, 5000, reserved=1500, floor=None)]
    assert (decided.holds, decided.moves) == ([Hold("mine", STORE, CAP, 1500, "mine")], [])


def test_all_is_kept_or_nothing() -> None:
    shelves = [shelf(CAP, 1000), shelf(HAT, 1000, reserved=500)]
    kept, unmet = rules.reserve([((STORE, CAP), 1000), ((STORE, HAT), 600)], shelves)
    assert (kept, [u.detail["sku"] for u in unmet]) == ([], [HAT])
    kept, unmet = rules.reserve([((STORE, CAP), 1000), ((STORE, HAT), 500)], shelves)
    assert ([s.reserved_milli for s in kept], unmet) == ([1000, 1000], [])


FACTS = st.lists(
    st.tuples(
        st.booleans(),
        st.dictionaries(st.sampled_from([CAP, HAT]), st.integers(-6, 6).filter(bool), min_size=1),
        st.sampled_from([None, "a", "b"]),
    ),
    max_size=12,
)
SHELVES = st.tuples(
    st.integers(0, 8), st.integers(-3, 0), st.integers(0, 3), st.integers(0, 3)
)  # on hand, floor, kept for a, kept for b


def told(facts: Sequence[tuple[bool, dict[int, int], str | None]]) -> tuple[list[Move], set[int]]:
    moves = [
        Move(fact_id, STORE, sku_id, None, by, key)
        for fact_id, (_, places, key) in enumerate(facts, 1)
        for sku_id, by in places.items()
    ]
    return moves, {fact_id for fact_id, (is_ask, _, _) in enumerate(facts, 1) if is_ask}


@given(FACTS, SHELVES, SHELVES)
def test_whatever_is_asked_and_told_floors_hold_and_the_sums_come_out(
    facts: list[tuple[bool, dict[int, int], str | None]],
    cap: tuple[int, int, int, int],
    hat: tuple[int, int, int, int],
) -> None:
    shelves, holds = [], []
    for sku_id, (there, floor, for_a, for_b) in ((CAP, cap), (HAT, hat)):
        shelves.append(shelf(sku_id, there, floor=floor, reserved=for_a + for_b))
        holds += [Hold(k, STORE, sku_id, n, k) for k, n in (("a", for_a), ("b", for_b)) if n]
    moves, asks = told(facts)
    decided = rules.decide(moves, shelves, holds, asks=asks)
    assert_sums(decided, shelves, holds)
    assert_one_by_one(decided, moves, asks, shelves, holds)


def assert_sums(decided: rules.Decided, shelves: list[Shelf], holds: list[Hold]) -> None:
    after = {s.place: s for s in [*shelves, *decided.shelves]}
    left = {(h.order_key, h.sku_id): h.left_milli for h in [*holds, *decided.holds]}
    for before in shelves:
        now = after[before.place]
        moved = sum(m.moved_milli for m in decided.moves if m.place == before.place)
        assert now.on_hand_milli - now.shortage_milli == before.on_hand_milli + moved
        assert now.floor_milli is not None and now.on_hand_milli >= now.floor_milli
        assert now.shortage_milli == 0 or now.on_hand_milli == now.floor_milli
        assert now.reserved_milli == sum(n for (_, sku_id), n in left.items() if sku_id == now.sku_id)


def assert_one_by_one(
    decided: rules.Decided, moves: list[Move], asks: set[int], shelves: list[Shelf], holds: list[Hold]
) -> None:
    """The rule once more, fact by fact, in plain numbers: an ask has what is there and not kept for another."""
    there = {s.sku_id: s.on_hand_milli - (s.floor_milli or 0) for s in shelves}
    kept = {(h.order_key, h.sku_id): h.left_milli for h in holds}
    refused = set()
    for fact_id in dict.fromkeys(m.fact_id for m in moves):
        own = [m for m in moves if m.fact_id == fact_id]
        short = False
        for m in own:
            others = sum(n for (key, sku_id), n in kept.items() if sku_id == m.sku_id and key != m.order_key)
            short |= m.moved_milli < 0 and max(there[m.sku_id], 0) - others < -m.moved_milli
        if short and fact_id in asks:
            refused.add(fact_id)
            continue
        for m in own:
            there[m.sku_id] += m.moved_milli
            mine = (m.order_key or "", m.sku_id)
            if mine in kept and m.moved_milli < 0:
                kept[mine] -= min(kept[mine], -m.moved_milli)
    assert {u.fact_id for u in decided.unmet} & asks == refused
    assert {m.fact_id for m in decided.moves} == {m.fact_id for m in moves} - refused
