from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pyarrow as pa

from huoshui.core import sql
from huoshui.core.ledger.types import APART, DEBT_BUCKET, HELD_BUCKET, POINTS
from huoshui.core.subscribers import XidRange
from huoshui.engage.loyalty.tender import month_end
from huoshui.people import api as people

Q = sql.load("huoshui.engage.loyalty")


def with_standing(person_ids: Sequence[int]) -> list[int]:
    """Those of these persons who have bought anything, ever."""
    return [r.person_id for r in sql.fetch(Q.with_standing, person_ids=list(person_ids))]


def state_changes(span: XidRange) -> pa.Table:
    return sql.copy_out(Q.tier_changes, low=str(span.low), high=str(span.high))


def balance_changes(span: XidRange) -> pa.Table:
    return sql.copy_out(Q.balance_changes, low=str(span.low), high=str(span.high))


def tiers_reached_by(fact_ids: Sequence[int]) -> list[str]:
    return [r.name for r in sql.fetch(Q.tiers_reached_by, fact_ids=list(fact_ids))]


def tier_names() -> list[str]:
    """All tiers, lowest first."""
    return [r.name for r in sql.fetch(Q.tiers)]


@dataclass(frozen=True)
class Balance:
    """Points of a human over all his ids. `months`: (last day, points), soonest first, None for what never expires."""

    usable: int
    months: tuple[tuple[date | None, int], ...]
    debt: int
    held: int
    partners: tuple[tuple[str, int], ...]  # partner code, points


@dataclass(frozen=True)
class Entry:
    """What one fact moved in somebody's points: `points` above zero came in."""

    fact_id: int
    at: datetime
    points: int
    reason: str
    sentence: str
    expires_on: date | None
    order_id: int | None


_REASONS = {
    "earn": "消费得积分",
    "take_back": "退货扣回积分",
    "spend": "用积分付款",
    "spend_back": "退货退回积分",
    "expire": "积分到期",
    "adjust": "人工调整",
    "exchange_out": "兑换成合作伙伴积分",
    "exchange_in": "用合作伙伴积分换入",
}


def balance_of(person_id: int) -> Balance:
    rows = sql.fetch(Q.balances_by_bucket, person_ids=people.kin_of([person_id])[person_id])
    ours = {r.bucket: int(r.points) for r in rows if r.unit == POINTS}
    pool = sorted((b == "", b) for b in ours if b not in APART)
    return Balance(
        usable=sum(ours[b] for _, b in pool),
        months=tuple((month_end(b) if b else None, ours[b]) for _, b in pool),
        debt=-ours.get(DEBT_BUCKET, 0),
        held=ours.get(HELD_BUCKET, 0),
        partners=tuple((r.unit.removeprefix("points@"), int(r.points)) for r in rows if r.unit != POINTS),
    )


def history(person_id: int, *, limit: int = 50, before: int = 1 << 62) -> list[Entry]:
    """What moved, newest first: the movements of `limit` facts older than fact `before`."""
    rows = sql.fetch(Q.history, person_ids=people.kin_of([person_id])[person_id], limit=limit, before=before)
    bonus: dict[int, list[str]] = {}
    for r in sql.fetch(Q.bonus_points_of, order_ids=[r.fact_id for r in rows if r.reason == "earn"]):
        bonus.setdefault(r.order_id, []).append(f"{r.name} {r.points:,}")
    return [
        Entry(
            fact_id=r.fact_id,
            at=r.at,
            points=int(r.points),
            reason=r.reason,
            sentence=_sentence(r, bonus.get(r.fact_id, [])),
            expires_on=month_end(r.bucket) if r.bucket and r.bucket not in APART else None,
            order_id=r.order_id,
        )
        for r in rows
    ]


def _sentence(row: sql.Row, bonus: Sequence[str]) -> str:
    said: str = _REASONS.get(row.reason, row.reason)
    if row.bucket == DEBT_BUCKET:
        said += "（还欠的积分）" if row.points > 0 else "（积分不够，记为欠积分）"
    if row.told:
        said += f"：{row.told}"
    if bonus and row.reason == "earn":
        said += f"（其中 {'、'.join(bonus)}）"
    return said
