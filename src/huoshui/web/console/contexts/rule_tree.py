"""A rule as a form: groups of conditions within groups, each a few fields. What has no form of its own is written as text.

The fields of a node are named by its place (`0`, `0.2`, `0.2.1`), so that the whole tree travels in one plain form, with or
without a script. A form may hold several rules, whose roots are `0`, `1`, `2`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import InvalidOperation
from typing import Any

from huoshui.core.errors import Refused
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts.rule_leaves import MAKES, Json
from huoshui.web.console.contexts.rule_shown import SHOWS, Unshown

GROUPS = ("all", "any", "none")
LEAVES = (*MAKES, "text")
_MOST_FIELDS, _DEEPEST = 900, 5
"""Django takes no more than a thousand, and a form has others besides."""
_PLACE = re.compile(r"\d{1,2}(\.\d{1,2}){0,5}")


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
    def is_root(self) -> bool:
        return "." not in self.place

    @property
    def may_nest(self) -> bool:
        return self.place.count(".") + 2 < _DEEPEST


def fresh() -> Node:
    return placed(Node("all", nodes=(leaf("buy"),)))


def leaf(kind: str) -> Node:
    return Node(kind, _GIVEN.get(kind, {}))


_AMOUNT = {"measure": "total", "op": ">="}
_GIVEN: Mapping[str, Mapping[str, str]] = {
    "buy": {"measure": "count", "op": ">=", "number": "2", "days": "30"},
    "grown": {**_AMOUNT, "percent": "150", "days": "30", "other_days": "30", "other_skip": "30"},
    "silent": {"days": "30"},
    "first": {"days": "30"},
    "recent": {"which": "last", "op": ">", "number": "45"},
    "which": {"order": "most", "trait": "category", "days": "365"},
    "after": {"within_days": "7", "b_days": "90"},
    "order": {"gap": "7"},
    "funnel": {"gap": "7", "op": "=", "number": "1"},
    "every": {"unit": "month", "times": "3"},
    "birthday": {"key": "birthday", "days": "7"},
    "years": {"within_days": "7"},
    "top": {"percent": "20", "measure": "total", "days": "365"},
    "bond": {"to": "store"},
    "figure": {"key": "tier", "op": ">=", "number": "2"},
    "balance": {"op": ">=", "number": "1000"},
    "score": {"of": "recency", "op": ">=", "number": "4"},
    "grade": {"v_high": "1"},
    "rfm": {"v_important_value": "1"},
    "distance": {"op": "<=", "number": "3"},
    "sample": {"salt": "A", "first": "0", "until": "50"},
}


def placed(node: Node, place: str = "0") -> Node:
    nodes = tuple(placed(one, f"{place}.{n}") for n, one in enumerate(node.nodes))
    return replace(node, place=place, nodes=nodes)


# ---- from and to the form -----------------------------------------------------------------------------------


def read(said: Mapping[str, str]) -> Node:
    """The one rule a form holds. Raises Refused for one that no page of ours has made."""
    found = read_all(said)
    if len(found) != 1:
        raise _past()
    return found[0]


def read_all(said: Mapping[str, str]) -> list[Node]:
    """All rules a form holds, in their order and with their places."""
    kinds = {name.removesuffix("-kind"): kind for name, kind in said.items() if name.endswith("-kind")}
    kinds = {place: kind for place, kind in kinds.items() if place}
    if _fields(kinds.values()) > _MOST_FIELDS or not all(map(_PLACE.fullmatch, kinds)):
        raise _past()
    roots = sorted((place for place in kinds if "." not in place), key=int)
    return [placed(_read(place, kinds, said), place) for place in roots]


def _past() -> Refused:
    return Refused("这条规则太长，或者页面已经过期，请刷新再试。")


def _fields(kinds: Iterable[str]) -> int:
    return sum(2 if kind in (*GROUPS, "text") else 20 for kind in kinds)


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


def acted_on(place: str) -> str:
    """The root that a button's act (`drop:1.0`) is about."""
    return place.partition(":")[2].partition(":")[0].partition(".")[0]


def acted(root: Node, said: Mapping[str, str]) -> tuple[Node, str]:
    """What the form's button made of it, and the place where one goes on: of what it added, or of the group it took from.

    `add:0` takes the kind from the list beside it.
    """
    act = said.get("act", "")
    what, _, rest = act.partition(":")
    if what == "add" and ":" not in rest:
        act = f"{act}:{said.get(f'{rest}-new', '')}"
    changed = change(root, act)
    if what == "drop":
        return changed, rest.rpartition(".")[0]
    known = {one.place for one in _all(root)}
    return changed, next((one.place for one in _all(changed) if one.place not in known), "")


def _all(node: Node) -> Iterator[Node]:
    yield node
    for one in node.nodes:
        yield from _all(one)


