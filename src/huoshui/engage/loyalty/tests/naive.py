"""Tiers the slow way: every fact of a human from the first, and at each the whole sum of its window. The oracle beside what
the room keeps day by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from huoshui.core import sql
from huoshui.engage.loyalty.tiers import add_months
from huoshui.engage.loyalty.types import Tier

FACTS = sql.Statement(
    "facts",
    "select s.fact_id, o.business_day as day, o.amount - o.refunded as amount from settlement s"
    " join fact_order o using (fact_id) where s.person_id = any(%(ids)s::bigint[]) and s.state = 'settled'"
    " union all"
    " select s.fact_id, r.business_day, r.refunded - r.amount from settlement s cross join unnest(s.replaces) as x (id)"
    " join settlement was on was.fact_id = x.id join fact_order r on r.fact_id = x.id"
    " where was.person_id = any(%(ids)s::bigint[]) and s.state = 'settled'",
)

Told = tuple[date, int, int]  # day, fact, amount


def told_of(ids: Sequence[int]) -> list[Told]:
    sums: Counter[tuple[date, int]] = Counter()
    for r in sql.fetch(FACTS, ids=list(ids)):
        sums[r.day, r.fact_id] += r.amount
    return [(day, fact_id, amount) for (day, fact_id), amount in sorted(sums.items())]


def standing(
    told: Iterable[Told], tiers: Sequence[Tier], until: date
) -> tuple[int, date | None, date | None]:
    """(rank, kept until, looked at again on)."""
    rank, keep, grace = 0, None, None
    past: list[Told] = []

    def counted(tier: Tier, day: date) -> int:
        if tier.counts == "lifetime":
            return sum(a for _, _, a in past)
        first = (
            date(day.year, 1, 1)
            if tier.counts == "year"
            else add_months(day, -tier.months) + timedelta(days=1)
        )
        return sum(a for d, _, a in past if first <= d <= day)

    def best(day: date) -> int:
        return max(t.rank for t in tiers if t.spend_at_least <= max(counted(t, day), 0))

    def term(of: int, day: date) -> date | None:
        if of == 0 or tiers[of].counts == "lifetime":
            return None
        if tiers[of].counts == "year":
            return date(day.year + 1, 12, 31)
        return add_months(day, tiers[of].months) - timedelta(days=1)

    def rest(day: date) -> None:
        nonlocal rank, keep, grace
        while keep is not None and (grace or keep) < day:
            tier = tiers[rank]
            after = keep + timedelta(days=1)
            if grace is not None:
                rank = max((r for r in (best(keep), best(grace)) if r < rank), default=0)
                keep, grace = term(rank, grace + timedelta(days=1)), None
            elif counted(tier, keep) < tier.spend_at_least:
                grace = keep + timedelta(days=tier.grace_days)
            elif tier.counts == "year":
                keep = date(keep.year + 1, 12, 31)
            else:
                keep = add_months(after, tier.months) - timedelta(days=1)

    for day, fact_id, amount in told:
        rest(day)
        past.append((day, fact_id, amount))
        if grace is not None and counted(tiers[rank], day) >= tiers[rank].spend_at_least:
            keep, grace = term(rank, day), None
        if best(day) > rank:
            rank = best(day)
            keep, grace = term(rank, day), None
    rest(until)
    last = grace or keep
    return rank, keep, None if last is None else last + timedelta(days=1)
