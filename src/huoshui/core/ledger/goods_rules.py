"""Which goods of a batch move at managed places, decided over arrays: no database, no clock.

Fact by fact in input order. An ask moves whole or not at all, and one that is refused feeds nobody; a report always moves,
and what was not there stands as a shortage that the next goods to come in fill first.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import NamedTuple

from huoshui.core.ledger.goods_types import STOCK_SHORT, Hold, Move, Place, Shelf
from huoshui.core.quantity import plain
from huoshui.core.unmet import Unmet


class Decided(NamedTuple):
    """Shelves and holds that changed, as they stand now, and the moves that are in their rows."""

    shelves: list[Shelf]
    holds: list[Hold]
    moves: list[Move]
    unmet: list[Unmet]


def decide(
    moves: Sequence[Move], shelves: Iterable[Shelf], holds: Iterable[Hold], *, asks: Container[int]
) -> Decided:
    """`moves` hold a fact's together, each place of it once; `shelves` has every place they name."""
    at = {shelf.place: shelf for shelf in shelves}
    kept = {(hold.order_key, hold.org_unit_id, hold.sku_id): hold for hold in holds}
    before, held_before = at.copy(), kept.copy()
    posted: list[Move] = []
    unmet: list[Unmet] = []
    groups: dict[int, list[Move]] = {}
    for move in moves:
        groups.setdefault(move.fact_id, []).append(move)
    for fact_id, group in groups.items():
        short = [u for move in group if (u := _short(move, at[move.place], _hold(kept, move)))]
        unmet += short
        if short and fact_id in asks:
            continue
        for move in group:
            _apply(move, at, kept)
        posted += [move for move in group if at[move.place].floor_milli is not None]
    changed = [shelf for place, shelf in at.items() if shelf != before[place]]
    used = [hold for key, hold in kept.items() if hold != held_before[key]]
    return Decided(changed, used, posted, unmet)


def reserve(wanted: Sequence[tuple[Place, int]], shelves: Iterable[Shelf]) -> tuple[list[Shelf], list[Unmet]]:
    """The shelves with these quantities kept, all of them or none. Here `on_hand_milli` of an open shelf is exact too."""
    at = {shelf.place: shelf for shelf in shelves}
    unmet = []
    for place, quantity in wanted:
        shelf = at[place]
        have = available(shelf)
        if quantity > have:
            unmet.append(_unmet(0, place[1], None, have, quantity))
        at[place] = shelf._replace(reserved_milli=shelf.reserved_milli + quantity)
    return ([], unmet) if unmet else (list(at.values()), [])


def available(shelf: Shelf, own_milli: int = 0) -> int:
    """What may be taken by somebody for whom `own_milli` of what is reserved is kept."""
    return shelf.on_hand_milli - (shelf.floor_milli or 0) - (shelf.reserved_milli - own_milli)


def moved(shelf: Shelf, by_milli: int) -> Shelf:
    """A managed shelf after its goods came or went."""
    assert shelf.floor_milli is not None
    book = shelf.on_hand_milli - shelf.shortage_milli + by_milli
    return shelf._replace(
        on_hand_milli=max(book, shelf.floor_milli), shortage_milli=max(shelf.floor_milli - book, 0)
    )


def _short(move: Move, shelf: Shelf, own: Hold | None) -> Unmet | None:
    if shelf.floor_milli is None or move.moved_milli > 0:
        return None
    want, have = -move.moved_milli, available(shelf, own.left_milli if own else 0)
    return _unmet(move.fact_id, move.sku_id, move.line_no, have, want) if want > have else None


def _unmet(fact_id: int, sku_id: int, line_no: int | None, have: int, want: int) -> Unmet:
    detail = {"sku": sku_id, "have": plain(max(have, 0)), "want": plain(want)}
    return Unmet(fact_id, STOCK_SHORT, detail, line_no)


def _hold(kept: dict[tuple[str, int, int], Hold], move: Move) -> Hold | None:
    return kept.get((move.order_key, *move.place)) if move.order_key is not None else None


def _apply(move: Move, at: dict[Place, Shelf], kept: dict[tuple[str, int, int], Hold]) -> None:
    shelf, own = at[move.place], _hold(kept, move)
    if own and move.moved_milli < 0:
        used = min(own.left_milli, -move.moved_milli)
        shelf = shelf._replace(reserved_milli=shelf.reserved_milli - used)
        kept[own.order_key, *move.place] = own._replace(left_milli=own.left_milli - used)
    at[move.place] = shelf if shelf.floor_milli is None else moved(shelf, move.moved_milli)
