"""What a refund would do, to the cent: it is carried out, looked at, and undone.

A forecast beside the rules would be a second set of rules, and drift from the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from msgspec import structs

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.errors import RetryLater
from huoshui.core.facts import api as facts
from huoshui.core.retry import retrying
from huoshui.engage.campaigns import api as campaigns
from huoshui.intake.river.api import Item, Tender
from huoshui.intake.river.batches import columns_of
from huoshui.intake.river.settle import NotHad, take_steps
from huoshui.intake.tills import reads, refunds
from huoshui.intake.tills.types import Outcome, Refund, RefundLine, Till
from huoshui.trade.sales import api as sales


@dataclass(frozen=True)
class CouponBack:
    """A coupon that the order used and then no longer does. `is_given_back`: whether it can be used again."""

    code: str
    title: str
    amount: int
    is_given_back: bool


@dataclass(frozen=True)
class Rehearsal:
    """`outcome` is what the refund would be answered; `lines` is what would come back of which line of the order and
    `tenders` how the money would, both above zero."""

    outcome: Outcome
    lines: tuple[RefundLine, ...] = ()
    tenders: tuple[Tender, ...] = ()
    coupons: tuple[CouponBack, ...] = ()


def rehearse(till: Till, command: Refund, *, by: Actor) -> Rehearsal:
    """Raises RetryLater when others stand in the way. Nothing stays of it but numbers of facts that are never used."""
    return retrying(lambda: _undone(till, command, by))


def _undone(till: Till, command: Refund, by: Actor) -> Rehearsal:
    with transaction.atomic():
        try:
            return _carried_out(till, command, by)
        except NotHad as not_had:
            return Rehearsal(_refused(command, not_had))
        finally:
            transaction.set_rollback(True)


def _refused(command: Refund, not_had: NotHad) -> Outcome:
    why = refunds.refusals(not_had.unmet)
    return Outcome(command.key, "refused", order_key=command.order_key, refusals=why)


def _carried_out(till: Till, command: Refund, by: Actor) -> Rehearsal:
    source = facts.source_of(till.source_id)
    facts.lock_orders(source, [command.order_key])
    item = refunds.item(till, source, command)
    if isinstance(item, Outcome):
        return Rehearsal(item)
    state = sales.order_state(source.id, command.order_key)
    used = _live(state.fact_ids) if state else []
    received = facts.receive_once(columns_of([item]), source=source, actor=by)
    if held := received.held.get(0):  # it has been carried out already
        (known,) = reads.outcomes({held.fact_id: command.key}).values()
        return Rehearsal(structs.replace(known, is_repeat=True))
    with sql.pipelined():
        settled = take_steps(received.fact_ids, actor=by, asks=set(received.fact_ids))
    if not settled.settled:
        raise RetryLater  # an earlier fact of its order has not settled yet
    (outcome,) = reads.outcomes(dict.fromkeys(received.fact_ids, command.key)).values()
    return Rehearsal(outcome, _lines(item), _tenders(item), _back(used))


def _lines(item: Item) -> tuple[RefundLine, ...]:
    assert item.order is not None
    return tuple(
        RefundLine(x.line_key, None, -(x.quantity_milli or 0), -(x.amount or 0), x.sku_code, x.condition)
        for x in item.order.lines
    )


def _tenders(item: Item) -> tuple[Tender, ...]:
    assert item.order is not None
    return tuple(Tender(t.kind, -t.amount, -t.points) for t in item.order.tenders)


def _live(fact_ids: Sequence[int]) -> list[campaigns.RedemptionView]:
    return [r for r in campaigns.redemptions_of(fact_ids) if r.taken_back_at is None]


def _back(used: Sequence[campaigns.RedemptionView]) -> tuple[CouponBack, ...]:
    """Of the coupons in use before, those that no longer are."""
    still = {(r.fact_id, r.coupon_id) for r in _live([r.fact_id for r in used])}
    gone = [r for r in used if (r.fact_id, r.coupon_id) not in still]
    held = campaigns.find([r.code for r in gone]) if gone else []
    return tuple(
        CouponBack(r.code, r.title, r.amount, not h.problem) for r, h in zip(gone, held, strict=True)
    )
