"""What a brand decides about visitors: the reasons, and its patience."""

from __future__ import annotations

from datetime import timedelta

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.intake.visitors.places import OWNERS
from huoshui.intake.visitors.types import Patience, Reason

Q = sql.load("huoshui.intake.visitors")

MOST_REASONS = 12
MOST_LABEL = 12


class ReasonUnknown(Refused):
    """没有这个原因，请刷新页面再选。"""

    code = "reason_unknown"


def reasons() -> list[Reason]:
    """All there ever were, in their order on the page."""
    return sql.fetch_as(Reason, Q.reasons)


def patience() -> Patience:
    row = sql.fetch_one(Q.patience)
    return Patience(
        timedelta(hours=row.basket_hours), timedelta(hours=row.scan_hours), timedelta(days=row.return_days)
    )


def add_reason(label: str, *, is_about_stock: bool = False, actor: Actor) -> Reason:
    """A new one at the end of the page."""
    _require(actor)
    label = _label(label)
    listed = [reason for reason in sql.fetch_as(Reason, Q.lock_reasons) if reason.is_listed]
    if label in {reason.label for reason in listed}:
        raise Refused("已经有这个原因了。")
    if len(listed) >= MOST_REASONS:
        raise Refused("原因太多，导购找不到；请先停用几个再加。")
    made = sql.fetch_one(Q.add_reason, label=label, is_about_stock=is_about_stock)
    record(actor, "visit_reason.added", "visit_reason", made.place, code=made.code, label=label)
    return Reason(made.code, label, is_listed=True, is_about_stock=is_about_stock)


def change_reason(
    code: str, *, label: str | None = None, is_listed: bool | None = None, actor: Actor
) -> None:
    """Another word for it, or off the guides' page and on again. What was told keeps its code."""
    _require(actor)
    label = None if label is None else _label(label)
    others = [reason for reason in sql.fetch_as(Reason, Q.lock_reasons) if reason.code != code]
    if is_listed is False and not any(reason.is_listed for reason in others):
        raise Refused("至少要留一个原因给导购点。")
    row = sql.fetch_one(Q.change_reason, code=code, label=label, is_listed=is_listed)
    if row is None:
        raise NotFound
    said = {"code": code, "label": row.label, "is_listed": row.is_listed}
    record(actor, "visit_reason.changed", "visit_reason", row.place, **said)


def change_patience(*, basket_hours: int, scan_hours: int, return_days: int, actor: Actor) -> None:
    _require(actor)
    if not (1 <= basket_hours <= 168 and 1 <= scan_hours <= 168 and 1 <= return_days <= 90):
        raise Refused("小时数请填 1 到 168，天数请填 1 到 90。")
    asked = {"basket_hours": basket_hours, "scan_hours": scan_hours, "return_days": return_days}
    sql.run(Q.change_patience, **asked)
    record(actor, "visit_patience.changed", "visit_patience", 1, **asked)


def _label(text: str) -> str:
    label = text.strip()
    if not label or len(label) > MOST_LABEL or "\x00" in label:
        raise Refused("原因请写 1 到 12 个字。")
    return label


def _require(actor: Actor) -> None:
    if not actor.roles & OWNERS and actor.kind != "system":
        raise NotFound
