"""Points that expire: told of beforehand, and taken when their month is over."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts.derived import note
from huoshui.core.facts.types import Note
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.types import EXPIRED, POINTS, Movement, Party
from huoshui.engage.loyalty.months import make_month
from huoshui.engage.loyalty.rulebook import rulebook
from huoshui.engage.loyalty.tender import month_end
from huoshui.people import api as people

Q = sql.load("huoshui.engage.loyalty")

POINTS_EXPIRED = "Points Expired"
POINTS_EXPIRING = "Points Expiring"

_CHUNK = 2_000


def expire_due(at: datetime, *, limit: int = _CHUNK) -> int:
    """Take the points of buckets whose month is over, of some thousand persons at most. Returns how many lost any; to be
    called until that is none.

    One fact for each person and day, so that two jobs at once take nothing twice.
    """
    make_month(at)
    day = clock.business_day(at)
    lost: dict[int, dict[str, int]] = defaultdict(dict)
    for r in sql.fetch(Q.expired, month=f"{day:%Y-%m}", limit=limit):
        lost[r.owner_id][r.bucket] = r.balance
    key_of = {person_id: f"expired:{person_id}:{at.isoformat()}" for person_id in lost}
    made = note(
        [
            Note(POINTS_EXPIRED, key_of[p], p, at, {"points": sum(buckets.values()), "buckets": buckets})
            for p, buckets in lost.items()
        ],
        actor=SYSTEM,
    )
    movements = [
        Movement(POINTS, Party("person", p, bucket), EXPIRED, points, made[key_of[p]], "expire")
        for p, buckets in lost.items()
        if key_of[p] in made
        for bucket, points in buckets.items()
    ]
    ledger.post(movements)
    return len({m.source.owner_id for m in movements})


def notice(at: datetime) -> int:
    """Tell of points that expire within the days of the rule, once for each human and month. Returns how many."""
    day = clock.business_day(at)
    until = day + timedelta(days=rulebook().on(day).notice_days)
    months = [f"{y}-{m:02}" for y in range(day.year, until.year + 1) for m in range(1, 13)]
    due = [m for m in months if day <= month_end(m) <= until]
    rows = sql.fetch(Q.expiring, buckets=due)
    head = people.canonical_ids(sorted({r.owner_id for r in rows}))
    points: dict[tuple[int, str], int] = defaultdict(int)
    for r in rows:
        points[head[r.owner_id], r.bucket] += r.balance
    notes = [
        Note(POINTS_EXPIRING, f"expiring:{p}:{bucket}", p, at, {"points": n, "expires_on": month_end(bucket)})
        for (p, bucket), n in points.items()
    ]
    told = 0
    for start in range(0, len(notes), _CHUNK):
        told += len(note(notes[start : start + _CHUNK], actor=SYSTEM))
    return told
