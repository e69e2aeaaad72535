"""Who works here, as far as somebody may see them."""

from __future__ import annotations

from collections.abc import Collection

from huoshui.brand.org.reads import branches_of, units_below
from huoshui.brand.staff import rules
from huoshui.brand.staff.models import Staff
from huoshui.brand.staff.reads import REGIONAL, Q, seats_of
from huoshui.brand.staff.types import Acting, Deed, Member, Seat
from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound

SEES = frozenset({"dealer", "manager", REGIONAL})


def may_see_staff(actor: Actor) -> bool:
    return actor.sees_whole_brand or bool(actor.roles & SEES)


def reach(actor: Actor) -> set[int] | None:
    """The units whose staff somebody sees; None: all."""
    if actor.sees_whole_brand:
        return None
    return units_below(sorted(actor.org_unit_ids)) if actor.roles & SEES else set()


def staff_list(actor: Actor, text: str = "", *, unit_id: int | None = None, limit: int = 60) -> list[Member]:
    """Raises NotFound for whoever sees no staff."""
    if not may_see_staff(actor):
        raise NotFound
    units = reach(actor)
    if unit_id is not None:
        below = units_below([unit_id])
        units = below if units is None else units & below
    rows = sql.fetch(
        Q.found,
        text=text,
        like=f"%{sql.starts_with(text)}",
        units=None if units is None else sorted(units),
        limit=limit,
    )
    return _members([r.id for r in rows])


def member_of(actor: Actor, staff_id: int) -> Member:
    """Raises NotFound for one who is not there, and for one of others alike."""
    found = _members([staff_id]) if may_see_staff(actor) else []
    units = reach(actor)
    if not found or not (units is None or units & {s.org_unit_id for s in found[0].seats}):
        raise NotFound
    return found[0]


def _members(ids: list[int]) -> list[Member]:
    staff = {s.id: s for s in Staff.objects.select_related("user").filter(id__in=ids)}
    seats = seats_of(ids)
    return [
        Member(i, s.number, s.name, s.user is not None and s.user.is_active, seats[i], s.wecom_id)
        for i in ids
        if (s := staff.get(i)) is not None
    ]


def may_manage(actor: Actor, member: Member) -> bool:
    """Whether somebody may end this one's places and login: all of them are his to give. Nobody does it to himself."""
    if actor.id == member.id and actor.acting_id is None:
        return False
    held = [s for s in member.seats if s.ended_on is None]
    return bool(held) and all(may_give_at(actor, s.role, s.org_unit_id) for s in held)


def may_give_at(actor: Actor, role: str, unit_id: int) -> bool:
    units = reach(actor)
    return rules.may_give(actor.roles, role, is_own=units is not None and unit_id in units)


def held_seats(seats: Collection[Seat]) -> list[rules.Seat]:
    """What somebody has or is to have, with whose each unit is."""
    held = [s for s in seats if s.ended_on is None]
    branches = branches_of([s.org_unit_id for s in held])
    return [
        rules.Seat(s.role, b.dealer_id if (b := branches.get(s.org_unit_id)) is not None else None)
        for s in held
    ]


def actings(actor: Actor, *, limit: int = 20) -> tuple[list[Acting], list[Deed]]:
    """Who has acted for the dealers somebody sees, and what they did."""
    units = reach(actor)
    if units is None:
        units = units_below(_tops())
    found = [Acting(*r) for r in sql.fetch(Q.actings, unit_ids=sorted(units), now=clock.now(), limit=limit)]
    deeds = sql.fetch_as(Deed, Q.deeds, ids=[a.id for a in found], limit=limit * 10) if found else []
    return found, deeds


def _tops() -> list[int]:
    from huoshui.brand.org.models import OrgUnit

    return list(OrgUnit.objects.filter(parent=None).values_list("id", flat=True))
