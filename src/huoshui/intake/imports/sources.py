"""Under which name a table's rows are known, where its user gives none: a platform's by its shop, one's own by its kind."""

from __future__ import annotations

from typing import Final

from huoshui.intake.files.formats.registry import BY_NAME

_OF_KIND: Final = {
    "people": "会员表",
    "products": "商品表",
    "stores": "门店表",
    "sales": "销售明细",
    "staff": "员工表",
    "dealers": "经销商表",
    "stock": "库存表",
    "dealer_purchases": "经销商进货",
    "dealer_payments": "经销商回款",
    "dealer_stock": "经销商库存",
    "survey": "问卷",
    "coupons": "优惠券表",
    "bills": "收款账单",
    "footfall": "进店客流表",
    "targets": "目标表",
    "market": "市场数据",
    "promotion": "推广报表",
    "groups": "客户群",
    "campaigns": "活动表",
}
_ANY: Final = "表格导入"
_DEFAULTS: Final = {*_OF_KIND.values(), _ANY}


def is_default(name: str) -> bool:
    """Whether tables of anybody go by this name."""
    return name in _DEFAULTS


def source_for(kind: str, form: str = "", *, given: str = "") -> str:
    """`given` by the user stands. Two reports of one shop go by one name, for they tell of the same orders."""
    if given and given not in _DEFAULTS:
        return given
    if of := BY_NAME.get(form):
        return of.shop or of.label
    return _OF_KIND.get(kind, _ANY) if given in ("", _ANY) else given
