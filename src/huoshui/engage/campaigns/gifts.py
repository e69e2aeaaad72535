"""Coupons that come with a tier: whoever reaches one that names a coupon is given it, by a reader of the facts.

Once for each time it is reached, and not again within the days that the tier says (or ever, where it says none): somebody
who falls and rises again, or whose ids are parted and joined, has had it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.engage.campaigns import claims
from huoshui.engage.campaigns.types import Claim, ClaimVerdict
from huoshui.engage.loyalty import api as loyalty
from huoshui.people import api as people

Q = sql.load("huoshui.engage.campaigns")

READER = "tier gifts"


class Reached(NamedTuple):
    fact_id: int
    person_id: int
    rank: int
    at: datetime


def give_gifts() -> int:
    """What the tiers reached since the last time bring with them. Returns how many coupons were given; one that could not
    be had is an exception of its fact."""
    with facts.since_last_read(READER) as span:
        tiers = {t.rank: t for t in loyalty.all_tiers() if t.gift_template_id is not None}
        reached = sql.fetch_as(Reached, Q.tiers_reached, low=str(span.low), high=str(span.high))
        mine = [r for r in reached if r.rank in tiers]
        if not mine:
            return 0
        own = people.canonical_ids(sorted({r.person_id for r in mine}))
        had = _had(set(own.values()))
        due = list(due_gifts(mine, tiers, own, had))
        return _give(due, tiers)


def due_gifts(
    reached: Iterable[Reached],
    tiers: Mapping[int, loyalty.Tier],
    own: Mapping[int, int],
    had: Mapping[tuple[int, int], Sequence[datetime]],
) -> Iterable[Reached]:
    """Pure. `had`: (canonical person, rank) → when it was reached and given."""
    so_far = {place: list(times) for place, times in had.items()}
    for r in reached:
        times = so_far.setdefault((own[r.person_id], r.rank), [])
        days = tiers[r.rank].gift_again_days
        if not times or (days is not None and r.at >= max(times) + timedelta(days=days)):
            times.append(r.at)
            yield r


def _had(canonical: set[int]) -> dict[tuple[int, int], list[datetime]]:
    members = dict(people.members_of(sorted(canonical)))
    out: dict[tuple[int, int], list[datetime]] = {}
    for g in sql.fetch(Q.gifts_had, person_ids=sorted(members)):
        if g.is_had:
            out.setdefault((members[g.person_id], g.rank), []).append(g.reached_at)
    return out


def _give(due: Sequence[Reached], tiers: Mapping[int, loyalty.Tier]) -> int:
    if not due:
        return 0
    templates = {r.fact_id: tiers[r.rank].gift_template_id or 0 for r in due}
    asked = [Claim(templates[r.fact_id], r.person_id, f"tier:{r.fact_id}") for r in due]
    verdicts = claims.give(asked, actor=SYSTEM)
    sql.send(
        Q.add_gifts,
        fact_ids=[r.fact_id for r in due],
        person_ids=[r.person_id for r in due],
        ranks=[r.rank for r in due],
        template_ids=[templates[r.fact_id] for r in due],
        coupon_ids=[v.coupon_id or None for v in verdicts],
        times=[r.at for r in due],
    )
    refused = [(r, v) for r, v in zip(due, verdicts, strict=True) if v.refusal]
    if refused:
        facts.raise_exceptions([_exception(r, v) for r, v in refused])
    return len(due) - len(refused)


def _exception(r: Reached, verdict: ClaimVerdict) -> tuple[int, None, str, dict[str, object]]:
    return r.fact_id, None, verdict.refusal, dict(verdict.detail)


class GiftUsed(NamedTuple):
    person_id: int
    title: str


def gifts_used_of_run(run_id: int) -> list[GiftUsed]:
    """Coupons that came with a tier which somebody reached by what this import alone told, and that have been used since."""
    return sql.fetch_as(GiftUsed, Q.gifts_used_of_run, run_id=run_id)
