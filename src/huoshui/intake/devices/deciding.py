"""What people decide: the rules of trends, and what has become of a notice."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.intake.devices.models import TrendRule
from huoshui.intake.devices.reads import find_notice_for
from huoshui.intake.devices.types import LONGEST_RULE, METRICS

Q = sql.load("huoshui.intake.devices")

RULE_KINDS = {"change": "变化", "level": "高于或低于", "silence": "停用"}
DIRECTIONS = {"up": "上升或高于", "down": "下降或低于"}


@dataclass(frozen=True)
class RuleView:
    id: int
    name: str
    kind: str
    metric: str
    direction: str
    amount: float
    days: int
    least_readings: int
    advice: str
    is_for_guides: bool
    is_on: bool


def list_rules() -> Sequence[RuleView]:
    columns = RuleView.__dataclass_fields__
    return [
        RuleView(**{name: getattr(row, name) for name in columns}) for row in TrendRule.objects.order_by("id")
    ]


def save_rule(
    *,
    rule_id: int | None,
    name: str,
    kind: str,
    metric: str,
    direction: str,
    amount: float,
    days: int,
    least_readings: int,
    advice: str,
    is_for_guides: bool,
    is_on: bool,
    actor: Actor,
) -> int:
    """A new rule, or a known one changed. It holds for what comes from now on; what was noticed stays."""
    if kind == "silence":
        metric, direction, amount = "", "", 0.0
    said = {
        "name": name.strip(),
        "kind": kind,
        "metric": metric,
        "direction": direction,
        "amount": amount,
        "days": days,
        "least_readings": least_readings,
        "advice": advice.strip()[:200],
        "is_for_guides": is_for_guides,
        "is_on": is_on,
    }
    _refuse_unfit(kind, metric, direction, amount, days, least_readings, name.strip())
    try:
        with transaction.atomic():
            if rule_id is None:
                row = TrendRule.objects.create(**said)
            else:
                found = TrendRule.objects.select_for_update().filter(id=rule_id).first()
                if found is None:
                    raise NotFound
                row = found
                for field, value in said.items():
                    setattr(row, field, value)
                row.save(update_fields=list(said))
            verb = "trend_rule.added" if rule_id is None else "trend_rule.changed"
            record(actor, verb, "trend_rule", row.id, **said)
    except IntegrityError as error:
        raise Refused("已经有叫这个名字的规则了。") from error
    return int(row.id)


def _refuse_unfit(
    kind: str, metric: str, direction: str, amount: float, days: int, least: int, name: str
) -> None:
    if not name or len(name) > 60:
        raise Refused("请给规则起个名字，最多 60 个字。")
    if kind not in RULE_KINDS:
        raise Refused("请选择是哪种规则。")
    if not 1 <= days <= LONGEST_RULE:
        raise Refused("天数请写 1 到 180。")
    if not 1 <= least <= 200:
        raise Refused("最少读数请写 1 到 200。")
    if kind == "silence":
        return
    if metric not in METRICS or direction not in DIRECTIONS:
        raise Refused("请选择看哪一项、往哪边。")
    if not math.isfinite(amount) or amount <= 0:
        raise Refused("数值要大于 0。")
    if kind == "change" and least < 2:
        raise Refused("看变化至少要 2 次读数。")


def close_notice(fact_id: int, *, actor: Actor) -> None:
    """Somebody has taken care of it. Raises NotFound; Refused when it was dealt with before."""
    with transaction.atomic():
        notice = find_notice_for(actor, fact_id)
        if not sql.run(Q.close_notice, fact_id=fact_id, by=str(actor), now=clock.now()):
            raise Refused("这一条已经处理过了。")
        record(actor, "device_notice.done", "person", notice.person_id, fact_id=fact_id)
