"""What a campaign brought: those it reached against those it did not (ADR 0052).

Who was reached is what another room knows (`reached`, coupon:5) or a rule (`treated`); whom they are held against is a
rule (`control`, of people left out by lot: `sample("…", 0, 10)`), or, without one, people who bought alike before. Money
and orders are of everybody reached together, whether or not she used anything: who used a coupon chose to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.insight.given import BadQuestion, Given, Strings, check_span, require
from huoshui.insight.lake import Lake
from huoshui.insight.maths.effect import FEWEST, Effect, Reach, TooFew, effect
from huoshui.insight.maths.fitting import Floats
from huoshui.insight.questions.effect import saying
from huoshui.insight.questions.effect.groups import Groups, groups
from huoshui.insight.types import Answer, Cell, Column, Grid, Money

NAME = "effect"
LABEL_ZH, LABEL_EN = "活动效果", "What a campaign brought"

DAYS = 30

COLUMNS = (
    Column("group", "谁", "Who", "dimension"),
    Column("group_name", "谁", "Who", "text"),
    Column("people", "顾客数", "Customers", "count", opens=True),
    Column("bought", "买了的", "Bought", "count", opens=True),
    Column("bought_share", "买了的占比", "Share who bought", "share"),
    Column("orders", "订单数", "Orders", "count"),
    Column("amount", "成交额", "Sales", "money"),
    Column("amount_each", "人均成交额", "Sales each", "money"),
    Column("coupons", "券抵掉的", "Taken off by coupons", "money"),
)


def _effect_columns(kind: Any) -> tuple[Column, ...]:
    return (
        Column("measure", "看什么", "Measure", "text"),
        Column("measure_name", "看什么", "Measure", "text"),
        Column("anyway", "没有活动也会有的", "Anyway", kind),
        Column("more", "活动多带来的", "Brought", kind),
        Column("low", "少则", "At least", kind),
        Column("high", "多则", "At most", kind),
        Column("share", "多了", "More by", "share"),
        Column("share_low", "少则", "At least", "share"),
        Column("share_high", "多则", "At most", "share"),
    )


OF_COUNTS, OF_MONEY = _effect_columns("ratio"), _effect_columns("money")


@dataclass(frozen=True)
class Params:
    """`margin`: percent of the price before coupons that is left of the goods' cost; `spent`: minor units, what sending and
    showing cost. Up to thirty days, or up to the newest day."""

    first: date
    last: date | None = None
    treated: str = ""
    reached: str = ""
    control: str = ""
    margin: int | None = None
    spent: int = 0
    lang: str = "zh"

    @classmethod
    def parse(cls, strings: Strings) -> Params:
        given = Given(strings)
        first = given.day("from")
        if first is None:
            raise BadQuestion("请写活动从哪天开始（from），比如 2026-03-01。")
        params = cls(
            first=first,
            last=given.day("to"),
            treated=given.text("treated"),
            reached=given.text("reached"),
            control=given.text("control"),
            margin=given.number("margin", at_least=1, at_most=100),
            spent=given.yuan("spent") or 0,
            lang=given.lang(),
        )
        given.done()
        check_span(params.first, params.last)
        if bool(params.treated) == bool(params.reached):
            raise BadQuestion("活动触达了谁，要么写规则（treated），要么写是哪张券（reached），写一样就够。")
        return params


def result(lake: Lake, params: Params) -> Answer:
    last = _last(lake, params)
    found = _groups(lake, params, last)
    heads = (found.compared.reached, found.compared.others)
    effects = {
        name: effect(found.compared, figure, found.before) for name, figure in _figures(found, params).items()
    }
    totals = {name: one.each.times(heads[0]) for name, one in effects.items()}
    if "profit" in totals:
        totals["profit"] = totals["profit"].times(1, less=params.spent)
    cost = round(totals["coupons"].value) + params.spent
    told = {
        "orders": totals["orders"],
        "cost": cost,
        "profit": totals.get("profit"),
        "each": _of_one_more(totals, cost),
    }
    return Answer(
        question=NAME,
        columns=COLUMNS,
        rows=tuple(_row(found, reached, params.lang) for reached in (True, False)),
        sentence=saying.sentence(
            params.first, last, heads, found.is_by_lot, totals["sales"], told, params.lang
        ),
        fresh_at=lake.fresh_at,
        extra={
            "from": params.first,
            "to": last,
            "is_by_lot": found.is_by_lot,
            "verdict": saying.verdict(totals["sales"]),
            "left_out": int((found.compared.treated & ~found.compared.kept).sum()),
            "narrowed": effects["sales"].narrowed,
            "counts": _grid(effects, totals, ("orders",), heads[0], params.lang),
            "money": _grid(effects, totals, ("sales", "coupons", "profit"), heads[0], params.lang),
            "cost": Money(cost),
        },
    )


def people(lake: Lake, params: Params, cell: Cell) -> ir.Table:
    """Cell keys: group (reached, others), bought (yes, no); none: both groups."""
    for name, text in cell.items():
        require(name, ("group", "bought"), "维度")
        choices = (
            {key: zh for key, (zh, _en) in saying.GROUPS.items()}
            if name == "group"
            else {"yes": "买了", "no": "没买"}
        )
        require(text, choices, "群组")
    found = _groups(lake, params, _last(lake, params))
    which = found.compared.kept
    if "group" in cell:
        which = which & found.which(reached=cell["group"] == "reached")
    if "bought" in cell:
        which = which & ((found.columns["orders"] > 0) == (cell["bought"] == "yes"))
    return ibis.memtable({"person_id": found.ids[which]}, schema={"person_id": "int64"}).select(_.person_id)


def _last(lake: Lake, params: Params) -> date:
    """What has not been yet tells nothing; a span without a day of sales is refused."""
    newest = lake.newest_day()
    if params.first > newest:
        raise BadQuestion(f"成交只到 {newest}，活动还没开始。")
    return min(params.last or params.first + timedelta(days=DAYS - 1), newest)


def _groups(lake: Lake, params: Params, last: date) -> Groups:
    """Drawn once for each state of the lake: the number and the people behind it are the same."""
    key = (NAME, params.treated, params.reached, params.control, params.first, last)
    try:
        found: Groups = lake.once(
            key,
            lambda: groups(
                lake,
                treated=params.treated,
                reached=params.reached,
                control=params.control,
                first=params.first,
                last=last,
            ),
        )
    except TooFew as few:
        raise BadQuestion(
            f"Only {few.found} customers are left on one side; from {FEWEST} on it can be told what a campaign brought."
            if params.lang == "en"
            else f"能拿来比的，少的一边才 {few.found} 位顾客，满 {FEWEST} 位才看得出活动带来了什么。"
        ) from None
    return found


def _figures(found: Groups, params: Params) -> Mapping[str, Floats]:
    orders, amount, coupon = (found.columns[name] for name in ("orders", "amount", "coupon"))
    figures = {"orders": orders, "sales": amount, "coupons": coupon}
    if params.margin is not None:
        cost_of_goods = (1 - params.margin / 100) * (amount + coupon)
        figures["profit"] = amount - cost_of_goods
    return figures


def _of_one_more(totals: Mapping[str, Reach], cost: int) -> tuple[float, float | None] | None:
    """What each order more cost and earned; None while it is not sure that there was any."""
    more = totals["orders"]
    if more.low <= 0:
        return None
    profit = totals.get("profit")
    return cost / more.value, None if profit is None else profit.value / more.value


def _row(found: Groups, reached: bool, lang: str) -> dict[str, Any]:
    which = found.which(reached=reached)
    key = "reached" if reached else "others"
    heads, bought = int(which.sum()), int((found.columns["orders"][which] > 0).sum())
    orders, amount, coupons = (
        int(found.columns[name][which].sum()) for name in ("orders", "amount", "coupon")
    )
    return {
        "group": key,
        "group_name": saying.GROUPS[key][lang == "en"],
        "people": heads,
        "bought": bought,
        "bought_share": bought / heads,
        "orders": orders,
        "amount": amount,
        "amount_each": round(amount / heads),
        "coupons": coupons,
    }


def _grid(
    effects: Mapping[str, Effect], totals: Mapping[str, Reach], names: tuple[str, ...], heads: int, lang: str
) -> Grid:
    is_money = names[0] != "orders"
    rows = []
    for name in names:
        if (one := effects.get(name)) is None:
            continue
        figures = (one.base * heads, *totals[name])
        anyway, more, low, high = (float(round(value, 0 if is_money else 1)) for value in figures)
        rows.append(
            {
                "measure": name,
                "measure_name": saying.MEASURES[name][lang == "en"],
                "anyway": anyway,
                "more": more,
                "low": low,
                "high": high,
                "share": one.share.value if one.share else None,
                "share_low": one.share.low if one.share else None,
                "share_high": one.share.high if one.share else None,
            }
        )
    return Grid(OF_MONEY if is_money else OF_COUNTS, tuple(rows))
