"""Frozen values of tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

GIVEN, TAKEN = "Tag Given", "Tag Taken"
OWN_FACTS = (GIVEN, TAKEN)

Kind = Literal["flag", "one", "several", "number"]
Source = Literal["hand", "import", "model", "inference", "rule"]
KINDS = ("flag", "one", "several", "number")
BELIEVED = ("hand", "import", "model", "inference", "rule")
"""Who is believed first where several say something of one person: a human over a list, a list over a machine."""
YES = "是"
"""The value of a tag that one wears or does not."""


@dataclass(frozen=True)
class Signal:
    """One thing that speaks for a value: a rule that holds, or a measure (`measures`) of at least `at_least`. `weight` is in
    points."""

    says: str
    weight: int
    rule: Any = None
    measure: str = ""
    at_least: float = 0.0


@dataclass(frozen=True)
class Guess:
    """A value, and what speaks for it. It is taken from `enough` points on."""

    value: str
    enough: int
    signals: tuple[Signal, ...]


@dataclass(frozen=True)
class Definition:
    """What a tag means. `rules` are (value, rule), and of a tag of one value the first that holds counts; `guesses` are
    weighed against each other. A tag has one of them or neither; hands, imports and models may speak of every tag.
    `meaning` is what its makers say of it, where the rules do not."""

    meaning: str = ""
    values: tuple[str, ...] = ()
    rules: tuple[tuple[str, Any], ...] = ()
    guesses: tuple[Guess, ...] = ()


@dataclass(frozen=True)
class Tag:
    id: int
    key: str
    name: str
    category: str
    kind: str
    is_sensitive: bool
    lifetime_days: int | None
    tells_facts: bool
    state: str
    owner_name: str
    pack: str
    version_no: int
    error: str
    is_pending: bool
    people: int
    created_at: datetime
    saved_at: datetime
    says_zh: str
    says_en: str
    told: Mapping[str, tuple[str, str]]
    definition: Definition

    def says(self, language: str) -> str:
        return self.says_en if language == "en" else self.says_zh

    @property
    def by(self) -> str:
        return "rule" if self.definition.rules else "inference" if self.definition.guesses else "hand"


class Version(NamedTuple):
    version_no: int
    definition: Definition
    says_zh: str
    says_en: str
    actor_name: str
    reason: str
    saved_at: datetime

    def sentence(self, language: str) -> str:
        return self.says_en if language == "en" else self.says_zh


@dataclass(frozen=True)
class Worn:
    """Something said of a person, of whichever of her ids. `why` of an inference: the signals that held. It `says` by what a
    rule gave this value, '' where no rule did."""

    id: int
    tag_id: int
    key: str
    name: str
    category: str
    kind: str
    is_sensitive: bool
    person_id: int
    value: str
    number: float | None
    since: datetime
    until: datetime | None
    expires_at: datetime | None
    source: str
    version_no: int
    origin: str
    score: float | None
    why: tuple[Mapping[str, Any], ...]
    actor_name: str
    reason: str
    ended_why: str
    ended_by: str
    ended_reason: str
    says_zh: str | None
    says_en: str | None

    def says(self, language: str) -> str:
        return (self.says_en if language == "en" else self.says_zh) or ""


class Named(NamedTuple):
    id: int
    is_sensitive: bool


class Wearer(NamedTuple):
    """What is believed of a human by one tag. `person_id` is canonical."""

    id: int
    person_id: int
    value: str
    number: float | None
    since: datetime
    expires_at: datetime | None
    source: str


class Wearers(NamedTuple):
    """`next`: the `after` of the next page, None on the last."""

    worn: list[Wearer]
    next: int | None


class Passage(NamedTuple):
    person_id: int
    value: str
    source: str
    at: datetime
    ended_why: str


class Day(NamedTuple):
    day: date
    people: int


class Saved(NamedTuple):
    tag_id: int
    version_no: int


class Taken(NamedTuple):
    """What came of many words at once."""

    begun: int
    ended: int
    refused: int
