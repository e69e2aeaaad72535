"""The second factor of head office: a code that changes every thirty seconds (RFC 6238), and ten for when the phone is gone."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import pyotp
from django.conf import settings

from huoshui.brand.staff.reads import Q
from huoshui.core import clock, crypto, sql
from huoshui.core.actor import HEAD_OFFICE, Actor
from huoshui.core.audit import record
from huoshui.core.errors import RetryLater

STEP: Final = 30
MOST_MISSES: Final = 8
LOCKED: Final = timedelta(minutes=15)
_RECOVERY = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

Wanted = Literal["no", "ask", "enrol"]


@dataclass(frozen=True)
class Secret:
    """What the app on the phone is given: as text to type, and as the address in the code to scan."""

    text: str
    uri: str


def wanted(actor: Actor, username: str) -> Wanted:
    """Whether whoever gave the right password has to show more. The demo's own logins need not: everybody is told those."""
    if getattr(settings, "HUOSHUI_DEMO", False) and (
        username in {account for _, account, _ in settings.HUOSHUI_DEMO_LOGINS}
    ):
        return "no"
    row = sql.fetch_one(Q.has_factor, staff_id=actor.id)
    if row is not None and row.is_there:
        return "ask"
    return "enrol" if actor.roles & HEAD_OFFICE else "no"


def begin(staff_id: int, account: str) -> Secret:
    """The secret to be scanned; until it is confirmed the same again, so that going back in the browser spoils nothing."""
    row = sql.fetch_one(Q.factor_of, staff_id=staff_id)
    if row is not None and row.confirmed_at is not None:
        raise ValueError("a confirmed secret is never shown again")
    text = crypto.unseal(bytes(row.sealed)) if row is not None else pyotp.random_base32()
    if row is None:
        sql.run(Q.put_factor, staff_id=staff_id, sealed=crypto.seal(text))
    issuer = getattr(settings, "HUOSHUI_BRAND", "") or "Huoshui"
    return Secret(text, pyotp.TOTP(text).provisioning_uri(name=account, issuer_name=issuer))


def confirm(code: str, *, actor: Actor) -> list[str] | None:
    """The recovery codes, shown this once; None for a wrong code."""
    if not _is_right(actor.id, code):
        return None
    codes = [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(2))
        for _ in range(_RECOVERY)
    ]
    sql.run(Q.drop_recovery, staff_id=actor.id)
    sql.run(Q.add_recovery, staff_id=actor.id, hashes=[_hashed(actor.id, c) for c in codes])
    record(actor, "second_factor.added", "staff", actor.id)
    return codes


def check(code: str, *, actor: Actor) -> Literal["factor", "recovery"] | None:
    """How it was shown; None for a wrong one. A code counts once. Raises RetryLater after too many wrong ones."""
    if _is_right(actor.id, code):
        return "factor"
    if sql.run(Q.use_recovery, staff_id=actor.id, code_hash=_hashed(actor.id, code), now=clock.now()):
        sql.run(Q.miss_factor, staff_id=actor.id, misses=0, now=None)
        record(actor, "recovery_code.used", "staff", actor.id)
        return "recovery"
    return None


def _is_right(staff_id: int, code: str) -> bool:
    row = sql.fetch_one(Q.factor_of, staff_id=staff_id)
    if row is None:
        return False
    now = clock.now()
    _refuse_locked(row, now)
    totp = pyotp.TOTP(crypto.unseal(bytes(row.sealed)))
    at = int(now.timestamp()) // STEP
    plain = "".join(code.split())
    # A clock may be half a minute off; a step used is used, also the one before it (RFC 6238, 5.2)
    step = next(
        (
            s
            for s in (at - 1, at, at + 1)
            if s > row.last_step and pyotp.utils.strings_equal(plain, totp.at(s * STEP))
        ),
        None,
    )
    if step is not None:
        sql.run(Q.confirm_factor, staff_id=staff_id, step=step, now=now)
        return True
    is_recent = row.missed_at is not None and row.missed_at > now - LOCKED
    sql.run(Q.miss_factor, staff_id=staff_id, misses=(row.misses if is_recent else 0) + 1, now=now)
    return False


def _refuse_locked(row: Any, now: datetime) -> None:
    if row.misses >= MOST_MISSES and row.missed_at is not None and row.missed_at > now - LOCKED:
        raise RetryLater("动态码错了太多次，请 15 分钟后再试。")


def _hashed(staff_id: int, code: str) -> str:
    return crypto.digest(f"recovery {staff_id} {''.join(code.lower().split())}")
