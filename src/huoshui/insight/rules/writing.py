"""A rule as its compact text, which `text` reads back to the same tree."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

from huoshui.insight.rules import codec, types
from huoshui.insight.rules.text import UNITS
from huoshui.insight.rules.types import (
    All,
    Average,
    Compare,
    Distance,
    Facts,
    Filter,
    Has,
    Hours,
    In,
    IsKnown,
    Last,
    Not,
    Percent,
    Property,
    Rule,
    Since,
    Total,
    Weekdays,
    Window,
    Worth,
)
from huoshui.insight.rules.types import Any as AnyOf


def to_text(rule: Rule) -> str:
    return _condition(rule)


def _condition(node: Any) -> str:
    match node:
        case All(of=of) | AnyOf(of=of) if len(of) > 1:
            word = " and " if isinstance(node, All) else " or "
            return word.join(_inner(each) for each in of)
        case All(of=of) | AnyOf(of=of):
            return f"{node.KIND}({_condition(of[0])})"
        case Not(of=of):
            return f"not {_inner(of)}"
        case Compare(left=left, op=op, right=right):
            unit = _unit(left) or _unit(right)
            return f"{_argument(left, unit)} {op} {_argument(right, unit)}"
        case In(what=what, values=values):
            return f"{_argument(what)} in {_strings(values)}"
        case IsKnown(what=what):
            return f"{_argument(what)} is known"
    return _argument(node)


def _inner(node: Any) -> str:
    text = _condition(node)
    return f"({text})" if isinstance(node, All | AnyOf) and len(node.of) > 1 else text


def _unit(node: Any) -> str:
    match node:
        case Total() | Average():
            return "件" if node.figure == "units" else "元"
        case Percent(of=of):
            return _unit(of)
        case Distance():
            return "公里"
    return ""


def _argument(node: Any, unit: str = "") -> str:
    if isinstance(node, bool):
        return str(node).lower()
    if isinstance(node, int):
        return f"{_exact(node, unit)}{unit}"
    if isinstance(node, str):
        return _string(node)
    if isinstance(node, tuple):
        return f"[{', '.join(_argument(each) for each in node)}]"
    if isinstance(node, Window):
        return _window(node)
    return (_facts if isinstance(node, Facts) else _call)(node)


def _exact(number: int, unit: str) -> str:
    return f"{Decimal(number) / UNITS.get(unit, 1):f}"


def _call(node: Any) -> str:
    kind: type = type(node)
    needed, told = codec.required(kind), []
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        if field.name not in needed and value == field.default:
            continue
        is_word = _is_word(codec.fields(kind)[field.name])
        text = str(value) if is_word else _argument(value, "度" if isinstance(node, Distance) else "")
        told.append(text if field.name in needed else f"{field.name}={text}")
    return f"{node.KIND}({', '.join(told)})"


def _is_word(wanted: Any) -> bool:
    return get_origin(wanted) is Literal or any(_is_word(each) for each in get_args(wanted))


def _facts(node: Facts) -> str:
    name = node.name if node.name == types.BUY else _string(node.name)
    where = f"[{', '.join(_filter(each) for each in node.where)}]" if node.where else ""
    window = f" {_window(node.window)}" if node.window else ""
    return f"{name}{where}{window}"


def _filter(node: Filter) -> str:
    match node:
        case Hours(first=first, until=until):
            return f"hour {first} to {until}"
        case Weekdays(days=days):
            return f"weekday in ({', '.join(map(str, days))})"
        case Has(trait=trait, values=values, negated=negated):
            return f"{trait} {'not in' if negated else 'in'} {_strings(values)}"
        case Worth(figure=figure, op=op, number=number):
            unit = "件" if figure == "units" else "元"
            return f"{figure} {op} {_exact(number, unit)}{unit}"
        case Property(name=name, values=values):
            return f"property {_string(name)} in {_strings(values)}"


def _window(window: Window) -> str:
    if isinstance(window, Since):
        return f"since {_string(window.tag)}"
    if isinstance(window, Last):
        return f"last {window.days} days" + (f" skip {window.skip}" if window.skip else "")
    ends: Mapping[str, date | None] = {"from": window.first, "to": window.last}
    return " ".join(f"{word} {day}" for word, day in ends.items() if day)


def _strings(values: tuple[str, ...]) -> str:
    return f"({', '.join(_string(each) for each in values)})"


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
