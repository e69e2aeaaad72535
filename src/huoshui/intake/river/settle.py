"""The river: each fact's consequences, in one transaction, in this order.

A batch is an array of fact ids; one fact and five hundred run the same statements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.facts import api as facts
from huoshui.core.facts.derived import derive
from huoshui.core.ledger import api as ledger
from huoshui.core.retry import retrying
from huoshui.engage.loyalty import api as loyalty
from huoshui.people import api as people
from huoshui.trade.sales import api as sales

# What an import settles has been received for good: were it lost before it reaches the disk, it would be swept. Whatever
# waits for the disk after it (a till's sale, the lake's commit) brings it there too.
BULK_LANE = sql.Statement(
    "bulk_lane",
    "select pg_advisory_xact_lock(hashtext('huoshui bulk lane'), %(lane)s), set_config('synchronous_commit', 'off', true)",
)


@dataclass(frozen=True)
class Settled:
    settled: tuple[int, ...] = ()
    waiting: tuple[int, ...] = ()
    released: tuple[int, ...] = ()  # waited for these, and may settle now
    indebted: frozenset[int] = frozenset()


def settle(fact_ids: Sequence[int], *, actor: Actor = SYSTEM, lane: int | None = None) -> list[Settled]:
    """Settle these facts and whatever waited for them. Facts already settled are left alone.

    `lane` is a bulk lane, in which imports stand in line while a till's sale does not. Each item of the answer is one
    committed transaction.
    """
    done: list[Settled] = []
    left = list(fact_ids)
    while left:
        one = retrying(lambda batch=left: _settle(batch, actor, lane), times=3 if lane is None else 8)  # type: ignore[misc]  # a default argument is how a loop variable is held
        done.append(one)
        gone = {*one.settled, *one.waiting}
        # An order's later facts, which had to see the earlier ones settled first
        behind = [fact_id for fact_id in left if fact_id not in gone] if gone else []
        left = [*behind, *one.released]
    return done


def _settle(fact_ids: Sequence[int], actor: Actor, lane: int | None) -> Settled:
    with transaction.atomic(durable=True), sql.pipelined():
        if lane is not None:
            sql.send(BULK_LANE, lane=lane)
        sql.by_index()
        claimed = facts.claim(fact_ids)
        if not claimed.fact_ids:
            return Settled()
        persons = people.resolve(claimed.fact_ids, actor=actor)  # identify
        facts.mark_settled(claimed.fact_ids, persons)
        people.record_profiles(claimed.profiles)
        recorded = sales.record(claimed.orders, with_kin=claimed.orders_with_kin)  # sell
        # redeem: engage.campaigns takes its place here
        earned = loyalty.earn(recorded.settled, history=claimed.history)  # earn
        # credit: trade.dealers takes its place here
        posted = ledger.post(earned.movements)  # post, once and last
        _announce(earned, posted.indebted)
        waiting = set(recorded.waiting)
        return Settled(
            tuple(f for f in claimed.fact_ids if f not in waiting),
            tuple(recorded.waiting),
            tuple(recorded.released),
            posted.indebted,
        )


def _announce(earned: loyalty.Earned, indebted: frozenset[int]) -> None:
    derive(earned.derived)
    if indebted:
        facts.raise_exceptions([(fact_id, None, "points_short", {}) for fact_id in sorted(indebted)])
