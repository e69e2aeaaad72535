"""Time. Instants are aware UTC; the brand's business day is a date in its own zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings


def now() -> datetime:
    return datetime.now(UTC)


def brand_zone() -> ZoneInfo:
    return ZoneInfo(settings.HUOSHUI_ZONE)


def business_day(instant: datetime) -> date:
    """The brand's day on which an instant falls."""
    return instant.astimezone(brand_zone()).date()


def today() -> date:
    return business_day(now())


def from_local(naive: datetime) -> datetime:
    """A wall-clock time written in the brand's zone, as an instant."""
    return naive.replace(tzinfo=brand_zone()).astimezone(UTC)
