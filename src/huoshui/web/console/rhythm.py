"""How often a person comes, and what they should need again: pure figures over days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median, quantiles

LANES = 5
# Fewer intervals than this say nothing about a person's own pace.
FEWEST_GAPS = 3
VISIT = timedelta(hours=2)


@dataclass(frozen=True)
class Pace:
    """A person's own interval between days, and where it stops being usual (nine in ten are shorter)."""

    usual: float
    longest_usual: float


@dataclass(frozen=True)
class Bought:
    day: date
    lane: str
    amount: int


@dataclass(frozen=True)
class Lane:
    name: str
    bought: tuple[Bought, ...]
    due: date | None


def pace(days: Iterable[date]) -> Pace | None:
    """None where a person has not come often enough to have one."""
    gaps = [(after - before).days for before, after in pairwise(sorted(set(days)))]
    if len(gaps) < FEWEST_GAPS:
        return None
    return Pace(median(gaps), quantiles(gaps, n=10, method="inclusive")[-1])


def lanes(bought: Iterable[Bought], standing: date) -> list[Lane]:
    """The kinds of goods a person spends most on, each with its days and when it should come next.

    A lane that has stopped (overdue by more than twice its own interval) is not called due: it is over.
    """
    by_lane: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for item in bought:
        by_lane[item.lane][item.day] += item.amount
    largest = sorted(by_lane, key=lambda name: (-sum(by_lane[name].values()), name))[:LANES]
    return [
        Lane(
            name,
            tuple(Bought(day, name, amount) for day, amount in sorted(by_lane[name].items())),
            _due(sorted(by_lane[name]), standing),
        )
        for name in largest
    ]


def _due(days: Sequence[date], standing: date) -> date | None:
    own = pace(days)
    if own is None:
        return None
    due = days[-1] + timedelta(days=round(own.usual))
    return due if (standing - due).days <= 2 * own.usual else None


def visits(moments: Sequence[tuple[datetime, str]]) -> list[list[int]]:
    """Positions of (moment, store), newest first, gathered: one store within two hours is one visit."""
    gathered: list[list[int]] = []
    for position, (at, store) in enumerate(moments):
        if gathered:
            first_at, first_store = moments[gathered[-1][0]]
            if store == first_store and first_at - at <= VISIT:
                gathered[-1].append(position)
                continue
        gathered.append([position])
    return gathered
