from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final, NamedTuple

from huoshui.brand.org.reads import branches_of
from huoshui.brand.staff.models import Placement, Staff
from huoshui.brand.staff.types import Seat
from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.remember import Remembered

Q = sql.load("huoshui.brand.staff")

REGIONAL: Final = "regional_manager"


def actor_of(user: Any) -> Actor:
    """The actor behind a login. Raises NotFound for a login that is placed nowhere."""
    staff = Staff.objects.filter(user_id=user.pk).first()
    if staff is None:
        raise NotFound("这个账号还没有岗位，请联系总部管理员。")
    return _acting(staff)


def actor_of_staff(staff_id: int) -> Actor:
    """With the rights they have now, for what was planned before. Raises NotFound for whoever may not sign in any more."""
    staff = Staff.objects.select_related("user").filter(id=staff_id).first()
    if staff is None or staff.user is None or not staff.user.is_active:
        raise NotFound("这位员工已经不能登录了。")
    return _acting(staff)


def _acting(staff: Staff) -> Actor:
    """With the places of today. Who acts for a dealer has the dealer's rights and, meanwhile, no others."""
    day = clock.today()
    placed = [
        seat for seat in map(_seat, Placement.objects.filter(staff=staff, ended_on=None)) if seat.holds(day)
    ]
    actor = Actor(
        kind="staff",
        id=staff.id,
        name=staff.name,
        roles=frozenset(p.role for p in placed),
        org_unit_ids=frozenset(p.org_unit_id for p in placed),
    )
    if REGIONAL in actor.roles:
        acting = sql.fetch_one(Q.acting_now, staff_id=staff.id, now=clock.now())
        if acting is not None and is_of_region(actor, acting.org_unit_id):
            units = frozenset({acting.org_unit_id})
            return replace(actor, roles=frozenset({"dealer"}), org_unit_ids=units, acting_id=acting.id)
    return actor


def is_of_region(actor: Actor, dealer_id: int) -> bool:
    """Whether that dealer is of a region he manages."""
    branch = branches_of([dealer_id]).get(dealer_id)
    return branch is not None and branch.dealer_id == dealer_id and bool(actor.org_unit_ids & {*branch.path})


def _seat(p: Placement) -> Seat:
    return Seat(p.id, p.org_unit_id, p.role, p.starts_on, p.expires_on, p.ended_on, p.firm, p.reason)


def seats_of(staff_ids: list[int]) -> dict[int, tuple[Seat, ...]]:
    """All places these have, are to have and had."""
    found: dict[int, list[Seat]] = {staff_id: [] for staff_id in staff_ids}
    for row in sql.fetch(Q.seats_of, ids=staff_ids):
        found[row.staff_id].append(Seat(*row[1:]))
    return {staff_id: tuple(seats) for staff_id, seats in found.items()}


def find_staff(numbers: list[str]) -> dict[str, int]:
    """The ids of those numbers of the staff list that exist."""
    return _ids.of(numbers)


_ids = Remembered[str, int](
    lambda numbers: {r.number: r.id for r in sql.fetch(Q.ids_by_number, numbers=numbers)}, seconds=1
)


def staff_names(ids: list[int]) -> dict[int, str]:
    return {r.id: r.name or r.number for r in sql.fetch(Q.names, ids=ids)}


class Placed(NamedTuple):
    staff_id: int
    name: str
    org_unit_id: int


def staff_at(unit_ids: list[int]) -> list[Placed]:
    """Who works at these units now."""
    return sql.fetch_as(Placed, Q.placed_at, unit_ids=unit_ids, day=clock.today())


def staff_left(ids: list[int]) -> dict[int, date]:
    """Those of these who are placed nowhere any more → the day on which their last place ended."""
    return {r.id: r.left_on for r in sql.fetch(Q.left, ids=ids, day=clock.today())} if ids else {}


class Hands(NamedTuple):
    """Guides and managers of a store; `told`: of how many the first day at work is known; `new`: who came since."""

    org_unit_id: int
    staff: int
    told: int
    new: int


def hands_at(unit_ids: list[int], *, since: date) -> dict[int, Hands]:
    """By unit, of those where anybody works."""
    rows = sql.fetch_as(Hands, Q.hands_at, unit_ids=unit_ids, since=since, day=clock.today())
    return {row.org_unit_id: row for row in rows}
