"""Words of data trust."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huoshui.web.console import numbers

HOW = {"system": _("系统"), "half": _("半手工"), "hand": _("手工"), "none": _("还没有数据")}
FEEDS = {"orders": _("订单与退货"), "people": _("顾客资料"), "events": _("行为")}
STAGES = {
    "received": _("从发生到收到"),
    "settled": _("从收到到入账"),
    "lake": _("从入账到可以分析"),
    "number": _("从发生到看见数"),
}
FIELDS = {
    "identity": _("是谁"),
    "phone": _("手机号"),
    "wechat": _("微信号"),
    "card": _("会员卡或账号"),
    "time": _("时间"),
    "store": _("门店"),
    "staff": _("员工"),
    "channel": _("渠道"),
    "product": _("商品"),
    "quantity": _("数量"),
    "amount": _("金额"),
    "properties": _("属性"),
}
# What it means that a field is well told
VALID = {
    "phone": _("是完整的号码，不是打了星号的"),
    "time": _("不在未来，也不早于 2000 年"),
    "product": _("在商品表里"),
    "amount": _("各行加起来等于整单"),
}
FIGURES = {
    "takings": (_("成交额"), _("收银、网店和导入的订单，减去退货")),
    "orders": (_("订单数"), _("收银、网店和导入的订单")),
    "buyers": (_("顾客数"), _("订单里认得出的人")),
    "members": (_("会员"), _("会员表、注册和小程序登录")),
    "visits": (_("浏览与互动"), _("网站、小程序和应用发来的行为")),
    "points": (_("积分余额"), _("订单入账时一起记")),
    "stock": (_("库存"), _("订单入账时一起扣")),
}
VERDICTS = {
    "normal": _("正常"),
    "above": _("比往常多"),
    "below": _("比往常少"),
    "silent": _("该来没来"),
    "new": _("太新，还看不出"),
    "irregular": _("不定期"),
}
DOORS = {"file": _("导入的文件"), "event": _("网站与小程序"), "device": _("设备"), "exception": _("入账时")}
DONE_EVENTS = _("收下了 {taken} 条，{refused} 条还是没有收下，还剩 {left} 条。")
DONE_FACTS = _("{taken} 件已入账，{refused} 件还在等，还剩 {left} 件。")


def took(seconds: float | None) -> str:
    """How long, as one says it: 不到 1 分钟, 35 分钟, 6.5 小时, 12 天."""
    if seconds is None:
        return numbers.ABSENT
    if seconds < 60:
        return gettext("不到 1 分钟")
    if seconds < 3_600:
        said = gettext("{minutes} 分钟").format(minutes=round(seconds / 60))
    elif seconds < 48 * 3_600:
        said = gettext("{hours} 小时").format(hours=numbers.decimal(seconds / 3_600).removesuffix(".0"))
    else:
        said = gettext("{days} 天").format(days=numbers.decimal(seconds / 86_400, 0))
    return said.replace(" ", numbers.NBSP)
