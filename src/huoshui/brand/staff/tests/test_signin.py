"""Codes to phones, remembered devices, and the second factor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pyotp
import pytest
import time_machine
from django.contrib.auth import get_user_model
from pytest_django import Settings

from huoshui.brand import api as brand
from huoshui.brand.org.models import OrgUnit
from huoshui.brand.staff import phone_codes, second_factor, sessions
from huoshui.brand.staff.models import Placement, Staff
from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused, RetryLater
from huoshui.core.tests.racing import race

pytestmark = pytest.mark.django_db

_numbers = count(1)
AT = datetime(2026, 5, 20, 4, tzinfo=UTC)
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The ASCII text 12345678901234567890 of RFC 6238, appendix B."""
CODES = sql.Statement("codes", "select staff_id, tries, is_over, code_hash from sign_in_code order by id")


@pytest.fixture(autouse=True)
def at_noon() -> object:
    with time_machine.travel(AT, tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def demo(settings: Settings) -> None:
    settings.HUOSHUI_DEMO = True
    settings.HUOSHUI_DEMO_LOGINS = (("老板", "demo-boss", "x"),)


def one_of(*roles: str) -> int:
    brand.ensure_headquarters("总部")
    staff = Staff.objects.create(number=f"T{next(_numbers)}", name="小婷")
    unit = OrgUnit.objects.get(kind="headquarters").id
    Placement.objects.bulk_create(Placement(staff=staff, org_unit_id=unit, role=role) for role in roles)
    return staff.id


def asked(staff_id: int | None, phone: str = "13800138000", address: str = "10.0.0.1") -> phone_codes.Asked:
    return phone_codes.ask(phone, staff_id, address=address)


# ---- codes -----------------------------------------------------------------------------------------------------------


def test_a_code_lets_its_owner_in_once() -> None:
    guide = one_of("guide")
    got = asked(guide)
    assert len(got.simulated) == 6 and got.simulated.isdecimal()
    assert phone_codes.check(got.id, "13800138000", got.simulated) == guide
    assert phone_codes.check(got.id, "13800138000", got.simulated) is None
    assert got.simulated not in str(sql.fetch(CODES))


def test_five_tries_and_no_sixth() -> None:
    got = asked(one_of("guide"))
    wrong = "000000" if got.simulated != "000000" else "000001"
    for _ in range(5):
        assert phone_codes.check(got.id, "13800138000", wrong) is None
    assert phone_codes.check(got.id, "13800138000", got.simulated) is None
    assert sql.fetch(CODES)[0].tries == 5


def test_after_five_minutes_and_after_a_new_one_it_is_over() -> None:
    guide = one_of("guide")
    first = asked(guide)
    with time_machine.travel(AT + timedelta(seconds=61), tick=False):
        second = asked(guide)
        assert phone_codes.check(first.id, "13800138000", first.simulated) is None
    with time_machine.travel(AT + timedelta(seconds=62, minutes=5), tick=False):
        assert phone_codes.check(second.id, "13800138000", second.simulated) is None


def test_a_code_is_for_one_phone() -> None:
    got = asked(one_of("guide"))
    assert phone_codes.check(got.id, "13900139000", got.simulated) is None


def test_how_often_one_may_ask() -> None:
    guide = one_of("guide")
    asked(guide)
    with pytest.raises(RetryLater, match="一分钟"):
        asked(guide)
    for minute in range(1, 5):
        with time_machine.travel(AT + timedelta(minutes=2 * minute), tick=False):
            asked(guide)
    with (
        time_machine.travel(AT + timedelta(minutes=20), tick=False),
        pytest.raises(RetryLater, match="一小时"),
    ):
        asked(guide)
    with time_machine.travel(AT + timedelta(minutes=61), tick=False):
        asked(guide)


def test_one_address_asks_for_so_many_phones_only() -> None:
    for n in range(phone_codes.PER_ADDRESS):
        asked(None, f"1380013{n:04}")
    with pytest.raises(RetryLater):
        asked(None, "13800139999")
    asked(None, "13800139999", "10.0.0.2")


@pytest.mark.parametrize("whose", ["nobody", "boss", "nowhere"])
def test_nobodys_phone_is_answered_like_anybodys(whose: str) -> None:
    """Head office has a password and a second factor, and no way round them by phone."""
    staff = None if whose == "nobody" else one_of(*(("boss", "guide") if whose == "boss" else ()))
    got = asked(staff)
    assert got.simulated == ""
    with pytest.raises(RetryLater, match="一分钟"):
        asked(staff)
    for _ in range(6):
        assert phone_codes.check(got.id, "13800138000", "123456") is None
    row = sql.fetch(CODES)[0]
    assert (row.staff_id, row.tries) == (None, 5)


def test_where_nothing_sends_nothing_is_promised(settings: Settings) -> None:
    settings.HUOSHUI_DEMO = False
    with pytest.raises(Refused, match="还没有接上短信"):
        asked(one_of("guide"))
    assert sql.fetch(CODES) == []


@pytest.mark.django_db(transaction=True)
def test_many_guesses_at_once_are_five_still() -> None:
    got = asked(one_of("guide"))
    wrong = "000000" if got.simulated != "000000" else "000001"
    outcome = race(*[lambda: phone_codes.check(got.id, "13800138000", wrong)] * 8)
    assert outcome.errors == [] and set(outcome.results) == {None}
    assert sql.fetch(CODES)[0].tries == 5


def test_old_codes_go() -> None:
    asked(None)
    with time_machine.travel(AT + timedelta(days=2), tick=False):
        phone_codes.drop_old()
    assert sql.fetch(CODES) == []


# ---- devices ---------------------------------------------------------------------------------------------------------


def test_a_device_is_known_for_ninety_days_from_its_last_use() -> None:
    guide = one_of("guide")
    _, token = sessions.remember(guide, browser="Android")
    with time_machine.travel(AT + timedelta(days=89), tick=False):
        known = sessions.known(token)
        assert known is not None and known.staff_id == guide
        sessions.use(known)
    with time_machine.travel(AT + timedelta(days=178), tick=False):
        assert sessions.known(token) is not None
    with time_machine.travel(AT + timedelta(days=180), tick=False):
        assert sessions.known(token) is None
    kept = sql.fetch_one(sql.Statement("kept", "select * from remembered_device"))
    assert token.split("_")[2] not in str(kept)


@pytest.mark.parametrize("token", ["", "hsd_000000000000_" + "a" * 40, "hs_x", "hsd_xx_yy"])
def test_what_no_device_was_given_is_unknown(token: str) -> None:
    sessions.remember(one_of("guide"), browser="x")
    assert sessions.known(token) is None


def test_one_forgets_ones_own_devices_only() -> None:
    mine, other = one_of("guide"), one_of("guide")
    device, token = sessions.remember(mine, browser="x")
    with pytest.raises(NotFound):
        sessions.end_device(device_id=device, actor=Actor("staff", other, "别人"))
    assert [d.id for d in sessions.devices_of(mine)] == [device] and sessions.devices_of(other) == []
    sessions.end_device(device_id=device, actor=Actor("staff", mine, "我"))
    assert sessions.known(token) is None and sessions.devices_of(mine) == []


# ---- the second factor -----------------------------------------------------------------------------------------------


def enrolled(*roles: str) -> tuple[Actor, pyotp.TOTP, list[str]]:
    actor = Actor("staff", one_of(*roles), "老板", frozenset(roles))
    totp = pyotp.TOTP(second_factor.begin(actor.id, "boss").text)
    codes = second_factor.confirm(totp.at(AT), actor=actor)
    assert codes is not None
    return actor, totp, codes


def test_it_is_the_code_of_rfc_6238() -> None:
    eight = pyotp.TOTP(RFC_SECRET, digits=8)
    assert [eight.at(t) for t in (59, 1111111109, 20000000000)] == ["94287082", "07081804", "65353130"]


def test_who_has_to_show_one(settings: Settings) -> None:
    boss, guide = (
        Actor("staff", 1, "老板", frozenset({"boss"})),
        Actor("staff", 2, "导购", frozenset({"guide"})),
    )
    assert second_factor.wanted(boss, "demo-boss") == "no"
    assert second_factor.wanted(boss, "another") == "enrol"
    assert second_factor.wanted(guide, "another") == "no"
    settings.HUOSHUI_DEMO = False
    assert second_factor.wanted(boss, "demo-boss") == "enrol"
    enrolled_boss, _, _ = enrolled("boss")
    assert second_factor.wanted(enrolled_boss, "x") == "ask"


def test_until_it_is_confirmed_the_same_is_shown_and_then_never_again() -> None:
    staff = one_of("boss")
    first = second_factor.begin(staff, "boss")
    assert second_factor.begin(staff, "boss") == first
    actor = Actor("staff", staff, "老板", frozenset({"boss"}))
    assert second_factor.confirm("000000", actor=actor) is None
    assert second_factor.confirm(pyotp.TOTP(first.text).at(AT), actor=actor)
    with pytest.raises(ValueError, match="never shown again"):
        second_factor.begin(staff, "boss")
    kept = bytes(sql.fetch_one(sql.Statement("kept", "select sealed from second_factor")).sealed)
    assert first.text.encode() not in kept


def test_a_code_counts_once_and_none_before_it() -> None:
    boss, totp, _ = enrolled("boss")
    with time_machine.travel(AT + timedelta(seconds=60), tick=False):
        now = totp.at(AT + timedelta(seconds=60))
        assert second_factor.check(totp.at(AT), actor=boss) is None
        assert second_factor.check(now, actor=boss) == "factor"
        assert second_factor.check(now, actor=boss) is None
        assert second_factor.check(totp.at(AT + timedelta(seconds=30)), actor=boss) is None, (
            "an earlier one is over"
        )
        assert second_factor.check(totp.at(AT + timedelta(seconds=90)), actor=boss) == "factor", (
            "a clock may be early"
        )
        assert second_factor.check(totp.at(AT + timedelta(seconds=150)), actor=boss) is None


def test_after_eight_wrong_ones_it_waits() -> None:
    boss, totp, _ = enrolled("boss")
    for _ in range(second_factor.MOST_MISSES):
        assert second_factor.check("000000", actor=boss) is None
    with pytest.raises(RetryLater):
        second_factor.check(totp.at(AT + timedelta(seconds=30)), actor=boss)
    later = AT + timedelta(minutes=16)
    with time_machine.travel(later, tick=False):
        assert second_factor.check(totp.at(later), actor=boss) == "factor"


def test_a_recovery_code_works_once_and_for_its_owner() -> None:
    boss, _, codes = enrolled("boss")
    other, _, _ = enrolled("boss")
    assert len(set(codes)) == 10
    assert second_factor.check(codes[0], actor=other) is None
    assert second_factor.check(codes[0].upper(), actor=boss) == "recovery"
    assert second_factor.check(codes[0], actor=boss) is None
    assert not sql.fetch(
        sql.Statement("plain", "select 1 from recovery_code where code_hash = %(c)s"), c=codes[1]
    )


def test_another_password_ends_the_second_factor() -> None:
    boss, _, codes = enrolled("boss")
    chief = Actor("staff", 10**6, "老板", frozenset({"boss"}))
    brand.open_login(staff_id=boss.id, username="lin", password="a-long-password", actor=chief)
    assert second_factor.check(codes[0], actor=boss) is None
    assert second_factor.wanted(boss, "lin") == "enrol"
    assert get_user_model().objects.get(username="lin").check_password("a-long-password")


def test_a_weak_password_is_refused() -> None:
    with pytest.raises(Refused, match="12 个字符"):
        brand.open_login(
            staff_id=one_of("boss"),
            username="lin",
            password="short",
            actor=Actor("staff", 9, "老板", frozenset({"boss"})),
        )
    assert SYSTEM.sees_whole_brand and not get_user_model().objects.exists()
