"""Every measure of the house, once. Screens, API, exports and the questions take formulas, names and units from here.

An order counts while something of its sale is left; a customer is who is known today (merged people are one); a guest without
a name is an order but no customer.
"""

from __future__ import annotations

from collections.abc import Mapping

from ibis import _

from huoshui.insight.metrics.types import Measure

_SOLD = (
    Measure(
        "amount",
        "成交额",
        "Sales",
        "money",
        "卖出去的钱减去退回去的钱，按发生的那天算。",
        "What was sold less what was refunded, each on its day.",
        "sales",
        _.amount.sum().coalesce(0).cast("int64"),
        opens=True,
    ),
    Measure(
        "gross",
        "销售额（未减退款）",
        "Gross sales",
        "money",
        "卖出去的钱，后来单独退的款不减。",
        "What was sold; later refunds are not taken off.",
        "sales",
        _.gross.sum().coalesce(0).cast("int64"),
        opens=True,
    ),
    Measure(
        "refunds",
        "退款",
        "Refunds",
        "money",
        "单独退的款，算在退的那天。",
        "What was refunded later, on the day of the refund.",
        "sales",
        (_.gross.sum().coalesce(0) - _.amount.sum().coalesce(0)).cast("int64"),
    ),
    Measure(
        "known_amount",
        "会员成交额",
        "Sales to known customers",
        "money",
        "认得出是谁买的那部分成交额。",
        "Sales to people we know.",
        "sales",
        _.amount.sum(where=_.person_id.notnull()).coalesce(0).cast("int64"),
        opens=True,
    ),
    Measure(
        "orders",
        "订单数",
        "Orders",
        "count",
        "还有东西没退完的订单，一单算一次。",
        "Orders of which something is left, each once.",
        "sales",
        _.order_id.nunique(where=_.counts),
        adding="no",
        opens=True,
    ),
    Measure(
        "customers",
        "顾客数",
        "Customers",
        "count",
        "买过的人，一个人算一次，不管来几次、去几家店。",
        "People who bought, each once, however often and wherever.",
        "sales",
        _.person_id.nunique(where=_.counts),
        adding="no",
        opens=True,
    ),
    Measure(
        "units",
        "件数",
        "Units",
        "count",
        "卖出的件数减去退回的件数。",
        "Units sold less units refunded.",
        "sales",
        _.quantity.sum().coalesce(0.0),
    ),
    Measure(
        "lines",
        "明细行数",
        "Lines",
        "count",
        "订单里有多少行。",
        "Lines of orders.",
        "sales",
        _.lines.sum().coalesce(0).cast("int64"),
    ),
    Measure(
        "discount",
        "优惠",
        "Discount",
        "money",
        "所有优惠一共让了多少钱。",
        "All that was taken off prices.",
        "sales",
        _.discount.sum().coalesce(0).cast("int64"),
    ),
    Measure(
        "coupon_discount",
        "用券优惠",
        "Coupon discount",
        "money",
        "优惠券让了多少钱。",
        "What coupons took off.",
        "sales",
        _.coupon_discount.sum().coalesce(0).cast("int64"),
    ),
)

_PEOPLE = (
    Measure(
        "new_customers",
        "新顾客数",
        "New customers",
        "count",
        "第一次买就在这段时间、这个地方的人。",
        "People whose first day of buying is among these.",
        "first",
        _.person_id.nunique(where=_.counts),
        adding="no",
        opens=True,
    ),
    Measure(
        "again_customers",
        "复购顾客数",
        "Customers who came again",
        "count",
        "这段时间里至少买了两单的人。",
        "People with at least two orders among these.",
        "again",
        (_.orders >= 2).sum().coalesce(0).cast("int64"),
        adding="no",
        opens=True,
    ),
    Measure(
        "fans_gained",
        "新增粉丝",
        "Fans gained",
        "count",
        "关注公众号或加了企业微信的人。",
        "People who followed an account or added a guide.",
        "follows",
        _.person_id.nunique(where=_.is_gained),
        adding="no",
    ),
    Measure(
        "fans_lost",
        "流失粉丝",
        "Fans lost",
        "count",
        "取消关注或删了企业微信的人。",
        "People who unfollowed, or removed a guide.",
        "follows",
        _.person_id.nunique(where=~_.is_gained),
        adding="no",
    ),
)

