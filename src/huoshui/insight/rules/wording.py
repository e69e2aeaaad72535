"""Words that the sentences of both languages are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from huoshui.insight.dimensions import DIMENSIONS
from huoshui.insight.questions.grade import GRADES
from huoshui.insight.questions.rfm import SEGMENT_NAMES
from huoshui.insight.rules import types
from huoshui.insight.rules.check import DEGREE
from huoshui.insight.rules.types import (
    Average,
    Distance,
    Graded,
    Percent,
    Reached,
    Total,
    Worth,
)
from huoshui.people.api import ATTRIBUTE_LABELS

Language = Literal["zh", "en"]
Single = (
    types.Absent
    | types.After
    | types.FirstTime
    | types.Every
    | types.Anniversary
    | types.YearsSince
    | types.Top
    | types.Member
    | types.Tagged
    | types.Sample
    | types.Sequence
)
Measure = types.Balance | types.Score | types.Reached | types.Distance | types.Percent
OPS: Mapping[str, tuple[str, str]] = {
    "<": ("少于", "less than"),
    "<=": ("不超过", "at most"),
    "=": ("等于", "exactly"),
    "!=": ("不等于", "not"),
    ">=": ("至少", "at least"),
    ">": ("多于", "more than"),
}
FIGURES = {
    "amount": ("金额", "amount"),
    "units": ("件数", "units"),
    "discount": ("优惠金额", "discount"),
}
_KEYS = {
    "tier": ("会员等级", "tier"),
    "referred_by": ("介绍人", "referrer"),
    "bond.store": ("归属门店", "store"),
    "bond.guide": ("归属导购", "guide"),
    "bond.dealer": ("归属经销商", "dealer"),
}
_KEYS_OF = {"consent": ("同意“{}”", 'consent to "{}"'), "role": ("身份“{}”", 'role "{}"')}
GRADE_NAMES: Mapping[str, tuple[str, str]] = {**GRADES, **SEGMENT_NAMES}
BY = {"grade": ("价值分层", "value grade"), "rfm": ("RFM 分类", "RFM kind")}
DAYS = (
    ("周一", "Monday"),
    ("周二", "Tuesday"),
    ("周三", "Wednesday"),
    ("周四", "Thursday"),
    ("周五", "Friday"),
    ("周六", "Saturday"),
    ("周日", "Sunday"),
)


def number_of(number: int, node: Any, language: Language) -> str:
    if isinstance(node, Total | Average | Worth) and node.figure != "units":
        amount = Decimal(number) / 100
        text = f"{amount:,.2f}" if number % 100 else f"{amount:,.0f}"
        return f"{text} 元" if language == "zh" else f"¥{text}"
    if isinstance(node, Total | Average | Worth):
        return f"{(Decimal(number) / 1000).normalize():f}" + (" 件" if language == "zh" else " units")
    if isinstance(node, Percent):
        return number_of(number, node.of, language)
    if isinstance(node, Reached):
        return f"{number} 步" if language == "zh" else f"{number}"
    if isinstance(node, Distance):
        return f"{Decimal(number) / 1000:,f} " + ("公里" if language == "zh" else "km")
    return f"{number:,}"


def told_of(values: Sequence[str], node: Any, language: int) -> list[str]:
    return [GRADE_NAMES[v][language] for v in values] if isinstance(node, Graded) else list(values)


def bracketed(of: Sequence[Any], word: str, tell: Callable[[Any, bool], str], inside: bool) -> str:
    told = word.join(tell(each, True) for each in of)
    return f"({told})" if inside and len(of) > 1 else told


def either(values: Sequence[str], comma: str, last: str) -> str:
    *some, final = (f"“{value}”" for value in values)
    return f"{comma.join(some)}{last}{final}" if some else final


def point_of(node: Distance) -> str:
    return f"{Decimal(node.latitude) / DEGREE:f}, {Decimal(node.longitude) / DEGREE:f}"


def trait_of(name: str, language: int) -> str:
    dimension = DIMENSIONS[name]
    return dimension.label_en.lower() if language else dimension.label_zh


def key_of(key: str, language: int) -> str:
    if key in _KEYS:
        return _KEYS[key][language]
    kind, _dot, rest = key.partition(".")
    if kind in _KEYS_OF and rest:
        return _KEYS_OF[kind][language].format(rest)
    name = key.removeprefix("attr.")
    return name.replace("_", " ") if language else ATTRIBUTE_LABELS.get(name, name)
