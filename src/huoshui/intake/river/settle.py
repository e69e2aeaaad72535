"""The river: each fact's consequences, in one transaction, in this order.

A batch is an array of fact ids; one fact and five hundred run the same statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.facts import api as facts
from huoshui.core.facts.derived import derive
from huoshui.core.facts.types import Claimed
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.types import BUDGET, POINTS, Debt, Lack, Movement
from huoshui.core.retry import retrying
from huoshui.core.subscribers import Crediting, registry
from huoshui.core.unmet import Unmet, figured, sentences
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.loyalty import api as loyalty
from huoshui.people import api as people
from huoshui.trade.sales import api as sales

sentences(
    {
        "points_short": "积分不够。",
        "points_owed": "要扣的积分不够，记为欠积分，下次得积分时先还",
        "budget_short": "这个活动的预算用完了。",
        "budget_owed": "活动预算不够，超出的部分已记为欠款，请追加预算。",
        "balance_owed": "账户余额不够，已记为欠款，下次入账时先还。",
        "balance_short": "账户余额不够。",
    }
)
figured(
    {
        "points_short": "积分不够：要 {want} 积分，只有 {have} 积分。",
        "points_owed": "要扣的积分不够，差 {owed} 积分，记为欠积分，下次得积分时先还。",
    }
)
_OWED = {POINTS: "points_owed", BUDGET: "budget_owed"}
_SHORT_OF = {POINTS: "points_short", BUDGET: "budget_short"}

# What an import settles has been received for good: were it lost before it reaches the disk, it would be swept. Whatever
# waits for the disk after it (a till's sale, the lake's commit) brings it there too.
BULK_LANE = sql.Statement(
    "bulk_lane",
    "select pg_advisory_xact_lock(hashtext('huoshui bulk lane'), %(lane)s), set_config('synchronous_commit', 'off', true)",
)


REFUNDS = sql.Statement(
    "refunds",
    "select fact_id from settlement where fact_id = any(%(fact_ids)s::bigint[]) and name = 'Order Refunded'",
)


@dataclass(frozen=True)
class Settled:
    settled: tuple[int, ...] = ()
    waiting: tuple[int, ...] = ()
    released: tuple[int, ...] = ()  # waited for these, and may settle now


class NotHad(Exception):
    """Asks of this transaction cannot be had: it must be undone, and run again without them."""

    def __init__(self, unmet: Sequence[Unmet]) -> None:
        self.unmet = unmet


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
        left = left_after(one, left)
    return done


def left_after(one: Settled, fact_ids: Sequence[int]) -> list[int]:
    """What may settle next: an order's later facts, which had to see the earlier ones settled, and those released."""
    gone = {*one.settled, *one.waiting}
    behind = [fact_id for fact_id in fact_ids if fact_id not in gone] if gone else []
    return [*behind, *one.released]


def _settle(fact_ids: Sequence[int], actor: Actor, lane: int | None) -> Settled:
    with transaction.atomic(durable=True), sql.pipelined():
        if lane is not None:
            sql.send(BULK_LANE, lane=lane)
        sql.by_index()
        return take_steps(fact_ids, actor=actor)


def take_steps(fact_ids: Sequence[int], *, actor: Actor, asks: Set[int] = frozenset()) -> Settled:
    """All steps in the caller's transaction. Of `asks` all is had, or NotHad is raised; what a report lacks is shown."""
    claiming = facts.ask_to_claim(fact_ids)
    identifiers = people.look_at_identifiers(fact_ids)
    claimed = facts.claimed_by(claiming)
    return _steps(claimed, actor, asks, identifiers) if claimed.fact_ids else Settled()


def _steps(claimed: Claimed, actor: Actor, asks: Set[int], identifiers: sql.Asked | None = None) -> Settled:
    persons = people.resolve(claimed.fact_ids, actor=actor, looked=identifiers)  # identify
    kin = people.Kin()
    kin.ask(persons.values())
    vouchers = sales.look(claimed.by_voucher)
    facts.mark_settled(claimed.fact_ids, vouchers.persons(persons))
    if taken := sales.take(vouchers):
        _steps(
            taken, actor, frozenset()
        )  # what a voucher was sold as is gone before the sale that verifies it
    people.record_profiles(claimed.profiles)
    people.record_consents(claimed.consents)
    recorded = sales.record(
        claimed.orders, with_kin=claimed.orders_with_kin, asks=asks, vouchers=vouchers
    )  # sell
    told = campaigns.look(recorded.settled, with_kin=claimed.orders_with_kin)
    paid = loyalty.look(recorded.settled)
    guard = ledger.ask_for_goods()
    redeemed = campaigns.redeem(told, asks=asks, kin=kin)  # redeem: coupons, then points
    spent = loyalty.spend(paid, asks=asks, kin=kin)
    earned = loyalty.earn(paid, history=claimed.history)  # earn
    credited = credit(recorded.settled, claimed.history)  # credit
    goods = ledger.move_goods(recorded.settled, asks=asks, guard=guard)  # post, last: shelves, then accounts
    home = brand.take_home_stock(claimed.orders_with_kin)
    posted = ledger.post([*redeemed.movements, *spent.movements, *earned.movements, *credited, *home])
    _answer(
        [
            *recorded.unmet,
            *redeemed.unmet,
            *spent.unmet,
            *brand.name_goods(goods.unmet),
            *_short(posted.refused),
        ],
        asks,
    )
    _answer(redeemed.shown, frozenset())
    _announce(earned, posted.indebted)
    waiting = set(recorded.waiting)
    return Settled(
        tuple(f for f in claimed.fact_ids if f not in waiting),
        tuple(recorded.waiting),
        tuple(recorded.released),
    )


def credit(settled: Sequence[int], history: Set[int]) -> list[Movement]:
    """What these facts earn others than the customer, by whichever rooms have said that they know."""
    present = sorted(set(settled) - history) if registry.crediting else []
    if not present:
        return []
    refunds = {r.fact_id for r in sql.fetch(REFUNDS, fact_ids=present)}
    told = Crediting(
        sold=tuple(f for f in present if f not in refunds), refunded=tuple(f for f in present if f in refunds)
    )
    return [movement for credit in registry.crediting.values() for movement in credit(told)]


def _short(refused: Mapping[int, Lack]) -> Iterator[Unmet]:
    for fact_id, lack in refused.items():
        yield Unmet(fact_id, _SHORT_OF.get(lack.unit, "balance_short"), lack._asdict())


def _answer(unmet: Iterable[Unmet], asks: Set[int]) -> None:
    """An ask is refused for what it lacks; a report is kept, and its exceptions shown for mending."""
    found = list(unmet)
    if refused := [u for u in found if u.fact_id in asks]:
        raise NotHad(refused)
    if found:
        facts.raise_exceptions([(u.fact_id, u.line_no, u.code, dict(u.detail)) for u in found])


def tell_of(unmet: Iterable[Unmet], earned: loyalty.Earned, indebted: Mapping[int, Debt]) -> None:
    """What is to be shown of facts that nobody asked for, and what follows from them."""
    _answer(brand.name_goods([*unmet]), frozenset())
    _announce(earned, indebted)


def _announce(earned: loyalty.Earned, indebted: Mapping[int, Debt]) -> None:
    derive(earned.derived)
    if indebted:
        facts.raise_exceptions(
            [
                (fact_id, None, _OWED.get(debt.unit, "balance_owed"), {"owed": debt.owed})
                for fact_id, debt in sorted(indebted.items())
            ]
        )
