"""The organisation as stock sees it: who owns a shelf, which units are its owner's, whom an actor may act for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from huoshui.brand.org.models import OrgUnit
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound


class Unit(NamedTuple):
    id: int
    parent_id: int | None
    kind: str
    name: str


@dataclass(frozen=True)
class Tree:
    units: Mapping[int, Unit]

    def path(self, org_unit_id: int) -> list[int]:
        """The unit and those above it, as far as its owner: what lies with a dealer is the dealer's, all else the brand's."""
        path = [org_unit_id]
        while self.units[path[-1]].kind != OrgUnit.DEALER:
            parent_id = self.units[path[-1]].parent_id
            if parent_id is None:
                break
            path.append(parent_id)
        return path

    def name(self, org_unit_id: int | None) -> str:
        unit = self.units.get(org_unit_id or 0)
        return unit.name if unit else ""

    def owner(self, org_unit_id: int) -> int:
        return self.path(org_unit_id)[-1]

    def is_warehouse(self, org_unit_id: int) -> bool:
        """Goods that lie with no store lie in the warehouse of their owner."""
        return self.units[org_unit_id].kind != OrgUnit.STORE

    @cached_property
    def _children(self) -> dict[int, list[int]]:
        children: dict[int, list[int]] = {}
        for unit in self.units.values():
            if unit.parent_id is not None:
                children.setdefault(unit.parent_id, []).append(unit.id)
        return children

    def below(self, org_unit_id: int) -> set[int]:
        """The unit and all below it."""
        found, left = set(), [org_unit_id]
        while left:
            found.add(unit_id := left.pop())
            left += self._children.get(unit_id, [])
        return found

    def visible(self, actor: Actor) -> set[int] | None:
        """The units an actor may see: those he is placed at and all below them. None: the whole brand."""
        if actor.sees_whole_brand:
            return None
        return {
            below for placed in actor.org_unit_ids if placed in self.units for below in self.below(placed)
        }

    def sees(self, actor: Actor, org_unit_id: int) -> bool:
        visible = self.visible(actor)
        return org_unit_id in self.units and (visible is None or org_unit_id in visible)

    def must_see(self, actor: Actor, *org_unit_ids: int) -> None:
        """Raises NotFound for a unit that is not there, and for one that is not the actor's."""
        if not all(self.sees(actor, org_unit_id) for org_unit_id in org_unit_ids):
            raise NotFound


def the_tree() -> Tree:
    rows = OrgUnit.objects.values_list("id", "parent_id", "kind", "name")
    return Tree({row[0]: Unit(*row) for row in rows})
