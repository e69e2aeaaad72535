"""Goods: moved at once where a floor must hold, folded where not, and how a place comes to be the one or the other."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import transaction

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.facts import api as facts
from huoshui.core.ledger import goods_rules as rules
from huoshui.core.ledger.goods_types import GoodsPosted, Hold, Move, Place, Policy, Shelf
from huoshui.core.ledger.types import STOCK

Q = sql.load("huoshui.core.ledger")

WHOLE_STORE = 0
"""As a product id in a policy: all of the store's that have none of their own."""
_LAST_UNIT = 2**31 - 1


def ask_for_goods() -> sql.Asked:
    """Whether any place is managed, asked together with the next statement that is waited for."""
    return sql.ask(Q.goods_guard)


def move_goods(
    fact_ids: Sequence[int], *, asks: Collection[int], guard: sql.Asked | None = None
) -> GoodsPosted:
    """Move what these just settled facts move at managed places, and use up what was kept for their orders.

    Once in a settle, for every batch, right before `post`: shelves are locked before accounts. An ask among the unmet has
    moved nothing, and its settling must be rolled back; a report has moved and left a shortage.
    """
    if not fact_ids or not (guard or ask_for_goods()).rows()[0].is_needed:
        return GoodsPosted()
    rows = sql.fetch(Q.moves_of, fact_ids=list(fact_ids))
    if not rows:
        return GoodsPosted()
    moves = [Move(r.fact_id, r.org_unit_id, r.sku_id, r.line_no, r.moved_milli, r.order_key) for r in rows]
    shelves = locked({move.place for move in moves})
    keys = sorted({move.order_key for move in moves if move.order_key is not None})
    holds = sql.fetch_as(Hold, Q.holds_of_orders, order_keys=keys) if keys else []
    decided = rules.decide(moves, shelves, holds, asks=asks)
    _write(decided)
    return GoodsPosted(tuple(decided.unmet))


def locked(places: Collection[Place]) -> list[Shelf]:
    """The rows of these places, made where missing, locked until the end of the transaction."""
    columns = place_columns(sorted(places))
    shelves = sql.fetch_as(Shelf, Q.lock_shelves, **columns)
    if len(shelves) < len(places):
        sql.send(Q.open_shelves, **place_columns(sorted(set(places) - {s.place for s in shelves})))
        shelves = sql.fetch_as(Shelf, Q.lock_shelves, **columns)
    return shelves


def place_columns(places: Sequence[Place]) -> dict[str, list[int]]:
    return {"org_unit_ids": [p[0] for p in places], "sku_ids": [p[1] for p in places]}


def put_shelves(shelves: Sequence[Shelf]) -> None:
    if shelves:
        sql.send(
            Q.put_shelves,
            **place_columns([s.place for s in shelves]),
            on_hand=[s.on_hand_milli for s in shelves],
            reserved=[s.reserved_milli for s in shelves],
            shortage=[s.shortage_milli for s in shelves],
            floors=[s.floor_milli for s in shelves],
        )


def _write(decided: rules.Decided) -> None:
    put_shelves(decided.shelves)
    if decided.moves:
        sql.send(
            Q.add_posted,
            fact_ids=[m.fact_id for m in decided.moves],
            **place_columns([m.place for m in decided.moves]),
            moved=[m.moved_milli for m in decided.moves],
        )
    if decided.holds:
        sql.send(
            Q.use_holds,
            order_keys=[h.kept_as for h in decided.holds],
            **place_columns([(h.org_unit_id, h.sku_id) for h in decided.holds]),
            left=[h.left_milli for h in decided.holds],
        )


def set_policy(
    *,
    org_unit_id: int,
    sku_id: int = WHOLE_STORE,
    policy: Policy | None,
    floor_milli: int = 0,
    actor: Actor,
) -> None:
    """How a store, or one product there, treats what it has not got; None: as the store does.

    `floor_milli` (zero or below) is how far below nothing an ask may go at a strict place. All that has settled is in the
    rows before the floor is, so no line is lost or moved twice, and nobody settles or folds meanwhile.
    """
    if floor_milli > 0:
        raise ValueError("a floor above zero would hide goods; share less of them instead")
    scope = {"org_unit_id": org_unit_id, "sku_id": sku_id}
    with transaction.atomic():
        sql.fetch_one(Q.lock_policies)
        before = sql.fetch_one(Q.policy_at, **scope)
        fold_goods()  # and from here no other folding begins
        sql.by_index()
        sql.run(Q.free_rows, **scope)
        sql.run(Q.post_pending, **scope, reader=STOCK)
        if policy is None:
            sql.run(Q.drop_policy, **scope)
        else:
            sql.run(
                Q.put_policy, **scope, policy=policy, floor_milli=floor_milli if policy == "strict" else 0
            )
        sql.run(Q.floor_rows, first=org_unit_id, last=org_unit_id, sku_id=sku_id)
        told = {"sku_id": sku_id or None, "policy": policy, "floor_milli": floor_milli}
        was = before.policy if before else None
        record(actor, "stock.policy_set", "org_unit", org_unit_id, **told, was=was)


def fold_goods() -> int:
    """Bring the rows of stock up to all that has settled. Returns how many places changed.

    Goods have moved when their line has settled; the rows only hold the sum, so that readers need not add up every line
    there ever was, and so that no sale waits for another at the same shelf (ADR 0009). Lines of managed places are left
    out: they are in the rows since they settled.
    """
    with facts.since_last_read(STOCK) as span:
        return sql.run(Q.fold_goods, low=str(span.low), high=str(span.high))


def refold_goods() -> None:
    """Make the rows of stock anew from all lines that ever settled."""
    with transaction.atomic():
        sql.fetch_one(Q.lock_policies)
        facts.mark_read(STOCK, 0)
        sql.run(Q.free_all_rows)
        sql.run(Q.fold_posted)
        fold_goods()
        sql.run(Q.floor_rows, first=0, last=_LAST_UNIT, sku_id=WHOLE_STORE)
