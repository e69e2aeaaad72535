"""A rule as one plain sentence in English."""

from __future__ import annotations

from typing import assert_never

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
    bracketed,
    either,
    key_of,
    number_of,
    point_of,
    told_of,
    trait_of,
)


class English:
    def condition(self, node: types.Condition, inside: bool = False) -> str:
        match node:
            case All(of=of):
                return bracketed(of, " and ", self.condition, inside)
            case AnyOf(of=of):
                return bracketed(of, " or ", self.condition, inside)
            case Not(of=of):
                return f"not ({self.condition(of)})"
            case Compare(left=left, op=op, right=right):
                return f"whose {self.value(left, right)} is {OPS[op][1]} {self.value(right, left)}"
            case In(what=what, values=values):
                return f"whose {self.text(what)} is {either(told_of(values, what, 1), ', ', ' or ')}"
            case IsKnown(what=what):
                return f"whose {self.text(what)} is known"
            case _:
                return self.single(node)

    def single(self, node: Single) -> str:
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
                return f"whose {key_of(key, 1)} comes round " + (
                    "today" if days == 0 else f"within {days} days"
                )
            case YearsSince(of=of, days=days):
                near = "today" if days == 0 else f"within {days} days"
                return f"whose anniversary of the first {self.what(of)} comes round {near}"
            case Top(percent=percent, of=of, within=within, lowest=lowest):
                among = f" of the same {self.text(within)}" if within else ""
                return f"in the {'lowest' if lowest else 'top'} {percent}%{among} by {self.value(of)}"
            case Member(segment=segment):
                return f'in the segment "{segment}"'
            case Tagged(tag=tag, values=values, since=since):
                given = f" given {self.when(since)}" if since else ""
                told = f" ({either(values, ', ', ' or ')})" if values else ""
                return f'with the tag "{tag}"{told}{given}'
            case Sample(salt=salt, first=first, until=until):
                return f'drawn at random by "{salt}" between {first}% and {until}%'
            case types.Sequence(steps=steps, gap=gap, without=without):
                told = ", then ".join(self.facts(step) for step in steps)
                never = f", without {self.facts(without)} between them" if without else ""
                return f"with {told} (no more than {gap} days from step to step{never})"
            case _:
                assert_never(node)

    def value(self, node: types.Value, beside: types.Value | None = None) -> str:
        match node:
            case int():
                return number_of(node, beside, "en")
            case Count(of=of):
                return f"number of {self.facts(of)}"
            case Total(of=of, figure=figure):
                return f"total {FIGURES[figure][1]} of {self.facts(of)}"
            case Average(of=of, figure=figure):
                return f"average {FIGURES[figure][1]} of {self.facts(of)}"
            case Distinct(of=of, trait=trait):
                return f"number of different {'day' if trait == 'day' else trait_of(trait, 1)}s of {self.facts(of)}"
            case DaysSince(which=which, of=of):
                return f"days since the {which} of {self.facts(of)}"
            case Number(key=key):
                return key_of(key, 1) + (" rank" if key == "tier" else "")
            case _:
                return self.measure(node)

    def measure(self, node: Measure) -> str:
        match node:
            case Balance(unit=unit):
                partner = unit.removeprefix("points@")
                return "points balance" if partner == unit else f'balance of points of "{partner}"'
            case Score(of=of):
                return f"RFM {SCORES[of][1].lower()} score (1 to 5)"
            case Reached(steps=steps, gap=gap, without=without):
                told = " → ".join(self.facts(step) for step in steps)
                never = f", without {self.facts(without)} between them" if without else ""
                return f"furthest step in {told} (no more than {gap} days from step to step{never})"
            case Distance():
                return f"distance from {point_of(node)}"
            case Percent(percent=percent, of=of):
                return f"{percent}% of {self.value(of)}"
            case _:
                assert_never(node)

    def text(self, node: types.Text) -> str:
        if isinstance(node, Known):
            return key_of(node.key, 1)
        if isinstance(node, Graded):
            return BY[node.by][1]
        order = "most frequent" if node.order == "most" else node.order
        return f"{trait_of(node.trait, 1)} of the {order} {self.facts(node.of)}"

    def facts(self, node: Facts) -> str:
        when = self.when(node.window)
        return f"{self.what(node)} {when}" if when else self.what(node)

    def what(self, node: Facts) -> str:
        told = ", ".join(self.filter(each) for each in node.where)
        name = "purchases" if node.name == BUY else f'"{node.name}"'
        return f"{name} ({told})" if told else name

    def filter(self, node: types.Filter) -> str:
        match node:
            case Has(trait=trait, values=values, negated=negated):
                return f"{trait_of(trait, 1)} {'not ' if negated else ''}{either(values, ', ', ' or ')}"
            case Hours(first=first, until=until):
                return f"from {first}:00 to {until}:00" + (" the next day" if until <= first else "")
            case Weekdays(days=days):
                return "on " + " or ".join(DAYS[day - 1][1] for day in days)
            case Worth(figure=figure, op=op, number=number):
                return f"{FIGURES[figure][1]} each {OPS[op][1]} {number_of(number, node, 'en')}"
            case Property(name=name, values=values):
                return f"{name} {either(values, ', ', ' or ')}"
            case _:
                assert_never(node)

    def when(self, window: types.Window | None) -> str:
        match window:
            case Last(days=days, skip=0):
                return "today" if days == 1 else f"in the last {days} days"
            case Last(days=days, skip=skip):
                return f"in the {days} days that ended {skip} days ago"
            case Between(first=first, last=last):
                if first and last:
                    return f"from {first} to {last}"
                return f"since {first}" if first else f"up to {last}"
            case Since(tag=tag):
                return f'since given the tag "{tag}"'
            case None:
                return ""
            case _:
                assert_never(window)
