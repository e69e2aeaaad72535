"""What sales earn. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from huoshui.core.ledger.types import ISSUER, POINTS, POOL, IfShort, Movement, Party
from huoshui.engage.loyalty.types import Earning, EarnRule, Given, OrderFact


def movements(
    earnings: Iterable[Earning],
    rule: EarnRule,
    *,
    facts: Sequence[OrderFact] = (),
    given: Sequence[Given] = (),
) -> list[Movement]:
    """Points of first facts, and for later facts of an order the difference to what it has earned so far.

    Whole points are counted on the order, not on its pieces, so that ten part refunds take what one would. An order
    known only from history was paid in the old system: there the difference is between what it was and is worth.
    """
    orders = _Orders(rule, facts, given)
    out: list[Movement] = []
    for e in earnings:
        if e.person_id is None:
            continue
        points = rule.worth(e.effect) if e.order_id is None else orders.difference(e)
        if points > 0:
            out.append(_earn(e, points, rule))
        elif points < 0:
            out.append(_take_back(e, -points, orders.buckets(e)))
    return out


def _earn(e: Earning, points: int, rule: EarnRule) -> Movement:
    assert e.person_id is not None
    target = Party("person", e.person_id, rule.bucket(e.business_day))
    return Movement(POINTS, ISSUER, target, points, e.fact_id, "earn")


def _take_back(e: Earning, points: int, buckets: Sequence[str]) -> Movement:
    assert e.person_id is not None
    source = Party("person", e.person_id, POOL)
    return Movement(
        POINTS,
        source,
        ISSUER,
        points,
        e.fact_id,
        "take_back",
        if_short=IfShort.DEBT,
        first=tuple(buckets),
    )


class _Orders:
    def __init__(self, rule: EarnRule, facts: Sequence[OrderFact], given: Sequence[Given]) -> None:
        self._rule = rule
        self._facts: dict[int, list[OrderFact]] = defaultdict(list)
        self._net: dict[int, int] = defaultdict(int)
        self._buckets: dict[int, list[str]] = defaultdict(list)
        for fact in facts:
            self._facts[fact.order_id].append(fact)
        for g in given:
            self._net[g.order_id] += g.points
            self._buckets[g.order_id].append(g.bucket)

    def difference(self, e: Earning) -> int:
        assert e.order_id is not None
        facts = self._facts[e.order_id]
        place = next(i for i, f in enumerate(facts) if f.fact_id == e.fact_id)
        after = self._rule.worth(sum(f.effect for f in facts[: place + 1]))
        if facts[0].is_history:
            return after - self._rule.worth(sum(f.effect for f in facts[:place]))
        points = after - self._net[e.order_id]
        self._net[e.order_id] += points
        return points

    def buckets(self, e: Earning) -> list[str]:
        return self._buckets[e.order_id or e.fact_id]
