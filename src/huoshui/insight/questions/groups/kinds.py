"""The four groups and the kinds of customer within each: how a kind is recognised, and how to treat it.

A kind is recognised by what people bought, never by what they looked at or said: nothing else is recorded yet
(docs/adr/0006-questions.md says how each stands for a decision type). The first that fits holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from huoshui.insight.buyers import part

Group = tuple[str, str]  # frequency, ticket
Rule = Callable[[ir.Table], ir.BooleanValue]


@dataclass(frozen=True)
class Words:
    """(Chinese, English) each; `says` is filled with the measured figures of the people."""

    name: tuple[str, str]
    treatment: tuple[str, str]
    says: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Kind:
    group: Group
    key: str
    rule: Rule
    words: Words


GROUPS: dict[Group, Words] = {
    ("high", "high"): Words(
        ("高频高客单", "Often, large"),
        (
            "固定专人服务，新品先尝；少发券，多给专属。",
            "Give each a named adviser and first taste of new products; few coupons.",
        ),
    ),
    ("low", "high"): Words(
        ("低频高客单", "Seldom, large"),
        (
            "按各自的间隔提醒，节前和换季前联系，不催。",
            "Remind at their own pace, before festivals and seasons; never push.",
        ),
    ),
    ("high", "low"): Words(
        ("高频低客单", "Often, small"),
        (
            "用组合装和搭配把每单做大，让补货更省事。",
            "Make each order larger with sets and pairings; make refills easy.",
        ),
    ),
    ("low", "low"): Words(
        ("低频低客单", "Seldom, small"),
        (
            "72 小时内问一句用得怎样，先争取第二单；成本要低。",
            "Ask how it went within 72 hours; win the second order cheaply.",
        ),
    ),
}

HIGH_HIGH, LOW_HIGH, HIGH_LOW, LOW_LOW = GROUPS


def _steady(table: ir.Table) -> ir.BooleanValue:
    """Orders in all months but one since the first, for half a year, four in five at one store."""
    possible = (
        (table.until.year() - table.first_day.year()) * 12 + table.until.month() - table.first_day.month() + 1
    )
    return (
        (possible >= 6) & (table.months >= possible - 1) & (table.main_store_orders * 5 >= table.orders * 4)
    )


KINDS = (
    Kind(
        HIGH_HIGH,
        "loyal",
        _steady,
        Words(
            ("忠诚型", "Loyal"),
            (
                "优先购、年度答谢；别的店缺货时帮她留。",
                "First refusal and yearly thanks; keep stock for them.",
            ),
            (
                "几乎月月来，{main_store:.0%} 的单在同一家店",
                "Come almost every month, {main_store:.0%} of orders at one store",
            ),
        ),
    ),
    Kind(
        HIGH_HIGH,
        "quality",
        lambda t: (t.dear == 2) & (t.deals < 2),
        Words(
            ("品质型", "Quality"),
            (
                "新品先尝，讲原料和工艺；不发满减。",
                "First taste of new products, talk about what is in them; no money-off.",
            ),
            (
                "价格是同类的 {price_index:.2f} 倍，带优惠的只占 {discounted:.0%}",
                "Pay {price_index:.2f} × the usual price, {discounted:.0%} of it discounted",
            ),
        ),
    ),
    Kind(
        HIGH_HIGH,
        "slow",
        lambda t: t.deals == 2,
        Words(
            ("决定慢", "Slow to decide"),
            (
                "顾问一对一跟进；大促前提前告诉她，替她算好。",
                "One adviser follows up; tell them before a promotion and do the sums for them.",
            ),
            (
                "{discounted:.0%} 的钱花在有优惠的商品上，等到合适才买",
                "{discounted:.0%} of spend on discounted goods: they wait",
            ),
        ),
    ),
    Kind(
        HIGH_HIGH,
        "curious",
        lambda t: t.newness == 2,
        Words(
            ("求知尝新", "Curious"),
            (
                "请来内测，给她讲故事的素材和专属码。",
                "Invite to trials; give them stories to tell and a code of their own.",
            ),
            ("近半年买的品类里 {fresh:.0%} 是头一次买", "{fresh:.0%} of recent categories were new to them"),
        ),
    ),
    Kind(
        HIGH_HIGH,
        "quick",
        lambda t: t.deals == 0,
        Words(
            ("决定快", "Quick to decide"),
            ("到期一键再买，少打扰。", "One-tap refill when due; leave them in peace."),
            (
                "不等优惠，带优惠的只占 {discounted:.0%}，隔 {gap_days:.0f} 天就来",
                "Do not wait for offers ({discounted:.0%} discounted), back in {gap_days:.0f} days",
            ),
        ),
    ),
    Kind(
        LOW_HIGH,
        "faithful",
        lambda t: t.top_amount * 2 >= t.amount,
        Words(
            ("忠诚型", "Faithful to one kind"),
            (
                "固定顾问，节前问候；断货前先告诉她。",
                "One adviser, a greeting before festivals, a word before stock runs out.",
            ),
            (
                "{top_category:.0%} 的钱花在一类商品上，隔 {gap_days:.0f} 天来一次",
                "{top_category:.0%} of spend in one category, every {gap_days:.0f} days",
            ),
        ),
    ),
    Kind(
        LOW_HIGH,
        "watching",
        lambda t: t.until.delta(t.first_day, unit="day") >= 180,
        Words(
            ("长期关注", "Long attention"),
            ("发内容不发券，给小样，等她自己来。", "Send content, not coupons; a sample; let them come."),
            (
                "买了半年以上，平均 {orders_per_person:.0f} 单，隔 {gap_days:.0f} 天来一次",
                "Customers for over half a year, {orders_per_person:.0f} orders, every {gap_days:.0f} days",
            ),
        ),
    ),
    Kind(
        LOW_HIGH,
        "trying",
        lambda t: t.orders > 0,
        Words(
            ("体验型", "Experience"),
            ("请到店体验，不推销。", "Invite to the store to try; do not sell."),
            (
                "半年内才开始买，平均 {orders_per_person:.0f} 单",
                "Started within half a year, {orders_per_person:.0f} orders",
            ),
        ),
    ),
    Kind(
        HIGH_LOW,
        "variety",
        lambda t: (t.breadth == 2) | (t.newness == 2),
        Words(
            ("爱换花样", "Variety"),
            ("每月尝新盒，新品先发小样。", "A monthly tasting box; samples of what is new."),
            (
                "跨 {categories:.0f} 个品类，近半年 {fresh:.0%} 是头一次买",
                "{categories:.0f} categories, {fresh:.0%} of recent ones new to them",
            ),
        ),
    ),
    Kind(
        HIGH_LOW,
        "handy",
        lambda t: t.main_store_orders * 5 >= t.orders * 4,
        Words(
            ("图方便", "Convenience"),
            (
                "自动补货、送到楼下，凑单给点小优惠。",
                "Automatic refill, delivered; a little off for adding one more.",
            ),
            (
                "{main_store:.0%} 的单在同一家店，隔 {gap_days:.0f} 天就来",
                "{main_store:.0%} of orders at one store, every {gap_days:.0f} days",
            ),
        ),
    ),
    Kind(
        LOW_LOW,
        "once",
        lambda t: t.orders == 1,
        Words(
            ("试过一次", "Tried once"),
            (
                "72 小时内问一句用得怎样，给第二单一个理由。",
                "Ask how it went within 72 hours; give a reason for a second order.",
            ),
            ("只买过 1 单", "One order only"),
        ),
    ),
    Kind(
        LOW_LOW,
        "deals",
        lambda t: t.deals == 2,
        Words(
            ("只等优惠", "Deals only"),
            ("只在大促前发，平时不打扰。", "Write only before promotions."),
            ("{discounted:.0%} 的钱花在有优惠的商品上", "{discounted:.0%} of spend on discounted goods"),
        ),
    ),
)
OTHER = Words(
    ("其余", "Others"), ("没有明显特点，按这一块的办法对待。", "Nothing stands out: treat as the group.")
)
NOT_MEASURED = {
    "social": (
        "社交型要有分享和推荐的记录，现在还没有",
        "The social kind needs shares and referrals; none are recorded yet",
    ),
    "big_brands": (
        "认大牌要知道哪些是大牌，商品资料里还没有",
        "Big-brand buyers need a list of big brands; there is none yet",
    ),
}

KIND_KEYS = {kind.key: kind.words.name[0] for kind in KINDS} | {"other": OTHER.name[0]}


def words_of(group: Group, key: str) -> Words:
    return next((kind.words for kind in KINDS if kind.group == group and kind.key == key), OTHER)


def with_thirds(table: ir.Table) -> ir.Table:
    """Adds 0, 1, 2 for the lower, middle and upper third of all customers by each habit."""
    spent = table.amount.cast("float64")
    return table.mutate(
        deals=part(table, (table.discounted / spent.nullif(0.0)).coalesce(0.0), 3),
        dear=part(table, (table.paid / table.usual.nullif(0.0)).coalesce(0.0), 3),
        newness=part(table, (table.fresh / table.known.cast("float64").nullif(0.0)).coalesce(0.0), 3),
        breadth=part(table, table.categories.coalesce(0), 3),
    )


def with_kind(table: ir.Table) -> ir.Table:
    """Expects frequency, ticket and the columns of `traits` and `with_thirds`."""
    rules = [
        ((table.frequency == kind.group[0]) & (table.ticket == kind.group[1]) & kind.rule(table), kind.key)
        for kind in KINDS
    ]
    return table.mutate(kind=ibis.cases(*rules, else_="other"))
