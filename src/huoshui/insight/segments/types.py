"""Frozen values of segments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

ENTERED, LEFT = "Segment Entered", "Segment Left"
OWN_FACTS = (ENTERED, LEFT)

STATES = ("on", "paused", "archived")


@dataclass(frozen=True)
class Segment:
    """`change` is of seven days, None while there is no such past; `is_pending` until its present version has been judged."""

    id: int
    name: str
    state: str
    owner: str
    owner_name: str
    version_no: int
    is_incremental: bool
    judged_at: datetime | None
    refreshed_at: datetime | None
    seconds: float
    people: int
    change: int | None
    error: str
    created_at: datetime
    saved_at: datetime
    sentence_zh: str
    sentence_en: str
    is_pending: bool

    def sentence(self, language: str) -> str:
        return self.sentence_en if language == "en" else self.sentence_zh


@dataclass(frozen=True)
class Version:
    version_no: int
    rule: Any
    rule_text: str
    sentence_zh: str
    sentence_en: str
    actor: str
    actor_name: str
    reason: str
    saved_at: datetime

    def sentence(self, language: str) -> str:
        return self.sentence_en if language == "en" else self.sentence_zh


class Saved(NamedTuple):
    segment_id: int
    version_no: int
    is_repeat: bool = False


class Member(NamedTuple):
    """`recheck_at`: when time alone may change that she is in; None when it never will."""

    person_id: int
    since: datetime
    recheck_at: datetime | None


class Passage(NamedTuple):
    """Somebody who came in or went; `left_why` is '', rule, merged, consent, changed or archived."""

    person_id: int
    at: datetime
    left_why: str


class Day(NamedTuple):
    day: date
    people: int
    entered: int
    left: int


class Overlap(NamedTuple):
    segment_id: int
    name: str
    size: int
    people: int


class Membership(NamedTuple):
    """Of one person, whichever of her ids was asked."""

    segment_id: int
    name: str
    since: datetime
    sentence_zh: str
    sentence_en: str

    def sentence(self, language: str) -> str:
        return self.sentence_en if language == "en" else self.sentence_zh


class Cost(NamedTuple):
    """What the lake would have to read to answer."""

    files: int
    rows: int
    bytes: int


@dataclass(frozen=True)
class Estimate:
    """What a rule says, and what it costs to count, before anything is read."""

    cost: Cost
    sentence_zh: str
    sentence_en: str
    rule_text: str
    is_incremental: bool

    def sentence(self, language: str) -> str:
        return self.sentence_en if language == "en" else self.sentence_zh


@dataclass(frozen=True)
class Preview:
    people: int
    sample: tuple[int, ...]
    cost: Cost
    seconds: float
    sentence_zh: str
    sentence_en: str
    rule_text: str
    is_incremental: bool


class Refreshed(NamedTuple):
    """What one segment's refresh did. `is_full`: everyone was judged; else `judged` people."""

    segment_id: int
    is_full: bool
    judged: int
    entered: int
    left: int
    people: int


class Kept(NamedTuple):
    """How a segment stands that is kept for another app."""

    id: int
    error: str
    is_pending: bool
    is_incremental: bool
    refreshed_at: datetime | None
