"""Writes to staff."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pyarrow as pa
from django.contrib.auth import get_user_model

from huoshui.brand.org.actions import unit_ids
from huoshui.brand.org.models import OrgUnit
from huoshui.brand.staff import wecom
from huoshui.brand.staff.models import Placement, Staff
from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.audit import record


def ensure_login(
    *,
    username: str,
    password: str,
    name: str,
    roles: list[str],
    org_unit_id: int | None = None,
    number: str = "",
    actor: Actor,
) -> None:
    """A login with these roles at that unit, else at head office. An existing one keeps its password. `number`: for whom of
    the staff it is, who then has the places and the name that the list tells."""
    users = get_user_model()
    if users.objects.filter(username=username).exists():
        return
    user = users.objects.create_user(username=username, password=password)
    if number and (known := Staff.objects.filter(number=number).first()):
        known.user = user
        known.save(update_fields=["user"])
        record(actor, "login.created", "staff", known.id, roles=roles)
        return
    staff = Staff.objects.create(user=user, number=username, name=name)
    place = org_unit_id or OrgUnit.objects.get(kind=OrgUnit.HEADQUARTERS).id
    Placement.objects.bulk_create(Placement(staff=staff, org_unit_id=place, role=role) for role in roles)
    record(actor, "login.created", "staff", staff.id, roles=roles)


_ROLES = {
    **dict.fromkeys(("店长", "门店经理", "manager", "store manager"), "manager"),
    **dict.fromkeys(("老板", "总经理", "boss", "owner"), "boss"),
    **dict.fromkeys(("运营", "operator"), "operator"),
    **dict.fromkeys(("经销商", "dealer"), "dealer"),
}
"""Words of a staff list → our roles; whoever it calls anything else serves customers."""
_MAY_BE_GIVEN = frozenset({"manager", "guide"})
"""A list gives nobody the run of the house: such a role is given by hand."""


def upsert_staff(staff: pa.Table, *, actor: Actor) -> int:
    """Columns number, name and any of role, store_code, joined_on, left_on, wecom_id: staff placed at their stores; whoever
    left is placed nowhere any more. Nobody gets a login by it. Returns how many changed.
    """
    columns = {name: staff.column(name).to_pylist() for name in staff.column_names}
    none = [None] * staff.num_rows
    stores = columns.get("store_code", none)
    units = unit_ids(sorted({store for store in stores if store}))
    changed = _describe(columns["number"], columns["name"], columns.get("joined_on", none))
    changed |= wecom.take_list(columns["number"], columns.get("wecom_id", none))
    rows = zip(
        columns["number"], stores, columns.get("role", none), columns.get("left_on", none), strict=True
    )
    changed |= _place([(n, units[s] if s else None, _role(r), left) for n, s, r, left in rows])
    if changed:
        record(actor, "staff.upserted", "staff", 0, changed=len(changed))
    return len(changed)


def _describe(numbers: list[str], names: list[str], joined: Sequence[date | None]) -> set[str]:
    """What the list says of each. A list without a first day takes none away. Returns the numbers of whom that changed."""
    known = {one.number: one for one in Staff.objects.filter(number__in=numbers)}
    told = list(zip(numbers, names, joined, strict=True))
    Staff.objects.bulk_create(
        [Staff(number=n, name=name, joined_on=day) for n, name, day in told if n not in known]
    )
    others = []
    for number, name, day in told:
        one = known.get(number)
        if one and (one.name, one.joined_on) != (name, day or one.joined_on):
            one.name, one.joined_on = name, day or one.joined_on
            others.append(one)
    Staff.objects.bulk_update(others, ["name", "joined_on"])
    return {n for n in numbers if n not in known} | {one.number for one in others}


def _role(said: str | None) -> str:
    role = _ROLES.get((said or "").strip().lower(), "guide")
    return role if role in _MAY_BE_GIVEN else "guide"


def _place(rows: list[tuple[str, int | None, str, date | None]]) -> set[str]:
    """Each at the store his row names: a new placement ends those elsewhere, a leaving day ends all. Head office's own
    placements are left alone. Returns the numbers of those for whom anything changed.
    """
    ids = dict(Staff.objects.filter(number__in=[r[0] for r in rows]).values_list("number", "id"))
    number_of = {staff_id: number for number, staff_id in ids.items()}
    wanted = {(ids[n], unit, role) for n, unit, role, left in rows if unit is not None and left is None}
    gone = {ids[n]: left for n, _, _, left in rows if left is not None}
    told = {ids[n] for n, unit, _, _ in rows if unit is not None} | gone.keys()
    # A rota is given by hand, and a list that says where somebody belongs does not end it
    here = list(
        Placement.objects.filter(
            staff_id__in=told, role__in=_MAY_BE_GIVEN, ended_on=None, starts_on=None, expires_on=None
        )
    )
    ended = [p for p in here if (p.staff_id, p.org_unit_id, p.role) not in wanted]
    for placement in ended:
        placement.ended_on = gone.get(placement.staff_id) or clock.business_day(clock.now())
    Placement.objects.bulk_update(ended, ["ended_on"])
    missing = wanted - {(p.staff_id, p.org_unit_id, p.role) for p in here}
    Placement.objects.bulk_create(Placement(staff_id=s, org_unit_id=u, role=r) for s, u, r in sorted(missing))
    return {number_of[p.staff_id] for p in ended} | {number_of[s] for s, _, _ in missing}
