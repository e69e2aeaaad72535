"""Words of sources, plan and stream."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

TRACKED = {"web": _("网站"), "miniapp": _("小程序"), "app": _("手机应用"), "server": _("服务器")}
TRACK_SCOPES = {"events": _("记录行为"), "people": _("说明是谁"), "orders": _("报订单和退款")}
PLAN_TYPES = {
    "string": _("文字"),
    "number": _("数字"),
    "integer": _("整数"),
    "boolean": _("是或否"),
    "time": _("时间"),
    "object": _("对象"),
    "array": _("列表"),
}
PLAN_CLASSES = {"none": _("只留存"), "plain": _("普通，进入分析"), "behaviour": _("行为，进入分析")}
STATES = {"settled": _("已处理"), "received": _("处理中"), "waiting": _("等原订单")}
ASIDE_STATES = {"open": _("要看"), "replayed": _("已重新导入"), "dropped": _("不要了")}
ASIDE_DONE = {"replayed": _("已重新导入"), "dropped": _("已标为不要")}
ASIDE = {
    "event_unreadable": _("读不懂"),
    "event_too_large": _("太大"),
    "event_too_deep": _("嵌套太深"),
    "type_missing": _("没写是哪一类"),
    "type_unknown": _("没有这一类"),
    "ids_missing": _("没写是谁"),
    "id_too_long": _("编号太长"),
    "event_missing": _("没写发生了什么"),
    "group_missing": _("没写哪个组"),
    "alias_incomplete": _("没写原来的编号"),
    "message_id_too_long": _("消息编号太长"),
    "message_of_another": _("消息编号被别的来源用过"),
    "name_reserved": _("名字被占用"),
    "time_unreadable": _("时间读不懂"),
    "time_unbelievable": _("时间离谱"),
    "key_may_not": _("密钥没有权限"),
    "property_missing": _("缺方案要求的属性"),
    "property_wrong": _("属性和方案不符"),
    "order_id_missing": _("没写订单号"),
    "order_products_missing": _("没写商品"),
    "order_amount_unreadable": _("金额读不懂"),
    "order_quantity_unreadable": _("数量读不懂"),
    "order_currency_foreign": _("不是人民币"),
    "event_not_storable": _("存不下"),
}
