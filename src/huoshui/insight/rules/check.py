"""What a well-formed tree may still not say: types that do not fit, windows that cannot be."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from huoshui.insight.questions.grade import GRADES
from huoshui.insight.questions.rfm import SEGMENT_NAMES as KINDS
from huoshui.insight.rules.types import (
    BUY,
    Anniversary,
    Average,
    Balance,
    Between,
    Compare,
    Distance,
    Distinct,
    Every,
    Facts,
    FirstTime,
    Graded,
    Has,
    Hours,
    In,
    Last,
    Percent,
    Property,
    Reached,
    Sample,
    Sequence,
    Since,
    Tagged,
    Top,
    Total,
    Weekdays,
    Which,
    Worth,
    YearsSince,
)
from huoshui.insight.rules.types import After as Following
from huoshui.insight.rules.types import BadRule as Bad

LONGEST = 3660
DEGREE = 1_000_000
MOST_NODES, DEEPEST, MOST_VALUES = 400, 24, 1000
TOO_BIG = "规则太大，请拆成几个人群再组合。"
OF_ANY_FACT = ("store", "region", "dealer")


def check(rule: Any) -> None:
    for count, (place, node) in enumerate(walk(rule)):
        if count > MOST_NODES:
            raise Bad(place, TOO_BIG)
        _check_node(place, node)


def refuse_too_deep(place: str) -> None:
    if place.count("/") > 2 * DEEPEST:
        raise Bad(place, TOO_BIG)


def walk(node: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every node of a tree with its JSON pointer, parents first."""
    yield place, node
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        if isinstance(value, tuple):
            if len(value) > MOST_VALUES:
                raise Bad(f"{place}/{field.name}", f"最多写 {MOST_VALUES} 个。")
            for i, each in enumerate(value):
                if dataclasses.is_dataclass(each):
                    yield from walk(each, f"{place}/{field.name}/{i}")
        elif dataclasses.is_dataclass(value):
            yield from walk(value, f"{place}/{field.name}")


def _check_node(place: str, node: Any) -> None:
    match node:
        case Last(days=days, skip=skip):
            _within(f"{place}/days", days, 1, LONGEST, "天数")
            _within(f"{place}/skip", skip, 0, LONGEST, "跳过的天数")
        case Between(first=first, last=last):
            if first is None and last is None:
                raise Bad(place, "开始日期和结束日期至少要写一个。")
            if first and last and first > last:
                raise Bad(f"{place}/last", f"结束日期 {last} 早于开始日期 {first}。")
        case Facts():
            _check_facts(place, node)
        case Hours(first=first, until=until):
            _within(f"{place}/first", first, 0, 23, "钟点")
            _within(f"{place}/until", until, 1, 24, "钟点")
            if first == until:
                raise Bad(f"{place}/until", "开始和结束是同一个钟点，这段时间是空的。")
        case Weekdays(days=days):
            for i, day in enumerate(days):
                _within(f"{place}/days/{i}", day, 1, 7, "星期几（1 是周一）")
        case Total() | Average() if node.of.name != BUY and node.figure != "amount":
            raise Bad(f"{place}/figure", "除了购买，动态只有金额（amount）可以算。")
        case Which() | Distinct() if node.of.name != BUY and node.trait not in (*OF_ANY_FACT, "day"):
            raise Bad(
                f"{place}/trait", f"“{node.of.name}”没有“{node.trait}”，可以用：{'、'.join(OF_ANY_FACT)}。"
            )
        case _:
            _check_condition(place, node)
            _check_value(place, node)


def _check_facts(place: str, node: Facts) -> None:
    for i, each in enumerate(node.where):
        here = f"{place}/where/{i}"
        if isinstance(each, Property) and node.name == BUY:
            raise Bad(here, "购买没有属性可筛，请用动态的名字（如 Order Completed）。")
        if node.name == BUY:
            continue
        if isinstance(each, Worth) and each.figure != "amount":
            raise Bad(f"{here}/figure", "除了购买，动态只有金额（amount）可以比。")
        if isinstance(each, Has) and each.trait not in OF_ANY_FACT:
            raise Bad(f"{here}/trait", f"“{node.name}”没有“{each.trait}”，可以用：{'、'.join(OF_ANY_FACT)}。")


def _check_condition(place: str, node: Any) -> None:
    match node:
        case Compare(left=int(), right=int()):
            raise Bad(place, "两边都是固定的数字，不用比。")
        case Following(days=days):
            _within(f"{place}/days", days, 0, LONGEST, "天数")
        case FirstTime(of=of) if of.window is None or isinstance(of.window, Since):
            raise Bad(f"{place}/of", "“第一次”要写在哪段时间里（window）。")
        case Every(times=times, of=of):
            _within(f"{place}/times", times, 1, 60, "次数")
            if of.window is not None:
                raise Bad(f"{place}/of/window", "“每月”“每周”自己就是时间，这里不能再写时间段。")
        case Anniversary(days=days):
            _within(f"{place}/days", days, 0, 364, "天数")
        case YearsSince(days=days, of=of):
            _within(f"{place}/days", days, 0, 364, "天数")
            if of.window is not None:
                raise Bad(f"{place}/of/window", "“满周年”看的是有史以来第一次，这里不能写时间段。")
        case Top(percent=percent):
            _within(f"{place}/percent", percent, 1, 99, "百分比")
        case Tagged(since=Since()):
            raise Bad(f"{place}/since", "“从有标签起”只能写在购买或动态里。")
        case In(what=Graded(by=by), values=values):
            _check_grades(f"{place}/values", by, values)
        case Sample(first=first, until=until):
            _within(f"{place}/first", first, 0, 99, "百分比")
            _within(f"{place}/until", until, first + 1, 100, "百分比")
        case Sequence(steps=steps, gap=gap) | Reached(steps=steps, gap=gap):
            _within(f"{place}/gap", gap, 0, LONGEST, "间隔天数")
            if not 2 <= len(steps) <= 8:
                raise Bad(f"{place}/steps", "先后发生的事要写 2 到 8 件。")


def _check_value(place: str, node: Any) -> None:
    match node:
        case Percent(percent=percent):
            _within(f"{place}/percent", percent, 1, 10_000, "百分比")
        case Balance(unit=unit) if unit != "points" and not unit.startswith("points@"):
            raise Bad(f"{place}/unit", f"没有“{unit}”这种余额，可以用：points，或 points@合作方的编码。")
        case Distance(latitude=latitude, longitude=longitude):
            _within(f"{place}/latitude", latitude, -90 * DEGREE, 90 * DEGREE, "纬度（百万分之一度）")
            _within(f"{place}/longitude", longitude, -180 * DEGREE, 180 * DEGREE, "经度（百万分之一度）")


def _check_grades(place: str, by: str, values: tuple[str, ...]) -> None:
    known = GRADES if by == "grade" else KINDS
    for i, value in enumerate(values):
        if value not in known:
            raise Bad(f"{place}/{i}", f"没有“{value}”这一类，可以用：{'、'.join(known)}。")


def _within(place: str, number: int, least: int, most: int, what: str) -> None:
    if not least <= number <= most:
        raise Bad(place, f"{what}要在 {least} 到 {most} 之间，现在是 {number}。")
