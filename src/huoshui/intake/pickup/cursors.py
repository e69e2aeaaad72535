"""How far a query has come: values of its cursor column, kept as text with their type."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from huoshui.intake.pickup.faults import Fault

Cursor = Mapping[str, str]


def kept(value: Any) -> Cursor:
    """Raises Fault for what has no order that we know."""
    if isinstance(value, datetime):
        return {"type": "time", "value": value.isoformat()}
    if isinstance(value, date):
        return {"type": "date", "value": value.isoformat()}
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return {"type": "number", "value": str(value)}
    if isinstance(value, str) and _is_written_time(value):
        return {"type": "text", "value": value}
    raise Fault("bad_cursor")


def told(cursor: Cursor) -> Any:
    text = cursor["value"]
    match cursor["type"]:
        case "time":
            return datetime.fromisoformat(text)
        case "date":
            return date.fromisoformat(text)
        case "number":
            return int(text) if text.lstrip("-").isdecimal() else Decimal(text)
        case _:
            return text


def beginning(cursor: Cursor, overlap: int) -> Any:
    """Where the next reading begins. Never later than the cursor, so that its own value is read again."""
    value = told(cursor)
    if isinstance(value, datetime):
        return value - timedelta(minutes=overlap)
    if isinstance(value, date):
        return value - timedelta(days=-(-overlap // 1440))
    if isinstance(value, str):
        return _written_like(value, datetime.fromisoformat(value) - timedelta(minutes=overlap))
    return value - overlap


def furthest(value: Any, now: datetime, zone: ZoneInfo) -> Any:
    """Not beyond now: a row dated by mistake into next year would hide all that come until then."""
    if isinstance(value, datetime):
        return min(value, now if value.tzinfo else now.astimezone(zone).replace(tzinfo=None))
    if isinstance(value, date):
        return min(value, now.astimezone(zone).date())
    if isinstance(value, str):
        written = datetime.fromisoformat(value)
        limit = now if written.tzinfo else now.astimezone(zone).replace(tzinfo=None)
        return value if written <= limit else _written_like(value, limit)
    return value


def is_after(value: Any, cursor: Cursor | None) -> bool:
    if cursor is None:
        return True
    try:
        return bool(value > told(cursor))
    except TypeError:
        raise Fault("bad_cursor") from None


def _is_written_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return text[4:5] == "-"  # as written, so in time's order; `20260301` may as well be a number of something


def _written_like(text: str, at: datetime) -> str:
    """In the same manner, cut to the second: cut is earlier, and earlier loses nothing."""
    if len(text) == 10:
        return f"{at:%Y-%m-%d}"
    return f"{at:%Y-%m-%d}{text[10]}{at:%H:%M:%S}"
