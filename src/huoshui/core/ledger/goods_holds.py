"""Goods kept for an order until it is sold, let go or too late.

A sale of the same order number of the same source, at the same place, uses up what is kept for it (`move_goods`); to
everybody else it is not there. Reservations change only under the lock of their shelves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import Refused
from huoshui.core.ledger import goods_rules as rules
from huoshui.core.ledger.goods import Q, locked, place_columns
from huoshui.core.ledger.goods_documents import hand_over
from huoshui.core.ledger.goods_types import GoodsLine, KeyTaken, Place, Shelf, StockShort
from huoshui.core.ledger.reads import stock_of

HELD, FULFILLED, RELEASED, EXPIRED = "held", "fulfilled", "released", "expired"

ANY_SOURCE = 0
"""The order of that number of whatever source: nobody has said which till will ring it up."""


class Reservation(NamedTuple):
    """`price`: what the seller owes the shelf's owner for 1, None where it is the owner itself."""

    org_unit_id: int
    sku_id: int
    quantity_milli: int
    left_milli: int
    seller_org_unit_id: int
    price: int | None
    until_at: datetime
    state: str


class Ended(NamedTuple):
    order_key: str
    org_unit_id: int
    sku_id: int
    left_milli: int
    seller_org_unit_id: int
    price: int | None
    until_at: datetime

    @property
    def place(self) -> Place:
        return self.org_unit_id, self.sku_id


class HandedOver(NamedTuple):
    """What one shelf gave for an order, and what the seller owes for it (minor units, each line rounded half up)."""

    fact_id: int
    org_unit_id: int
    seller_org_unit_id: int
    amount: int


def reservations_of(order_key: str, source_id: int = ANY_SOURCE) -> list[Reservation]:
    return _kept_as(_hold_key(source_id, order_key))


def _kept_as(hold_key: str) -> list[Reservation]:
    return sql.fetch_as(Reservation, Q.holds_of, order_key=hold_key)


def _hold_key(source_id: int, order_key: str) -> str:
    """Tills number their orders themselves; a number begins after the first slash, whatever is in it."""
    return f"{source_id}/{order_key}"


def reserve_goods(
    *,
    order_key: str,
    org_unit_id: int,
    lines: Sequence[GoodsLine],
    until: datetime,
    actor: Actor,
    source_id: int = ANY_SOURCE,
    seller_org_unit_id: int | None = None,
    prices: Mapping[int, int] | None = None,
    spare: Mapping[int, int] | None = None,
) -> None:
    """Keep all of these for the order, or none: then StockShort is raised. The same again changes nothing.

    `seller_org_unit_id` sells them where it is not the shelf's own; `prices` then says what it owes for 1 of each product,
    and `spare` how many the owner keeps for itself.
    """
    wanted, hold_key = _wanted(lines), _hold_key(source_id, order_key)
    with transaction.atomic():
        sql.by_index()
        sql.fetch_one(Q.goods_guard)
        shelves = locked([(org_unit_id, sku_id) for sku_id in wanted])
        if _is_known(hold_key, order_key, org_unit_id, wanted):
            return
        free = _free(org_unit_id, shelves, spare or {})
        _, unmet = rules.reserve([((org_unit_id, s), n) for s, n in wanted.items()], free)
        if unmet:
            raise StockShort(unmet)
        seller = org_unit_id if seller_org_unit_id is None else seller_org_unit_id
        places = {(org_unit_id, sku_id): quantity for sku_id, quantity in wanted.items()}
        _add(hold_key, places, seller, until, prices or {})
        record(actor, "goods.reserved", "org_unit", org_unit_id, order_key=order_key, until=until)


def _wanted(lines: Sequence[GoodsLine]) -> Counter[int]:
    wanted: Counter[int] = Counter()
    for line in lines:
        if line.quantity_milli <= 0:
            raise Refused("锁货的件数要大于 0。")
        wanted[line.sku_id] += line.quantity_milli
    return wanted


def _free(org_unit_id: int, shelves: Sequence[Shelf], spare: Mapping[int, int]) -> list[Shelf]:
    """The shelves as a promise may count on them: exact where open, less what is spared, and nothing oversold whatever a
    sale may do."""
    there = stock_of(org_unit_id, [s.sku_id for s in shelves])
    free = []
    for s in shelves:
        on_hand = there.get(s.sku_id, 0) if s.floor_milli is None else s.on_hand_milli
        free.append(s._replace(on_hand_milli=on_hand - spare.get(s.sku_id, 0), floor_milli=0))
    return free


