"""Small worlds for the tests: one with all truths, and for each truth the same world without it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np

from huoshui.project.sample.suyu.orders import DAY
from huoshui.project.sample.suyu.plan import Plan, plan
from huoshui.project.sample.suyu.world import Shard, shards

LAST = date(2026, 11, 25)
PEOPLE = 4_000


@dataclass(frozen=True)
class Small:
    plan: Plan
    shard: Shard

    def between(self, first: date, days: int) -> np.ndarray:
        """Which orders fall into these days."""
        start = self.plan.day(first) * DAY
        at = self.shard.orders.at
        return (at >= start) & (at < start + days * DAY)

    def day(self, on: date) -> int:
        return int(self.between(on, 1).sum())

    def of_lines(self, orders: np.ndarray) -> np.ndarray:
        """The same of their lines."""
        found: np.ndarray = orders[self.shard.orders.order]
        return found

    def places_of(self, numbers: Iterable[int]) -> np.ndarray:
        """Places in the shard's people of those the truth file names."""
        return np.searchsorted(self.shard.people.number, np.array(list(numbers), np.int64))


@cache
def small(*without: int, people: int = PEOPLE, seed: int = 1) -> Small:
    of = plan(people=people, last=LAST, seed=seed, without=frozenset(without))
    (shard,) = shards(of)
    return Small(of, shard)


def days(first: date, count: int) -> list[date]:
    return [first + timedelta(n) for n in range(count)]
