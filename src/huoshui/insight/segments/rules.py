"""When a segment is judged anew, and how: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import datetime, timedelta, tzinfo
from typing import Literal, NamedTuple

from huoshui.core.errors import Refused

How = Literal["full", "some", "none"]

SLOW_BEAT = timedelta(minutes=5)
"""Rules that need everyone at once (sequences, percentiles) are judged this often at most …"""
SLOW_SHARE = 20
"""… and no more than one part in twenty of the time."""
WHOLE_AGAIN = timedelta(hours=24)
"""Lists (products, stores) change without touching a person: once a day everyone is judged anew."""
MOST_TOUCHED = 200_000
"""More people than these are judged as fast all together."""
MOST_NAME = 60


class Standing(NamedTuple):
    """What is known of a segment before it is judged. `seconds`: how long everyone took last time."""

    version_no: int
    judged_version: int
    is_incremental: bool
    read_xid: int
    judged_at: datetime | None
    seconds: float
    not_before: datetime | None = None
    """Of a rule that needs everyone: when somebody wants it judged again (`waits_until`)."""


def how(segment: Standing, *, bound: int, at: datetime, is_any_due: bool) -> How:
    """`bound`: the lake has what settled below it. `is_any_due`: somebody's time has come."""
    if segment.judged_at is None or segment.judged_version != segment.version_no:
        return "full"
    age = at - segment.judged_at
    # A database restored from elsewhere counts its transactions anew
    if age >= WHOLE_AGAIN or segment.read_xid > bound:
        return "full"
    wait = max(SLOW_BEAT, timedelta(seconds=segment.seconds * SLOW_SHARE))
    if segment.not_before is not None and not segment.is_incremental:
        return "full" if at >= segment.not_before and age >= wait else "none"
    has_news = segment.read_xid < bound or is_any_due
    if not has_news:
        return "none"
    if segment.is_incremental:
        return "some"
    return "full" if age >= wait else "none"


def waits_until(
    judged_at: datetime | None, *, minutes: int | None, hour: int | None, zone: tzinfo
) -> datetime | None:
    """The next instant of its schedule; None without one. The hour is the brand's."""
    if judged_at is None:
        return None
    if hour is not None:
        return next_slot(judged_at, hour=hour, weekday=None, zone=zone)
    return judged_at + timedelta(minutes=minutes) if minutes is not None else None


def next_slot(after: datetime, *, hour: int, weekday: int | None, zone: tzinfo) -> datetime:
    """The first such hour after an instant, on any day or on one of the week (Monday is 1)."""
    local = after.astimezone(zone)
    slot = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    while slot <= local or (weekday is not None and slot.isoweekday() != weekday):
        slot += timedelta(days=1)
    return slot


def clean_name(name: str) -> str:
    """Raises Refused."""
    kept = " ".join(name.split())
    if not kept:
        raise Refused("请给人群起一个名字。")
    if len(kept) > MOST_NAME:
        raise Refused(f"人群的名字最多 {MOST_NAME} 个字，现在是 {len(kept)} 个。")
    return kept


def has_ring(start: str, uses: Mapping[str, Set[str]]) -> bool:
    """Whether following what uses what leads from `start` back to it."""
    seen: set[str] = set()
    ahead = list(uses.get(start, ()))
    while ahead:
        one = ahead.pop()
        if one == start:
            return True
        if one not in seen:
            seen.add(one)
            ahead.extend(uses.get(one, ()))
    return False


def tables_read(facts: Set[str]) -> set[str]:
    """Of the lake. Purchases are lines; whatever else happened is a fact. Who is one with whom is a state."""
    found = {"state_now"}
    if "buy" in facts:
        found |= {"order_lines", "products", "org_units"}
    if facts - {"buy"}:
        found |= {"facts", "properties", "org_units"}
    return found
