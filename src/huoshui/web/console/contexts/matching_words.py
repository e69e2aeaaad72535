"""Words of 疑似同一人."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

COMPARED = {
    "surname": gettext_lazy("姓"),
    "given": gettext_lazy("名"),
    "birthday": gettext_lazy("生日"),
    "phone": gettext_lazy("手机"),
    "street": gettext_lazy("街道"),
    "numbers": gettext_lazy("门牌"),
    "area": gettext_lazy("地区"),
    "email": gettext_lazy("邮箱"),
    "stores": gettext_lazy("门店"),
}
LEVELS = {
    ("surname", "same"): gettext_lazy("姓相同"),
    ("surname", "sound"): gettext_lazy("姓同音"),
    ("surname", "near"): gettext_lazy("姓相近"),
    ("surname", "some"): gettext_lazy("姓有些像"),
    ("surname", "other"): gettext_lazy("姓不同"),
    ("given", "same"): gettext_lazy("名相同"),
    ("given", "tone"): gettext_lazy("名同音同调"),
    ("given", "sound"): gettext_lazy("名同音不同调"),
    ("given", "swapped"): gettext_lazy("姓和名写反"),
    ("given", "near"): gettext_lazy("名的读音差一点"),
    ("given", "some"): gettext_lazy("名有些像"),
    ("given", "other"): gettext_lazy("名不同"),
    ("birthday", "same"): gettext_lazy("生日相同"),
    ("birthday", "day"): gettext_lazy("月日相同，年份没写"),
    ("birthday", "typo"): gettext_lazy("生日差一位或写颠倒"),
    ("birthday", "year"): gettext_lazy("月日相同，年份不同"),
    ("birthday", "some"): gettext_lazy("生日差两位"),
    ("birthday", "other"): gettext_lazy("生日不同"),
    ("phone", "same"): gettext_lazy("打码的手机号相同"),
    ("phone", "fits"): gettext_lazy("打码的手机号对得上尾号"),
    ("phone", "typo"): gettext_lazy("尾号差一位或写颠倒"),
    ("phone", "other"): gettext_lazy("手机号不同"),
    ("street", "same"): gettext_lazy("街道小区相同"),
    ("street", "near"): gettext_lazy("街道小区写法差一点"),
    ("street", "some"): gettext_lazy("街道小区有些像"),
    ("street", "other"): gettext_lazy("街道小区不同"),
    ("numbers", "same"): gettext_lazy("门牌号相同"),
    ("numbers", "part"): gettext_lazy("门牌号差一位或没写全"),
    ("numbers", "other"): gettext_lazy("门牌号不同"),
    ("area", "same"): gettext_lazy("同一个区"),
    ("area", "near"): gettext_lazy("地区写法差一点"),
    ("area", "other"): gettext_lazy("不在一个区"),
    ("email", "same"): gettext_lazy("邮箱名相同"),
    ("email", "other"): gettext_lazy("邮箱名不同"),
    ("stores", "same"): gettext_lazy("在同一家店买过"),
    ("stores", "other"): gettext_lazy("没在同一家店买过"),
}
VALUES = {
    "name": gettext_lazy("姓名"),
    "birthday": gettext_lazy("生日"),
    "phone": gettext_lazy("手机"),
    "address": gettext_lazy("地址"),
    "email": gettext_lazy("邮箱"),
    "stores": gettext_lazy("门店"),
}
TOLD = {
    "wecom": gettext_lazy(
        "有人扫了店员为其中一位生成的企业微信码，用的微信却是另一位的，或者和她已有的不是同一个"
    ),
}
DONE = {
    "same": gettext_lazy("已合并成一位顾客。弄错了可以在顾客页面上撤销。"),
    "different": gettext_lazy("记下了：不是同一人，以后不再列出来。"),
    "later": gettext_lazy("放到最后了。"),
    "started": gettext_lazy("开始比对了，过几分钟刷新这一页。"),
}
