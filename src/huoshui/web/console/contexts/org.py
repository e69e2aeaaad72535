"""组织架构: who stands under whom, what moved, and what is to move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.brand import api as brand
from huoshui.brand.api import Moved, Place
from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console.contexts import staff_words
from huoshui.web.console.markup import bold

ABOVE: Mapping[str, tuple[str, ...]] = {
    "store": ("dealer", "region", "headquarters"),
    "dealer": ("region", "headquarters"),
    "region": ("headquarters",),
}


@dataclass(frozen=True)
class Unit:
    id: int
    code: str
    name: str
    kind: str
    region: str
    dealer: str

    @property
    def url(self) -> str:
        return reverse("console:org-unit", args=[self.id])

    @property
    def kind_said(self) -> str:
        return staff_words.kind(self.kind)


@dataclass(frozen=True)
class Branch:
    """A dealer, or head office's own stores of one region, with the stores below it."""

    head: Unit | None
    title: str
    region: str
    stores: list[Unit]


@dataclass(frozen=True)
class MovedRow:
    moved: Moved
    url: str
    by: str


@dataclass(frozen=True)
class PlanRow:
    id: int
    name: str
    url: str
    to: str
    on_day: date
    reason: str


@dataclass(frozen=True)
class OrgPage:
    sentence: SafeString
    branches: list[Branch]
    plans: list[PlanRow]
    moves: list[MovedRow]
    can_move: bool
    done: str


@dataclass(frozen=True)
class PlaceRow:
    place: Place
    under: str
    by: str


@dataclass(frozen=True)
class WorkerRow:
    name: str
    url: str
    roles: str


@dataclass(frozen=True)
class UnitPage:
    unit: Unit
    under: str
    places: list[PlaceRow]
    workers: list[WorkerRow]
    targets: list[tuple[int, str]]
    today: date
    can_move: bool
    error: str
    said: Mapping[str, Any]


def may_see(actor: Actor) -> bool:
    return brand.may_see_staff(actor)


def page(actor: Actor, *, done: str = "") -> OrgPage:
    """Raises NotFound."""
    if not may_see(actor):
        raise NotFound
    units = _seen(actor)
    counted = {kind: sum(u.kind == kind for u in units.values()) for kind in ("region", "dealer", "store")}
    is_whole = actor.sees_whole_brand
    return OrgPage(
        sentence=format_html(
            _("{regions} 个大区，{dealers} 家经销商，{stores} 家门店。"),
            regions=bold(counted["region"]),
            dealers=bold(counted["dealer"]),
            stores=bold(counted["store"]),
        ),
        branches=_branches(list(units.values())),
        plans=_plans(units) if is_whole else [],
        moves=_moves() if is_whole else [],
        can_move=brand.may_move(actor.roles),
        done=done,
    )


def _seen(actor: Actor) -> dict[int, Unit]:
    rows = brand.org_units_table().to_pylist()
    units = {
        r["org_unit_id"]: Unit(
            r["org_unit_id"],
            r["code"],
            r["name"] or r["code"],
            r["kind"],
            r["region"] or "",
            r["dealer"] or "",
        )
        for r in rows
    }
    if actor.sees_whole_brand:
        return units
    below = brand.units_below(sorted(actor.org_unit_ids))
    return {i: u for i, u in units.items() if i in below}


def _branches(units: list[Unit]) -> list[Branch]:
    """By region, then by dealer; head office's own stores come last of each."""
    stores: dict[tuple[str, str], list[Unit]] = {}
    for unit in units:
        if unit.kind == "store":
            stores.setdefault((unit.region, unit.dealer), []).append(unit)
    heads = {(u.region, u.name): u for u in units if u.kind == "dealer"}
    found = [
        Branch(heads.get(key), key[1] or _("总部直营"), key[0], stores.get(key, []))
        for key in {*stores, *heads}
    ]
    return sorted(found, key=lambda b: (b.region == "", b.region, b.head is None, b.title))


def _plans(units: Mapping[int, Unit]) -> list[PlanRow]:
    return [
        PlanRow(
            m.id,
            units[m.org_unit_id].name,
            units[m.org_unit_id].url,
            units[m.parent_id].name,
            m.on_day,
            m.reason,
        )
        for m in brand.moves_ahead()
    ]


def _moves() -> list[MovedRow]:
    found = brand.recent_moves()
    names = _names([m.actor for m in found])
    return [MovedRow(m, reverse("console:org-unit", args=[m.org_unit_id]), names[m.actor]) for m in found]


def _names(actors: list[str]) -> dict[str, str]:
    """What stands in the books as `staff:7`, in words."""
    ids = {a: int(a.partition(":")[2]) for a in actors if a.startswith("staff:")}
    known = brand.staff_names(sorted(set(ids.values()))) if ids else {}
    return {a: known.get(ids[a], "") if a in ids else _("按计划或文件") for a in actors}


# ---- one unit ----------------------------------------------------------------------------------------------------------


def unit_page(
    actor: Actor, unit_id: int, *, error: str = "", said: Mapping[str, Any] | None = None
) -> UnitPage:
    """Raises NotFound for one that is not there, and for one of others alike."""
    units = _seen(actor) if may_see(actor) else {}
    unit = units.get(unit_id)
    if unit is None:
        raise NotFound
    places = brand.places_of([unit_id])[unit_id]
    if not actor.sees_whole_brand:  # with whom it was before is no business of its present owner
        places = [p for p in places if p.parent_id in units or p.until is None]
    names = _names([p.actor for p in places if p.reason])
    above = ABOVE.get(unit.kind, ())
    can_move = brand.may_move(actor.roles) and bool(above)
    return UnitPage(
        unit=unit,
        under=places[0].parent_name if places else unit.dealer or unit.region,
        places=[PlaceRow(p, p.parent_name or _("总部"), names.get(p.actor, "")) for p in places],
        workers=_workers(unit_id),
        targets=_targets(units, unit, above) if can_move else [],
        today=clock.today(),
        can_move=can_move,
        error=error,
        said=said or {},
    )


def _targets(units: Mapping[int, Unit], unit: Unit, above: tuple[str, ...]) -> list[tuple[int, str]]:
    found = sorted(
        (u for u in units.values() if u.kind in above and u.id != unit.id),
        key=lambda u: (above.index(u.kind), u.region, u.name),
    )
    return [(u.id, " · ".join(dict.fromkeys(filter(None, (u.region, u.name))))) for u in found]


def _workers(unit_id: int) -> list[WorkerRow]:
    placed = brand.staff_at([unit_id])
    seats = brand.seats_of([p.staff_id for p in placed]) if placed else {}
    today = clock.today()
    return [
        WorkerRow(
            p.name,
            reverse("console:staff-member", args=[p.staff_id]),
            staff_words.roles(
                [s.role for s in seats[p.staff_id] if s.org_unit_id == unit_id and s.holds(today)]
            ),
        )
        for p in placed
    ]


def move(actor: Actor, unit_id: int, said: Mapping[str, Any]) -> str:
    """What was done, in words. Raises Refused, NotFound."""
    on = staff_words.day(said.get("on")) or clock.today()
    under = str(said.get("under", ""))
    if not under.isdecimal() or len(under) > 9:
        raise Refused(_("请选调整到哪里。"))
    brand.move_unit(
        unit_id=unit_id, under_id=int(under), on=on, reason=str(said.get("reason", "")), actor=actor
    )
    if on > clock.today():
        return _("已经安排好，到那天自动调整。")
    return _("已经调整。以前的归属还看得到，以前的账不变。")
