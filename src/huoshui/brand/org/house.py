"""What holds for all stores: where a customer may hand in what another store sold, and when a store is busy."""

from __future__ import annotations

import re
from collections.abc import Collection

from django.db import transaction

from huoshui.brand.org.models import HouseRule
from huoshui.brand.org.reads import branches_of
from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused

REFUND_RULES = ("same_store", "same_owner", "all")
"""Only where it was sold; at the stores of the same dealer, or of the brand itself; at all stores."""
REFUND_RULE = "same_owner"
_NAME = "refund_at"

RUSH_HOURS = "11:30-13:30 17:30-19:30"
"""As it comes: when a store is busy, by the brand's clock. No task is shown then."""
_RUSH = "rush_hours"
_MOST_SPANS = 4
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def refund_rule() -> str:
    kept = HouseRule.objects.filter(name=_NAME).first()
    return kept.value if kept else REFUND_RULE


def set_refund_rule(rule: str, *, actor: Actor) -> None:
    """From the next refund on. Raises NotFound for no such rule."""
    if rule not in REFUND_RULES:
        raise NotFound
    with transaction.atomic():
        HouseRule.objects.update_or_create(name=_NAME, defaults={"value": rule, "set_at": clock.now()})
        record(actor, "org.refund_rule", "org_unit", 0, rule=rule, by=actor.name)


def may_hand_in(sold_at: int, there: Collection[int]) -> bool:
    """Whether what that store sold may be handed in at one of these."""
    if sold_at in there:
        return True
    rule = refund_rule()
    if rule == "same_store":
        return False
    branches = branches_of([sold_at, *there])
    if rule == "all":
        return any(unit in branches for unit in there)
    owner = branches[sold_at].dealer_id
    return any(branches[unit].dealer_id == owner for unit in there if unit in branches)


def rush_hours() -> list[tuple[int, int]]:
    """From and until, in minutes of the day."""
    kept = HouseRule.objects.filter(name=_RUSH).first()
    return spans_in(kept.value if kept else RUSH_HOURS)


def set_rush_hours(text: str, *, actor: Actor) -> None:
    """As "11:30-13:30 17:30-19:30"; nothing for never. Raises Refused."""
    spans_in(text)
    with transaction.atomic():
        HouseRule.objects.update_or_create(name=_RUSH, defaults={"value": text, "set_at": clock.now()})
        record(actor, "org.rush_hours", "org_unit", 0, hours=text, by=actor.name)


def spans_in(text: str) -> list[tuple[int, int]]:
    """Raises Refused."""
    spans = []
    for part in text.split():
        found = _SPAN.fullmatch(part)
        if not found:
            raise Refused("忙时请写成 11:30-13:30 17:30-19:30。")
        hours = [int(n) for n in found.groups()]
        spans.append((hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]))
    if len(spans) > _MOST_SPANS or any(start >= end for start, end in spans):
        raise Refused("忙时最多 4 段，每段开始要早于结束。")
    return spans
