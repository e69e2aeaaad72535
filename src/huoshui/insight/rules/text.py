"""The compact text of a rule, which reads back to the same tree.

    count(buy[category_1 in ("零食")] last 30 days) >= 2 and known("tier") in ("金卡", "银卡")
    not after("Coupon Used", 7, "Coupon Claimed" last 60 days) or top(20, total(buy), within=known("attr.city"))

`and`, `or`, `not`, comparisons and the facts have a form of their own; all else is written as a call, kind and fields as in
JSON, required ones in their order and the others by name. `200元` is 20000 (分), `1.5件` is 1500 (thousandths),
`3公里` is 3000 (metres), `31.2度` is 31200000 (millionths of a degree).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple, get_args, get_origin

from huoshui.insight.rules import codec, types
from huoshui.insight.rules.check import DEEPEST, TOO_BIG, check
from huoshui.insight.rules.types import All, BadRule, Facts, Last, Rule
from huoshui.insight.rules.types import Any as AnyOf

UNITS = {"元": 100, "件": 1000, "公里": 1000, "度": 1_000_000}
_TOKEN = re.compile(
    r"""\s*(?:(?P<date>\d{4}-\d{2}-\d{2})|(?P<number>-?\d+(?:\.\d+)?(?:元|件|公里|度)?)|(?P<string>"(?:[^"\\]|\\.)*")"""
    r"""|(?P<word>[^\W\d]\w*)|(?P<sign><=|>=|!=|[<>=()\[\],]))"""
)


class Token(NamedTuple):
    kind: str
    text: str
    at: int


def read_text(text: str) -> Rule:
    reader = _Reader(text)
    document = reader.rule()
    if reader.now.kind != "end":
        raise reader.wrong("这里应该已经结束了")
    try:
        rule = codec.decode(document)
        check(rule)
    except BadRule as bad:
        raise BadRule(_column(reader.place_of(document, bad.place)), bad.sentence) from None
    return rule


def _column(at: int) -> str:
    return f"第 {at + 1} 个字"