_BESIDE = (
    Measure(
        "visitors",
        "客流",
        "Footfall",
        "count",
        "客流计数器数到的进店人次；没装计数器的店不在里面。",
        "People counted at doors that have a counter.",
        "footfall",
        _.came.sum().coalesce(0).cast("int64"),
    ),
    Measure(
        "visited_orders",
        "有客流那天的订单数",
        "Orders where doors were counted",
        "count",
        "只数有客流记录的店和日子的订单，算进店成交率用。",
        "Orders of the stores and days whose doors were counted.",
        "footfall",
        _.orders.sum().coalesce(0).cast("int64"),
    ),
    Measure(
        "commission",
        "提成",
        "Commission",
        "money",
        "这家店的订单让导购挣到的提成，记在入账那天；退货扣回的已经减掉。",
        "What guides earned by a store's orders, less what was clawed back, on the day it was booked.",
        "commission",
        _.amount.sum().coalesce(0).cast("int64"),
    ),
    Measure(
        "stock_units",
        "库存件数",
        "Units in stock",
        "count",
        "现在账上还有多少件。",
        "Units on the books now.",
        "stock",
        _.on_hand.sum().coalesce(0.0),
        adding="places",
    ),
    Measure(
        "units_a_day",
        "日均销量",
        "Units a day",
        "ratio",
        "最近 28 天平均每天卖几件。",
        "Units sold a day over the last 28 days.",
        "stock",
        _.a_day.sum().coalesce(0.0),
        adding="places",
    ),
)


def _ratio(
    name: str, zh: str, en: str, kind: str, says_zh: str, says_en: str, over: str, under: str
) -> Measure:
    return Measure(name, zh, en, kind, says_zh, says_en, parts=(over, under), adding="no")  # type: ignore[arg-type]  # kinds below are Kinds


_RATIOS = (
    _ratio(
        "ticket", "客单价", "Ticket", "money", "平均每单多少钱。", "Money of an order.", "amount", "orders"
    ),
    _ratio(
        "units_per_order",
        "连带率",
        "Units per order",
        "ratio",
        "平均每单几件。",
        "Units of an order.",
        "units",
        "orders",
    ),
    _ratio(
        "spend",
        "人均消费",
        "Spend per customer",
        "money",
        "认得出的顾客，平均每人花了多少。",
        "Money of a known customer.",
        "known_amount",
        "customers",
    ),
    _ratio(
        "refund_rate",
        "退款率",
        "Refund rate",
        "share",
        "退款占销售额的比例。",
        "Refunds of gross sales.",
        "refunds",
        "gross",
    ),
    _ratio(
        "coupon_rate",
        "用券让利率",
        "Coupon cost rate",
        "share",
        "优惠券让的钱占成交额的比例。",
        "Coupon discount of sales.",
        "coupon_discount",
        "amount",
    ),
    _ratio(
        "member_share",
        "会员成交占比",
        "Member share",
        "share",
        "认得出是谁买的，占成交额的比例。",
        "Sales to known customers, of all sales.",
        "known_amount",
        "amount",
    ),
    _ratio(
        "new_share",
        "新顾客占比",
        "New customer share",
        "share",
        "买过的人里，第一次来的占多少。",
        "New customers, of all customers.",
        "new_customers",
        "customers",
    ),
    _ratio(
        "again_rate",
        "复购率",
        "Repeat rate",
        "share",
        "这段时间买过的人里，买了两单以上的占多少。",
        "Customers with two orders or more, of all customers.",
        "again_customers",
        "customers",
    ),
    _ratio(
        "conversion",
        "进店成交率",
        "Conversion",
        "share",
        "进店的人次里，成交的单数占多少；只看有客流记录的店和日子。",
        "Orders of people counted at doors, where doors were counted.",
        "visited_orders",
        "visitors",
    ),
    _ratio(
        "commission_rate",
        "提成占比",
        "Commission rate",
        "share",
        "提成占成交额的比例。",
        "Commission of sales.",
        "commission",
        "amount",
    ),
    _ratio(
        "stock_days",
        "库存可卖天数",
        "Stock days",
        "days",
        "照最近 28 天的卖法，现有库存还能卖几天。",
        "For how many days the stock lasts at the pace of the last 28 days.",
        "stock_units",
        "units_a_day",
    ),
)

MEASURES: Mapping[str, Measure] = {m.name: m for m in (*_SOLD, *_PEOPLE, *_BESIDE, *_RATIOS)}
LABELS = {name: m.label_zh for name, m in MEASURES.items()}


def needs(names: tuple[str, ...]) -> dict[str, Measure]:
    """These, and what they are divided from, in the order of the catalogue: only those that have a formula."""
    wanted = {part for name in names for part in (MEASURES[name].parts or (name,))}
    return {name: m for name, m in MEASURES.items() if name in wanted}
