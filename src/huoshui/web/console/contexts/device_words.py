"""Words of devices: their kinds, what they measure, and what their facts and notices say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

KINDS = {
    "scale": _("体脂秤"),
    "dispenser": _("派样机"),
    "counter": _("客流计数器"),
    "screen": _("门店屏幕"),
}
METRICS = {
    "weight_kg": (_("体重"), _("公斤")),
    "bmi": (_("BMI"), ""),
    "body_fat_percent": (_("体脂率"), "%"),
    "muscle_kg": (_("肌肉量"), _("公斤")),
    "skeletal_muscle_percent": (_("骨骼肌率"), "%"),
    "water_percent": (_("水分率"), "%"),
    "protein_percent": (_("蛋白质"), "%"),
    "bone_kg": (_("骨量"), _("公斤")),
    "bmr_kcal": (_("基础代谢"), _("千卡")),
    "visceral_fat_level": (_("内脏脂肪等级"), _("级")),
    "subcutaneous_fat_percent": (_("皮下脂肪"), "%"),
    "body_age_years": (_("身体年龄"), _("岁")),
    "heart_rate_bpm": (_("心率"), _("次/分")),
}
RULE_KINDS = {"change": _("变化了多少"), "level": _("一直高于或低于"), "silence": _("用着用着停了")}
DIRECTIONS = {"up": _("升 / 高于"), "down": _("降 / 低于")}
NOTICES = {
    "trend": ("trending-up", _("身体数据")),
    "silence": ("zzz", _("停用")),
    "sample": ("gift", _("试用装")),
}
NOTICE_STATES = {"open": _("该跟进"), "done": _("跟进过"), "over": _("自己好了")}
TOLD = {
    "scale": _("一次量的身体数据"),
    "dispenser": _("领取和出样"),
    "counter": _("一段时间进出多少人"),
    "screen": _("放了什么、点了什么"),
}
_SHOWN = 3


def value(metric: str, amount: float) -> str:
    unit = str(METRICS[metric][1])
    figure = f"{amount:.1f}".removesuffix(".0")
    return f"{figure}{unit}" if unit in ("", "%") else f"{figure} {unit}"


def noticed(said: Mapping[str, Any]) -> str:
    """What was noticed; without figures where the reader may not see them."""
    kind = said.get("kind")
    if kind == "silence":
        days = int(said["days"])
        said_so = ngettext("用得好好的秤，{n} 天没有上了", "用得好好的秤，{n} 天没有上了", days)
        return said_so.format(n=days)
    if kind is None:
        return gettext("{sample} 拿走一阵了，问问用得怎么样").format(
            sample=said.get("sample") or gettext("试用装")
        )
    if "metric" not in said:
        return gettext("身体数据有变化")
    metric, first, last = str(said["metric"]), float(said["first"]), float(said["last"])
    label = str(METRICS[metric][0])
    if kind == "level":
        high = said["direction"] == "up"
        words = gettext("{label}一直偏高，最近 {last}") if high else gettext("{label}一直偏低，最近 {last}")
        return words.format(label=label, last=value(metric, last))
    days = int(said["days"])
    rose = ngettext(
        "{label} {n} 天升了 {by}（{first} → {last}）", "{label} {n} 天升了 {by}（{first} → {last}）", days
    )
    fell = ngettext(
        "{label} {n} 天降了 {by}（{first} → {last}）", "{label} {n} 天降了 {by}（{first} → {last}）", days
    )
    return (rose if last > first else fell).format(
        label=label,
        n=days,
        by=difference(metric, abs(last - first)),
        first=value(metric, first),
        last=value(metric, last),
    )


def difference(metric: str, amount: float) -> str:
    if str(METRICS[metric][1]) == "%":
        return gettext("{n} 个点").format(n=f"{amount:.1f}".removesuffix(".0"))
    return value(metric, amount)


def about(name: str, body: Mapping[str, Any]) -> str:
    """What a fact of a device is about, on a person's timeline; '' for a fact of something else."""
    if name == "Body Measured":
        metrics = [m for m in METRICS if m in body.get("metrics", {})][:_SHOWN]
        return gettext("，").join(f"{METRICS[m][0]} {value(m, body['metrics'][m])}" for m in metrics)
    if name == "Trend Noticed":
        return noticed(body)
    if name.startswith("Sample "):
        return str(body.get("sample", ""))
    if name.startswith("Device "):
        return str(body.get("device_name", ""))
    if name.startswith("Screen "):
        return str(body.get("content", ""))
    return ""


ASIDE = {
    "reading_unreadable": _("读不懂"),
    "reading_too_large": _("太大"),
    "reading_message_id_too_long": _("消息编号太长"),
    "reading_type_unknown": _("没有这一类"),
    "reading_time_unreadable": _("时间读不懂"),
    "reading_in_future": _("时间在将来"),
    "reading_too_old": _("时间太早"),
    "metrics_missing": _("没有数值"),
    "metric_unknown": _("没有这一项"),
    "metric_not_a_number": _("数值不是数字"),
    "metric_implausible": _("数值离谱"),
    "member_too_long": _("成员名太长"),
    "person_wrong": _("没写对是谁"),
    "person_of_a_bound_device": _("绑定了顾客，又另写了人"),
    "consent_missing": _("没写顾客同意"),
    "consent_withdrawn": _("顾客没有同意"),
    "person_is_nobody": _("这个号不能认人"),
    "sample_code_missing": _("没写领取码"),
    "sample_code_unknown": _("没有这个领取码"),
    "sample_code_used": _("领取码用过了"),
    "sample_code_closed": _("派样已经停了"),
    "sample_not_claimed": _("没有领取就出样"),
    "sample_result_unknown": _("没写对出样结果"),
    "interval_wrong": _("时间段不对"),
    "interval_known": _("这段时间报过了"),
    "count_wrong": _("人数不对"),
    "store_missing": _("设备没有设门店"),
    "content_missing": _("没写放的是什么"),
    "seconds_wrong": _("秒数不对"),
    "reading_not_storable": _("存不下"),
}
