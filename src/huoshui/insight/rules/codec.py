"""JSON ↔ tree, and the published JSON Schema, all from the fields of the classes in `types`."""

from __future__ import annotations

import dataclasses
import types as python_types
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from huoshui.insight.rules import types
from huoshui.insight.rules.check import refuse_too_deep
from huoshui.insight.rules.types import BadRule, Rule

_UNIONS = (Union, python_types.UnionType)
_WORDS = {int: "整数", str: "文字", bool: "true 或 false", date: "日期（如 2026-01-31）"}


@cache
def fields(node: type) -> dict[str, Any]:
    """Field name → type, in the order of the class."""
    hints = get_type_hints(node)
    return {field.name: hints[field.name] for field in dataclasses.fields(node)}


@cache
def required(node: type) -> frozenset[str]:
    return frozenset(f.name for f in dataclasses.fields(node) if f.default is dataclasses.MISSING)


@cache
def kinds() -> dict[str, type]:
    found = [each for each in vars(types).values() if isinstance(each, type) and hasattr(each, "KIND")]
    return {each.KIND: each for each in found}


def decode(document: Any) -> Rule:
    return cast(Rule, _read(document, types.Condition, ""))


def encode(node: Any) -> Any:
    """A node as plain JSON; fields at their default are left out."""
    if dataclasses.is_dataclass(node) and not isinstance(node, type):
        told = {
            f.name: encode(getattr(node, f.name))
            for f in dataclasses.fields(node)
            if getattr(node, f.name) != f.default
        }
        return {"kind": node.KIND, **told}  # type: ignore[attr-defined]  # every class of the tree has one
    if isinstance(node, tuple):
        return [encode(each) for each in node]
    return node.isoformat() if isinstance(node, date) else node


def _read(value: Any, wanted: Any, place: str) -> Any:
    origin = get_origin(wanted)
    if origin in _UNIONS:
        return _read_one_of(value, get_args(wanted), place)
    if origin is tuple:
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise BadRule(place, "这里要写成列表。")
        if not value:
            raise BadRule(place, "列表不能是空的。")
        item = get_args(wanted)[0]
        return tuple(_read(each, item, f"{place}/{i}") for i, each in enumerate(value))
    if origin is Literal:
        if not isinstance(value, str) or value not in get_args(wanted):
            raise BadRule(place, f"不能是“{_short(value)}”，可以用：{'、'.join(get_args(wanted))}。")
        return value
    if dataclasses.is_dataclass(wanted):
        return _read_node(value, (cast(type, wanted),), place)
    return _read_plain(value, wanted, place)


def _read_one_of(value: Any, options: tuple[Any, ...], place: str) -> Any:
    if value is None and type(None) in options:
        return None
    plain = [each for each in options if each in (int, date)]
    if plain and not isinstance(value, Mapping):
        return _read_plain(value, plain[0], place)
    if literals := [word for each in options if get_origin(each) is Literal for word in get_args(each)]:
        return _read(value, Literal[tuple(literals)], place)
    return _read_node(
        value, tuple(each for each in options if isinstance(each, type) and hasattr(each, "KIND")), place
    )


def _read_node(value: Any, options: tuple[type, ...], place: str) -> Any:
    refuse_too_deep(place)
    names = {each.KIND: each for each in options}  # type: ignore[attr-defined]  # every class of the tree has one
    if not isinstance(value, Mapping):
        raise BadRule(place, f"这里要写成对象，种类是：{'、'.join(names)}。")
    kind = value.get("kind")
    if kind not in names:
        told = f"不认识种类“{_short(kind)}”" if kind not in kinds() else f"这里不能用“{kind}”"
        raise BadRule(f"{place}/kind", f"{told}，可以用：{'、'.join(names)}。")
    node = names[kind]
    known = fields(node)
    for name in value:
        if name != "kind" and name not in known:
            raise BadRule(f"{place}/{name}", f"“{kind}”里没有“{name}”，可以用：{'、'.join(known)}。")
    for name in known:
        if name in required(node) and name not in value:
            raise BadRule(place, f"“{kind}”缺少“{name}”。")
    return node(**{n: _read(value[n], t, f"{place}/{n}") for n, t in known.items() if n in value})


def _read_plain(value: Any, wanted: Any, place: str) -> Any:
    if wanted is date and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise BadRule(place, f"日期“{_short(value)}”看不懂，请写成 2026-01-31 这样。") from None
    fits = isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool))
    if not fits or wanted is date:
        raise BadRule(place, f"这里要写{_WORDS[wanted]}，现在是“{_short(value)}”。")
    if isinstance(value, str) and (not value.strip() or len(value) > 200):
        raise BadRule(place, "文字不能是空的，也不能超过 200 个字。")
    if isinstance(value, str) and is_odd(value):
        raise BadRule(place, "文字里有显示不出来的字符，请删掉。")
    if wanted is int and abs(value) > 10**15:
        raise BadRule(place, "数字太大。")
    return value


def is_odd(text: str) -> bool:
    """Whether it holds what no database and no file keeps: control characters, halves of a character."""
    return any(c < " " or "\ud800" <= c <= "\udfff" for c in text)


def _short(value: Any) -> str:
    return str(value)[:60]


def schema() -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Huoshui segment rule",
        **_schema_of(types.Condition),
        "$defs": {kind: _schema_of_node(node) for kind, node in kinds().items()},
    }


def _schema_of_node(node: type) -> dict[str, Any]:
    return {
        "type": "object",
        "description": " ".join((node.__doc__ or "").split()),
        "properties": {
            "kind": {"const": node.KIND},  # type: ignore[attr-defined]  # every class of the tree has one
            **{name: _schema_of(wanted) for name, wanted in fields(node).items()},
        },
        "required": ["kind", *sorted(required(node))],
        "additionalProperties": False,
    }


def _schema_of(wanted: Any) -> dict[str, Any]:
    origin = get_origin(wanted)
    if origin in _UNIONS:
        return {"anyOf": [_schema_of(each) for each in get_args(wanted)]}
    if origin is tuple:
        return {"type": "array", "items": _schema_of(get_args(wanted)[0]), "minItems": 1}
    if origin is Literal:
        return {"enum": list(get_args(wanted))}
    if dataclasses.is_dataclass(wanted):
        return {"$ref": f"#/$defs/{wanted.KIND}"}  # type: ignore[union-attr]  # every class of the tree has one
    plain: dict[Any, dict[str, Any]] = {
        int: {"type": "integer"},
        bool: {"type": "boolean"},
        str: {"type": "string", "minLength": 1, "maxLength": 200},
        date: {"type": "string", "format": "date"},
        type(None): {"type": "null"},
    }
    return plain[wanted]
