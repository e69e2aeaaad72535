"""Places of the staff: for good, for a time, of other firms; who gives them, who leaves, and who acts for a dealer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
import time_machine
from django.contrib.auth import get_user_model

from huoshui.brand import api as brand
from huoshui.brand.staff import rules
from huoshui.brand.staff.models import Placement, Staff
from huoshui.brand.staff.rules import Seat
from huoshui.core import audit, sql
from huoshui.core.actor import HEAD_OFFICE, SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused

pytestmark = pytest.mark.django_db

BOSS = Actor("staff", 901, "老板", frozenset({"boss"}))
TODAY = date(2026, 5, 20)
NOON = "2026-05-20T12:00:00+08:00"


@pytest.fixture(autouse=True)
def at_noon() -> object:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def units() -> dict[str, int]:
    brand.ensure_headquarters("总部")
    rows = {
        "store_code": ["S1", "S2", "S3"],
        "region": ["华东", "华东", "华中"],
        "dealer": ["甲", "甲", "乙"],
    }
    brand.upsert_stores(pa.table(rows), actor=SYSTEM)
    return brand.find_units(["HQ", "S1", "S2", "S3", "dealer:甲", "dealer:乙", "region:华东", "region:华中"])


def owner(units: dict[str, int], dealer: str = "甲") -> Actor:
    return Actor("staff", 910, "店主", frozenset({"dealer"}), frozenset({units[f"dealer:{dealer}"]}))


def hired(unit: int, *roles: str, actor: Actor = BOSS, **more: Any) -> int:
    return brand.add_member(
        name="小婷", unit_id=unit, roles=list(roles), reason="新来的", actor=actor, **more
    )


def signed_up(staff_id: int) -> Actor:
    """With a login."""
    brand.open_login(staff_id=staff_id, username=f"u{staff_id}", password="a-long-password", actor=BOSS)
    return brand.actor_of(get_user_model().objects.get(username=f"u{staff_id}"))


def test_a_couples_shop_is_one_login_with_all_roles(units: dict[str, int]) -> None:
    her = hired(units["dealer:甲"], "dealer")
    brand.place_staff(
        staff_id=her, unit_id=units["S1"], roles=["manager", "guide"], reason="夫妻店", actor=BOSS
    )
    actor = signed_up(her)
    assert actor.roles == {"dealer", "manager", "guide"}
    assert actor.org_unit_ids == {units["dealer:甲"], units["S1"]}
    with pytest.raises(Refused, match="一家经销商"):
        brand.place_staff(staff_id=her, unit_id=units["S3"], roles=["guide"], reason="帮忙", actor=BOSS)


def test_a_rota_gives_a_store_from_one_day_to_another(units: dict[str, int]) -> None:
    guide = hired(units["S1"], "guide")
    first, last = TODAY + timedelta(2), TODAY + timedelta(4)
    brand.place_staff(
        staff_id=guide,
        unit_id=units["S2"],
        roles=["guide"],
        starts_on=first,
        expires_on=last,
        reason="替班",
        actor=BOSS,
    )
    signed_up(guide)
    user = get_user_model().objects.get(username=f"u{guide}")
    seen = {}
    for days in (0, 1, 2, 4, 5):
        with time_machine.travel(f"{TODAY + timedelta(days)}T09:00:00+08:00", tick=False):
            there = {p.org_unit_id for p in brand.staff_at([units["S1"], units["S2"]])}
            assert there == brand.actor_of(user).org_unit_ids
            seen[days] = units["S2"] in there
    assert seen == {0: False, 1: False, 2: True, 4: True, 5: False}
    assert brand.staff_left([guide]) == {}


def test_a_list_that_names_the_store_leaves_the_rota_alone(units: dict[str, int]) -> None:
    guide = hired(units["S1"], "guide", number="SY1")
    brand.place_staff(
        staff_id=guide, unit_id=units["S2"], roles=["guide"], expires_on=TODAY, reason="替班", actor=BOSS
    )
    brand.upsert_staff(pa.table({"number": ["SY1"], "name": ["小婷"], "store_code": ["S1"]}), actor=SYSTEM)
    assert {p.org_unit_id for p in brand.staff_at([units["S1"], units["S2"]])} == {units["S1"], units["S2"]}


def test_somebody_of_another_firm_has_a_seat_that_ends(units: dict[str, int]) -> None:
    agency = hired(units["HQ"], "analyst", firm="外部代理", expires_on=TODAY + timedelta(30))
    signed_up(agency)
    user = get_user_model().objects.get(username=f"u{agency}")
    assert brand.actor_of(user).roles == {"analyst"}
    with time_machine.travel("2026-06-20T12:00:00+08:00", tick=False):
        assert brand.actor_of(user).roles == frozenset()
        assert brand.staff_left([agency]) == {agency: TODAY + timedelta(30)}


@pytest.mark.parametrize(
    ("role", "expires"),
    [
        ("boss", TODAY + timedelta(9)),
        ("privacy_officer", TODAY),
        ("analyst", None),
        ("auditor", TODAY + timedelta(200)),
    ],
)
def test_no_outsider_decides_or_stays(units: dict[str, int], role: str, expires: date | None) -> None:
    with pytest.raises(Refused, match="外部公司"):
        hired(units["HQ"], role, firm="外部", expires_on=expires)
    assert not Staff.objects.exists()


# ---- who gives -------------------------------------------------------------------------------------------------------


def test_guides_are_their_employers(units: dict[str, int]) -> None:
    guide = hired(units["S1"], "guide", actor=owner(units), number="SY9")
    assert Staff.objects.get(id=guide).number != "SY9", "which numbers are taken is no dealer's business"
    with pytest.raises(NotFound):
        hired(units["S3"], "guide", actor=owner(units))
    for role, unit in (("dealer", "dealer:甲"), ("boss", "HQ"), ("regional_manager", "region:华东")):
        with pytest.raises(NotFound):
            hired(units[unit], role, actor=owner(units))
    assert [m.id for m in brand.staff_list(owner(units))] == [guide]
    assert brand.staff_list(owner(units, "乙")) == []


def test_what_is_anothers_is_as_if_it_were_not_there(units: dict[str, int]) -> None:
    foreign = hired(units["S3"], "guide")
    seat = brand.member_of(BOSS, foreign).seats[0].id
    mine = owner(units)
    for act in (
        lambda: brand.member_of(mine, foreign),
        lambda: brand.leave(staff_id=foreign, reason="x", actor=mine),
        lambda: brand.place_staff(
            staff_id=foreign, unit_id=units["S1"], roles=["guide"], reason="x", actor=mine
        ),
        lambda: brand.end_seat(seat_id=seat, reason="x", actor=mine),
        lambda: brand.open_login(staff_id=foreign, username="x", password="a-long-password", actor=mine),
        lambda: brand.end_seat(seat_id=10**6, reason="x", actor=mine),
    ):
        with pytest.raises(NotFound) as refused:
            act()
        assert str(refused.value) == str(NotFound())
    assert Placement.objects.filter(ended_on=None).count() == 1


@pytest.mark.parametrize("role", sorted(rules.PLACES))
def test_who_may_give_what(role: str) -> None:
    assert rules.may_give({"boss"}, role, is_own=False)
    assert rules.may_give({"operator"}, role, is_own=False) == (
        role not in {"boss", "privacy_officer", "auditor"}
    )
    assert rules.may_give({"dealer"}, role, is_own=True) == (role in {"manager", "guide"})
    assert rules.may_give({"manager"}, role, is_own=True) == (role == "guide")
    for giver in ("dealer", "manager", "guide", "analyst", "auditor", "regional_manager", "privacy_officer"):
        assert not rules.may_give({giver}, role, is_own=False)


def test_roles_mix_at_one_dealer_only() -> None:
    assert not rules.mixes([Seat("dealer", 1), Seat("manager", 1)], Seat("guide", 1))
    assert not rules.mixes([Seat("guide", 1)], Seat("guide", 2))
    assert rules.mixes([Seat("dealer", 1)], Seat("guide", 2))
    assert rules.mixes([Seat("boss", None)], Seat("dealer", 1))
    assert set(rules.PLACES) >= HEAD_OFFICE


# ---- who leaves ------------------------------------------------------------------------------------------------------


def test_whoever_leaves_is_out_at_once(units: dict[str, int]) -> None:
    guide = hired(units["S1"], "guide")
    signed_up(guide)
    _, token = brand.sessions.remember(guide, browser="手机")
    assert brand.sessions.known(token)
    brand.leave(staff_id=guide, reason="离职", actor=owner(units))
    user = get_user_model().objects.get(username=f"u{guide}")
    assert (user.is_active, user.has_usable_password()) == (False, False)
    assert brand.sessions.known(token) is None
    assert brand.sessions.user_for(guide) is None
    assert brand.staff_left([guide]) == {guide: TODAY}
    with pytest.raises(NotFound):
        brand.actor_of_staff(guide)


def test_nobody_throws_out_himself_or_the_boss(units: dict[str, int]) -> None:
    boss = signed_up(hired(units["HQ"], "boss"))
    operator = signed_up(hired(units["HQ"], "operator"))
    for who, whom in ((operator, boss.id), (boss, boss.id)):
        with pytest.raises(NotFound):
            brand.leave(staff_id=whom, reason="x", actor=who)
    assert brand.member_of(BOSS, boss.id).may_sign_in


# ---- who acts for a dealer -------------------------------------------------------------------------------------------


def test_a_regional_manager_acts_for_a_dealer_for_a_time_and_is_seen(units: dict[str, int]) -> None:
    manager = signed_up(hired(units["region:华东"], "regional_manager"))
    user = get_user_model().objects.get(username=f"u{manager.id}")
    assert not manager.sees_whole_brand and manager.org_unit_ids == {units["region:华东"]}
    assert brand.dealers_to_act_for(manager) == [units["dealer:甲"]]
    brand.act_for(dealer_id=units["dealer:甲"], hours=2, reason="老板出差", actor=manager)
    acting = brand.actor_of(user)
    assert acting.roles == {"dealer"}
    assert acting.org_unit_ids == {units["dealer:甲"]}
    audit.record(acting, "bond.disputed", "person", 7)
    (seen,), deeds = brand.actings(owner(units))
    assert (seen.name, seen.reason, seen.ended_at) == ("小婷", "老板出差", None)
    assert "bond.disputed" in [d.action for d in deeds]
    assert brand.actings(owner(units, "乙")) == ([], [])
    with time_machine.travel("2026-05-20T14:00:01+08:00", tick=False):
        assert brand.actor_of(user) == manager
    brand.stop_acting(actor=acting)
    assert brand.actor_of(user) == manager
    with pytest.raises(NotFound):
        brand.stop_acting(actor=manager)


@pytest.mark.parametrize(
    ("dealer", "hours", "reason"), [("乙", 2, "x"), ("甲", 9, "x"), ("甲", 0, "x"), ("甲", 2, " ")]
)
def test_nobody_acts_elsewhere_longer_or_without_reason(
    units: dict[str, int], dealer: str, hours: int, reason: str
) -> None:
    manager = signed_up(hired(units["region:华东"], "regional_manager"))
    with pytest.raises((NotFound, Refused)):
        brand.act_for(dealer_id=units[f"dealer:{dealer}"], hours=hours, reason=reason, actor=manager)
    with pytest.raises(NotFound):
        brand.act_for(dealer_id=units["dealer:甲"], hours=1, reason="x", actor=owner(units))
    assert sql.fetch_one(sql.Statement("n", "select count(*) as n from acting_for")).n == 0
