"""Frozen values of identity."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from huoshui.core.crypto import unseal
from huoshui.core.errors import Refused


class ContactsClosed(Refused):
    """您的岗位不能查看完整号码。"""

    code = "contacts_closed"


class Seen(NamedTuple):
    """An identifier as a fact carries it, and what is already known of it."""

    fact_id: int
    kind: str
    scope: str
    key: str
    identifier_id: int | None
    person_id: int | None
    canonical_id: int | None
    links_made: int
    is_guarded: bool
    is_any_erased: bool = False  # whether there is anybody at all whose return must be prevented
    rules_version: int = 1  # which rules are live
    own_person_id: int | None = (
        None  # of a guarded value of the staff's: the customer who works here, whom it alone names
    )
    at: datetime | None = None  # of a device: when the fact happened
    holder_id: int | None = None  # whoever was known last on the device by then
    held_since: datetime | None = None
    has_eras: bool = (
        False  # of a number: it has changed hands, and of whom the fact is depends on when it happened
    )

    @property
    def name(self) -> tuple[str, str, str]:
        return (self.kind, self.scope, self.key)


@dataclass(frozen=True)
class NewLink:
    """`charged`: the identifiers that made it."""

    person_a: int
    person_b: int
    via: tuple[str, str, str]
    fact_id: int
    charged: tuple[tuple[str, str, str], ...] = ()


class Conflict(NamedTuple):
    """Two who stay apart although a fact carries accounts of both: together they would have too many of `kind`. What stands
    between them (`charged`) is the more people's for it."""

    kind: str
    via: tuple[str, str, str]
    fact_id: int
    person_a: int
    person_b: int
    charged: tuple[tuple[str, str, str], ...]


class PartedAgain(NamedTuple):
    """Two heads of clusters whom somebody has parted, and a fact that carries accounts of both."""

    via: tuple[str, str, str]
    fact_id: int
    person_a: int
    person_b: int


@dataclass
class Assignment:
    """What a batch means. Negative person ids stand for persons yet to be born."""

    person_of_fact: dict[int, int] = field(default_factory=dict)
    born: dict[int, int] = field(default_factory=dict)  # placeholder → the fact it is born with
    new_identifiers: dict[tuple[str, str, str], tuple[int | None, int]] = field(default_factory=dict)
    links: list[NewLink] = field(default_factory=list)
    newly_guarded: list[tuple[tuple[str, str, str], int]] = field(default_factory=list)
    held: list[tuple[tuple[str, str, str], int]] = field(
        default_factory=list
    )  # devices on which the person of a fact is known from its time on
    conflicts: list[Conflict] = field(default_factory=list)
    parted: list[PartedAgain] = field(default_factory=list)

    @property
    def charged(self) -> list[tuple[str, str, str]]:
        """The identifiers that made the links, once for each."""
        return [name for link in self.links for name in link.charged]


@dataclass(frozen=True)
class Identifier:
    """One identifier as it may be shown; `id` is what its whole value is asked for by, where it can be revealed."""

    id: int
    kind: str
    label: str
    masked: str
    since: datetime
    source: str
    is_guarded: bool
    can_reveal: bool
    ends_at: datetime | None = None  # of a number that changed hands: when
    can_ask: bool = False  # to be opened with a reason, by who may not simply see it


@dataclass(frozen=True)
class Sealed:
    """A contact value that nobody has opened yet."""

    kind: str
    value: bytes

    def open(self) -> str:
        return unseal(self.value)


@dataclass(frozen=True)
class Evidence:
    """One link on the path between two persons, in the user's words."""

    link_id: int
    person_a: int
    person_b: int
    rule: str
    sentence: str
    actor: str
    linked_at: datetime
