"""What another rule would cost, on the sales of a month that is over. Set-based: nothing is written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.engage.loyalty import bonus as rules
from huoshui.engage.loyalty.bonuses import bonuses
from huoshui.engage.loyalty.rulebook import rulebook
from huoshui.engage.loyalty.standing import all_tiers
from huoshui.engage.loyalty.tiers import add_months
from huoshui.engage.loyalty.types import Bonus, EarnRule, Goods, Tier

Q = sql.load("huoshui.engage.loyalty")


@dataclass(frozen=True)
class RuleSet:
    """Rules as they are or might be."""

    rule: EarnRule
    bonuses: Sequence[Bonus]
    tiers: Sequence[Tier]


@dataclass(frozen=True)
class TierMove:
    """`some` of them, at most 50 canonical persons."""

    before: str
    after: str
    persons: int
    some: tuple[int, ...]


@dataclass(frozen=True)
class WhatIf:
    month: str
    orders: int
    points_now: int
    points_then: int
    money_now: int  # what these points pay for, minor units
    money_then: int
    moves: tuple[TierMove, ...]


def rules_now() -> RuleSet:
    return RuleSet(rulebook().on(clock.today()), bonuses(), all_tiers())


def what_if(changed: RuleSet, month: date) -> WhatIf:
    """Points and money that the sales of a day's month give by the present rules and would by `changed`, and who would
    have another tier at its end. Both sides are counted alike: on the orders as they stand now, everybody in the tier he
    has now, and no second-best multiplier where the best one's cap is used up; tiers as the spend of their windows deserves
    them, without grace."""
    first = month.replace(day=1)
    after = add_months(first, 1)
    present = rules_now()
    on_birthday = _birthdays([*present.bonuses, *changed.bonuses], first, after)
    now, then = (_cost(r, first, after, on_birthday) for r in (present, changed))
    return WhatIf(
        month=f"{first:%Y-%m}",
        orders=now.orders,
        points_now=now.base + now.bonus,
        points_then=then.base + then.bonus,
        money_now=present.rule.money(now.base + now.bonus),
        money_then=changed.rule.money(then.base + then.bonus),
        moves=_moves(present.tiers, changed.tiers, after - timedelta(days=1)),
    )


def _cost(of: RuleSet, first: date, after: date, on_birthday: Mapping[str, list[int]]) -> sql.Row:
    return sql.fetch_one(
        Q.cost,
        first=first,
        after=after,
        points=of.rule.points,
        per_minor=of.rule.per_minor,
        bonuses=json.dumps(_written(of.bonuses), default=str),
        on_day=on_birthday["day"],
        in_week=on_birthday["week"],
        in_month=on_birthday["month"],
    )


def _written(of: Sequence[Bonus]) -> list[dict[str, object]]:
    """Rules as the statement takes them: numbered, and their goods as products."""
    goods = _all_goods() if any(b.categories or b.brands for b in of) else {}
    out = []
    for number, b in enumerate(of, 1):
        row = asdict(b) | {"id": number}
        if b.categories or b.brands:
            # None that match is not the same as no condition
            row["sku_ids"] = [sku for sku in goods if rules.counts(b, sku, goods)] or [-1]
        out.append(row)
    return out


def _all_goods() -> dict[int, Goods]:
    table = brand.products_table().select(["sku_id", "category", "brand"]).to_pydict()
    return {
        sku: Goods((category or "").replace("/", " / "), of or "")
        for sku, category, of in zip(table["sku_id"], table["category"], table["brand"], strict=True)
    }


def _birthdays(of: Sequence[Bonus], first: date, after: date) -> dict[str, list[int]]:
    """Orders on the day, in the week and in the month of their customer's birthday."""
    on: dict[str, list[int]] = {"day": [], "week": [], "month": []}
    if not any(b.birthday for b in of):
        return on
    for r in sql.fetch(Q.birthday_orders, first=first, after=after):
        birthday = rules.birthday_of(r.value)
        for span, orders in on.items():
            if rules.is_birthday(birthday, r.business_day, span):
                orders.append(r.fact_id)
    return on


def _moves(now: Sequence[Tier], then: Sequence[Tier], day: date) -> tuple[TierMove, ...]:
    levels = [
        {"is_new": is_new, "rank": t.rank, "spend_at_least": t.spend_at_least, "since": _since(t, day)}
        for is_new, tiers in ((False, now), (True, then))
        for t in tiers
    ]
    before, after = ({t.rank: t.name for t in tiers} for tiers in (now, then))
    rows = sql.fetch(Q.tier_moves, day=day, levels=json.dumps(levels, default=str))
    return tuple(TierMove(before[r.now_rank], after[r.then_rank], r.persons, tuple(r.some)) for r in rows)


def _since(tier: Tier, day: date) -> date:
    if tier.counts == "lifetime":
        return date.min
    return (
        day.replace(month=1, day=1)
        if tier.counts == "year"
        else add_months(day, -tier.months) + timedelta(days=1)
    )
