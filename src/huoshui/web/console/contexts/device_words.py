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
    return ""