class _Reader:
    """Recursive descent into the JSON document of the rule; what fits where is left to the decoder."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._next = 0
        self._depth = 0
        self._places: dict[int, int] = {}

    @property
    def now(self) -> Token:
        return self._tokens[self._next]

    def wrong(self, told: str) -> BadRule:
        here = f"，却是“{self.now.text}”" if self.now.text else "，却没有了"
        return BadRule(_column(self.now.at), f"{told}{here}。")

    def place_of(self, document: Any, pointer: str) -> int:
        """The column of the innermost node on the way that a pointer names."""
        found = self._places.get(id(document), 0)
        for part in pointer.split("/")[1:]:
            try:
                document = document[int(part) if isinstance(document, list) else part]
            except (KeyError, IndexError, TypeError, ValueError):
                break
            found = self._places.get(id(document), found)
        return found

    def rule(self) -> dict[str, Any]:
        return self._chain("or", "any", lambda: self._chain("and", "all", self._part))

    def _chain(self, word: str, kind: str, part: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        at, parts = self.now.at, [part()]
        while self._take("word", word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else self._made(at, kind, of=parts)

    def _part(self) -> dict[str, Any]:
        self._depth += 1
        if self._depth > DEEPEST:
            raise BadRule(_column(self.now.at), TOO_BIG)
        part = self._one()
        self._depth -= 1
        return part

    def _one(self) -> dict[str, Any]:
        at = self.now.at
        if self._take("word", "not"):
            return self._made(at, "not", of=self._part())
        if self._take("sign", "("):
            inner = self.rule()
            self._need(")")
            return inner
        first = self.now
        left = self._value()
        if self.now.text in get_args(types.Op):
            op = self._step().text
            second = self.now
            right = self._value()
            _refuse_other_unit(first, right)
            _refuse_other_unit(second, left)
            return self._made(at, "compare", left=left, op=op, right=right)
        if self._take("word", "in"):
            return self._made(at, "in", what=left, values=self._strings())
        if self._take("word", "is"):
            self._need("known")
            return self._made(at, "is_known", what=left)
        if not isinstance(left, dict):
            raise self.wrong("数字后面要有比较（如 >=）")
        return left

    def _value(self) -> Any:
        if self.now.kind == "number":
            return self._number(*UNITS)
        if self.now.kind != "word":
            raise self.wrong("这里要写条件或数字")
        return self._call()

    def _call(self) -> dict[str, Any]:
        name = self._step()
        node = codec.kinds().get(name.text)
        if node is None:
            raise BadRule(_column(name.at), f"不认识“{name.text}”。")
        self._need("(")
        given: dict[str, Any] = {}
        if node in (All, AnyOf):
            given["of"] = self._many(self.rule)
        else:
            self._arguments(name, node, given)
        self._need(")")
        return self._made(name.at, name.text, **given)

    def _arguments(self, name: Token, node: type, given: dict[str, Any]) -> None:
        fields, needed = codec.fields(node), [n for n in codec.fields(node) if n in codec.required(node)]
        for place in range(len(fields)):
            if place >= len(needed) and self.now.text != ",":
                return
            if place:
                self._need(",")
            if place < len(needed):
                key = needed[place]
            else:
                key = self._step().text
                self._need("=")
            if key not in fields:
                raise BadRule(_column(name.at), f"“{name.text}”里没有“{key}”，可以用：{'、'.join(fields)}。")
            given[key] = self._argument(fields[key])

    def _argument(self, wanted: Any) -> Any:
        options = {wanted, *get_args(wanted)}
        if Last in options and self.now.text in ("last", "from", "to", "since"):
            return self._window()
        if get_origin(wanted) is tuple:
            self._need("[")
            parts = self._many(lambda: self._argument(get_args(wanted)[0]))
            self._need("]")
            return parts
        if Facts in options and self.now.kind in ("string", "word"):
            return self._facts()
        if self.now.kind == "string":
            return self._string()
        if bool in options and self.now.text in ("true", "false"):
            return self._step().text == "true"
        if self.now.kind == "word" and self._tokens[self._next + 1].text != "(":
            return self._step().text
        return self._number("度") if self.now.kind == "number" else self._value()

    def _facts(self) -> dict[str, Any]:
        at = self.now.at
        given: dict[str, Any] = {"name": self._string() if self.now.kind == "string" else self._step().text}
        if self._take("sign", "["):
            given["where"] = self._many(self._filter)
            self._need("]")
        if (window := self._window()) is not None:
            given["window"] = window
        return self._made(at, "facts", **given)

    def _filter(self) -> dict[str, Any]:
        name = self._step()
        if name.text == "property":
            key = self._string()
            self._need("in")
            return self._made(name.at, "property", name=key, values=self._strings())
        if name.text == "hour":
            first = self._number()
            self._need("to")
            return self._made(name.at, "hours", first=first, until=self._number())
        if name.text == "weekday":
            self._need("in")
            return self._made(name.at, "weekdays", days=self._list(self._number))
        if self.now.text in get_args(types.Op):
            op = self._step().text
            unit = _of_figure(name.text)
            return self._made(name.at, "worth", figure=name.text, op=op, number=self._number(unit))
        negated = {"negated": True} if self._take("word", "not") else {}
        self._need("in")
        return self._made(name.at, "has", trait=name.text, values=self._strings(), **negated)

    def _window(self) -> dict[str, Any] | None:
        at = self.now.at
        if self._take("word", "last"):
            days = {"days": self._number()}
            self._need("days")
            return self._made(
                at, "last", **days, **({"skip": self._number()} if self._take("word", "skip") else {})
            )
        if self._take("word", "since"):
            return self._made(at, "since", tag=self._string())
        words = (("from", "first"), ("to", "last"))
        ends = {key: self._date() for word, key in words if self._take("word", word)}
        return self._made(at, "between", **ends) if ends else None

    def _made(self, at: int, kind: str, **given: Any) -> dict[str, Any]:
        document = {"kind": kind, **given}
        self._places[id(document)] = at
        return document

    def _many(self, part: Callable[[], Any]) -> list[Any]:
        parts = [part()]
        while self._take("sign", ","):
            parts.append(part())
        return parts

    def _strings(self) -> list[str]:
        return self._list(self._string)

    def _list(self, part: Callable[[], Any]) -> list[Any]:
        self._need("(")
        parts = self._many(part)
        self._need(")")
        return parts

    def _string(self) -> str:
        if self.now.kind != "string":
            raise self.wrong('这里要写用双引号括起来的文字（如 "金卡"）')
        try:
            said = str(json.loads(self._step().text))
        except ValueError:
            self._next -= 1
            raise self.wrong("双引号里的文字看不懂") from None
        if codec.is_odd(said):
            self._next -= 1
            raise self.wrong("双引号里有显示不出来的字符，请删掉")
        return said

    def _date(self) -> str:
        if self.now.kind != "date":
            raise self.wrong("这里要写日期（如 2026-01-31）")
        return self._step().text

    def _number(self, *units: str) -> int:
        """`units`: those that may stand behind it; each may be left out, and then it is in the smallest."""
        if self.now.kind != "number":
            raise self.wrong("这里要写数字")
        unit = _unit_of(self.now)
        if unit and unit not in units:
            can = f"，只能写“{'”或“'.join(units)}”" if units else "，不带单位"
            raise self.wrong(f"这里只写数字{can}")
        token = self._step()
        exact = Decimal(token.text.removesuffix(unit)) * UNITS.get(unit, 1)
        if exact != int(exact):
            raise BadRule(
                _column(token.at),
                f"“{token.text}”太细，金额最多两位小数，数量和公里最多三位，经纬度最多六位。",
            )
        return int(exact)

    def _step(self) -> Token:
        token = self.now
        if token.kind == "end":
            raise self.wrong("规则没写完")
        self._next += 1
        return token

    def _take(self, kind: str, text: str) -> bool:
        taken = self.now.kind == kind and self.now.text == text
        self._next += taken
        return taken

    def _need(self, text: str) -> None:
        if self.now.text != text or self.now.kind not in ("word", "sign"):
            raise self.wrong(f"这里要写“{text}”")
        self._next += 1


def _unit_of(token: Token) -> str:
    return token.text.lstrip("-0123456789.") if token.kind == "number" else ""


def _of_figure(figure: str) -> str:
    return "件" if figure == "units" else "元"


def _refuse_other_unit(token: Token, other: Any) -> None:
    """Where a number is compared with what is of another unit: three pieces are no 30 cents. What does not know its own unit
    (an attribute, another number) takes any."""
    said = _unit_of(token)
    while isinstance(other, dict) and other["kind"] == "percent":
        other = other["of"]
    if not said or not isinstance(other, dict) or other["kind"] == "number":
        return
    figure = other.get("figure", "amount")
    right = {"total": _of_figure(figure), "average": _of_figure(figure), "distance": "公里"}.get(
        other["kind"]
    )
    if said != right:
        told = f"，请写“{right}”" if right else "，只写数字"
        raise BadRule(_column(token.at), f"“{token.text}”的单位和要比的不是一回事{told}。")


def _tokens(text: str) -> list[Token]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if not match or not match.lastgroup:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise BadRule(_column(at), f"看不懂“{text[at]}”。")
        found.append(Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        at = match.end()
    return [*found, Token("end", "", len(text))]
