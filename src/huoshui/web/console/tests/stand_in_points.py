"""Points, tiers and partners of the small shop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.engage.loyalty.api import (
    Adjustment,
    Balance,
    Bonus,
    EarnRule,
    Entry,
    OfflineCap,
    Partner,
    Rulebook,
    RuleSet,
    Statement,
    Tier,
    TierMove,
    WhatIf,
)
from huoshui.web.console.tests.stand_in_insight import HOSTILE

PAGES_OF_POINTS = (
    "/loyalty/",
    "/loyalty/?done=rule",
    "/loyalty/rule/",
    "/loyalty/bonuses/",
    "/loyalty/bonuses/vip/",
    "/loyalty/bonuses/nuts/",
    *(f"/loyalty/tiers/{n}/" for n in range(3)),
    "/loyalty/tiers/1/movers/?name=x&spend=900&counts=rolling&months=6&grace_days=1&move.before=普通会员&move.after=银卡会员",
    "/loyalty/adjustments/",
    "/loyalty/adjustments/?done=done",
    "/people/15/points/",
    "/people/15/points/?done=6&state=waiting",
    "/alliance/",
    "/alliance/new/",
    "/alliance/partners/tea/",
    "/alliance/partners/tea/statement/",
    "/alliance/partners/tea/statement/?month=2017-12&done=settled",
)
FRAGMENTS_OF_POINTS = (
    "/loyalty/panels/tiers/",
    "/people/15/points/panel/",
    "/people/15/points/?before=80",
)

NOON = datetime(2017, 12, 31, 4, tzinfo=UTC)
TIERS = [
    Tier(0, "普通会员", 0),
    Tier(1, "银卡会员", 100_000, "rolling", 12, 90),
    Tier(2, "金卡会员", 500_000, "year", 12, 60, (HOSTILE,)),
]
WHY = (
    "近 12 个月消费 ¥1,200，达到银卡会员门槛 ¥1,000；保级到 2018-06-01。"
    f"再消费 ¥3,800 可升为金卡会员。银卡会员权益：{HOSTILE}。"
)
TEA = Partner(1, "tea", HOSTILE, 100, 80, "both", 10_000, 500, 90)


def entry(fact_id: int, **more: Any) -> Entry:
    told: dict[str, Any] = {
        "fact_id": fact_id, "at": NOON, "points": 29, "reason": "earn", "sentence": "消费得积分",
        "expires_on": date(2018, 12, 31), "order_id": 101,
    }  # fmt: skip
    return Entry(**(told | more))


@dataclass
class Loyalty:
    tiers: list[Tier] = field(default_factory=lambda: list(TIERS))
    bonuses_: list[Bonus] = field(
        default_factory=lambda: [
            Bonus(1, "vip", 1, HOSTILE, percent=200, ranks=(1, 2), birthday="month", cap_day=500),
            Bonus(2, "nuts", 1, HOSTILE, extra=50, categories=(HOSTILE,), org_unit_ids=(7,), weekdays=(3,)),
        ]
    )
    versions: list[EarnRule] = field(default_factory=lambda: [EarnRule(1, 1, 100, 1)])
    partners_: list[Partner] = field(default_factory=lambda: [TEA])
    waiting_: list[Adjustment] = field(
        default_factory=lambda: [
            Adjustment(5, 15, 5000, HOSTILE, "waiting", "staff:2", NOON, None, None, None)
        ]
    )
    caps: dict[str, OfflineCap] = field(
        default_factory=lambda: {kind: OfflineCap(kind) for kind in ("points", "coupons")}
    )
    debt: int = 40
    until: date = date(2099, 12, 31)
    entries: int = 3
    calls: list[tuple[str, Any]] = field(default_factory=list)

    def tier_names(self) -> list[str]:
        return [t.name for t in self.tiers]

    def all_tiers(self) -> list[Tier]:
        return self.tiers

    def rulebook(self) -> Rulebook:
        return Rulebook(self.versions)

    def bonuses(self) -> list[Bonus]:
        return self.bonuses_

    def rules_now(self) -> RuleSet:
        return RuleSet(self.versions[-1], self.bonuses_, self.tiers)

    def what_if(self, changed: RuleSet, month: date) -> WhatIf:
        self.calls.append(("what_if", (changed, month)))
        is_moved = changed.tiers != self.tiers
        moves = (TierMove("普通会员", "银卡会员", 120, (11, 12, 15)),) if is_moved else ()
        return WhatIf(
            f"{month:%Y-%m}", 80, 1000, 1000 * changed.rule.points, 1000, 1000 * changed.rule.points, moves
        )

    def set_rule(self, rule: EarnRule, *, actor: Actor) -> int:
        if rule.from_day <= date(2017, 1, 1):
            raise Refused("新规则最早从明天开始生效：今天的订单已经按现在的规则算了积分。")
        self.calls.append(("set_rule", rule))
        return 2

    def set_bonus(self, bonus: Bonus, *, actor: Actor) -> int:
        self.calls.append(("set_bonus", bonus))
        return 3

    def end_bonus(self, code: str, *, actor: Actor) -> None:
        self.calls.append(("end_bonus", code))

    def set_tier(self, tier: Tier, *, actor: Actor) -> None:
        self.calls.append(("set_tier", tier))

    def offline_caps(self) -> dict[str, OfflineCap]:
        return self.caps

    def set_offline_cap(self, cap: OfflineCap, *, actor: Actor) -> None:
        self.calls.append(("set_offline_cap", cap))
        self.caps[cap.kind] = cap

    def waiting(self) -> list[Adjustment]:
        return self.waiting_

    def adjust(self, *, person_id: int, points: int, reason: str, actor: Actor) -> Adjustment:
        if not reason:
            raise Refused("请写明为什么调整积分，以后查账时要用。")
        self.calls.append(("adjust", (person_id, points, reason)))
        state = "waiting" if abs(points) > 1000 else "done"
        return Adjustment(6, person_id, points, reason, state, str(actor), NOON, None, None, None)

    def approve(self, adjustment_id: int, *, actor: Actor) -> Adjustment:
        return self._decide("done", adjustment_id, actor)

    def reject(self, adjustment_id: int, *, actor: Actor) -> Adjustment:
        return self._decide("rejected", adjustment_id, actor)

    def _decide(self, state: str, adjustment_id: int, actor: Actor) -> Adjustment:
        found = [a for a in self.waiting_ if a.id == adjustment_id]
        if not found:
            raise NotFound
        if found[0].asked_by == str(actor):
            raise Refused("自己提交的积分调整要由另一位同事审批。")
        self.waiting_.remove(found[0])
        self.calls.append((state, adjustment_id))
        return found[0]._replace(state=state)

    def why(self, person_id: int) -> str:
        return WHY

    def balance_of(self, person_id: int) -> Balance:
        return Balance(326, ((self.until, 300), (None, 26)), self.debt, 10, (("tea", 9),))

    def history(self, person_id: int, *, limit: int = 50, before: int = 1 << 62) -> list[Entry]:
        debt = entry(
            90, points=-40, reason="take_back", sentence="退货扣回积分（积分不够，记为欠积分）", order_id=None
        )
        by_hand = entry(80, reason="adjust", sentence=f"人工调整：{HOSTILE}", order_id=None)
        bonus = entry(95, sentence=f"消费得积分（其中 {HOSTILE} 20）")
        more = [entry(n) for n in range(70, 70 - self.entries, -1)]
        return [e for e in [bonus, debt, by_hand, *more] if e.fact_id < before][:limit]

    def partners(self) -> list[Partner]:
        return self.partners_

    def put_partner(self, partner: Partner, *, actor: Actor) -> int:
        self.calls.append(("put_partner", partner))
        return 1

    def statement(self, partner: str, month: date) -> Statement:
        found = [p for p in self.partners_ if p.code == partner]
        if not found:
            raise NotFound
        return Statement(found[0], f"{month:%Y-%m}", 100, 700, 300, 50, 450, 560, 240, 7, 3, 9, 4, 60, 2)

    def settle_partner(self, *, partner: str, points: int, reference: str, actor: Actor) -> int:
        if not reference:
            raise Refused("请填写结算的积分数和付款凭证号。")
        self.calls.append(("settle", (partner, points, reference)))
        return 77


def names(calls: Sequence[tuple[str, Any]]) -> list[str]:
    """What was done, without what was only asked."""
    return [name for name, _told in calls if name != "what_if"]
