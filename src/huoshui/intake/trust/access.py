"""Who sees what: head office all of it; a dealer his stores, and the sources that speak of nobody else's."""

from __future__ import annotations

from collections.abc import Iterable

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound

Q = sql.load("huoshui.intake.trust")

BRAND_SEE = frozenset({"boss", "operator", "analyst", "auditor"})
BRAND_ACT = frozenset({"boss", "operator"})
OWN_SEE = frozenset({"dealer"})


def may_see(actor: Actor) -> bool:
    return actor.kind == "system" or bool(actor.roles & (BRAND_SEE | OWN_SEE))


def sees_all(actor: Actor) -> bool:
    return actor.kind == "system" or bool(actor.roles & BRAND_SEE)


def may_act(actor: Actor) -> bool:
    return actor.kind == "system" or bool(actor.roles & BRAND_ACT)


def require(allowed: bool) -> None:
    """Absent and forbidden look alike."""
    if not allowed:
        raise NotFound


def units_for(actor: Actor) -> list[int] | None:
    """The stores whose sales an actor may follow; None: all."""
    require(may_see(actor))
    if sees_all(actor):
        return None
    told = {unit for row in sql.fetch(Q.units_of_sources) for unit in row.units}
    return sorted(_within(told, actor.org_unit_ids))


def sources_for(actor: Actor) -> list[sql.Row]:
    """A dealer's are those that have told of sales, and of none outside his stores."""
    require(may_see(actor))
    found = sql.fetch(Q.sources)
    if sees_all(actor):
        return found
    units = {row.source_id: set(row.units) for row in sql.fetch(Q.units_of_sources)}
    own = _within({u for some in units.values() for u in some}, actor.org_unit_ids)
    return [s for s in found if units.get(s.id) and units[s.id] <= own]


def source_labels() -> dict[int, str]:
    """What each source is called: no more than that, so whoever sees a part of a number may know it."""
    return {row.id: row.label for row in sql.fetch(Q.sources)}


def _within(units: Iterable[int], above: frozenset[int]) -> set[int]:
    known = brand.branches_of(sorted(set(units) - {0}))
    return {unit for unit, branch in known.items() if above & set(branch.path)}
