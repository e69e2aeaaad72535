"""What `effect` says in one sentence, with the interval."""

from __future__ import annotations

from datetime import date
from typing import Any

from huoshui.insight import words
from huoshui.insight.maths.effect import Reach

GROUPS = {"reached": ("活动触达的", "Reached"), "others": ("用来对照的", "Held against")}
MEASURES = {
    "orders": ("订单", "Orders"),
    "sales": ("成交额", "Sales"),
    "coupons": ("券抵掉的", "Taken off by coupons"),
    "profit": ("毛利，减去券和花费", "Margin less coupons and cost"),
}
VERDICTS = {
    "more": ("多卖了", "More was sold"),
    "less": ("少卖了", "Less was sold"),
    "unsure": ("看不出有没有用", "It cannot be told whether it worked"),
}


def verdict(total: Reach) -> str:
    return "more" if total.low > 0 else "less" if total.high < 0 else "unsure"


def sentence(
    first: date,
    last: date,
    heads: tuple[int, int],
    is_by_lot: bool,
    sales: Reach,
    told: dict[str, Any],
    lang: str,
) -> str:
    """`told`: orders (Reach), cost, profit (Reach or None), each (of one more order: cost and profit, or None)."""
    say = _english if lang == "en" else _chinese
    return say(first, last, heads, is_by_lot, sales, told)


def _chinese(
    first: date, last: date, heads: tuple[int, int], is_by_lot: bool, sales: Reach, told: dict[str, Any]
) -> str:
    others = words.counted(heads[1], "位")
    beside = f"随机留下没发的 {others}" if is_by_lot else f"{others}买得差不多、没触达的顾客"
    parts = [f"{first} 至 {last}，触达的 {words.counted(heads[0], '位顾客')}和{beside}比："]
    low, high = words.yuan(sales.low), words.yuan(sales.high)
    found = verdict(sales)
    if found == "unsure":
        parts.append(f"看不出有没有用，估计{_more(sales.value)}，{low} 到 {high} 之间都有可能。")
    else:
        parts.append(f"{_more(sales.value)}（{low} 到 {high}）。")
    orders: Reach = told["orders"]
    said = "订单多" if orders.value >= 0 else "订单少"
    parts.append(f"{said} {abs(orders.value):,.0f} 单（{orders.low:,.0f} 到 {orders.high:,.0f}）。")
    parts.append(f"券和花费一共 {words.yuan(told['cost'])}")
    profit: Reach | None = told["profit"]
    if profit is None:
        parts.append("；没填毛利率，赚没赚算不出。")
    else:
        parts.append(f"，{_earned(profit)}（{words.yuan(profit.low)} 到 {words.yuan(profit.high)}）。")
    if told["each"]:
        cost, earned = told["each"]
        parts.append(
            f"每多一单花 {words.yuan(cost)}" + ("。" if earned is None else f"，赚 {words.yuan(earned)}。")
        )
    return "".join(parts)


def _more(value: float) -> str:
    return f"{'多' if value >= 0 else '少'}卖了约 {words.yuan(abs(value))}"


def _earned(profit: Reach) -> str:
    return f"扣掉以后{'多赚' if profit.value >= 0 else '亏'}约 {words.yuan(abs(profit.value))}"


def _english(
    first: date, last: date, heads: tuple[int, int], is_by_lot: bool, sales: Reach, told: dict[str, Any]
) -> str:
    beside = "drawn at random and left out" if is_by_lot else "who bought alike and were not reached"
    parts = [f"{first} to {last}, {heads[0]:,} customers reached against {heads[1]:,} {beside}:"]
    more = f"{words.yuan(abs(sales.value), 'en')} {'more' if sales.value >= 0 else 'less'} sold"
    reach = f"{words.yuan(sales.low, 'en')} to {words.yuan(sales.high, 'en')}"
    if verdict(sales) == "unsure":
        parts.append(f"it cannot be told whether it worked; about {more}, anything from {reach} is possible.")
    else:
        parts.append(f"about {more} ({reach}).")
    orders: Reach = told["orders"]
    parts.append(f"Orders: {orders.value:+,.0f} ({orders.low:,.0f} to {orders.high:,.0f}).")
    parts.append(f"Coupons and cost came to {words.yuan(told['cost'], 'en')}.")
    profit: Reach | None = told["profit"]
    if profit is None:
        parts.append("Without a margin it cannot be told what it earned.")
    else:
        reach = f"{words.yuan(profit.low, 'en')} to {words.yuan(profit.high, 'en')}"
        parts.append(f"After both it earned {words.yuan(profit.value, 'en')} ({reach}).")
    if told["each"]:
        cost, earned = told["each"]
        of_it = "" if earned is None else f" and earned {words.yuan(earned, 'en')}"
        parts.append(f"Each further order cost {words.yuan(cost, 'en')}{of_it}.")
    return " ".join(parts)
