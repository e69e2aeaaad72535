"""A rule as a form: groups of conditions within groups, each a few fields. What has no form of its own is written as text.

The fields of a node are named by its place (`0`, `0.2`, `0.2.1`), so that the whole tree travels in one plain form, with or
without a script.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from huoshui.core.errors import Refused
from huoshui.web.console.contexts import rooms

GROUPS = ("all", "any", "none")
LEAVES = ("buy", "silent", "first", "tier", "known", "birthday", "top", "member", "text")
MEASURES = ("count", "total", "average")
OPS = (">=", "<=", ">", "<", "=", "!=")
_MOST_NODES, _DEEPEST = 60, 5
_PLACE = re.compile(r"0(\.\d{1,2}){0,5}")

Json = dict[str, Any]


@dataclass(frozen=True)
class Node:
    """A group has `nodes`, a condition `values` by the name of the field."""

    kind: str
    values: Mapping[str, str] = field(default_factory=dict)
    nodes: tuple[Node, ...] = ()
    place: str = "0"

    @property
    def is_group(self) -> bool:
        return self.kind in GROUPS

    @property
    def may_nest(self) -> bool:
        return self.place.count(".") + 2 < _DEEPEST


def fresh() -> Node:
    return placed(Node("all", nodes=(leaf("buy"),)))


def leaf(kind: str) -> Node:
    given = {
        "buy": {"measure": "count", "op": ">=", "number": "2", "days": "30"},
        "silent": {"days": "30"},
        "first": {"days": "30"},
        "birthday": {"days": "7"},
        "top": {"percent": "20", "days": "365"},
    }
    return Node(kind, given.get(kind, {}))


def placed(node: Node, place: str = "0") -> Node:
    nodes = tuple(placed(one, f"{place}.{n}") for n, one in enumerate(node.nodes))
    return replace(node, place=place, nodes=nodes)


# ---- from and to the form -----------------------------------------------------------------------------------


def read(said: Mapping[str, str]) -> Node:
    """The tree a form holds. Raises Refused for one that no page of ours has made."""
    kinds = {name.removesuffix("-kind"): kind for name, kind in said.items() if name.endswith("-kind")}
    if "0" not in kinds or len(kinds) > _MOST_NODES or not all(map(_PLACE.fullmatch, kinds)):
        raise Refused("这条规则太长，或者页面已经过期，请刷新再试。")
    return placed(_read("0", kinds, said))


def _read(place: str, kinds: Mapping[str, str], said: Mapping[str, str]) -> Node:
    kind = kinds[place]
    if kind not in (*GROUPS, *LEAVES):
        raise Refused("没有这种条件。")
    below = sorted(
        (p for p in kinds if p.rpartition(".")[0] == place), key=lambda p: int(p.rpartition(".")[2])
    )
    if kind in GROUPS:
        return Node(kind, nodes=tuple(_read(p, kinds, said) for p in below))
    start = f"{place}-"
    values = {n.removeprefix(start): v.strip() for n, v in said.items() if n.startswith(start)}
    return Node(kind, {n: v[:2000] for n, v in values.items() if n != "kind"})


def change(root: Node, act: str) -> Node:
    """What a button of the form does: `add:0:buy`, `group:0`, `drop:0.1`."""
    what, _, rest = act.partition(":")
    place, _, kind = rest.partition(":")
    if what == "add" and kind in LEAVES:
        return placed(_at(root, place, lambda n: replace(n, nodes=(*n.nodes, leaf(kind)))))
    if what == "group":
        return placed(
            _at(root, place, lambda n: replace(n, nodes=(*n.nodes, Node("any", nodes=(leaf("buy"),)))))
        )
    if what == "drop" and place != "0":
        above = place.rpartition(".")[0]
        return placed(
            _at(root, above, lambda n: replace(n, nodes=tuple(m for m in n.nodes if m.place != place)))
        )
    return root


def _at(node: Node, place: str, do: Any) -> Node:
    if node.place == place and node.is_group:
        changed: Node = do(node)
        return changed
    return replace(node, nodes=tuple(_at(one, place, do) for one in node.nodes))


# ---- to a document ------------------------------------------------------------------------------------------


def document(node: Node) -> Json:
    """Raises Refused, in words, for a field that does not hold what it should; BadRule for a text."""
    if not node.is_group:
        return _leaf_document(node)
    parts = [document(one) for one in node.nodes]
    if not parts:
        raise Refused("每一组至少要有一个条件。")
    if node.kind == "none":
        return {"kind": "not", "of": parts[0] if len(parts) == 1 else {"kind": "any", "of": parts}}
    return parts[0] if len(parts) == 1 else {"kind": node.kind, "of": parts}


def _leaf_document(node: Node) -> Json:
    said = node.values
    match node.kind:
        case "buy":
            measure = said.get("measure", "")
            if measure not in MEASURES or said.get("op") not in OPS:
                raise Refused("没有这种比较。")
            number = _whole(said, "number") if measure == "count" else _yuan(said, "number")
            made = {"kind": measure, "of": _buys(said)}
            return {"kind": "compare", "left": made, "op": said["op"], "right": number}
        case "silent":
            return {"kind": "absent", "of": _buys(said)}
        case "first":
            return {"kind": "first_time", "of": _buys(said)}
        case "tier":
            return _is_in("tier", said)
        case "known":
            key = said.get("key", "")
            return _is_in(key if "." in key else f"attr.{key}", said)
        case "birthday":
            return {"kind": "anniversary", "key": "attr.birthday", "days": _whole(said, "days")}
        case "top":
            total = {"kind": "total", "of": _buys(said)}
            return {"kind": "top", "percent": _whole(said, "percent"), "of": total}
        case "member":
            return {"kind": "member", "segment": said.get("segment", "")}
    typed: Json = rooms.insight.segments.as_document(said.get("text", ""))
    return typed


def _buys(said: Mapping[str, str]) -> Json:
    made: Json = {"kind": "facts", "name": "buy"}
    where = [
        {"kind": "has", "trait": trait, "values": _listed(said[trait])}
        for trait in ("category", "store")
        if said.get(trait)
    ]
    if where:
        made["where"] = where
    if said.get("days"):
        made["window"] = {"kind": "last", "days": _whole(said, "days")}
    return made


def _is_in(key: str, said: Mapping[str, str]) -> Json:
    return {"kind": "in", "what": {"kind": "known", "key": key}, "values": _listed(said.get("values", ""))}


def _listed(text: str) -> list[str]:
    return [part.strip() for part in re.split("[,，、;；]", text) if part.strip()]


def _whole(said: Mapping[str, str], name: str) -> int:
    text = said.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused(f"这里要写一个整数，现在是“{text[:20]}”。")
    return int(text)


def _yuan(said: Mapping[str, str], name: str) -> int:
    text = said.get(name, "")
    try:
        minor = Decimal(text) * 100
    except InvalidOperation:
        minor = Decimal("0.1")
    if minor != minor.to_integral_value() or not 0 <= minor < 10**13:
        raise Refused(f"这里要写金额，比如 160 或 160.50，现在是“{text[:20]}”。")
    return int(minor)


# ---- from a document ----------------------------------------------------------------------------------------


def tree(rule: Json) -> Node:
    """What shows a saved rule; its root is a group, so that one may add to it."""
    node = _node(rule)
    return placed(node if node.is_group else Node("all", nodes=(node,)))


def _node(rule: Json, depth: int = 1) -> Node:
    if depth < _DEEPEST:
        if rule["kind"] in ("all", "any"):
            return Node(rule["kind"], nodes=tuple(_node(one, depth + 1) for one in rule["of"]))
        if rule["kind"] == "not":
            inner = rule["of"]
            parts = inner["of"] if inner["kind"] == "any" else [inner]
            return Node("none", nodes=tuple(_node(one, depth + 1) for one in parts))
    for kind in LEAVES[:-1]:
        values = _values(kind, rule)
        # Only what the form gives back as it was
        if values is not None and _says(Node(kind, values)) == rule:
            return Node(kind, values)
    return Node("text", {"text": rooms.insight.segments.as_text(rule)})


def _says(node: Node) -> Json | None:
    try:
        whole: Json = rooms.insight.segments.as_document(_leaf_document(node))
    except Refused:
        return None
    return whole


def _values(kind: str, rule: Json) -> dict[str, str] | None:
    try:
        match kind, rule["kind"]:
            case "buy", "compare":
                left = rule["left"]
                number = rule["right"] if left["kind"] == "count" else Decimal(rule["right"]) / 100
                return {"measure": left["kind"], "op": rule["op"], "number": str(number), **_of(left["of"])}
            case ("silent", "absent") | ("first", "first_time"):
                return _of(rule["of"])
            case ("tier", "in") | ("known", "in"):
                key = rule["what"]["key"].removeprefix("attr.")
                return {"key": key, "values": "、".join(rule["values"])}
            case "birthday", "anniversary":
                return {"days": str(rule["days"])}
            case "top", "top":
                return {"percent": str(rule["percent"]), **_of(rule["of"]["of"])}
            case "member", "member":
                return {"segment": rule["segment"]}
    except (KeyError, TypeError, InvalidOperation):
        return None
    return None


def _of(facts: Json) -> dict[str, str]:
    made = {f["trait"]: "、".join(f["values"]) for f in facts.get("where", ())}
    window = facts.get("window") or {}
    return made | ({"days": str(window["days"])} if "days" in window else {})
