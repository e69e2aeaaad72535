"""Orders and refunds that were tracked, as reports of a shop: the same chain as a till's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from huoshui.core.facts.aside import OF_DATA
from huoshui.core.facts.types import ORDER_COMPLETED
from huoshui.engage.campaigns import api as campaigns
from huoshui.intake.tills import api as tills
from huoshui.intake.tracking import orders
from huoshui.intake.tracking.types import ACCEPTED, DUPLICATE, Event, Fault, Verdict, Writer

_AT_ONCE = 64


def sold(writer: Writer, events: Sequence[Event]) -> Iterator[tuple[Event, Verdict | Fault]]:
    """Sales first, in whatever order they came: a refund in the same request finds its order."""
    till = tills.Till(writer.source.id, writer.source.name, revises=True)
    sales: list[tuple[Event, tills.Sale]] = []
    ours = _our_coupons(events)
    for event in events:
        if event.name == ORDER_COMPLETED:
            try:
                sales.append((event, orders.sale(event, writer, our_coupons=ours)))
            except Fault as fault:
                yield event, fault
    for start in range(0, len(sales), _AT_ONCE):
        some = sales[start : start + _AT_ONCE]
        yield from _sell(till, some)
    for event in events:
        if event.name != ORDER_COMPLETED:
            yield event, _given_back(till, event)


def _sell(
    till: tills.Till, sales: Sequence[tuple[Event, tills.Sale]]
) -> Iterator[tuple[Event, Verdict | Fault]]:
    """By halves where the database cannot hold what one of them says: the others are sold."""
    try:
        outcomes = tills.sell(till, [sale for _, sale in sales])
    except OF_DATA as error:
        if len(sales) == 1:
            yield sales[0][0], _not_storable(error)
            return
        half = len(sales) // 2
        yield from _sell(till, sales[:half])
        yield from _sell(till, sales[half:])
        return
    for (event, _), outcome in zip(sales, outcomes, strict=True):
        yield event, _answer(event, outcome)


def _not_storable(error: Exception) -> Fault:
    return Fault("event_not_storable", reason=(str(error).splitlines() or ["?"])[0])


def _our_coupons(events: Sequence[Event]) -> frozenset[str]:
    """A shop has codes of its own, of which we know nothing."""
    told = sorted({code for event in events if (code := orders.coupon_of(event))})
    if not told:
        return frozenset()
    return frozenset(held.code for held in campaigns.find(told) if held.problem != "coupon_unknown")


def _given_back(till: tills.Till, event: Event) -> Verdict | Fault:
    try:
        (outcome,) = tills.refund(till, [orders.refund(event)])
        if any(refusal.code == "refund_needs_lines" for refusal in outcome.refusals):
            (outcome,) = tills.refund(till, [orders.refund(event, with_amounts=True)])
    except Fault as fault:
        return fault
    except OF_DATA as error:
        return _not_storable(error)
    return _answer(event, outcome)


def _answer(event: Event, outcome: tills.Outcome) -> Verdict | Fault:
    if outcome.is_repeat:
        return Verdict(event.message_id, DUPLICATE, fact_id=outcome.fact_id)
    if outcome.state != "refused":
        return Verdict(event.message_id, ACCEPTED, warnings=event.warnings, fact_id=outcome.fact_id)
    refusal = outcome.refusals[0]
    if refusal.code == "key_reused":  # by its id alone a message is the same
        return Verdict(event.message_id, DUPLICATE, fact_id=outcome.fact_id)
    return Fault(refusal.code, f"/properties{refusal.pointer}" if refusal.pointer else "", **refusal.detail)
