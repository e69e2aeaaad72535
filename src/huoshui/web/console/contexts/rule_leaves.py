"""Conditions of a rule, each made of a few fields of a form. What does not fit is refused, in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from huoshui.core.errors import Refused
from huoshui.web.console import words

Json = dict[str, Any]
Said = Mapping[str, str]

OPS = (">=", "<=", ">", "<", "=", "!=")
TRAITS = ("category", "department", "brand", "product", "store", "region", "dealer", "channel")
DISTINCT = ("day", "product", "category", "brand", "store", "channel")
MONEY = frozenset({"total", "average", "discount"})
MEASURES = ("count", "total", "average", "units", "discount", *(f"distinct_{trait}" for trait in DISTINCT))
STEPS = ("1", "2", "3", "4")
WEEKDAYS = ("1", "2", "3", "4", "5", "6", "7")
_BUY = frozenset({"", "buy", "购买", "purchases"})


# ---- what people do, by the words of the page -----------------------------------------------------------------


def named_doings() -> dict[str, str]:
    """Facts by their word; those whose word is another's too keep their name."""
    said = {name: str(word) for name, (_icon, word) in words.DOINGS.items()}
    said |= {name: str(word) for name, word in words.FACTS.items()}
    told = list(said.values())
    return {word if told.count(word) == 1 else name: name for name, word in said.items()}


def _name(said: Said, p: str) -> str:
    text = said.get(f"{p}name", "")
    return "buy" if text in _BUY or text == _("购买") else named_doings().get(text, text)


def _facts(said: Said, p: str = "") -> Json:
    """`p` begins the names of the fields of these facts."""
    name = _name(said, p)
    where: list[Json] = [_has(trait, said[p + trait]) for trait in TRAITS if said.get(p + trait)]
    if hours := said.get(f"{p}hours", ""):
        where.append(_hours(hours))
    if days := [int(day) for day in WEEKDAYS if said.get(f"{p}w{day}")]:
        where.append({"kind": "weekdays", "days": days})
    if said.get(f"{p}least"):
        where.append(
            {"kind": "worth", "figure": "amount", "op": ">=", "number": yuan(said.get(f"{p}least", ""))}
        )
    if said.get(f"{p}property"):
        values = listed(said.get(f"{p}property_values", ""))
        where.append({"kind": "property", "name": said[f"{p}property"], "values": values})
    window = _window(said, p)
    made: Json = {"kind": "facts", "name": name}
    return made | ({"where": where} if where else {}) | ({"window": window} if window else {})


def _has(trait: str, text: str) -> Json:
    for word in ("除了", "except "):
        if text.startswith(word):
            return {"kind": "has", "trait": trait, "values": listed(text.removeprefix(word)), "negated": True}
    return {"kind": "has", "trait": trait, "values": listed(text)}


def _hours(text: str) -> Json:
    found = re.fullmatch(r"(\d{1,2})\s*(?:[-–—~到至]|to)\s*(\d{1,2})", text)
    if not found:
        raise Refused(_("钟点要写成 18-22 这样，现在看不懂。"))
    return {"kind": "hours", "first": int(found[1]), "until": int(found[2])}


def _window(said: Said, p: str) -> Json | None:
    if said.get(f"{p}since"):
        return {"kind": "since", "tag": said[f"{p}since"]}
    ends = {end: said[p + end] for end in ("first", "last") if said.get(p + end)}
    if ends:
        return {"kind": "between", **ends}
    if not said.get(f"{p}days"):
        return None
    skip = {"skip": whole(said, f"{p}skip")} if said.get(f"{p}skip") not in (None, "", "0") else {}
    return {"kind": "last", "days": whole(said, f"{p}days"), **skip}


# ---- values -----------------------------------------------------------------------------------------------------


def _measure(said: Said, facts: Json) -> Json:
    measure = said.get("measure", "")
    if measure not in MEASURES:
        raise Refused("没有这种比较。")
    if measure.startswith("distinct_"):
        return {"kind": "distinct", "of": facts, "trait": measure.removeprefix("distinct_")}
    if measure in ("units", "discount"):
        return {"kind": "total", "of": facts, "figure": measure}
    return {"kind": measure, "of": facts}


def _number(measure: str, said: Said) -> int:
    if measure in MONEY:
        return yuan(said.get("number", ""))
    return _exact(said.get("number", ""), 1000) if measure == "units" else whole(said, "number")


def _compared(left: Json, said: Said, right: Any) -> Json:
    if said.get("op") not in OPS:
        raise Refused("没有这种比较。")
    return {"kind": "compare", "left": left, "op": said["op"], "right": right}


def _is_in(what: Json, values: list[str]) -> Json:
    if not values:
        raise Refused(_("还没有写是哪几个。"))
    return {"kind": "in", "what": what, "values": values}


def _state(key: str) -> str:
    return key if "." in key or key in ("tier", "referred_by") else f"attr.{key}"


def listed(text: str) -> list[str]:
    return [part.strip() for part in re.split("[,，、;；]", text) if part.strip()]


def whole(said: Said, name: str) -> int:
    text = said.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused(f"这里要写一个整数，现在是“{text[:20]}”。")
    return int(text)


def yuan(text: str) -> int:
    try:
        minor = Decimal(text) * 100
    except InvalidOperation:
        minor = Decimal("0.1")
    if not minor.is_finite() or minor != minor.to_integral_value() or not 0 <= minor < 10**13:
        raise Refused(f"这里要写金额，比如 160 或 160.50，现在是“{text[:20]}”。")
    return int(minor)


