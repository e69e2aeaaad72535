"""Logins, and what their placements make of them."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth import get_user_model

from huoshui.brand import api as brand
from huoshui.brand.org.models import OrgUnit
from huoshui.brand.staff.models import Placement, Staff
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def headquarters() -> None:
    brand.ensure_headquarters("总部")
    brand.ensure_headquarters("总部")
    assert OrgUnit.objects.filter(kind="headquarters").count() == 1


def login(name: str, *roles: str, password: str = "a-long-password") -> None:
    brand.ensure_login(username=name, password=password, name=name, roles=list(roles), actor=SYSTEM)


def test_an_actor_has_the_roles_and_places_of_today() -> None:
    login("boss", "boss", "operator")
    user = get_user_model().objects.get(username="boss")
    actor = brand.actor_of(user)
    assert actor.sees_whole_brand
    assert actor.roles == {"boss", "operator"}
    assert actor.org_unit_ids == {OrgUnit.objects.get(kind="headquarters").id}
    Placement.objects.filter(role="boss").update(ended_on=date(2026, 1, 1))
    Placement.objects.filter(role="operator").update(role="guide")
    assert brand.actor_of(user).roles == {"guide"}
    assert not brand.actor_of(user).sees_whole_brand


def test_whoever_left_sees_nothing() -> None:
    login("gone", "boss")
    Placement.objects.update(ended_on=date(2026, 1, 1))
    actor = brand.actor_of(get_user_model().objects.get(username="gone"))
    assert (actor.roles, actor.org_unit_ids, actor.sees_whole_brand) == (frozenset(), frozenset(), False)


def test_an_existing_login_keeps_its_password() -> None:
    login("boss", "boss")
    login("boss", "boss", password="another-password")
    user = get_user_model().objects.get(username="boss")
    assert user.check_password("a-long-password")
    assert Staff.objects.count() == 1


def test_a_login_without_a_place_is_told_so() -> None:
    user = get_user_model().objects.create_user(username="nobody", password="a-long-password")
    with pytest.raises(NotFound, match="还没有岗位"):
        brand.actor_of(user)
