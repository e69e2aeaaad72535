"""What holds for all stores: where a customer may hand in what another store sold."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from huoshui.brand.org.models import HouseRule
from huoshui.brand.org.reads import branches_of
from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound

REFUND_RULES = ("same_store", "same_owner", "all")
"""Only where it was sold; at the stores of the same dealer, or of the brand itself; at all stores."""
REFUND_RULE = "same_owner"
_NAME = "refund_at"


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
