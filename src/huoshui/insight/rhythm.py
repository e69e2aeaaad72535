"""How often a person buys what, and when the next time is due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from ibis import _

from huoshui.insight.dimensions import with_keys
from huoshui.insight.lake import Lake
from huoshui.insight.lines import lines

# Two gaps are the least from which a rhythm can be heard.
FEWEST_DAYS = 3


@dataclass(frozen=True)
class Rhythm:
    """One person's purchases in one category; `category` '' is goods without one. Amounts in minor units.

    `gap_days` and `due_day` are None while there are fewer than three days with a purchase: no rhythm yet.
    """

    person_id: int
    category: str
    bought: tuple[tuple[date, int], ...]
    gap_days: float | None
    due_day: date | None

    @property
    def last_day(self) -> date:
        return self.bought[-1][0]

    @property
    def amount(self) -> int:
        return sum(amount for _day, amount in self.bought)


def person_summary(lake: Lake, person_ids: Sequence[int]) -> list[Rhythm]:
    """The rhythm of these people (any ids of theirs), by category; what each spends most on comes first."""
    born = _born_ids(lake, person_ids)
    theirs = replace(lake, order_lines=lake.order_lines.filter(_.person_id.isin(born)))
    table = with_keys(lines(theirs), lake, ["category"])
    kept = table.aggregate(
        by=["person_id", "category", "business_day"], amount=_.amount.sum().cast("int64")
    ).filter(_.amount > 0)
    bought: dict[tuple[int, str], list[tuple[date, int]]] = defaultdict(list)
    for row in lake.rows(kept.order_by("business_day")):
        bought[row["person_id"], row["category"] or ""].append((row["business_day"], row["amount"]))
    found = [_rhythm(person_id, category, days) for (person_id, category), days in bought.items()]
    return sorted(found, key=lambda rhythm: (rhythm.person_id, -rhythm.amount, rhythm.category))


def _born_ids(lake: Lake, person_ids: Iterable[int]) -> list[int]:
    """All ids of the people who have these ids; those that `persons` does not know stand for themselves."""
    known = lake.persons
    ids = [int(person_id) for person_id in person_ids]
    canonical = known.filter(known.person_id.isin(ids)).canonical_id
    mates = known.filter(known.canonical_id.isin(canonical) | known.canonical_id.isin(ids))
    return sorted({*ids, *(row["person_id"] for row in lake.rows(mates.select("person_id")))})


def _rhythm(person_id: int, category: str, bought: Sequence[tuple[date, int]]) -> Rhythm:
    days = [day for day, _amount in bought]
    gap = median((b - a).days for a, b in pairwise(days)) if len(days) >= FEWEST_DAYS else None
    due = days[-1] + timedelta(days=round(gap)) if gap is not None else None
    return Rhythm(person_id, category, tuple(bought), gap, due)
