"""Persons just born or just parted from another, whose card the worker has still to write: found by what identity knows."""

from __future__ import annotations

from collections.abc import Sequence

from huoshui.brand import api as brand
from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.subscribers import registry
from huoshui.people.card.types import Card
from huoshui.people.identity import reads as identity
from huoshui.people.profiles import reads as profiles


def visible(actor: Actor, person_ids: Sequence[int]) -> dict[int, int | None]:
    """Those of these whom the actor may see, with the store where they came into being.

    As for cards: head office sees everybody but those of dealers who let it see no single customer, others whom their own
    stores brought in.
    """
    if not person_ids:
        return {}
    born = {r.person_id: r.org_unit_id for r in identity.newborn(person_ids)}
    closed = registry.closed_dealers(actor) if born else ()
    if actor.sees_whole_brand and not closed:
        return born
    branches = brand.branches_of(sorted({unit for unit in born.values() if unit is not None}))
    if actor.sees_whole_brand:
        return {p: unit for p, unit in born.items() if unit is None or branches[unit].dealer_id not in closed}
    return {
        person_id: unit
        for person_id, unit in born.items()
        if unit is not None and actor.org_unit_ids.intersection(branches[unit].path)
    }


def cards(actor: Actor, person_ids: Sequence[int]) -> dict[int, Card]:
    """What their cards will say of who they are; what they bought and hold follows with the card itself."""
    homes = visible(actor, person_ids)
    if not homes:
        return {}
    members = identity.members_of(sorted(homes))
    canonical = dict(members)
    found = {r.canonical_id: r for r in identity.card_identifiers(members)}
    names = {canonical[m]: name for m, name in profiles.display_names(list(canonical))}
    return {
        person_id: Card(
            person_id=person_id,
            display_name=names.get(person_id, ""),
            card_no=found[person_id].card_no,
            phone_tail4=found[person_id].phone_tail4,
            tier="",
            points=0,
            grade="",
            frequency="",
            ticket="",
            guide_id=None,
            dealer_id=None,
            home_org_unit_id=unit,
            first_sale_at=None,
            last_sale_at=None,
            orders=0,
            spend=0,
            updated_at=clock.now(),
        )
        for person_id, unit in homes.items()
    }
