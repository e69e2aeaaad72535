"""Frozen values of portraits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple


class Counted(NamedTuple):
    """Of `group` people, `group_has` have the value; of `base` people, `base_has`; `both…`: of those in the two. Only people of
    whom the attribute is known are counted."""

    attribute: str
    value: str
    group_has: int
    group: int
    base_has: int
    base: int
    both_has: int
    both: int


class Heads(NamedTuple):
    group: int
    base: int
    both: int


@dataclass(frozen=True)
class Trait:
    """One value of one attribute. `lift`: 1.8 is 1.8 times as common in the group; None where nobody else has it."""

    attribute: str
    value: str
    attribute_name: str
    value_name: str
    people: int
    share: float
    base_people: int
    base_share: float
    lift: float | None
    p_value: float | None
    is_significant: bool

    @property
    def tgi(self) -> int | None:
        return None if self.lift is None else round(100 * self.lift)


@dataclass(frozen=True)
class Portrait:
    """`traits`: surest first, then by how many more or fewer of the group they are true of.

    `is_guarded`: counts are blurred and small ones held back (`held_back` of them), for who may not see persons.
    """

    segment_id: int
    name: str
    against: str
    as_of: date
    people: int
    base: int
    both: int
    traits: tuple[Trait, ...]
    paragraph: str
    is_guarded: bool
    held_back: int
    fewest: int


@dataclass(frozen=True)
class Typical:
    """A real person in the middle of a part of the segment. `share`: how much of the segment is most like her. `called`,
    `treatment`: what a person wrote of her and those like her."""

    person_id: int
    people: int
    share: float
    says: str
    called: str = ""
    treatment: str = ""
    by: str = ""
    said_at: datetime | None = None


class Mark(NamedTuple):
    """A feature in which a part stands out: its mean there and among all."""

    feature: str
    name: str
    mean: float
    usual: float
    apart: float
    """In standard deviations."""


@dataclass(frozen=True)
class Type:
    """What kind of customers: `says` tells it, `grades` how valuable they are, as share by grade."""

    key: int
    people: int
    share: float
    says: str
    marks: tuple[Mark, ...]
    grades: tuple[tuple[str, float], ...]
    called: str = ""


@dataclass(frozen=True)
class Types:
    """`id` names the model they are of."""

    id: int
    made_at: datetime
    by: str
    types: tuple[Type, ...]
