"""The river's `spend` step: sales that were paid with points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field

from huoshui.core import clock, sql
from huoshui.core.ledger.types import APART, POINTS, Movement
from huoshui.core.unmet import Unmet, sentences
from huoshui.engage.loyalty import tender
from huoshui.engage.loyalty.caps import OfflineUse
from huoshui.engage.loyalty.offline import beyond_caps
from huoshui.engage.loyalty.rulebook import Looked, rulebook
from huoshui.engage.loyalty.types import Split, Tender, Tendered
from huoshui.people import api as people

Q = sql.load("huoshui.engage.loyalty")

sentences(
    {
        "points_need_member": "用积分付款要先认出会员：请出示会员码，或者改用别的付款方式。",
        "points_value_differs": "{points} 积分应当抵 {yuan} 元，和送来的金额不一样；请改成正确的金额再提交。",
        "points_back_exceed": "要退回的积分比这笔订单用掉的多了 {points} 分，多出的没有退；请核对退款单。",
    }
)


@dataclass(frozen=True)
class Spent:
    movements: list[Movement] = field(default_factory=list)
    unmet: list[Unmet] = field(default_factory=list)


def spend(looked: Looked, *, asks: Set[int], kin: people.Kin | None = None) -> Spent:
    """Points that these settled facts were paid with, or gave back. What the ledger refuses for want of points is the
    river's to tell ('points_short')."""
    told = looked.told
    tenders = told.tenders()
    if not tenders:
        return Spent()
    kin = kin or people.Kin()
    later = sorted({t.order_id for t in tenders if t.order_id is not None})
    tendered = sql.fetch_as(Tendered, Q.tendered, order_ids=later) if later else []
    movements, unmet = tender.decide(
        tenders,
        told.book,
        wallet_of((t.person_id for t in tenders if t.person_id is not None), kin=kin),
        asks=asks,
        tendered=tendered,
        splits=sql.fetch_as(Split, Q.spent_so_far, order_ids=later) if later else [],
    )
    return Spent(movements, unmet + beyond_caps("points", _offline(tenders, tendered, asks, kin), kin=kin))


def _offline(
    tenders: Sequence[Tender], tendered: Sequence[Tendered], asks: Set[int], kin: people.Kin
) -> list[OfflineUse]:
    """What reports of the present took of somebody's points."""
    mine = [
        t for t in tenders if t.points > 0 and not (t.is_history or t.fact_id in asks or t.person_id is None)
    ]
    own = kin.canonical({t.person_id for t in mine if t.person_id is not None}) if mine else {}
    of_order = {t.order_id: t.points for t in tendered}
    return [
        OfflineUse(t.fact_id, own[t.person_id], t.business_day, t.points, of_order.get(t.order, t.points))
        for t in mine
        if t.person_id is not None
    ]


def unspend(looked: Looked) -> Spent:
    """Whatever points moved because orders were paid with them, back: of orders that these settled facts take back whole."""
    told = looked.told
    facts = {e.order_id: e for e in reversed(told.earnings) if e.order_id is not None}
    splits = sql.fetch_as(Split, Q.spent_so_far, order_ids=sorted(facts)) if facts else []
    if not splits:
        return Spent()
    tenders = [
        Tender(e.fact_id, e.person_id, e.order_id, e.is_history, e.business_day, 0, 0) for e in facts.values()
    ]
    return Spent(list(tender.undone(tenders, told.book, splits)))


def wallet_of(
    person_ids: Iterable[int], unit: str = POINTS, *, kin: people.Kin | None = None
) -> tender.Wallet:
    """What these persons hold. Balances are only looked up of those who have more than one id."""
    ids_of = (kin or people.Kin()).of(sorted(set(person_ids)))
    several = sorted({m for ids in ids_of.values() if len(ids) > 1 for m in ids})
    rows = sql.fetch(Q.buckets_of, unit=unit, person_ids=several) if several else []
    return tender.Wallet(ids_of, [(r.owner_id, r.bucket, r.balance) for r in rows if r.bucket not in APART])


def usable(person_ids: Sequence[int]) -> dict[int, int]:
    """Points each may pay with now, over all ids of the human. Of a month that is over they are usable until they
    have been taken (`expire_due`)."""
    kin = people.kin_of(list(person_ids))
    every = sorted({m for ids in kin.values() for m in ids})
    rows = sql.fetch(Q.usable, person_ids=every, apart=sorted(APART))
    points = {r.owner_id: int(r.points) for r in rows}
    return {p: sum(points.get(m, 0) for m in ids) for p, ids in kin.items()}


def worth_of(points: int) -> int:
    """The money these points pay for today, in minor units."""
    return rulebook().on(clock.today()).money(points)
