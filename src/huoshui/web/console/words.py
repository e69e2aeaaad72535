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
    "year": _("年"),
    "month": _("月"),
}
