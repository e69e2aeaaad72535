from __future__ import annotations

from datetime import date
from typing import Any

from huoshui.brand.staff.models import Placement, Staff
from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.remember import Remembered

Q = sql.load("huoshui.brand.staff")


def actor_of(user: Any) -> Actor:
    """The actor behind a login. Raises NotFound for a login that is placed nowhere."""
    staff = Staff.objects.filter(user_id=user.pk).first()
    if staff is None:
        raise NotFound("这个账号还没有岗位，请联系总部管理员。")
    placed = list(Placement.objects.filter(staff=staff, ended_on=None))
    return Actor(
        kind="staff",
        id=staff.id,
        name=staff.name,
        roles=frozenset(p.role for p in placed),
        org_unit_ids=frozenset(p.org_unit_id for p in placed),
    )


def find_staff(numbers: list[str]) -> dict[str, int]:
    """The ids of those numbers of the staff list that exist."""
    return _ids.of(numbers)


_ids = Remembered[str, int](
    lambda numbers: {r.number: r.id for r in sql.fetch(Q.ids_by_number, numbers=numbers)}, seconds=1
)


def staff_names(ids: list[int]) -> dict[int, str]:
    return {r.id: r.name or r.number for r in sql.fetch(Q.names, ids=ids)}


def staff_left(ids: list[int]) -> dict[int, date]:
    """Those of these who are placed nowhere any more → the day on which their last place ended."""
    return {r.id: r.left_on for r in sql.fetch(Q.left, ids=ids)} if ids else {}