def release_goods(*, order_key: str, actor: Actor, source_id: int = ANY_SOURCE) -> int:
    """Let go what is kept for the order. Returns how many lines were."""
    hold_key = _hold_key(source_id, order_key)
    with transaction.atomic():
        sql.by_index()
        held = _held(hold_key)
        ended = _end([(hold_key, *place) for place in held], RELEASED)
        if ended:
            record(actor, "goods.released", "org_unit", ended[0].org_unit_id, order_key=order_key)
        return len(ended)


def expire_goods(*, at: datetime, limit: int = 5000) -> int:
    """Let go what was kept until before this instant. Returns how many lines were."""
    with transaction.atomic():
        sql.by_index()
        due = [tuple(r) for r in sql.fetch(Q.due_holds, at=at, limit=limit)]
        return len(_end(due, EXPIRED, due=at))


def fulfil_goods(
    *, order_key: str, actor: Actor, source_id: int = ANY_SOURCE, is_sold: bool = False
) -> list[HandedOver]:
    """Hand over what other shelves keep for this order to whoever sells it. There it stays kept for the order's sale, unless
    that has been told already (`is_sold`).

    Raises StockShort where a shelf has it no more. The same again changes nothing and returns nothing.
    """
    hold_key = _hold_key(source_id, order_key)
    with transaction.atomic():
        sql.by_index()
        away = {p: r for p, r in _held(hold_key).items() if r.seller_org_unit_id != r.org_unit_id}
        if not away:
            return []
        sql.fetch_one(Q.goods_guard)
        locked({*away, *((r.seller_org_unit_id, r.sku_id) for r in away.values())})
        ended = _end([(hold_key, *place) for place in away], FULFILLED)
        handed = []
        for shelf in sorted({e.org_unit_id for e in ended}):
            handed.append(
                _hand_over(hold_key, order_key, [e for e in ended if e.org_unit_id == shelf], actor)
            )
        if not is_sold:
            _keep_for_sale(hold_key, ended)
        return handed


def _keep_for_sale(hold_key: str, ended: Sequence[Ended]) -> None:
    for seller in sorted({e.seller_org_unit_id for e in ended}):
        there = [e for e in ended if e.seller_org_unit_id == seller]
        arrived: Counter[Place] = Counter()
        for e in there:
            arrived[seller, e.sku_id] += e.left_milli
        _add(hold_key, arrived, seller, max(e.until_at for e in there), {})


def _hand_over(hold_key: str, order_key: str, given: Sequence[Ended], actor: Actor) -> HandedOver:
    shelf, seller = given[0].org_unit_id, given[0].seller_org_unit_id
    lines = [GoodsLine(e.sku_id, e.left_milli) for e in given]
    fact_id = hand_over(
        key=f"handover {hold_key}",
        org_unit_id=shelf,
        to_org_unit_id=seller,
        lines=lines,
        reason=order_key,
        actor=actor,
    )
    amount = sum(((e.price or 0) * e.left_milli + 500) // 1000 for e in given)
    return HandedOver(fact_id, shelf, seller, amount)


def _held(hold_key: str) -> dict[Place, Reservation]:
    return {(r.org_unit_id, r.sku_id): r for r in _kept_as(hold_key) if r.state == HELD}


def _is_known(hold_key: str, order_key: str, org_unit_id: int, wanted: Mapping[int, int]) -> bool:
    """Whether the order has this already. What was let go counts as never kept."""
    kept = {
        r.sku_id: r.quantity_milli
        for r in _kept_as(hold_key)
        if r.org_unit_id == org_unit_id and r.state in (HELD, FULFILLED)
    }
    if kept and kept != wanted:
        raise KeyTaken(order_key)
    return bool(kept)


def _add(
    hold_key: str, places: Mapping[Place, int], seller: int, until: datetime, prices: Mapping[int, int]
) -> None:
    sql.run(
        Q.add_holds,
        order_key=hold_key,
        seller_org_unit_id=seller,
        until_at=until,
        **place_columns(list(places)),
        quantities=list(places.values()),
        prices=[prices.get(sku_id) for _, sku_id in places],
    )


def _end(holds: Sequence[tuple[str, int, int]], state: str, *, due: datetime | None = None) -> list[Ended]:
    if not holds:
        return []
    places = [(org_unit_id, sku_id) for _, org_unit_id, sku_id in holds]
    locked(set(places))
    return sql.fetch_as(
        Ended,
        Q.end_holds,
        order_keys=[key for key, _, _ in holds],
        **place_columns(places),
        state=state,
        due=due,
    )
