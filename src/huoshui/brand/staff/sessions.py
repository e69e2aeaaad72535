"""Windows in which somebody is signed in, and devices that are remembered."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.sessions.models import Session

from huoshui.brand.staff.models import Staff
from huoshui.brand.staff.reads import Q
from huoshui.core import clock, sql, tokens
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound

REMEMBERED: Final = timedelta(days=90)
_FORM = tokens.Form("hsd", 40)
_NOBODY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Device:
    id: int
    browser: str
    added_at: datetime
    used_at: datetime
    until_at: datetime


@dataclass(frozen=True)
class Known:
    """A device that showed what only it has."""

    device_id: int
    staff_id: int


def note(session_key: str, staff_id: int, how: str, *, browser: str, device_id: int | None = None) -> None:
    """Whose a session is: what ends somebody's windows finds them by it."""
    sql.run(
        Q.note_sign_in,
        session_key=session_key,
        staff_id=staff_id,
        how=how,
        device_id=device_id,
        browser=browser[:200],
        now=clock.now(),
    )


def end_all(staff_id: int, *, device_id: int | None = None) -> int:
    """Close the windows of one of the staff, or those of one device. Returns how many."""
    keys = [r.session_key for r in sql.fetch(Q.sessions_of, staff_id=staff_id, device_id=device_id)]
    Session.objects.filter(session_key__in=keys).delete()
    sql.run(Q.forget_sign_ins, keys=keys)
    return len(keys)


def close_login(staff_id: int) -> None:
    """No way in any more: neither by password, code or device, nor through a window that is open."""
    staff = Staff.objects.select_related("user").get(id=staff_id)
    if staff.user is not None:
        staff.user.is_active = False
        staff.user.set_unusable_password()  # another hash: a session that nobody noted ends by it as well
        staff.user.save(update_fields=["is_active", "password"])
    drop_second_factor(staff_id)
    end_devices(staff_id)


def drop_second_factor(staff_id: int) -> None:
    sql.run(Q.drop_factor, staff_id=staff_id)
    sql.run(Q.drop_recovery, staff_id=staff_id)


# ---- devices ---------------------------------------------------------------------------------------------------------


def remember(staff_id: int, *, browser: str) -> tuple[int, str]:
    """A device from now on, and what it shows from now on; that is not kept."""
    fresh, now = _FORM.fresh(), clock.now()
    row = sql.fetch_one(
        Q.add_device,
        staff_id=staff_id,
        prefix=fresh.prefix,
        secret_hash=fresh.secret_hash,
        browser=browser[:200],
        now=now,
        until=now + REMEMBERED,
    )
    return int(row.id), fresh.token


def known(token: str) -> Known | None:
    """None for a wrong one and one that has ended alike."""
    prefix, secret = _FORM.parts(token)
    row = sql.fetch_one(Q.device_by_prefix, prefix=prefix, now=clock.now())
    digest = hashlib.sha256(secret.encode()).hexdigest()
    is_right = hmac.compare_digest(digest, row.secret_hash if row else _NOBODY)
    return Known(row.id, row.staff_id) if row and is_right else None


def use(device: Known) -> None:
    sql.run(Q.use_device, id=device.device_id, now=clock.now(), until=clock.now() + REMEMBERED)


def devices_of(staff_id: int) -> list[Device]:
    return sql.fetch_as(Device, Q.devices_of, staff_id=staff_id, now=clock.now())


def end_device(*, device_id: int, actor: Actor) -> None:
    """One's own device is forgotten, and its windows close. Raises NotFound for another's."""
    if not sql.run(Q.end_device, id=device_id, staff_id=actor.id, now=clock.now()):
        raise NotFound
    end_all(actor.id, device_id=device_id)
    record(actor, "device.forgotten", "staff", actor.id, device=device_id)


def end_devices(staff_id: int) -> int:
    """All remembered devices of one of the staff, and all windows. Returns how many windows."""
    sql.run(Q.end_devices, staff_id=staff_id, now=clock.now())
    return end_all(staff_id)


def end_everywhere(actor: Actor) -> None:
    """All of one's own windows and remembered devices."""
    record(actor, "device.all_forgotten", "staff", actor.id, windows=end_devices(actor.id))


def user_for(staff_id: int) -> Any:
    """The Django user of one who signs in by phone, made when there is none; None for whoever may not sign in."""
    from django.contrib.auth import get_user_model

    staff = Staff.objects.select_related("user").filter(id=staff_id).first()
    if staff is None or (staff.user is not None and not staff.user.is_active):
        return None
    if staff.user is None:
        user = get_user_model().objects.create_user(username=f"staff-{staff.id}")
        Staff.objects.filter(id=staff.id, user=None).update(user=user)
        staff.user = user
    return staff.user