def change(root: Node, act: str) -> Node:
    """What a button of the form does: `add:0:buy`, `group:0`, `drop:0.1`."""
    what, _, rest = act.partition(":")
    place, _, kind = rest.partition(":")
    if what == "add" and kind in LEAVES:
        changed = _at(root, place, lambda n: replace(n, nodes=(*n.nodes, leaf(kind))))
    elif what == "group":
        changed = _at(root, place, lambda n: replace(n, nodes=(*n.nodes, Node("any", nodes=(leaf("buy"),)))))
    elif what == "drop" and "." in place:
        above = place.rpartition(".")[0]
        changed = _at(root, above, lambda n: replace(n, nodes=tuple(m for m in n.nodes if m.place != place)))
    else:
        return root
    return placed(changed, root.place)


def _at(node: Node, place: str, do: Any) -> Node:
    if node.place == place and node.is_group:
        changed: Node = do(node)
        return changed
    return replace(node, nodes=tuple(_at(one, place, do) for one in node.nodes))


# ---- to a document ------------------------------------------------------------------------------------------


class WrongCondition(Refused):
    """这个条件看不懂。"""

    def __init__(self, place: str, error: Refused) -> None:
        self.places = [int(part) + 1 for part in place.split(".")[1:]]
        self.error = error
        super().__init__(str(error))


def document(node: Node) -> Json:
    """Raises WrongCondition for a field that does not hold what it should, or a text."""
    if not node.is_group:
        try:
            made = _leaf_document(node)
            rooms.insight.segments.as_document(made)
        except Refused as error:
            raise WrongCondition(node.place, error) from error
        return made
    parts = [document(one) for one in node.nodes]
    if not parts:
        raise Refused("每一组至少要有一个条件。")
    if node.kind == "none":
        return {"kind": "not", "of": parts[0] if len(parts) == 1 else {"kind": "any", "of": parts}}
    return parts[0] if len(parts) == 1 else {"kind": node.kind, "of": parts}


def _leaf_document(node: Node) -> Json:
    if node.kind in MAKES:
        return MAKES[node.kind](node.values)
    typed: Json = rooms.insight.segments.as_document(node.values.get("text", ""))
    return typed


# ---- from a document ----------------------------------------------------------------------------------------


def tree(rule: Json) -> Node:
    """What shows a saved rule; its root is a group, so that one may add to it."""
    node = _node(rule)
    if _fields(one.kind for one in _all(node)) > _MOST_FIELDS:
        return as_text(rule)
    return placed(node if node.is_group else Node("all", nodes=(node,)))


def trees(rules: Sequence[Json]) -> list[Node]:
    """Of several in one form; where they are too many for it, as texts."""
    found = [placed(tree(rule), str(n)) for n, rule in enumerate(rules)]
    if _fields(one.kind for root in found for one in _all(root)) > _MOST_FIELDS:
        return [placed(as_text(rule), str(n)) for n, rule in enumerate(rules)]
    return found


def as_text(rule: Json) -> Node:
    text = Node("text", {"text": rooms.insight.segments.as_text(rule)})
    return placed(Node("all", nodes=(text,)))


def _node(rule: Json, depth: int = 1) -> Node:
    if depth < _DEEPEST:
        if rule["kind"] in ("all", "any"):
            return Node(rule["kind"], nodes=tuple(_node(one, depth + 1) for one in rule["of"]))
        if rule["kind"] == "not":
            inner = rule["of"]
            parts = inner["of"] if inner["kind"] == "any" else [inner]
            return Node("none", nodes=tuple(_node(one, depth + 1) for one in parts))
    for kind in SHOWS:
        values = _values(kind, rule)
        # Only what the form gives back as it was
        if values is not None and _says(Node(kind, values)) == _in_order(rule):
            return Node(kind, values)
    return Node("text", {"text": rooms.insight.segments.as_text(rule)})


def _says(node: Node) -> Json | None:
    try:
        made: Json = _in_order(rooms.insight.segments.as_document(_leaf_document(node)))
    except Refused:
        return None
    return made


def _in_order(rule: Any) -> Any:
    """Filters and values of a set mean the same in any order."""
    if isinstance(rule, list):
        return [_in_order(one) for one in rule]
    if not isinstance(rule, dict):
        return rule
    made = {name: _in_order(value) for name, value in rule.items()}
    for name in {"where", "values", "days"} & made.keys():
        if isinstance(made[name], list):
            made[name] = sorted(made[name], key=repr)
    return made


def _values(kind: str, rule: Json) -> dict[str, str] | None:
    try:
        return {name: value for name, value in SHOWS[kind](rule).items() if value}
    except (KeyError, TypeError, AttributeError, InvalidOperation, Unshown):
        return None
