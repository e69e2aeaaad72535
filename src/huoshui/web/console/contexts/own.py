"""What somebody may be told of: the whole brand, or what his own stores sold."""

from __future__ import annotations

from huoshui.core.actor import Actor
from huoshui.web.console.contexts import rooms


def own_units(actor: Actor) -> tuple[int, ...] | None:
    """None: the whole brand's. Otherwise his units with all below them, and nothing of anybody else's."""
    if actor.sees_whole_brand:
        return None
    return tuple(sorted(rooms.brand.units_below(sorted(actor.org_unit_ids))))
