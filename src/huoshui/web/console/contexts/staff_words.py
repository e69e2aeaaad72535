"""What screens say of places and of those who have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huoshui.core.errors import Refused
from huoshui.web.console import words

KINDS: Mapping[str, Any] = {
    "headquarters": gettext_lazy("总部"),
    "region": gettext_lazy("大区"),
    "dealer": gettext_lazy("经销商"),
    "store": gettext_lazy("门店"),
}
ACTIONS: Mapping[str, Any] = {
    "acting.begun": gettext_lazy("开始代为操作"),
    "acting.ended": gettext_lazy("结束代为操作"),
    "staff.placed": gettext_lazy("安排了岗位"),
    "staff.place_ended": gettext_lazy("停了岗位"),
    "staff.added": gettext_lazy("加了员工"),
    "staff.left": gettext_lazy("办了离职"),
    "contact.revealed": gettext_lazy("看了完整号码"),
    "contact.dialled": gettext_lazy("打了电话"),
    "contact.wecom": gettext_lazy("出了加企业微信的码"),
    "staff.wecom": gettext_lazy("改了企业微信账号"),
}


def kind(name: str) -> str:
    return str(KINDS.get(name, name))


def roles(names: Iterable[str]) -> str:
    return _("、").join(str(words.ROLES.get(name, name)) for name in dict.fromkeys(names))


def action(name: str) -> str:
    """A deed in the audit; those without a word of their own as they stand there."""
    return str(ACTIONS.get(name, name))


def day(told: Any) -> date | None:
    """Raises Refused for what is no date."""
    if not told:
        return None
    try:
        return date.fromisoformat(str(told))
    except ValueError as error:
        raise Refused(_("日期请写成 2026-03-01 这样。")) from error


REFUSED = (
    "这不像企业微信账号：通讯录里成员详情的“账号”，由字母、数字和 _-@. 组成，不是姓名。",
    "这个企业微信账号已经登记给别的员工了，请先从那位员工那里去掉。",
    "门店归经销商、大区或总部，经销商归大区或总部，大区归总部。",
    "最多提前一年安排。",
    "生效日要晚于上一次调整的那天。",
    "没有这个岗位。",
    "这个岗位不在这一级：总部岗位在总部，大区经理在大区，经销商老板在经销商，店长和导购在门店。",
    "结束日早于开始日。",
    "结束日已经过了。",
    "外部公司的人只能做分析、审计、店长或导购。",
    "外部公司的人要写到期日，最长半年。",
    "一分钟只能要一次验证码，请稍等。",
    "要验证码的次数太多，请一小时后再试。",
    "动态码错了太多次，请 15 分钟后再试。",
)
"""What `brand.org`, `brand.staff` and signing in refuse by their rules, to be told again in the language of the page."""
