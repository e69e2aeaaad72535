"""What taking an import back would do, before anybody does it."""

from __future__ import annotations

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.facts import withdrawn
from huoshui.core.facts.types import ORDER_COMPLETED, ORDER_REFUNDED
from huoshui.core.journal import api as journal
from huoshui.engage.campaigns import api as campaigns
from huoshui.insight.api import tags
from huoshui.intake.imports.reads import find_run_for
from huoshui.intake.imports.tag_column import origin
from huoshui.intake.imports.undo_types import ListRows, OrderOfUndo, OrderSince, PointsOf, Rehearsal
from huoshui.trade.commission import api as commission

Q = sql.load("huoshui.intake.imports")

_SHOWN = 200


def rehearse_undo(actor: Actor, run_id: int) -> Rehearsal:
    """Nothing is changed. Raises NotFound for whoever may not import."""
    find_run_for(actor, run_id)
    told = {t.name: t for t in withdrawn.told_by_run(run_id)}
    orders, refunds = told.pop(ORDER_COMPLETED, None), told.pop(ORDER_REFUNDED, None)
    every = [t for t in (orders, refunds, *told.values()) if t]
    persons = sql.fetch_one(Q.persons_told, run_id=run_id)
    points = sql.fetch_as(PointsOf, Q.points_told, run_id=run_id)
    short = [p for p in points if p.short]
    followed = journal.followed(run_id)
    return Rehearsal(
        run_id=run_id,
        orders=orders.facts if orders else 0,
        refunds=refunds.facts if refunds else 0,
        amount=sum(t.amount for t in every),
        persons_told=sum(t.facts for t in told.values()),
        also_told=sum(t.also_told for t in every),
        waiting=sum(t.waiting for t in every),
        persons=persons.persons,
        persons_staying=persons.staying,
        points=sum(p.points for p in points),
        points_short=sum(p.short for p in short),
        points_of=tuple(short[:_SHOWN]),
        people_with_points=len(points),
        orders_since=tuple(sql.fetch_as(OrderSince, Q.orders_told_since, run_id=run_id)[:_SHOWN]),
        lists=tuple(
            ListRows(c.relation, c.added, c.changed, followed.get(c.relation, 0))
            for c in journal.changes(run_id)
        ),
        coupons_used=tuple(campaigns.gifts_used_of_run(run_id)),
        closed=tuple(commission.closed_of_run(run_id)),
        tags=tags.said_by(origin(run_id)),
        documents=len(sql.fetch(Q.documents_left, run_id=run_id)),
    )


def orders_of_undo(actor: Actor, run_id: int, *, limit: int) -> list[OrderOfUndo]:
    """The orders behind the number, the dearest first."""
    find_run_for(actor, run_id)
    return sql.fetch_as(OrderOfUndo, Q.orders_of_undo, run_id=run_id, limit=limit)


def persons_of_undo(actor: Actor, run_id: int, *, limit: int) -> list[int]:
    """The persons behind the number of those who would be no more."""
    find_run_for(actor, run_id)
    return [r.person_id for r in sql.fetch(Q.persons_of_undo, run_id=run_id, limit=limit)]
