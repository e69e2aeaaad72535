"""Pure decisions of devices: no database, no clock."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from huoshui.intake.devices.types import Fault

LEAST_BURST = 600
BURST_MINUTES = 30
OLDEST = timedelta(days=400)
SLACK = timedelta(seconds=120)
"""So far a clock may be ahead without anybody minding: what happens then happened on receipt."""

REGULAR_DAYS = 28
"""Somebody was a regular when their last so many days before falling silent had enough readings."""


class Level(NamedTuple):
    """What is left in a bucket, and since when (seconds of a clock that never goes back)."""

    tokens: float
    at: float


def burst(rate_per_minute: int) -> float:
    """Half an hour may come at once: a device that was without a network tells what it has missed."""
    return max(LEAST_BURST, rate_per_minute * BURST_MINUTES)


def pour(level: Level | None, wanted: int, rate_per_minute: int, now: float) -> tuple[Level, int]:
    """Take `wanted` tokens out of a bucket. The new level and 0, or the seconds after which they are there.

    More than the bucket holds is let through when it is full, and owed.
    """
    size, per_second = burst(rate_per_minute), rate_per_minute / 60
    tokens = size if level is None else min(size, level.tokens + (now - level.at) * per_second)
    missing = min(float(wanted), size) - tokens
    if missing > 0:
        return Level(tokens, now), max(1, math.ceil(missing / per_second))
    return Level(tokens - wanted, now), 0


def happened_at(
    said: datetime | None, *, sent: datetime | None, received: datetime, is_live: bool, offset_ms: int
) -> datetime:
    """When it happened by our clock. Raises Fault when that cannot be believed.

    A device that says when it sent tells by that how wrong its clock is, so `received − (sent − said)`. What has lain in a
    broker meanwhile tells nothing of the clock; there the clock is as wrong as it last was. It cannot have been sent
    after it came. One that never says when it sends is taken at its word.
    """
    if said is None:
        return received
    offset = timedelta()
    if sent is not None:
        offset = timedelta(milliseconds=offset_ms)
        if is_live or sent - received > offset + SLACK:
            offset = sent - received
    try:
        at = said - offset
    except OverflowError:
        raise Fault("reading_too_old", "/at", at=said.isoformat(), days=OLDEST.days) from None
    if at > received + SLACK:
        raise Fault("reading_in_future", "/at", at=said.isoformat())
    if at < received - OLDEST:
        raise Fault("reading_too_old", "/at", at=said.isoformat(), days=OLDEST.days)
    return min(at, received)


class Hit(NamedTuple):
    """A rule that holds for a person at a time: from the window's first reading to this one."""

    rule_id: int
    person_id: int
    fact_id: int
    at: datetime
    first_at: datetime
    first: float
    last: float
    readings: int


def window_of(at: datetime, days: int) -> int:
    """The rule's windows lie one after another from the epoch: what is in the same one is noticed once."""
    return int(at.timestamp() // (days * 86_400))


def spaced(
    hits: Iterable[Hit], known: Iterable[tuple[int, int, datetime]], days: Mapping[int, int]
) -> list[Hit]:
    """Of these hits those to tell: of a person and a rule one a window, and none within `days` of another.

    `known` are (rule, person, time) of what was told before, in whatever order it came about.
    """
    told: dict[tuple[int, int], list[datetime]] = defaultdict(list)
    for rule_id, person_id, at in known:
        told[rule_id, person_id].append(at)
    chosen = []
    for hit in sorted(hits, key=lambda h: (h.at, h.fact_id, h.rule_id)):
        span = days[hit.rule_id]
        mine = told[hit.rule_id, hit.person_id]
        if all(_is_apart(hit.at, at, span) for at in mine):
            mine.append(hit.at)
            chosen.append(hit)
    return chosen


def _is_apart(one: datetime, other: datetime, days: int) -> bool:
    return abs(one - other) >= timedelta(days=days) and window_of(one, days) != window_of(other, days)


def overlapping(
    asked: Sequence[tuple[int, datetime, datetime]], known: Iterable[tuple[int, datetime, datetime]]
) -> set[int]:
    """Places of those intervals (device, from, to) that lie over one known, or over one asked before them."""
    held: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for device_id, start, end in known:
        held[device_id].append((start, end))
    found = set()
    for place, (device_id, start, end) in enumerate(asked):
        if any(start < other_end and other_start < end for other_start, other_end in held[device_id]):
            found.add(place)
        else:
            held[device_id].append((start, end))
    return found
