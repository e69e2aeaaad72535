"""What sales earn. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

from huoshui.core.ledger.types import APART, ISSUER, POINTS, POOL, IfShort, Movement, Party
from huoshui.engage.loyalty.types import (
    Earning,
    EarnRule,
    Given,
    OrderFact,
    Reached,
    Rulebook,
    Spent,
    Standing,
    Tier,
)


def movements(
    earnings: Iterable[Earning],
    book: Rulebook,
    *,
    facts: Sequence[OrderFact] = (),
    given: Sequence[Given] = (),
    bonus: Mapping[int, int] | None = None,
    undone: bool = False,
) -> list[Movement]:
    """Points of first facts, and for later facts of an order the difference to what it has earned so far.

    Whole points are counted on the order, not on its pieces, so that ten part refunds take what one would. An order
    known only from history was paid in the old system: there the difference is between what it was and is worth. An order
    that turns out to be another customer's takes its points along. `bonus` holds, by fact, what its order is worth now
    beyond the base rule. Of orders `undone`, all that they gave is taken back.
    """
    orders = _Orders(book, facts, given)
    extra = bonus or {}
    out: list[Movement] = []
    for e in earnings:
        rule = book.on(e.business_day)
        beyond = extra.get(e.fact_id, 0)
        if undone and e.order_id is not None:
            due = orders.all_given(e.order_id)
        elif e.person_id is None:
            continue
        elif e.order_id is None:
            due = [(e.person_id, rule.worth(e.paid) + beyond)]
        else:
            due = list(orders.differences(e, e.person_id, beyond))
        for person_id, points in due:
            if points > 0:
                out.append(_earn(e, person_id, points, rule))
            elif points < 0:
                out.append(_take_back(e, person_id, -points, orders.buckets(e)))
    return out


def spent(earnings: Iterable[Earning], taken_back: Sequence[Spent]) -> list[Spent]:
    """What each fact adds to each person's spend. `taken_back` are the sums that facts take back from persons (negative):
    what a fact of its own told is its effect without them."""
    back: Counter[int] = Counter()
    for s in taken_back:
        back[s.fact_id] += s.amount
    own = [
        Spent(e.fact_id, e.person_id, e.effect - back[e.fact_id], e.business_day)
        for e in earnings
        if e.person_id is not None
    ]
    return own + [s for s in taken_back if s.person_id is not None]


def progress(
    spent: Iterable[Spent], before: Mapping[int, Standing], tiers: Sequence[Tier]
) -> tuple[list[Standing], list[Reached]]:
    """(whose tier is another now, who reached which tier by which fact, in order of facts), where tiers count the spend of
    a lifetime.

    Fact by fact, so that it does not matter how facts were cut into batches. A tier once reached is kept. All ids of one
    human count as one: an order that a fact moves from one of them to another was never had twice.
    """
    levels = sorted(tiers, key=lambda t: t.rank)
    steps = [t.spend_at_least for t in levels]  # rising, from nothing
    spend = {p: s.spend for p, s in before.items()}
    rank = {p: s.rank for p, s in before.items()}
    kin = {p: [m for m in s.members if m in before] for p, s in before.items() if s.members}
    reached = []
    for fact_id, some in groupby(sorted(by_fact(spent).items()), key=lambda one: one[0][0]):
        told = list(some)
        for (_, person_id), amount in told:
            spend[person_id] += amount
        for (_, person_id), _ in told:
            ids = kin.get(person_id, (person_id,))
            tier = levels[bisect_right(steps, max(sum([spend[p] for p in ids]), 0)) - 1]
            if tier.rank > max([rank[p] for p in ids]):
                rank |= dict.fromkeys(ids, tier.rank)
                reached.append(Reached(person_id, tier, fact_id))
    return [s._replace(rank=rank[p]) for p, s in before.items() if rank[p] != s.rank], reached


def by_fact(spent: Iterable[Spent]) -> Counter[tuple[int, int]]:
    """Money by fact and person."""
    sums: Counter[tuple[int, int]] = Counter()
    for s in spent:
        if s.person_id is not None:
            sums[s.fact_id, s.person_id] += s.amount
    return sums


def _earn(e: Earning, person_id: int, points: int, rule: EarnRule) -> Movement:
    target = Party("person", person_id, rule.bucket(e.business_day))
    return Movement(POINTS, ISSUER, target, points, e.fact_id, "earn", repays=True)


def _take_back(e: Earning, person_id: int, points: int, buckets: Sequence[str]) -> Movement:
    source = Party("person", person_id, POOL)
    return Movement(
        POINTS, source, ISSUER, points, e.fact_id, "take_back", if_short=IfShort.DEBT, first=tuple(buckets)
    )


class _Orders:
    def __init__(self, book: Rulebook, facts: Sequence[OrderFact], given: Sequence[Given]) -> None:
        self._book = book
        self._day: dict[int, date] = {fact.order_id: fact.business_day for fact in facts if fact.is_first}
        self._total: Counter[int] = Counter()  # order → money, the present fact's with it
        self._history = {fact.order_id for fact in facts if fact.is_first and fact.is_history}
        self._net: dict[int, Counter[int]] = defaultdict(Counter)  # order → person → points
        self._buckets: dict[int, list[str]] = defaultdict(list)
        for fact in facts:
            self._total[fact.order_id] += fact.effect - fact.by_points
        for g in given:
            self._net[g.order_id][g.owner_id] += g.points
            if g.bucket not in APART:
                self._buckets[g.order_id].append(g.bucket)

    def differences(self, e: Earning, person_id: int, beyond: int) -> Iterator[tuple[int, int]]:
        """(person, points) that bring the order to what it is worth now, all of it the person's."""
        assert e.order_id is not None
        total = self._total[e.order_id]
        # By the rate of the day of sale, whatever has been decided since
        rule = self._book.on(self._day.get(e.order_id, e.business_day))
        if e.order_id in self._history:
            yield person_id, rule.worth(total) - rule.worth(total - e.paid)
            return
        net = self._net[e.order_id]
        yield from ((owner, -points) for owner, points in net.items() if owner != person_id)
        yield person_id, rule.worth(total) + beyond - net[person_id]

    def all_given(self, order_id: int) -> list[tuple[int, int]]:
        """(person, points) that take all back that the order has given, whosever it is; once."""
        return [(owner, -points) for owner, points in self._net.pop(order_id, Counter()).items()]

    def buckets(self, e: Earning) -> list[str]:
        return self._buckets[e.order_id or e.fact_id]
