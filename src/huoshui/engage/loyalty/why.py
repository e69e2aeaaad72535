"""Why somebody has his tier, in plain words."""

from __future__ import annotations

from huoshui.core import clock
from huoshui.engage.loyalty import courses, tiers
from huoshui.engage.loyalty.standing import all_tiers
from huoshui.engage.loyalty.types import Journey, Tier
from huoshui.people import api as people


def why(person_id: int) -> str:
    """A sentence with the figures: what he spent, what his tier asks, how long it holds, what the next one takes."""
    levels = all_tiers()
    ids = people.kin_of([person_id])[person_id]
    is_windowed = tiers.is_windowed(levels)
    told = courses.events_of(ids, is_windowed=is_windowed)
    at, spent = tiers.journey(told, levels, until=clock.today()), tiers.Sums(told)
    tier = next(t for t in levels if t.rank == at.rank)
    parts = [_present(tier, at, spent)]
    if following := [t for t in levels if t.rank == at.rank + 1]:
        parts.append(_next(following[0], spent))
    if tier.benefits:
        parts.append(f"{tier.name}权益：{'、'.join(tier.benefits)}。")
    return "".join(parts)


def _present(tier: Tier, at: Journey, sums: tiers.Sums) -> str:
    spent = max(sums.of(tier, clock.today()), 0)
    said = f"{_span(tier)}消费 {_yuan(spent)}"
    if tier.rank == 0:
        return f"{said}，现在是{tier.name}。"
    reached = "达到" if spent >= tier.spend_at_least else "曾达到"
    said = f"{said}，{reached}{tier.name}门槛 {_yuan(tier.spend_at_least)}；"
    if at.grace_until is not None:
        missing = tier.spend_at_least - spent
        return f"{said}保级期 {at.keep_until} 已满，宽限到 {at.grace_until}，在此之前再消费 {_yuan(missing)} 可以保级。"
    return f"{said}保级到 {at.keep_until}。" if at.keep_until else f"{said}长期有效。"


def _next(tier: Tier, sums: tiers.Sums) -> str:
    missing = tier.spend_at_least - max(sums.of(tier, clock.today()), 0)
    return f"再消费 {_yuan(missing)} 可升为{tier.name}。"


def _span(tier: Tier) -> str:
    return {"rolling": f"近 {tier.months} 个月", "year": "今年", "lifetime": "累计"}[tier.counts]


def _yuan(minor: int) -> str:
    return f"¥{minor // 100:,}" if minor % 100 == 0 else f"¥{minor / 100:,.2f}"
