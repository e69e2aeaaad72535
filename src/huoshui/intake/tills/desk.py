"""Money given back at the desk by a member of staff: alone up to what his role may, beyond that with another one's word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.approvals import api as approvals
from huoshui.core.approvals.api import Approval
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import api as facts
from huoshui.intake.tills import actions, rehearsal
from huoshui.intake.tills.types import Outcome, Refund, RefundLine, Till
from huoshui.trade.sales import api as sales

REFUND = "refund"
"""Kind of the approvals; `refund.done` in the trail, beside the refund's own `refund.made`."""

ALONE: Mapping[str, int | None] = {"manager": 50_000, "operator": 200_000, "boss": 1_000_000}
"""In minor units, until head office sets others: whoever serves customers settles what is usual without waiting."""


class RefundChanged(Refused):
    """这一单后来又有变动，要退的和提交时不一样了。请拒绝这一笔，重新提交。"""

    code = "refund_changed"


@dataclass(frozen=True)
class WaitingRefund:
    """`amount` is what would be given back, above zero."""

    id: int
    sale_id: int
    order_key: str
    org_unit_id: int | None
    amount: int
    reason: str
    asked_by: str
    asked_at: datetime


def alone_upto(by: Actor) -> int | None:
    """What he may give back of one order alone; None: any amount."""
    return approvals.alone_upto(REFUND, by, ALONE)


def limits() -> dict[str, int | None]:
    return approvals.limits(REFUND, ALONE)


def set_limit(*, role: str, alone_upto: int | None, actor: Actor) -> None:
    """Raises NotFound for a role that gives nothing back."""
    if role not in ALONE:
        raise NotFound
    approvals.set_limit(kind=REFUND, role=role, alone_upto=alone_upto, actor=actor)


def needs_second(till: Till, command: Refund, amount: int, *, by: Actor) -> bool:
    """Of an order, not of a refund, or many small ones would be a large one."""
    most = alone_upto(by)
    if most is None:
        return False
    state = sales.order_state(till.source_id, command.order_key)
    return (state.returned if state else 0) + amount > most


def give_back(till: Till, command: Refund, *, by: Actor) -> Outcome | Approval:
    """The refund, carried out; or, beyond what he may do alone, what now waits for another. Twice is once either way.

    Raises RetryLater.
    """
    tried = rehearsal.rehearse(till, command, by=by).outcome
    if tried.state == "refused" or tried.is_repeat or not needs_second(till, command, -tried.amount, by=by):
        (outcome,) = actions.refund(till, [command], by=by)
        return outcome
    state = sales.order_state(till.source_id, command.order_key)
    assert state is not None
    said = _said(till, command, -tried.amount, state.org_unit_id)
    with transaction.atomic():
        return approvals.ask(
            kind=REFUND,
            key=command.key,
            object_kind="fact",
            object_id=state.sale_id,
            said=said,
            reason=command.body["reason"],
            actor=by,
        )


def waiting() -> list[WaitingRefund]:
    """What waits for a second person, oldest first. Whom it is shown to is for the caller to decide."""
    return [_waiting(one) for one in approvals.waiting(REFUND)]


def find_waiting(approval_id: int) -> WaitingRefund:
    """Raises NotFound."""
    found = next((one for one in waiting() if one.id == approval_id), None)
    if found is None:
        raise NotFound
    return found


def approve(approval_id: int, *, by: Actor) -> Outcome:
    """Carried out as it was asked for, to the cent, by the two of them.

    A refund commits on its own; told again after a crash in between it is the same one. Raises NotFound, AlreadyDecided,
    SecondPersonNeeded, RefundChanged, RetryLater.
    """
    with transaction.atomic():
        asked = approvals.approve(approvals.undecided(approval_id, kind=REFUND, actor=by), actor=by)
    try:
        outcome = _carry_out(asked, by)
    except Exception:
        with transaction.atomic():
            approvals.reopen(asked)
        raise
    assert outcome.fact_id is not None
    with transaction.atomic():
        approvals.done(asked, fact_id=outcome.fact_id, actor=by)
    return outcome


def reject(approval_id: int, *, by: Actor) -> None:
    """Raises NotFound, AlreadyDecided, SecondPersonNeeded."""
    with transaction.atomic():
        approvals.reject(approvals.undecided(approval_id, kind=REFUND, actor=by), actor=by)


def _carry_out(asked: Approval, by: Actor) -> Outcome:
    till, command = _told(asked)
    tried = rehearsal.rehearse(till, command, by=by).outcome
    if not tried.is_repeat and (tried.state == "refused" or -tried.amount != asked.said["amount"]):
        raise RefundChanged
    (outcome,) = actions.refund(till, [command], by=by)
    if outcome.state == "refused":
        raise RefundChanged
    return outcome


def _said(till: Till, command: Refund, amount: int, org_unit_id: int | None) -> dict[str, Any]:
    """All that is needed to carry it out later, by somebody who may speak for all stores."""
    return {
        "source_id": till.source_id,
        "order_key": command.order_key,
        "org_unit_id": org_unit_id,
        "amount": amount,
        "command": {
            "key": command.key,
            "lines": [
                [x.line_key, x.line_no, x.quantity_milli, x.amount, x.condition] for x in command.lines
            ],
            "amount": command.amount,
            "condition": command.condition,
            "body": command.body,
        },
    }


def _told(asked: Approval) -> tuple[Till, Refund]:
    source = facts.source_of(asked.said["source_id"])
    told = asked.said["command"]
    lines = tuple(
        RefundLine(key, number, quantity, amount, condition=condition)
        for key, number, quantity, amount, condition in told["lines"]
    )
    command = Refund(
        key=told["key"],
        order_key=asked.said["order_key"],
        at=clock.now(),
        lines=lines,
        amount=told["amount"],
        condition=told["condition"],
        body=told["body"],
    )
    return Till(source.id, source.label or source.name), command


def _waiting(one: Approval) -> WaitingRefund:
    return WaitingRefund(
        id=one.id,
        sale_id=one.object_id,
        order_key=one.said["order_key"],
        org_unit_id=one.said["org_unit_id"],
        amount=one.said["amount"],
        reason=one.reason,
        asked_by=one.asked_by,
        asked_at=one.asked_at,
    )
