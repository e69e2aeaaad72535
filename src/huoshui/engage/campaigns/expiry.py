"""Coupons that expire: told of beforehand, and marked when their time is over. Whoever holds one has a fact of both."""

from __future__ import annotations

from datetime import datetime

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts.derived import note
from huoshui.core.facts.types import Note

Q = sql.load("huoshui.engage.campaigns")

COUPON_EXPIRED = "Coupon Expired"
COUPON_EXPIRING = "Coupon Expiring"

NOTICE_DAYS = 3
"""One that was given for less than twice as long needs no reminder."""


def expire_due(*, limit: int = 10_000) -> int:
    """Mark coupons whose time is over, at most so many. Returns how many; to be called until that is less.

    One fact for each coupon and end: an end that was put off comes once more.
    """
    now = clock.now()
    rows = sql.fetch(Q.expire_due, now=now, limit=limit)
    if len(rows) < limit:
        sql.run(Q.expired_upto, upto=now)
    note([_note(COUPON_EXPIRED, row, now) for row in rows if row.person_id is not None], actor=SYSTEM)
    return len(rows)


def notice(at: datetime, *, limit: int = 10_000) -> int:
    """Tell of coupons in somebody's hands that end within the days of notice, each once, at most so many. Returns how many."""
    rows = sql.fetch(Q.expiring, at=at, days=NOTICE_DAYS, limit=limit)
    return len(note([_note(COUPON_EXPIRING, row, at) for row in rows], actor=SYSTEM))


def _note(name: str, row: sql.Row, at: datetime) -> Note:
    body = {
        "coupon": row.id,
        "template": row.template_id,
        "title": row.title,
        "code": row.code,
        "valid_until": row.valid_until.isoformat(),
    }
    return Note(name, f"{name.lower()}:{row.id}:{row.until}", row.person_id, at, body)
