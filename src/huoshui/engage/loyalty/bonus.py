"""What bonus rules give. Pure.

Of several multipliers each product has the best; extra points add up. What an order is worth depends on nothing but the
rates its sale decided and on the money that stays on it, so that ten part refunds take what one would.
"""

from __future__ import annotations

import re
from calendar import isleap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from huoshui.engage.loyalty.types import Bonus, EarnRule, Goods, Occasion, Rate

_BIRTHDAY = re.compile(r"^(?:\d{4}\D?)?(\d{1,2})\D?(\d{1,2})\D?(?:\s.*|T.*)?$")


def fits(bonus: Bonus, at: Occasion) -> bool:
    """Whether an occasion is one of the rule's, whatever is bought."""
    return (
        bonus.from_day <= at.day <= bonus.until_day
        and (not bonus.ranks or at.rank in bonus.ranks)
        and (not bonus.org_unit_ids or at.org_unit_id in bonus.org_unit_ids)
        and (not bonus.weekdays or at.day.isoweekday() in bonus.weekdays)
        and (bonus.birthday is None or is_birthday(at.birthday, at.day, bonus.birthday))
        and (not bonus.is_first_purchase or at.is_first)
    )


def counts(bonus: Bonus, sku_id: int, goods: Mapping[int, Goods]) -> bool:
    """Whether the rule is about this product."""
    what = goods.get(sku_id, Goods("", ""))
    return (
        (not bonus.sku_ids or sku_id in bonus.sku_ids)
        and (not bonus.brands or what.brand in bonus.brands)
        and (not bonus.categories or any(_within(what.category, c) for c in bonus.categories))
    )


def _within(category: str, of: str) -> bool:
    return category == of or category.startswith(f"{of} / ")


def rates(
    bonuses: Sequence[Bonus],
    money: Mapping[int, int],
    goods: Mapping[int, Goods],
    caps: Mapping[int, int | None],
) -> list[Rate]:
    """By what a sale of these goods earns. `bonuses` fit the occasion and are not used up; `caps` are what is left of them."""
    best: dict[int, Bonus] = {}
    about = {}
    for b in bonuses:
        about[b.id] = [sku for sku in money if counts(b, sku, goods)]
        if sum(money[sku] for sku in about[b.id]) < max(b.min_amount, 1):
            continue
        if b.extra:
            best[-b.id] = b
            continue
        for sku in about[b.id]:
            if sku not in best or b.percent > best[sku].percent:
                best[sku] = b
    out = []
    for b in {b.id: b for b in best.values()}.values():
        mine = [sku for sku in about[b.id] if b.extra or best.get(sku) is b]
        at_money = sum(money[sku] for sku in mine)
        out.append(Rate(b.id, b.percent, b.extra, at_money, caps.get(b.id), tuple(mine)))
    return sorted(out, key=lambda r: r.bonus_id)


def with_new_goods(
    decided: Sequence[Rate],
    bonuses: Mapping[int, Bonus],
    money: Mapping[int, int],
    goods: Mapping[int, Goods],
) -> list[Rate]:
    """The rates of an order that has come to hold products its sale did not: they count by the same rules."""
    known = {sku for r in decided for sku in r.sku_ids}
    new = {sku: m for sku, m in money.items() if sku not in known}
    added: dict[int, tuple[int, ...]] = {}
    taken: dict[int, int] = {}
    for r in sorted(decided, key=lambda r: -r.percent):
        mine = [s for s in new if counts(bonuses[r.bonus_id], s, goods) and (r.extra or s not in taken)]
        if not r.extra:
            taken |= dict.fromkeys(mine, r.bonus_id)
        added[r.bonus_id] = tuple(mine)
    return [replace(r, sku_ids=r.sku_ids + added[r.bonus_id]) for r in decided]


def worth(decided: Sequence[Rate], money: Mapping[int, int], paid: int, rule: EarnRule) -> dict[int, int]:
    """Points of each rule for the goods that stay on an order, of whose sum `paid` was money."""
    total = sum(money.values())
    out: dict[int, int] = {}
    for r in decided:
        scope = sum(money.get(sku, 0) for sku in r.sku_ids)
        if total <= 0 or scope <= 0 or paid <= 0:
            out[r.bonus_id] = 0
            continue
        scope_paid = min(scope * paid // total, scope)
        if r.extra:
            points = r.extra * min(scope_paid, r.at_money) // r.at_money
        else:
            points = rule.points * scope_paid * (r.percent - 100) // (100 * rule.per_minor)
        out[r.bonus_id] = points if r.cap is None else min(points, r.cap)
    return out


class Allowance:
    """What the caps of each rule leave a person, as the orders of a batch use them up one after another."""

    def __init__(self, used: Mapping[tuple[int, int, date], int]) -> None:
        self._day: Counter[tuple[int, int, date]] = Counter()
        for (bonus_id, who, day), points in used.items():
            self.use(bonus_id, who, day, points)

    def left(self, bonus: Bonus, who: int, day: date) -> int | None:
        """Points that an order may still get by this rule; None for as many as it is worth."""
        caps = [] if bonus.cap_order is None else [bonus.cap_order]
        if bonus.cap_day is not None:
            caps.append(bonus.cap_day - self._day[bonus.id, who, day])
        if bonus.cap_month is not None:
            caps.append(bonus.cap_month - self._month(bonus.id, who, day))
        return max(min(caps), 0) if caps else None

    def use(self, bonus_id: int, who: int, day: date, points: int) -> None:
        self._day[bonus_id, who, day] += points

    def _month(self, bonus_id: int, who: int, day: date) -> int:
        return sum(
            points
            for (b, w, d), points in self._day.items()
            if (b, w, d.year, d.month) == (bonus_id, who, day.year, day.month)
        )


def birthday_of(text: str) -> tuple[int, int] | None:
    """Month and day of a birthday as shops write it: 1990-05-03, 1990/5/3, 19900503, 05-03, 5月3日."""
    found = _BIRTHDAY.match(text.strip())
    if not found:
        return None
    month, day = int(found[1]), int(found[2])
    return (month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None


def is_birthday(birthday: tuple[int, int] | None, day: date, span: str) -> bool:
    """Whether a day is the birthday, or of its week (from Monday) or month."""
    if birthday is None:
        return False
    if span == "month":
        return day.month == birthday[0]
    # The week of a birthday in the first days of January may begin in December
    held = [d for year in (day.year - 1, day.year, day.year + 1) if (d := _held_on(birthday, year))]
    if span == "day":
        return day in held
    return day.isocalendar()[:2] in [d.isocalendar()[:2] for d in held]


def _held_on(birthday: tuple[int, int], year: int) -> date | None:
    month, day = birthday
    if (month, day) == (2, 29) and not isleap(year):
        day = 28
    try:
        return date(year, month, day)
    except ValueError:
        return None
