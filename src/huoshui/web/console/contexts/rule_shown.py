"""Conditions of a rule as the few fields that make them. What has no such form raises what it likes: whoever asks compares what
comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from huoshui.web.console.contexts.rule_leaves import MONEY, Json, named_doings


class Unshown(Exception):
    """This document has more to say than the fields can."""


def _spoken(name: str) -> str:
    return _("购买") if name == "buy" else {n: word for word, n in named_doings().items()}.get(name, name)


def _of(facts: Json, p: str = "") -> dict[str, str]:
    made = {f"{p}name": "" if facts["name"] == "buy" else _spoken(facts["name"])}
    for one in facts.get("where", ()):
        made |= {p + name: value for name, value in _of_filter(one).items() if p + name not in made}
    return {name: value for name, value in (made | _of_window(facts.get("window") or {}, p)).items() if value}


def _of_filter(one: Json) -> dict[str, str]:
    match one["kind"]:
        case "has":
            return {one["trait"]: ("除了" if one.get("negated") else "") + "、".join(one["values"])}
        case "hours":
            return {"hours": f"{one['first']}-{one['until']}"}
        case "weekdays":
            return {f"w{day}": "1" for day in one["days"]}
        case "worth":
            return {"least": _plain(Decimal(one["number"]) / 100)}
        case "property":
            return {"property": one["name"], "property_values": "、".join(one["values"])}
    raise Unshown


def _of_window(window: Json, p: str) -> dict[str, str]:
    match window.get("kind"):
        case "last":
            skip = window.get("skip", 0)
            return {f"{p}days": str(window["days"]), f"{p}skip": str(skip) if skip else ""}
        case "between":
            return {f"{p}{end}": window.get(end) or "" for end in ("first", "last")}
        case "since":
            return {f"{p}since": window["tag"]}
    return {}


def _measured(node: Json) -> str:
    if node["kind"] == "distinct":
        return f"distinct_{node['trait']}"
    figure = node.get("figure", "amount")
    if node["kind"] == "average" and figure != "amount":
        raise Unshown
    return str(node["kind"]) if figure == "amount" else str(figure)


def _numbered(measure: str, number: int) -> str:
    return _plain(Decimal(number) / (100 if measure in MONEY else 1000 if measure == "units" else 1))


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _plainly(rule: Json) -> dict[str, str]:
    if not isinstance(rule["right"], int):
        raise Unshown
    return {"op": rule["op"], "number": str(rule["right"])}


def _show_buy(rule: Json) -> dict[str, str]:
    measure = _measured(rule["left"])
    told = {"measure": measure, "op": rule["op"], "number": _numbered(measure, rule["right"])}
    return told | _of(rule["left"]["of"])


def _show_grown(rule: Json) -> dict[str, str]:
    left, right, percent = rule["left"], rule["right"], 100
    if right["kind"] == "percent":
        right, percent = right["of"], right["percent"]
    told = {"measure": _measured(left), "op": rule["op"], "percent": str(percent)}
    return told | _of(left["of"]) | _of_window(right["of"]["window"], "other_")


def _show_steps(node: Json) -> dict[str, str]:
    told = {"gap": str(node["gap"])}
    for n, step in enumerate(node["steps"], 1):
        told |= {f"s{n}_name": _spoken(step["name"])} | {
            name: value for name, value in _of(step, f"s{n}_").items() if name != f"s{n}_name"
        }
    if without := node.get("without"):
        told |= {"without_name": _spoken(without["name"])}
    return told


def _show_top(rule: Json) -> dict[str, str]:
    within = rule.get("within") or {}
    said = "store" if within.get("kind") == "which" else within.get("key", "").removeprefix("attr.")
    told = {"percent": str(rule["percent"]), "measure": _measured(rule["of"]), "within": said}
    return told | {"lowest": "lowest" if rule.get("lowest") else ""} | _of(rule["of"]["of"])


def _show_known(rule: Json) -> dict[str, str]:
    told = {"key": rule["what"]["key"].removeprefix("attr.")}
    if rule["kind"] == "is_known":
        return told | {"how": "known"}
    return told | {"values": "、".join(rule["values"])}


def _show_bond(rule: Json) -> dict[str, str]:
    told = _show_known(rule)
    return {"to": told.pop("key").removeprefix("bond."), **told}


def _show_distance(rule: Json) -> dict[str, str]:
    point = {name: _plain(Decimal(rule["left"][name]) / 1_000_000) for name in ("latitude", "longitude")}
    return point | {"op": rule["op"], "number": _plain(Decimal(rule["right"]) / 1000)}


def _show_tagged(rule: Json) -> dict[str, str]:
    told = {"tag": rule["tag"], "values": "、".join(rule.get("values", ()))}
    return told | _of_window(rule.get("since") or {}, "")


def _show_grade(rule: Json) -> dict[str, str]:
    if rule["what"]["kind"] != "graded":
        raise Unshown
    return {f"v_{value}": "1" for value in rule["values"]}


SHOWS: Mapping[str, Callable[[Json], dict[str, str]]] = {
    "buy": _show_buy,
    "grown": _show_grown,
    "silent": lambda rule: _of(rule["of"]),
    "first": lambda rule: _of(rule["of"]),
    "recent": lambda rule: _plainly(rule) | {"which": rule["left"]["which"]} | _of(rule["left"]["of"]),
    "which": lambda rule: (
        {name: rule["what"][name] for name in ("order", "trait")}
        | {"values": "、".join(rule["values"])}
        | _of(rule["what"]["of"])
    ),
    "after": lambda rule: {"within_days": str(rule["days"])} | _of(rule["of"]) | _of(rule["after"], "b_"),
    "order": _show_steps,
    "funnel": lambda rule: _plainly(rule) | _show_steps(rule["left"]),
    "every": lambda rule: {"unit": rule["unit"], "times": str(rule["times"])} | _of(rule["of"]),
    "birthday": lambda rule: {"key": rule["key"].removeprefix("attr."), "days": str(rule["days"])},
    "years": lambda rule: {"within_days": str(rule["days"])} | _of(rule["of"]),
    "top": _show_top,
    "tier": lambda rule: {"values": "、".join(rule["values"])},
    "role": lambda rule: {"role": rule["what"]["key"].removeprefix("role.")},
    "bond": _show_bond,
    "known": _show_known,
    "figure": lambda rule: _plainly(rule) | {"key": rule["left"]["key"].removeprefix("attr.")},
    "balance": lambda rule: (
        _plainly(rule) | {"partner": rule["left"]["unit"].removeprefix("points").removeprefix("@")}
    ),
    "score": lambda rule: _plainly(rule) | {"of": rule["left"]["of"]},
    "grade": _show_grade,
    "rfm": _show_grade,
    "distance": _show_distance,
    "tagged": _show_tagged,
    "member": lambda rule: {"segment": rule["segment"]},
    "sample": lambda rule: {name: str(rule[name]) for name in ("salt", "first", "until")},
}
