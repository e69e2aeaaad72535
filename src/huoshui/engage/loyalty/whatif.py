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
from huoshui.engage.loyalty.tiers import add_months, since
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
    now, then = _cost((present, changed), first, after, on_birthday)
    return WhatIf(
        month=f"{first:%Y-%m}",
        orders=now.orders,
        points_now=now.points,
        points_then=then.points,
        money_now=present.rule.money(now.points),
        money_then=changed.rule.money(then.points),
        moves=_moves(present.tiers, changed.tiers, after - timedelta(days=1)),
    )


def _cost(
    sides: Sequence[RuleSet], first: date, after: date, on_birthday: Mapping[str, list[int]]
) -> list[sql.Row]:
    """Of each side (orders, points)."""
    every = [b for of in sides for b in of.bonuses]
    return sql.fetch(
        Q.cost,
        first=first,
        after=after,
        rules=json.dumps(
            [
                {"side": side, "points": of.rule.points, "per_minor": of.rule.per_minor}
                for side, of in enumerate(sides)
            ]
        ),
        bonuses=json.dumps(_written(sides), default=str),
        asks_first=any(b.is_first_purchase for b in every),
        on_day=on_birthday["day"],
        in_week=on_birthday["week"],
        in_month=on_birthday["month"],
    )


def _written(sides: Sequence[RuleSet]) -> list[dict[str, object]]:
    """Rules as the statement takes them: numbered, and their goods as products."""
    every = [(side, b) for side, of in enumerate(sides) for b in of.bonuses]
    goods = _all_goods() if any(b.categories or b.brands for _, b in every) else {}
    out = []
    for number, (side, b) in enumerate(every, 1):
        row = asdict(b) | {"id": number, "side": side}
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
    both = [(is_new, t) for is_new, tiers in ((False, now), (True, then)) for t in tiers if t.spend_at_least]
    sinces = sorted({since(t, day) for _, t in both if t.counts != "lifetime"})
    levels = [
        {
            "is_new": is_new,
            "rank": t.rank,
            "spend_at_least": t.spend_at_least,
            "span": 0 if t.counts == "lifetime" else sinces.index(since(t, day)) + 1,
        }
        for is_new, t in both
    ]
    before, after = ({t.rank: t.name for t in tiers} for tiers in (now, then))
    rows = sql.fetch(
        Q.tier_moves,
        day=day,
        sinces=sinces,
        since=min([*sinces, day + timedelta(days=1)]),
        levels=json.dumps(levels),
    )
    return tuple(TierMove(before[r.now_rank], after[r.then_rank], r.persons, tuple(r.some)) for r in rows)
