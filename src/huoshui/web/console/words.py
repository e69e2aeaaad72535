"""Screen words for the codes other rooms use."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ROLES = {
    "boss": _("老板"),
    "operator": _("运营"),
    "analyst": _("分析"),
    "privacy_officer": _("隐私专员"),
    "auditor": _("审计"),
    "dealer": _("经销商"),
    "manager": _("店长"),
    "guide": _("导购"),
}

# What the charts say; they are drawn by script, so the words travel as data.
CHART = {
    "actual": _("实际"),
    "expected": _("预期"),
    "range": _("正常范围"),
    "below": _("低于正常范围"),
    "above": _("高于正常范围"),
    "verdict": _("判断"),
    "normal": _("正常波动"),
    "date": _("日期"),
    "paid": _("实付"),
    "due": _("应在"),
    "likely": _("预计"),
    "today": _("今天"),
    "these": _("这群人"),
    "everyone": _("全部顾客"),
    "average": _("平均"),
    "customers": _("顾客"),
    "orders_a_year": _("一年几单"),
}

GRADES = {"high": _("高"), "mid": _("中"), "growing": _("成长")}
GROUPS = {
    "high_high": _("高频高客单"),
    "low_high": _("低频高客单"),
    "high_low": _("高频低客单"),
    "low_low": _("低频低客单"),
}
SILENT = {30: _("30 天以上没来"), 60: _("60 天以上没来"), 90: _("90 天以上没来"), 180: _("半年以上没来")}

IDENTIFIER_ICONS = {
    "phone": "device-mobile",
    "unionid": "brand-wechat",
    "openid": "brand-wechat",
    "external_userid": "building-broadcast-tower",
    "member_no": "id",
    "card_no": "id",
    "account": "shopping-bag",
    "email": "mail",
    "device_id": "device-desktop",
}
CHAIN_ICONS = {
    "source": "download",
    "person": "user-check",
    "sale": "receipt-2",
    "stock": "packages",
    "product": "basket",
    "points": "coins",
    "tier": "medal",
    "refund": "receipt-refund",
    "revision": "refresh",
    "supplement": "plus",
    "exception": "alert-triangle",
}

KINDS = {"sales": _("销售明细"), "people": _("顾客"), "products": _("商品"), "stores": _("门店")}
MODES = {"live": _("现在的数据"), "history": _("过去的数据")}
MODE_MEANS = {
    "live": _("照常发积分、扣库存、升等级"),
    "history": _("只记账和认人，计入等级；不发积分、不扣库存、不发消息"),
}
RUN_STATES = {
    "uploaded": _("等您确认"),
    "queued": _("排队中"),
    "running": _("进行中"),
    "tried": _("已试算，未生效"),
    "done": _("已完成"),
    "failed": _("没有完成"),
    "interrupted": _("停在半路"),
}
# In the order they are shown
COUNTS = {
    "rows": _("行"),
    "orders": _("订单"),
    "lines": _("商品行"),
    "people": _("顾客"),
    "new": _("新增"),
    "known": _("和以前一样，跳过"),
    "changed": _("新增或更新"),
    "waiting": _("等原订单的退货"),
    "problems": _("要改的行"),
}
