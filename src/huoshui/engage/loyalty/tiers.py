"""Which tier a person's spending is worth, day by day. Pure: the same events give the same tier, whenever they were told.

A tier is reached at once by the sale that crosses its threshold and holds for its window. When that is over it is renewed if
the window's spend is still enough; otherwise a time of grace begins in which it can be made up for, and then it is left
for the tier that is deserved. A tier that counts the spend of a lifetime holds for good.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from huoshui.engage.loyalty.types import Change, Event, Journey, Tier

_DAY = timedelta(days=1)


def journey(events: Iterable[Event], tiers: Sequence[Tier], *, until: date) -> Journey:
    """Where these events, in their order, have brought a person by a day. Windows want them in order of days."""
    walk = _Walk(tiers)
    for event in events:
        walk.rest(event.day)
        walk.take(event)
    walk.rest(until)
    return walk.at


def spend_of(tier: Tier, events: Iterable[Event], day: date) -> int:
    """What a tier counts on a day, of the events told up to it."""
    if tier.counts == "lifetime":
        return sum(e.amount for e in events)
    is_year = tier.counts == "year"
    first = day.replace(month=1, day=1) if is_year else add_months(day, -tier.months) + _DAY
    return sum(e.amount for e in events if first <= e.day <= day)


def deserved(tiers: Sequence[Tier], events: Sequence[Event], day: date) -> Tier:
    """The highest tier that the spend of its window is enough for."""
    enough = [t for t in tiers if t.spend_at_least <= max(spend_of(t, events, day), 0)]
    return max(enough, key=lambda t: t.rank)


def add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def is_windowed(tiers: Iterable[Tier]) -> bool:
    return any(t.counts != "lifetime" for t in tiers if t.rank)


def _term(tier: Tier, day: date) -> date | None:
    """The last day a tier holds when it is reached on a day."""
    if tier.rank == 0 or tier.counts == "lifetime":
        return None
    if tier.counts == "year":
        return date(day.year + 1, 12, 31)
    return add_months(day, tier.months) - _DAY


class _Walk:
    def __init__(self, tiers: Sequence[Tier]) -> None:
        self._tiers = tiers
        self._by_rank = {t.rank: t for t in tiers}
        self._past: list[Event] = []
        self.at = Journey()

    def take(self, event: Event) -> None:
        self._past.append(event)
        at = self.at
        tier = self._by_rank[at.rank]
        if at.grace_until is not None and self._is_enough(tier, event.day):
            self._hold(tier, event.day)
        best = deserved(self._tiers, self._past, event.day)
        if best.rank > at.rank:
            self._hold(best, event.day)
            self._note(event.day, best.rank, event.fact_id)

    def rest(self, day: date) -> None:
        """Let the time before a day pass: whatever is due by its beginning happens."""
        while self.at.check_on is not None and self.at.check_on <= day:
            self._check()

    def _check(self) -> None:
        at = self.at
        assert at.keep_until is not None and at.check_on is not None
        tier = self._by_rank[at.rank]
        if at.grace_until is None:
            if self._is_enough(tier, at.keep_until):
                self._renew(tier, at.keep_until)
                return
            grace = at.keep_until + timedelta(days=tier.grace_days)
            self.at = replace(at, grace_until=grace, check_on=grace + _DAY)
            return
        # What the window that ran out deserved counts too: of a calendar year grace sees only the beginning of the next
        options = [deserved(self._tiers, self._past, d) for d in (at.keep_until, at.grace_until)]
        lower = max((t for t in options if t.rank < at.rank), key=lambda t: t.rank, default=self._by_rank[0])
        day = at.check_on
        self._hold(lower, day)
        self._note(day, lower.rank, None)

    def _is_enough(self, tier: Tier, day: date) -> bool:
        return spend_of(tier, self._past, day) >= tier.spend_at_least

    def _hold(self, tier: Tier, day: date) -> None:
        self._keep(tier, _term(tier, day))

    def _renew(self, tier: Tier, ended: date) -> None:
        if tier.counts == "year":
            self._keep(tier, date(ended.year + 1, 12, 31))
        else:
            self._keep(tier, add_months(ended + _DAY, tier.months) - _DAY)

    def _keep(self, tier: Tier, last: date | None) -> None:
        check = None if last is None else last + _DAY
        self.at = replace(self.at, rank=tier.rank, keep_until=last, grace_until=None, check_on=check)

    def _note(self, day: date, rank: int, fact_id: int | None) -> None:
        self.at = replace(self.at, changes=(*self.at.changes, Change(day, rank, fact_id)))
