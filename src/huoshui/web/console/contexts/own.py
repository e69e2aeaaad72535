"""What somebody may be told of: the whole brand, or what his own stores sold."""

from __future__ import annotations

from huoshui.core.actor import Actor
from huoshui.insight.api import AllBut, At
from huoshui.web.console.contexts import rooms


def own_units(actor: Actor) -> At | None:
    """None: the whole brand's. Head office: without the stores of dealers who let it see their customers in cohorts alone (ADR
    0047). Otherwise his units with all below them, and nothing of anybody else's."""
    if actor.sees_whole_brand:
        closed = rooms.protection.closed_units(actor)
        return AllBut(closed) if closed else None
    return tuple(sorted(rooms.brand.units_below(sorted(actor.org_unit_ids))))


def left_out(actor: Actor) -> int:
    """How many dealers' stores are not in what head office is told, since they do not let it see single customers."""
    return len(rooms.protection.closed(actor))
