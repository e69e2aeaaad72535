"""A rule as one plain sentence, in Chinese and in English, for whoever has to agree with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from huoshui.insight.dimensions import DIMENSIONS
from huoshui.insight.rules import types
from huoshui.insight.rules.types import (
    BUY,
    Absent,
    After,
    All,
    Anniversary,
    Average,
    Between,
    Compare,
    Count,
    DaysSince,
    Distinct,
    Every,
    Facts,
    FirstTime,
    Has,
    In,
    IsKnown,
    Known,
    Last,
    Member,
    Not,
    Number,
    Property,
    Rule,
    Sample,
    Tagged,
    Top,
    Total,
    Which,
    Worth,
)
from huoshui.insight.rules.types import Any as AnyOf
from huoshui.people.api import ATTRIBUTE_LABELS

Language = Literal["zh", "en"]
_OPS: Mapping[str, tuple[str, str]] = {
    "<": ("少于", "less than"),
    "<=": ("不超过", "at most"),
    "=": ("等于", "exactly"),
    "!=": ("不等于", "not"),
    ">=": ("至少", "at least"),
    ">": ("多于", "more than"),
}
_FIGURES = {
    "amount": ("金额", "amount"),
    "units": ("件数", "units"),
    "discount": ("优惠金额", "discount"),
}
_KEYS = {"tier": ("会员等级", "tier"), "points": ("积分", "points")}


def sentence(rule: Rule, language: Language) -> str:
    """`language`: zh or en."""
    told = _Chinese().condition(rule) if language == "zh" else _English().condition(rule)
    return f"{told}的顾客。" if language == "zh" else f"Customers {told}."


def _number(number: int, node: Any, language: Language) -> str:
    if isinstance(node, Total | Average | Worth) and node.figure != "units":
        amount = Decimal(number) / 100
        text = f"{amount:,.2f}" if number % 100 else f"{amount:,.0f}"
        return f"{text} 元" if language == "zh" else f"¥{text}"
    if isinstance(node, Total | Average | Worth):
        return f"{(Decimal(number) / 1000).normalize():f}" + (" 件" if language == "zh" else " units")
    return f"{number:,}"


class _Chinese:
    def condition(self, node: Any, inside: bool = False) -> str:
        match node:
            case All(of=of):
                return self._joined(of, "，并且", inside)
            case AnyOf(of=of):
                return self._joined(of, "，或者", inside)
            case Not(of=of):
                return f"不是“{self.condition(of)}”"
            case Compare(left=left, op=op, right=right):
                return f"{self.value(left, right)}{_OPS[op][0]} {self.value(right, left)}".replace("  ", " ")
            case In(what=what, values=values):
                return f"{self.text(what)}是{_either(values, '、', '或')}"
            case IsKnown(what=what):
                return f"{self.text(what)}有记录"
        return self.single(node)

    def single(self, node: Any) -> str:
        match node:
            case Absent(of=of):
                return f"{self.when(of.window)}没有{self.what(of)}"
            case After(of=of, days=days, after=after):
                return f"{self.facts(after)}之后 {days} 天内{self.facts(of)}"
            case FirstTime(of=of):
                return f"{self.when(of.window)}第一次{self.what(of)}"
            case Every(unit=unit, times=times, of=of):
                span = f"前 {times} 个月每个月" if unit == "month" else f"前 {times} 周每周"
                return f"{span}都{self.what(of)}"
            case Anniversary(key=key, days=days):
                return f"{_key(key, 0)}就在今天" if days == 0 else f"{_key(key, 0)}在今天起 {days} 天内"
            case Top(percent=percent, of=of, within=within, lowest=lowest):
                among = f"在同一{self.text(within)}里" if within else ""
                return f"{self.value(of)}{among}排在{'最低' if lowest else '最高'}的 {percent}%"
            case Member(segment=segment):
                return f"属于人群“{segment}”"
            case Tagged(tag=tag, values=values, since=since):
                given = f"{self.when(since).rstrip()}开始" if since else ""
                return f"{given}有标签“{tag}”" + (f"（{_either(values, '、', '或')}）" if values else "")
            case Sample(salt=salt, first=first, until=until):
                return f"按“{salt}”随机分到第 {first}% 到 {until}%"
            case types.Sequence(steps=steps, gap=gap, without=without):
                told = "，然后".join(self.facts(step) for step in steps)
                never = f"，其间没有{self.facts(without)}" if without else ""
                return f"先{told}（每两步相隔不超过 {gap} 天{never}）"
        raise NotImplementedError(type(node))

    def value(self, node: Any, beside: Any = None) -> str:
        match node:
            case int():
                return _number(node, beside, "zh") + (" 次" if isinstance(beside, Count) else "")
            case Count(of=of):
                return f"{self.facts(of)}的次数"
            case Total(of=of, figure=figure):
                return f"{self.facts(of)}的总{_FIGURES[figure][0]}"
            case Average(of=of, figure=figure):
                return f"{self.facts(of)}的平均每次{_FIGURES[figure][0]}"
            case Distinct(of=of, trait=trait):
                return f"{self.facts(of)}的不同{'天' if trait == 'day' else _trait(trait, 0)}数"
            case DaysSince(which=which, of=of):
                return f"距{'第一次' if which == 'first' else '最近一次'}{self.facts(of)}的天数"
            case Number(key=key):
                return _key(key, 0) + ("序号" if key == "tier" else "")
        raise NotImplementedError(type(node))

    def text(self, node: Known | Which) -> str:
        if isinstance(node, Known):
            return _key(node.key, 0)
        order = {"first": "第一次", "last": "最近一次", "most": "最常"}[node.order]
        return f"{order}{self.facts(node.of)}的{_trait(node.trait, 0)}"

    def facts(self, node: Facts) -> str:
        return f"{self.when(node.window)}{self.what(node)}"

    def what(self, node: Facts) -> str:
        told = "、".join(self.filter(each) for each in node.where)
        name = "购买" if node.name == BUY else f"“{node.name}”"
        return f"{name}（{told}）" if told else name

    def filter(self, node: Any) -> str:
        match node:
            case Has(trait=trait, values=values, negated=negated):
                return f"{_trait(trait, 0)}{'不' if negated else ''}是{_either(values, '、', '或')}"
            case Worth(figure=figure, op=op, number=number):
                return f"每次{_FIGURES[figure][0]}{_OPS[op][0]} {_number(number, node, 'zh')}"
            case Property(name=name, values=values):
                return f"{name} 是{_either(values, '、', '或')}"
        raise NotImplementedError(type(node))

    def when(self, window: Any) -> str:
        match window:
            case Last(days=days, skip=0):
                return "今天" if days == 1 else f"最近 {days} 天"
            case Last(days=days, skip=skip):
                return f"{skip} 天前的 {days} 天里"
            case Between(first=first, last=last):
                if first and last:
                    return f"{first} 至 {last} "
                return f"{first} 起" if first else f"到 {last} 为止"
        return ""

    def _joined(self, of: Sequence[Any], word: str, inside: bool) -> str:
        told = word.join(self.condition(each, True) for each in of)
        return f"（{told}）" if inside and len(of) > 1 else told


class _English:
    def condition(self, node: Any, inside: bool = False) -> str:
        match node:
            case All(of=of):
                return _bracketed(of, " and ", self.condition, inside)
            case AnyOf(of=of):
                return _bracketed(of, " or ", self.condition, inside)
            case Not(of=of):
                return f"not ({self.condition(of)})"
            case Compare(left=left, op=op, right=right):
                return f"whose {self.value(left, right)} is {_OPS[op][1]} {self.value(right, left)}"
            case In(what=what, values=values):
                return f"whose {self.text(what)} is {_either(values, ', ', ' or ')}"
            case IsKnown(what=what):
                return f"whose {self.text(what)} is known"
        return self.single(node)

    def single(self, node: Any) -> str:
        match node:
            case Absent(of=of):
                return f"with no {self.facts(of)}"
            case After(of=of, days=days, after=after):
                return f"with {self.facts(of)} within {days} days after {self.facts(after)}"
            case FirstTime(of=of):
                return f"whose first {self.what(of)} of all was {self.when(of.window)}"
            case Every(unit=unit, times=times, of=of):
                return f"with {self.what(of)} in each of the {times} {unit}s before this one"
            case Anniversary(key=key, days=days):
                return f"whose {_key(key, 1)} comes round " + (
                    "today" if days == 0 else f"within {days} days"
                )
            case Top(percent=percent, of=of, within=within, lowest=lowest):
                among = f" of the same {self.text(within)}" if within else ""
                return f"in the {'lowest' if lowest else 'top'} {percent}%{among} by {self.value(of)}"
            case Member(segment=segment):
                return f'in the segment "{segment}"'
            case Tagged(tag=tag, values=values, since=since):
                given = f" given {self.when(since)}" if since else ""
                told = f" ({_either(values, ', ', ' or ')})" if values else ""
                return f'with the tag "{tag}"{told}{given}'
            case Sample(salt=salt, first=first, until=until):
                return f'drawn at random by "{salt}" between {first}% and {until}%'
            case types.Sequence(steps=steps, gap=gap, without=without):
                told = ", then ".join(self.facts(step) for step in steps)
                never = f", without {self.facts(without)} between them" if without else ""
                return f"with {told} (no more than {gap} days from step to step{never})"
        raise NotImplementedError(type(node))

    def value(self, node: Any, beside: Any = None) -> str:
        match node:
            case int():
                return _number(node, beside, "en")
            case Count(of=of):
                return f"number of {self.facts(of)}"
            case Total(of=of, figure=figure):
                return f"total {_FIGURES[figure][1]} of {self.facts(of)}"
            case Average(of=of, figure=figure):
                return f"average {_FIGURES[figure][1]} of {self.facts(of)}"
            case Distinct(of=of, trait=trait):
                return f"number of different {'day' if trait == 'day' else _trait(trait, 1)}s of {self.facts(of)}"
            case DaysSince(which=which, of=of):
                return f"days since the {which} of {self.facts(of)}"
            case Number(key=key):
                return _key(key, 1) + (" rank" if key == "tier" else "")
        raise NotImplementedError(type(node))

    def text(self, node: Known | Which) -> str:
        if isinstance(node, Known):
            return _key(node.key, 1)
        order = "most frequent" if node.order == "most" else node.order
        return f"{_trait(node.trait, 1)} of the {order} {self.facts(node.of)}"

    def facts(self, node: Facts) -> str:
        when = self.when(node.window)
        return f"{self.what(node)} {when}" if when else self.what(node)

    def what(self, node: Facts) -> str:
        told = ", ".join(self.filter(each) for each in node.where)
        name = "purchases" if node.name == BUY else f'"{node.name}"'
        return f"{name} ({told})" if told else name

    def filter(self, node: Any) -> str:
        match node:
            case Has(trait=trait, values=values, negated=negated):
                return f"{_trait(trait, 1)} {'not ' if negated else ''}{_either(values, ', ', ' or ')}"
            case Worth(figure=figure, op=op, number=number):
                return f"{_FIGURES[figure][1]} each {_OPS[op][1]} {_number(number, node, 'en')}"
            case Property(name=name, values=values):
                return f"{name} {_either(values, ', ', ' or ')}"
        raise NotImplementedError(type(node))

    def when(self, window: Any) -> str:
        match window:
            case Last(days=days, skip=0):
                return "today" if days == 1 else f"in the last {days} days"
            case Last(days=days, skip=skip):
                return f"in the {days} days that ended {skip} days ago"
            case Between(first=first, last=last):
                if first and last:
                    return f"from {first} to {last}"
                return f"since {first}" if first else f"up to {last}"
        return ""


def _bracketed(of: Sequence[Any], word: str, tell: Callable[[Any, bool], str], inside: bool) -> str:
    told = word.join(tell(each, True) for each in of)
    return f"({told})" if inside and len(of) > 1 else told


def _either(values: Sequence[str], comma: str, last: str) -> str:
    *some, final = (f"“{value}”" for value in values)
    return f"{comma.join(some)}{last}{final}" if some else final


def _trait(name: str, language: int) -> str:
    dimension = DIMENSIONS[name]
    return dimension.label_en.lower() if language else dimension.label_zh


def _key(key: str, language: int) -> str:
    if key in _KEYS:
        return _KEYS[key][language]
    name = key.removeprefix("attr.")
    return name.replace("_", " ") if language else ATTRIBUTE_LABELS.get(name, name)
