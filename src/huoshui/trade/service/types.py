"""Frozen values of serving customers in a store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, NamedTuple

from huoshui.core.errors import Refused
from huoshui.people.api import Card

NOTED: Final = "Guide Noted"


class Purchase(NamedTuple):
    """What a human took of a product on a day, after everything she gave back."""

    sku_id: int
    day: date
    quantity_milli: int
    org_unit_id: int | None


class Before(NamedTuple):
    """Of whom stands before a guide: what she took, whether anything may be guessed of her, and what guides tapped that has
    not faded, as (key of the tag, value)."""

    purchases: list[Purchase]
    is_profiled: bool
    noted: list[tuple[str, str]]


class Due(NamedTuple):
    """A product she takes again and again: when last, and every how many days, as the middle of her own gaps."""

    sku_id: int
    last_on: date
    every_days: int
    times: int

    def days_left(self, today: date) -> int:
        return self.every_days - (today - self.last_on).days


class Question(NamedTuple):
    """Of the three taps: the tag it becomes, its name, for how long that is believed, and the answers → the tag's value."""

    key: str
    name: str
    lifetime_days: int
    values: Mapping[str, str]


class Note(NamedTuple):
    """`key` is the phone's own: told again, nothing counts twice. What was not tapped is ''."""

    key: str
    person_id: int
    whom: str
    looked: str
    took: str
    at: datetime


class Noted(NamedTuple):
    fact_id: int
    is_repeat: bool


class Candidate(NamedTuple):
    """One of a guide's customers. `is_valued`: she buys much; where not `is_profiled`, nothing may be guessed of her."""

    person_id: int
    purchases: tuple[Purchase, ...]
    is_valued: bool = False
    is_profiled: bool = True


class Task(NamedTuple):
    """`kind` is 'due', 'care' or 'silent'; `days`: since when (care, silent), or until when (due;
    below zero when it is over)."""

    person_id: int
    kind: str
    days: int
    sku_id: int | None = None
    every_days: int = 0


class Doing(NamedTuple):
    """A task of today, done when she was called, noted or bought."""

    task: Task
    is_done: bool


class Mine(NamedTuple):
    """One of a guide's customers and what makes her urgent, '' for nothing: 'due' (she comes each `every` days), 'coupon',
    'care', 'birthday', 'silent'. `gone`: days since she bought last. `sku_id`: what it is about."""

    card: Card
    kind: str
    gone: int
    every: int
    sku_id: int | None = None


class NothingTapped(Refused):
    """一下都没点，没有可记的。"""

    code = "note_empty"


class AnswerUnknown(Refused):
    """没有这个选项，请刷新页面再点。"""

    code = "note_answer_unknown"


class NoteKeyReused(Refused):
    """这个编号已经用在另一条记录上了。"""

    code = "key_reused"
