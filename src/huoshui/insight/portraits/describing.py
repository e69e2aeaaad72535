"""A portrait in one paragraph, in Chinese and in English: no database, no clock."""

from __future__ import annotations

from collections.abc import Sequence

from huoshui.insight import words
from huoshui.insight.portraits.types import Mark, Trait

_MORE, _FEWER = 5, 2
_MANY = 10
"""How many times, when the others hardly have it at all, is no number to remember."""
_NOTABLE = 0.35
"""In standard deviations: a smaller difference of a mean is not worth a word."""


def paragraph(
    traits: Sequence[Trait], *, people: int, against: str, is_about: bool = False, lang: str = "zh"
) -> str:
    """`against` '': everyone. `is_about`: the numbers are not exact."""
    sure = [t for t in traits if t.is_significant and t.lift is not None]
    more = _one_of_each([t for t in sure if t.lift and t.lift > 1])[:_MORE]
    fewer = _one_of_each([t for t in sure if t.lift is not None and t.lift < 1])[:_FEWER]
    fewer = [t for t in fewer if t.attribute not in {m.attribute for m in more}]
    said = _english if lang == "en" else _chinese
    return said(more, fewer, people, against, is_about)


def _one_of_each(traits: Sequence[Trait]) -> list[Trait]:
    """The most telling value of each attribute, in the order given."""
    first: dict[str, Trait] = {}
    for trait in traits:
        first.setdefault(trait.attribute, trait)
    return list(first.values())


def _chinese(more: list[Trait], fewer: list[Trait], people: int, against: str, is_about: bool) -> str:
    whom, other = (f"人群“{against}”", "对方") if against else ("全部顾客", "平均")
    who = ("这群人大约有 " if is_about else "这群人有 ") + words.counted(people, "人", "zh")
    if not more and not fewer:
        return f"{who}，和{whom}相比没有说得准的差别。"
    parts = []
    if more:
        told = "，".join(
            f"{t.attribute_name}{_is(t)}的占 {words.percent(t.share)}（{other} {words.percent(t.base_share)}，"
            f"{_times_zh(t, other)}）"
            for t in more
        )
        parts.append(f"比{whom}突出的是：{told}")
    if fewer:
        told = "，".join(
            f"{t.attribute_name}{_is(t)}的只占 {words.percent(t.share)}（{other} {words.percent(t.base_share)}）"
            for t in fewer
        )
        parts.append(f"比较少的是：{told}")
    return f"{who}，" + "；".join(parts) + "。"


def _is(trait: Trait) -> str:
    return f"“{trait.value_name}”"


def _times_zh(trait: Trait, other: str) -> str:
    lift = trait.lift or 0
    if lift >= _MANY:
        return "多得多"
    return f"是{other}的 {words.times(lift)} 倍" if lift >= 1.1 else "略高"


def _english(more: list[Trait], fewer: list[Trait], people: int, against: str, is_about: bool) -> str:
    whom = f"“{against}”" if against else "everyone"
    who = ("About " if is_about else "") + words.counted(people, "people", "en")
    if not more and not fewer:
        return f"{who}; compared with {whom} no difference is more than chance."
    parts = []
    if more:
        told = ", ".join(
            f"{t.attribute_name} “{t.value_name}” {words.percent(t.share)} (against {words.percent(t.base_share)})"
            for t in more
        )
        parts.append(f"more than {whom}: {told}")
    if fewer:
        told = ", ".join(
            f"{t.attribute_name} “{t.value_name}” {words.percent(t.share)} (against {words.percent(t.base_share)})"
            for t in fewer
        )
        parts.append(f"fewer: {told}")
    return f"{who}; " + "; ".join(parts) + "."


def part(marks: Sequence[Mark], lang: str = "zh") -> str:
    """What sets one part apart from all: 'a bigger basket, more on Sundays'."""
    told = [m for m in marks if abs(m.apart) >= _NOTABLE][:3]
    if not told:
        return "Close to the average in everything." if lang == "en" else "各方面都接近平均。"
    if lang == "en":
        return ", ".join(f"{'more' if m.apart > 0 else 'less'} {_mark(m, 'en')}" for m in told) + "."
    return "，".join(f"{_mark(m, 'zh')}" for m in told) + "。"


def _mark(mark: Mark, lang: str) -> str:
    here, usual = (_figure(mark.feature, value, lang) for value in (mark.mean, mark.usual))
    if lang == "en":
        return f"{mark.name} ({here}, usually {usual})"
    return f"{mark.name}{'多' if mark.apart > 0 else '少'}（{here}，平均 {usual}）"


def _figure(feature: str, value: float, lang: str) -> str:
    if feature == "ticket":
        return words.yuan(value, lang)
    return words.times(value) if feature in ("orders", "silent", "departments") else words.percent(value)
