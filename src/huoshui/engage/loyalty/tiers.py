"""Which tier a person's spending is worth, day by day. Pure: the same events give the same tier, whenever they were told.

A tier is reached at once by the sale that crosses its threshold and holds for its window. When that is over it is renewed if
the window's spend is still enough; otherwise a time of grace begins in which it can be made up for, and then it is left
for the tier that is deserved. A tier that counts the spend of a lifetime holds for good.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby

from huoshui.engage.loyalty.types import Change, Day, Event, Journey, Tier

_DAY = timedelta(days=1)


class Sums:
    """Money put in day after day: what any stretch of days holds is found by two look-ups."""

    def __init__(self, events: Iterable[Event] = (), *, before: int = 0) -> None:
        self._days: list[date] = []
        self._upto = [before]
        for event in events:
            self.add(event.day, event.amount)

    def add(self, day: date, amount: int) -> None:
        self._days.append(day)
        self._upto.append(self._upto[-1] + amount)

    def of(self, tier: Tier, day: date) -> int:
        """What a tier counts on a day."""
        if tier.counts == "lifetime":
            return self._upto[-1]
        last = bisect_right(self._days, day)
        return self._upto[last] - self._upto[bisect_left(self._days, since(tier, day))]


def since(tier: Tier, day: date) -> date:
    """The first day of the window that a tier counts on a day."""
    if tier.counts == "lifetime":
        return date.min
    return day.replace(month=1, day=1) if tier.counts == "year" else add_months(day, -tier.months) + _DAY


def reach(tiers: Sequence[Tier]) -> int:
    """How many days before a day on which somebody bought the windows looked at from then on may begin: those of a time
    of grace end before it."""
    windows = [366 if t.counts == "year" else 31 * t.months for t in tiers if t.counts != "lifetime"]
    return max(windows, default=0) + max((t.grace_days for t in tiers), default=0)


def journey(events: Iterable[Event], tiers: Sequence[Tier], *, until: date) -> Journey:
    """Where these events, in their order, have brought a person by a day. Windows want them in order of days."""
    return walk(events, tiers, until=until)[0]


def walk(
    events: Iterable[Event],
    tiers: Sequence[Tier],
    *,
    until: date,
    past: Sequence[Day] = (),
    before: int = 0,
) -> tuple[Journey, list[Day]]:
    """Where a person stands at the beginning of a day, and where each day of these events left him. `past` are the days
    from which he comes, as far back as `reach` says; `before` is the money of all others before them."""
    sums = Sums((d.event for d in past), before=before)
    on_the_way = _Walk(tiers, past[-1].at if past else Journey(), sums)
    days = [on_the_way.spend(day, list(told)) for day, told in groupby(events, key=lambda e: e.day)]
    on_the_way.rest(until)
    return on_the_way.at, days


def deserved(tiers: Sequence[Tier], sums: Sums, day: date) -> Tier:
    """The highest tier that the spend of its window is enough for."""
    enough = [t for t in tiers if t.spend_at_least <= max(sums.of(t, day), 0)]
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
    def __init__(self, tiers: Sequence[Tier], at: Journey, sums: Sums) -> None:
        self._tiers = tiers
        self._by_rank = {t.rank: t for t in tiers}
        self._sums = sums
        self.at = at

    def spend(self, day: date, told: Sequence[Event]) -> Day:
        self.rest(day)
        amount, peaks = 0, []
        for event in told:
            peaks.append(amount + (event.amount if event.peak is None else event.peak))
            amount += event.amount
            self._take(event)
        last = max(event.fact_id for event in told)
        return Day(day, last, amount, max(peaks), self.at.rank, self.at.keep_until, self.at.grace_until)

    def rest(self, day: date) -> None:
        """Let the time before a day pass: whatever is due by its beginning happens."""
        while self.at.check_on is not None and self.at.check_on <= day:
            self._check()

    def _take(self, event: Event) -> None:
        # Several in a row reach what they reach at their peak
        peak = event.amount if event.peak is None else event.peak
        self._sums.add(event.day, peak)
        self._judge(event)
        self._sums.add(event.day, event.amount - peak)

    def _judge(self, event: Event) -> None:
        at = self.at
        tier = self._by_rank[at.rank]
        if at.grace_until is not None and self._is_enough(tier, event.day):
            self._hold(tier, event.day)
        best = deserved(self._tiers, self._sums, event.day)
        if best.rank > at.rank:
            self._hold(best, event.day)
            self._note(event.day, best.rank, event.fact_id)

    def _check(self) -> None:
        at = self.at
        assert at.keep_until is not None and at.check_on is not None
        tier = self._by_rank[at.rank]
        if at.grace_until is None:
            if self._is_enough(tier, at.keep_until):
                self._renew(tier, at.keep_until)
                return
            self.at = replace(at, grace_until=at.keep_until + timedelta(days=tier.grace_days))
            return
        # What the window that ran out deserved counts too: of a calendar year grace sees only the beginning of the next
        options = [deserved(self._tiers, self._sums, d) for d in (at.keep_until, at.grace_until)]
        lower = max((t for t in options if t.rank < at.rank), key=lambda t: t.rank, default=self._by_rank[0])
        day = at.check_on
        self._hold(lower, day)
        self._note(day, lower.rank, None)

    def _is_enough(self, tier: Tier, day: date) -> bool:
        return self._sums.of(tier, day) >= tier.spend_at_least

    def _hold(self, tier: Tier, day: date) -> None:
        self._keep(tier, _term(tier, day))

    def _renew(self, tier: Tier, ended: date) -> None:
        if tier.counts == "year":
            self._keep(tier, date(ended.year + 1, 12, 31))
        else:
            self._keep(tier, add_months(ended + _DAY, tier.months) - _DAY)

    def _keep(self, tier: Tier, last: date | None) -> None:
        self.at = replace(self.at, rank=tier.rank, keep_until=last, grace_until=None)

    def _note(self, day: date, rank: int, fact_id: int | None) -> None:
        self.at = replace(self.at, changes=(*self.at.changes, Change(day, rank, fact_id)))