def _exact(text: str, parts: int) -> int:
    try:
        number = Decimal(text) * parts
    except InvalidOperation:
        number = Decimal("0.1")
    if not number.is_finite() or number != number.to_integral_value() or abs(number) > 10**12:
        raise Refused(_("这里要写一个数，现在是“{text}”。").format(text=text[:20]))
    return int(number)


# ---- made of fields ---------------------------------------------------------------------------------------------


def _grown(said: Said) -> Json:
    facts = _facts(said)
    before = {**facts, "window": _window(said, "other_")}
    if before["window"] is None:
        raise Refused(_("请写拿来比的是前面多少天。"))
    right, percent = _measure(said, before), whole(said, "percent")
    if percent != 100:
        right = {"kind": "percent", "percent": percent, "of": right}
    return _compared(_measure(said, facts), said, right)


def _steps(said: Said) -> Json:
    steps = [_facts(said, f"s{n}_") for n in STEPS if said.get(f"s{n}_name")]
    if len(steps) < 2:
        raise Refused(_("至少要写两件事。"))
    without = {"without": _facts(said, "without_")} if said.get("without_name") else {}
    return {"steps": steps, "gap": whole(said, "gap"), **without}


def _known(said: Said, key: str) -> Json:
    what = {"kind": "known", "key": key}
    return {"kind": "is_known", "what": what} if said.get("how") == "known" else _is_in(what, _values(said))


def _values(said: Said) -> list[str]:
    return listed(said.get("values", ""))


def _top(said: Said) -> Json:
    within = said.get("within", "")
    made: Json = {"kind": "top", "percent": whole(said, "percent"), "of": _measure(said, _facts(said))}
    if within == "store":
        facts = {"kind": "facts", "name": "buy"}
        made["within"] = {"kind": "which", "order": "most", "trait": "store", "of": facts}
    elif within:
        made["within"] = {"kind": "known", "key": _state(within)}
    return made | ({"lowest": True} if said.get("lowest") == "lowest" else {})


def _graded(said: Said, by: str) -> Json:
    return _is_in({"kind": "graded", "by": by}, [n[2:] for n in said if n.startswith("v_") and said[n]])


def _distance(said: Said) -> Json:
    point = {name: _exact(said.get(name, ""), 1_000_000) for name in ("latitude", "longitude")}
    return _compared({"kind": "distance", **point}, said, _exact(said.get("number", ""), 1000))


def _tagged(said: Said) -> Json:
    if not said.get("tag"):
        raise Refused(_("还没有写是哪个标签。"))
    made: Json = {"kind": "tagged", "tag": said["tag"]}
    values, since = _values(said), _window(said, "")
    return made | ({"values": values} if values else {}) | ({"since": since} if since else {})


def _balance(said: Said) -> Json:
    unit = f"points@{said['partner']}" if said.get("partner") else "points"
    return _compared({"kind": "balance", "unit": unit}, said, whole(said, "number"))


MAKES: Mapping[str, Callable[[Said], Json]] = {
    "buy": lambda said: _compared(_measure(said, _facts(said)), said, _number(said.get("measure", ""), said)),
    "grown": _grown,
    "silent": lambda said: {"kind": "absent", "of": _facts(said)},
    "first": lambda said: {"kind": "first_time", "of": _facts(said)},
    "recent": lambda said: _compared(
        {"kind": "days_since", "which": said.get("which", ""), "of": _facts(said)},
        said,
        whole(said, "number"),
    ),
    "which": lambda said: _is_in(
        {"kind": "which", "order": said.get("order", ""), "trait": said.get("trait", ""), "of": _facts(said)},
        _values(said),
    ),
    "after": lambda said: {
        "kind": "after",
        "of": _facts(said),
        "days": whole(said, "within_days"),
        "after": _facts(said, "b_"),
    },
    "order": lambda said: {"kind": "sequence", **_steps(said)},
    "funnel": lambda said: _compared({"kind": "reached", **_steps(said)}, said, whole(said, "number")),
    "every": lambda said: {
        "kind": "every",
        "unit": said.get("unit", ""),
        "times": whole(said, "times"),
        "of": _facts(said),
    },
    "birthday": lambda said: {
        "kind": "anniversary",
        "key": _state(said.get("key") or "birthday"),
        "days": whole(said, "days"),
    },
    "years": lambda said: {"kind": "years_since", "of": _facts(said), "days": whole(said, "within_days")},
    "top": _top,
    "tier": lambda said: _is_in({"kind": "known", "key": "tier"}, _values(said)),
    "known": lambda said: _known(said, _state(said.get("key", ""))),
    "bond": lambda said: _known(said, f"bond.{said.get('to', '')}"),
    "figure": lambda said: _compared(
        {"kind": "number", "key": _state(said.get("key", ""))}, said, whole(said, "number")
    ),
    "role": lambda said: {
        "kind": "is_known",
        "what": {"kind": "known", "key": f"role.{said.get('role', '')}"},
    },
    "balance": _balance,
    "score": lambda said: _compared({"kind": "score", "of": said.get("of", "")}, said, whole(said, "number")),
    "grade": lambda said: _graded(said, "grade"),
    "rfm": lambda said: _graded(said, "rfm"),
    "distance": _distance,
    "tagged": _tagged,
    "member": lambda said: {"kind": "member", "segment": said.get("segment", "")},
    "sample": lambda said: {
        "kind": "sample",
        "salt": said.get("salt", ""),
        "first": whole(said, "first"),
        "until": whole(said, "until"),
    },
}
