"""A rule as one plain sentence in Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

from huoshui.insight.questions.rfm import SCORES
from huoshui.insight.rules import types
from huoshui.insight.rules.types import (
    BUY,
    Absent,
    After,
    All,
    Anniversary,
    Average,
    Balance,
    Between,
    Compare,
    Count,
    DaysSince,
    Distance,
    Distinct,
    Every,
    Facts,
    FirstTime,
    Graded,
    Has,
    Hours,
    In,
    IsKnown,
    Known,
    Last,
    Member,
    Not,
    Number,
    Percent,
    Property,
    Reached,
    Sample,
    Score,
    Since,
    Tagged,
    Top,
    Total,
    Weekdays,
    Worth,
    YearsSince,
)
from huoshui.insight.rules.types import Any as AnyOf
from huoshui.insight.rules.wording import (
    BY,
    DAYS,
    FIGURES,
    OPS,
    Measure,
    Single,
    either,
    key_of,
    number_of,
    point_of,
    told_of,
    trait_of,
)


class Chinese:
    def condition(self, node: types.Condition, inside: bool = False) -> str:
        match node:
            case All(of=of):
                return self._joined(of, "，并且", inside)
            case AnyOf(of=of):
                return self._joined(of, "，或者", inside)
            case Not(of=of):
                return f"不是“{self.condition(of)}”"
            case Compare(left=left, op=op, right=right):
                return f"{self.value(left, right)}{OPS[op][0]} {self.value(right, left)}".replace("  ", " ")
            case In(what=what, values=values):
                return f"{self.text(what)}是{either(told_of(values, what, 0), '、', '或')}"
            case IsKnown(what=what):
                return f"{self.text(what)}有记录"
            case _:
                return self.single(node)

    def single(self, node: Single) -> str:
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
                return f"{key_of(key, 0)}就在今天" if days == 0 else f"{key_of(key, 0)}在今天起 {days} 天内"
            case YearsSince(of=of, days=days):
                near = "就在今天" if days == 0 else f"在今天起 {days} 天内"
                return f"第一次{self.what(of)}的周年{near}"
            case Top(percent=percent, of=of, within=within, lowest=lowest):
                among = f"在同一{self.text(within)}里" if within else ""
                return f"{self.value(of)}{among}排在{'最低' if lowest else '最高'}的 {percent}%"
            case Member(segment=segment):
                return f"属于人群“{segment}”"
            case Tagged(tag=tag, values=values, since=since):
                given = f"{self.when(since).rstrip()}开始" if since else ""
                return f"{given}有标签“{tag}”" + (f"（{either(values, '、', '或')}）" if values else "")
            case Sample(salt=salt, first=first, until=until):
                return f"按“{salt}”随机分到第 {first}% 到 {until}%"
            case types.Sequence(steps=steps, gap=gap, without=without):
                told = "，然后".join(self.facts(step) for step in steps)
                never = f"，其间没有{self.facts(without)}" if without else ""
                return f"先{told}（每两步相隔不超过 {gap} 天{never}）"
            case _:
                assert_never(node)

    def value(self, node: types.Value, beside: types.Value | None = None) -> str:
        match node:
            case int():
                return number_of(node, beside, "zh") + (" 次" if isinstance(beside, Count) else "")
            case Count(of=of):
                return f"{self.facts(of)}的次数"
            case Total(of=of, figure=figure):
                return f"{self.facts(of)}的总{FIGURES[figure][0]}"
            case Average(of=of, figure=figure):
                return f"{self.facts(of)}的平均每次{FIGURES[figure][0]}"
            case Distinct(of=of, trait=trait):
                return f"{self.facts(of)}的不同{'天' if trait == 'day' else trait_of(trait, 0)}数"
            case DaysSince(which=which, of=of):
                return f"距{self.when(of.window)}{'第一次' if which == 'first' else '最近一次'}{self.what(of)}的天数"
            case Number(key=key):
                return key_of(key, 0) + ("序号" if key == "tier" else "")
            case _:
                return self.measure(node)

    def measure(self, node: Measure) -> str:
        match node:
            case Balance(unit=unit):
                partner = unit.removeprefix("points@")
                return "积分余额" if partner == unit else f"合作方“{partner}”的积分余额"
            case Score(of=of):
                return f"RFM“{SCORES[of][0]}”得分（1 到 5）"
            case Reached(steps=steps, gap=gap, without=without):
                told = " → ".join(self.facts(step) for step in steps)
                never = f"，其间没有{self.facts(without)}" if without else ""
                return f"按 {told} 的顺序（每两步相隔不超过 {gap} 天{never}）走到的步数"
            case Distance():
                return f"住处到（{point_of(node)}）的距离"
            case Percent(percent=percent, of=of):
                return f"{self.value(of)}的 {percent}%"
            case _:
                assert_never(node)

    def text(self, node: types.Text) -> str:
        if isinstance(node, Known):
            return key_of(node.key, 0)
        if isinstance(node, Graded):
            return BY[node.by][0]
        order = {"first": "第一次", "last": "最近一次", "most": "最常"}[node.order]
        return f"{self.when(node.of.window)}{order}{self.what(node.of)}的{trait_of(node.trait, 0)}"

    def facts(self, node: Facts) -> str:
        return f"{self.when(node.window)}{self.what(node)}"

    def what(self, node: Facts) -> str:
        told = "、".join(self.filter(each) for each in node.where)
        name = "购买" if node.name == BUY else f"“{node.name}”"
        return f"{name}（{told}）" if told else name

    def filter(self, node: types.Filter) -> str:
        match node:
            case Has(trait=trait, values=values, negated=negated):
                return f"{trait_of(trait, 0)}{'不' if negated else ''}是{either(values, '、', '或')}"
            case Hours(first=first, until=until):
                return f"{first} 点到{'次日 ' if until <= first else ' '}{until} 点"
            case Weekdays(days=days):
                return "、".join(DAYS[day - 1][0] for day in days)
            case Worth(figure=figure, op=op, number=number):
                return f"每次{FIGURES[figure][0]}{OPS[op][0]} {number_of(number, node, 'zh')}"
            case Property(name=name, values=values):
                return f"{name} 是{either(values, '、', '或')}"
            case _:
                assert_never(node)

    def when(self, window: types.Window | None) -> str:
        match window:
            case Last(days=days, skip=0):
                return "今天" if days == 1 else f"最近 {days} 天"
            case Last(days=days, skip=skip):
                return f"{skip} 天前的 {days} 天里"
            case Between(first=first, last=last):
                if first and last:
                    return f"{first} 至 {last} "
                return f"{first} 起" if first else f"到 {last} 为止"
            case Since(tag=tag):
                return f"从有标签“{tag}”起"
            case None:
                return ""
            case _:
                assert_never(window)

    def _joined(self, of: Sequence[Any], word: str, inside: bool) -> str:
        told = word.join(self.condition(each, True) for each in of)
        return f"（{told}）" if inside and len(of) > 1 else told
