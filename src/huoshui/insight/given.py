"""Parameters as a command line or an address gives them: strings, checked, with errors in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from huoshui.core.errors import Refused

Strings = Mapping[str, str | Sequence[str]]

LANGUAGES = {"zh": "中文", "en": "English"}


class BadQuestion(Refused):
    """这个问题看不懂，请检查参数。"""

    code = "bad_question"


class Given:
    """Reads parameters. `done()` refuses what nobody read: a misspelt filter must not mean 'everything'."""

    def __init__(self, strings: Strings) -> None:
        self._strings = strings
        self._read: set[str] = set()

    def many(self, name: str) -> tuple[str, ...]:
        """A string is one value, a sequence several; blanks are none."""
        self._read.add(name)
        value = self._strings.get(name, ())
        values = (value,) if isinstance(value, str) else tuple(value)
        return tuple(v.strip() for v in values if v.strip())

    def listed(self, name: str) -> tuple[str, ...]:
        """Like `many`, but a comma separates too: for names of our own, which have none in them."""
        parts = (part.strip() for v in self.many(name) for part in v.replace("，", ",").split(","))
        return tuple(dict.fromkeys(part for part in parts if part))

    def text(self, name: str, default: str = "") -> str:
        values = self.many(name)
        if len(values) > 1:
            raise BadQuestion(f"参数 {name} 只能给一个值，现在给了 {len(values)} 个。")
        return values[0] if values else default

    def day(self, name: str) -> date | None:
        text = self.text(name)
        return as_day(text) if text else None

    def number(self, name: str, *, at_least: int, at_most: int) -> int | None:
        text = self.text(name)
        if not text:
            return None
        if not text.isascii() or not text.isdigit() or not at_least <= int(text) <= at_most:
            raise BadQuestion(f"参数 {name} 要写 {at_least} 到 {at_most} 之间的整数，现在是“{text}”。")
        return int(text)

    def yuan(self, name: str) -> int | None:
        """Minor units of an amount written in yuan."""
        text = self.text(name)
        if not text:
            return None
        if not re.fullmatch(r"\d{1,9}(\.\d{1,2})?", text, re.ASCII):
            raise BadQuestion(f"参数 {name} 要写金额，比如 160 或 160.50，现在是“{text}”。")
        return int(Decimal(text) * 100)

    def one_of(self, name: str, choices: Mapping[str, str], default: str) -> str:
        text = self.text(name, default)
        require(text, choices, f"参数 {name} 的值")
        return text

    def lang(self) -> str:
        return self.one_of("lang", LANGUAGES, "zh")

    def rest(self) -> dict[str, str | Sequence[str]]:
        """What nobody read so far, handed on to somebody else."""
        rest = {k: v for k, v in self._strings.items() if k not in self._read}
        self._read.update(rest)
        return rest

    def done(self) -> None:
        unknown = [name for name in self._strings if name not in self._read]
        if unknown:
            known = "、".join(sorted(self._read))
            raise BadQuestion(f"不认识的参数“{unknown[0]}”。这个问题可以用：{known}。")


def as_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadQuestion(f"日期“{text}”看不懂，请写成 2017-12-31 这样。") from None


def require(name: str, choices: Mapping[str, str] | Iterable[str], what: str) -> None:
    if name not in choices:
        labels = (
            [f"{k}（{v}）" for k, v in choices.items()] if isinstance(choices, Mapping) else list(choices)
        )
        raise BadQuestion(f"不认识{what}“{name}”。可以用：{'、'.join(labels)}。")


def check_span(first: date | None, last: date | None) -> None:
    if first and last and first > last:
        raise BadQuestion(f"开始日期 {first} 晚于结束日期 {last}，请对调。")
