"""Signing in by a code sent to one's phone: six digits, five minutes, five tries.

Whether a phone is anybody's, nobody learns here: both are counted, hashed and answered alike.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Thread
from typing import Final

from django.conf import settings
from django.db import transaction

from huoshui.brand.staff.reads import Q, seats_of
from huoshui.core import clock, crypto, sql
from huoshui.core.actor import HEAD_OFFICE
from huoshui.core.errors import Refused, RetryLater

LIVES: Final = timedelta(minutes=5)
MOST_TRIES: Final = 5
BETWEEN: Final = timedelta(seconds=60)
PER_HOUR: Final = 5
PER_ADDRESS: Final = 30
"""A shop's guides share an address."""

Sender = Callable[[str, str], None]
"""Takes a phone and the code for it, and sends; on a thread of its own."""

_senders: list[Sender] = []


def send_by(sender: Sender) -> None:
    """Channels register here what sends text messages; the last one has the word."""
    _senders.append(sender)


def is_offered() -> bool:
    return bool(_senders) or _is_simulated()


def _is_simulated() -> bool:
    return bool(getattr(settings, "HUOSHUI_DEMO", False))


@dataclass(frozen=True)
class Asked:
    """`simulated`: what the simulator of demo mode would have received; nothing is sent there."""

    id: int
    simulated: str


def ask(phone: str, staff_id: int | None, *, address: str) -> Asked:
    """Send a code. `staff_id`: whose the phone is, None for nobody's. Raises RetryLater for who asks too often, Refused where
    nothing can be sent."""
    if not is_offered():
        raise Refused("还没有接上短信，请先用账号和密码登录。")
    marks = {"phone": crypto.digest(f"sign-in {phone}"), "address": crypto.digest(f"sign-in {address}")}
    code, now = f"{secrets.randbelow(10**6):06}", clock.now()
    with transaction.atomic():
        sql.fetch(Q.lock_asking)
        lately = sql.fetch_one(Q.asked_lately, since=now - timedelta(hours=1), **marks)
        if lately.last_at is not None and lately.last_at > now - BETWEEN:
            raise RetryLater("一分钟只能要一次验证码，请稍等。")
        if lately.of_phone >= PER_HOUR or lately.of_address >= PER_ADDRESS:
            raise RetryLater("要验证码的次数太多，请一小时后再试。")
        who = staff_id if staff_id is not None and may_by_phone(staff_id) else None
        sql.run(Q.end_codes, phone=marks["phone"])
        row = sql.fetch_one(
            Q.add_code,
            staff_id=who,
            code_hash=_hashed(code, marks["phone"]),
            now=now,
            until=now + LIVES,
            **marks,
        )
        if who is not None and not _is_simulated():
            transaction.on_commit(
                lambda: Thread(target=_senders[-1], args=(phone, code), daemon=True).start()
            )
    return Asked(row.id, code if who is not None and _is_simulated() else "")


def check(asked_id: int, phone: str, code: str) -> int | None:
    """Whose phone it is, once; None for a wrong code, one used up or over time, and for nobody's phone alike."""
    mark = crypto.digest(f"sign-in {phone}")
    row = sql.fetch_one(Q.try_code, id=asked_id, most=MOST_TRIES, now=clock.now())
    told = _hashed(code.strip(), mark)
    if row is None or not hmac.compare_digest(told, row.code_hash) or row.staff_id is None:
        return None
    return int(row.staff_id) if sql.run(Q.end_code, id=asked_id) else None


def _hashed(code: str, mark: str) -> str:
    return crypto.digest(f"{code} {mark}")


def may_by_phone(staff_id: int) -> bool:
    """Head office signs in by password and second factor; whoever is placed nowhere does not sign in."""
    held = {s.role for s in seats_of([staff_id])[staff_id] if s.holds(clock.today())}
    return bool(held) and not held & HEAD_OFFICE


def drop_old() -> None:
    sql.run(Q.drop_codes, before=clock.now() - timedelta(days=1))
    sql.run(Q.drop_sign_ins, before=clock.now() - timedelta(days=30))
