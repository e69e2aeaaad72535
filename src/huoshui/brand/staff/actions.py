"""Writes to staff."""

from __future__ import annotations

from django.contrib.auth import get_user_model

from huoshui.brand.org.models import OrgUnit
from huoshui.brand.staff.models import Placement, Staff
from huoshui.core.actor import Actor
from huoshui.core.audit import record


def ensure_login(*, username: str, password: str, name: str, roles: list[str], actor: Actor) -> None:
    """A head-office login with these roles. An existing one keeps its password."""
    users = get_user_model()
    if users.objects.filter(username=username).exists():
        return
    user = users.objects.create_user(username=username, password=password)
    staff = Staff.objects.create(user=user, number=username, name=name)
    headquarters = OrgUnit.objects.get(kind=OrgUnit.HEADQUARTERS)
    Placement.objects.bulk_create(
        Placement(staff=staff, org_unit_id=headquarters.id, role=role) for role in roles
    )
    record(actor, "login.created", "staff", staff.id, roles=roles)
