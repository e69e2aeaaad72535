"""Loyalty rules as plain sentences, and what their room says told in the language of the page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from huoshui.core import clock
from huoshui.engage.loyalty.api import Bonus, EarnRule, Entry, Tier
from huoshui.web.console import numbers
from huoshui.web.console.retell import retell

# What loyalty writes before each movement's own words
HEADS = (
    gettext_lazy("消费得积分"),
    gettext_lazy("退货扣回积分"),
    gettext_lazy("用积分付款"),
    gettext_lazy("退货退回积分"),
    gettext_lazy("积分到期"),
    gettext_lazy("人工调整"),
    gettext_lazy("兑换成合作伙伴积分"),
    gettext_lazy("用合作伙伴积分换入"),
    gettext_lazy("（还欠的积分）"),
    gettext_lazy("（积分不够，记为欠积分）"),
)
_MOVED = re.compile(r"([^（：]+)(（还欠的积分）|（积分不够，记为欠积分）)?(.*)", re.DOTALL)
WEEKDAYS = (
    gettext_lazy("周一"),
    gettext_lazy("周二"),
    gettext_lazy("周三"),
    gettext_lazy("周四"),
    gettext_lazy("周五"),
    gettext_lazy("周六"),
    gettext_lazy("周日"),
)
BIRTHDAYS = {
    "day": gettext_lazy("生日当天"),
    "week": gettext_lazy("生日那一周"),
    "month": gettext_lazy("生日那个月"),
}
COUNTS = {
    "lifetime": gettext_lazy("累计"),
    "rolling": gettext_lazy("近几个月"),
    "year": gettext_lazy("自然年"),
}


def earn(rule: EarnRule) -> str:
    return ngettext(
        "每消费 {money} 得 {points} 积分；今年得的到 {year} 年底到期；{n} 积分抵 ¥1。",
        "每消费 {money} 得 {points} 积分；今年得的到 {year} 年底到期；{n} 积分抵 ¥1。",
        rule.points,
    ).format(
        money=yuan(rule.per_minor),
        points=f"{rule.points:,}",
        year=clock.today().year + rule.valid_years,
        n=f"{rule.points_per_yuan:,}",
    )


def tier(of: Tier, gift: str = "") -> str:
    """`gift`: the title of the coupon that comes with it."""
    said = _tier_asks(of)
    if gift and of.gift_again_days is None:
        said = _("{said}升到就送一张“{gift}”，只送一次。").format(said=said, gift=gift)
    elif gift:
        said = ngettext(
            "{said}升到就送一张“{gift}”，{n} 天内再升到不再送。",
            "{said}升到就送一张“{gift}”，{n} 天内再升到不再送。",
            of.gift_again_days or 0,
        ).format(said=said, gift=gift, n=of.gift_again_days)
    if of.benefits:
        said = _("{said}权益：{benefits}。").format(said=said, benefits=_("、").join(of.benefits))
    return said


def _tier_asks(of: Tier) -> str:
    if of.rank == 0:
        return _("成为会员就是。")
    money = yuan(of.spend_at_least)
    if of.counts == "lifetime":
        return _("累计消费满 {money}，长期有效。").format(money=money)
    if of.counts == "year":
        said = _("一个自然年里消费满 {money}，保到第二年年底，之后再给 {days} 天补上。")
    else:
        said = _("近 {months} 个月消费满 {money}，保 {months} 个月，之后再给 {days} 天补上。")
    return said.format(money=money, months=of.months, days=of.grace_days)


def bonus(of: Bonus, tiers: Mapping[int, str], stores: Mapping[int, str], goods: Mapping[int, str]) -> str:
    """Whom, when, where, what for, then how much and at most how much."""
    parts = [*_whom(of, tiers), *_when(of), *_of_what(of, stores, goods)]
    what = (
        _("{n} 倍积分").format(n=times(of.percent))
        if of.percent > 100
        else _("每单另送 {n} 积分").format(n=f"{of.extra:,}")
    )
    asked = _("，").join(parts) if parts else _("所有订单")
    said = _("{asked}：{what}").format(asked=asked, what=what)
    caps = [
        _("一单最多 {n} 积分").format(n=f"{of.cap_order:,}") if of.cap_order is not None else "",
        _("一人一天最多 {n} 积分").format(n=f"{of.cap_day:,}") if of.cap_day is not None else "",
        _("一人一月最多 {n} 积分").format(n=f"{of.cap_month:,}") if of.cap_month is not None else "",
    ]
    return _("{said}。").format(said=_("，").join([said, *(c for c in caps if c)]))


def _whom(of: Bonus, tiers: Mapping[int, str]) -> list[str]:
    said = [_("、").join(tiers.get(rank, str(rank)) for rank in of.ranks)] if of.ranks else []
    if of.birthday:
        said.append(str(BIRTHDAYS[of.birthday]))
    if of.is_first_purchase:
        said.append(_("第一次买"))
    return said


def _when(of: Bonus) -> list[str]:
    said = []
    if of.from_day > date.min and of.until_day < date.max:
        said.append(
            _("{first}到{last}").format(first=numbers.day(of.from_day), last=numbers.day(of.until_day))
        )
    elif of.until_day < date.max:
        said.append(_("到 {day} 为止").format(day=numbers.day(of.until_day)))
    elif of.from_day > date.min:
        said.append(_("{day} 起").format(day=numbers.day(of.from_day)))
    if of.weekdays:
        said.append(_("、").join(str(WEEKDAYS[day - 1]) for day in of.weekdays))
    return said


def _of_what(of: Bonus, stores: Mapping[int, str], goods: Mapping[int, str]) -> list[str]:
    said = []
    if of.org_unit_ids:
        said.append(_listed(_("在 {names}"), [stores.get(i, str(i)) for i in of.org_unit_ids]))
    names = [*of.categories, *of.brands, *(goods.get(i, str(i)) for i in of.sku_ids)]
    if names:
        said.append(_listed(_("买 {names}"), names))
    if of.min_amount:
        said.append(_("满 {money}").format(money=yuan(of.min_amount)))
    return said


def _listed(said: str, names: Sequence[str], most: int = 3) -> str:
    named = _("、").join(names[:most])
    if len(names) > most:
        named = ngettext("{names}等 {n} 个", "{names}等 {n} 个", len(names)).format(names=named, n=len(names))
    return said.format(names=named)


def times(percent: int) -> str:
    """200 is 2, 150 is 1.5."""
    return f"{percent / 100:.2f}".rstrip("0").rstrip(".")


def yuan(minor: int) -> str:
    return f"¥{minor // 100:,}" if minor % 100 == 0 else f"¥{minor / 100:,.2f}"


def movement(entry: Entry) -> str:
    """What loyalty says of a movement; reasons that people wrote and names of rules stay as they are."""
    found = _MOVED.fullmatch(entry.sentence)
    if numbers.language() == "zh_Hans" or found is None:
        return entry.sentence
    head, debt, rest = found.groups()
    told = " ".join([_(head), *([_(debt)] if debt else [])])
    among = _("其中")
    return told + rest.replace("：", ": ", 1).replace("（其中 ", f" ({among} ", 1).replace("）", ")")


def why(said: str) -> list[str]:
    """The reasons of a tier, a sentence each."""
    return [retell(f"{part}。") for part in said.split("。") if part]


DIRECTIONS = {
    "both": gettext_lazy("两边都能换"),
    "out": gettext_lazy("只能我们的换对方的"),
    "in": gettext_lazy("只能对方的换我们的"),
}
PARTNER_STATES = {"live": gettext_lazy("合作中"), "ended": gettext_lazy("已停")}
