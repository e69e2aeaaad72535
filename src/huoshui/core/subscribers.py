"""How a lower room reaches a higher one without knowing it: the higher room registers, in its AppConfig.ready().

Nine kinds of registration. A *card part* rewrites the columns of `people.card` that its room knows, for the persons it is
told, and may be run again at will. A *state source* yields the changes of what a room knows about people (attributes,
tiers, clusters) for the lake's `state` table. A *property source* yields what facts say of themselves, as far as it was
declared fit for the lake, for its `properties` table. An *eraser* takes out of a room what it holds of persons who are erased;
a *copy part* tells what a room knows of a person, for the person. A *crediting* is a step of the river's own transaction: it
answers what settled sales earn others than the customer (commission, a referral's reward). An *expiry* is a class of data that
is kept for a time only, and how to take away what is past it. An *actor kind* is who acts by a number that is no staff's. The
*dealers' word* is what dealers themselves say of head office's looking at how to reach their customers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import pyarrow as pa

from huoshui.core.actor import Actor
from huoshui.core.ledger.types import Movement


@dataclass(frozen=True)
class XidRange:
    """Transactions `low <= xid < high`, all of them finished."""

    low: int
    high: int


STATE_SCHEMA = pa.schema(
    [
        ("person_id", pa.int64()),
        ("key", pa.string()),
        ("value", pa.string()),
        ("number", pa.float64()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("seq", pa.int64()),
        ("source_id", pa.int32()),
    ]
)


PROPERTY_SCHEMA = pa.schema(
    [
        ("fact_id", pa.int64()),
        ("name", pa.string()),
        ("property", pa.string()),
        ("value", pa.string()),
        ("number", pa.float64()),
        ("person_id", pa.int64()),
        ("source_id", pa.int32()),
        ("occurred_at", pa.timestamp("us", tz="UTC")),
        ("seq", pa.int64()),
    ]
)


@dataclass(frozen=True)
class Erased:
    """Whom nothing may lead to any more. `person_ids` are all born ids; `words` the plain values of their identifiers,
    which are known until the tables have been cleaned; `run_ids` the imports that told of them. `names` are others' too: what
    they are taken out of must be able to do without."""

    person_ids: tuple[int, ...]
    words: frozenset[str] = frozenset()
    run_ids: frozenset[int] = frozenset()
    names: frozenset[str] = frozenset()


Phase = Literal["words", "tables", "files"]
"""words: before the tables, outside of a transaction, by the plain values. tables: in the one transaction that cleans the
tables. files: after it, by person."""

Erase = Callable[[Erased], Mapping[str, int]]


@dataclass(frozen=True)
class Crediting:
    """What has settled in this transaction, in ascending order, each fact once. `sold` are orders and what was told of them
    anew, `refunded` are refunds; either may take earlier facts back (`settlement.replaces`), and then only the difference
    is due. Facts of history, which were paid for in the old system, are in neither."""

    sold: tuple[int, ...]
    refunded: tuple[int, ...]


Credit = Callable[[Crediting], Sequence[Movement]]


Count = Callable[[datetime], Mapping[str, int]]


@dataclass(frozen=True)
class Expiry:
    """A class of data that is kept for `days` unless the boss says otherwise, and why for so long; never below `least`, where a
    law wants it kept. `count` and `take` get the moment before which things are too old and answer how many, by a word for
    people. `take` runs outside of a transaction and may be killed and run again at will."""

    label: str
    why: str
    days: int
    count: Count
    take: Count
    least: int = 1


DealersWord = Callable[[Actor, Collection[int]], Mapping[int, bool]]


def _unsaid(actor: Actor, dealer_ids: Collection[int]) -> Mapping[int, bool]:
    return {}


def _none_closed(actor: Actor) -> Collection[int]:
    return ()


@dataclass
class Registry:
    card: dict[str, Callable[[list[int]], None]] = field(default_factory=dict)
    state: dict[str, Callable[[XidRange], pa.Table]] = field(default_factory=dict)
    properties: dict[str, Callable[[list[int]], pa.Table | None]] = field(default_factory=dict)
    erasers: dict[str, tuple[Phase, Erase]] = field(default_factory=dict)
    copies: dict[str, Callable[[list[int]], list[dict[str, Any]]]] = field(default_factory=dict)
    crediting: dict[str, Credit] = field(default_factory=dict)
    expiries: dict[str, Expiry] = field(default_factory=dict)
    actors: dict[str, Callable[[int], Actor]] = field(default_factory=dict)
    hear_dealers: DealersWord = _unsaid
    closed_dealers: Callable[[Actor], Collection[int]] = _none_closed
    reached: dict[str, Callable[[int], list[int]]] = field(default_factory=dict)

    def card_part(self, name: str, rewrite: Callable[[list[int]], None]) -> None:
        """`rewrite` gets canonical person ids."""
        self.card[name] = rewrite

    def state_source(self, name: str, changes: Callable[[XidRange], pa.Table]) -> None:
        self.state[name] = changes

    def property_source(self, name: str, read: Callable[[list[int]], pa.Table | None]) -> None:
        """`read` gets ids of settled facts, and answers in PROPERTY_SCHEMA; None while nothing is declared at all."""
        self.properties[name] = read

    def eraser(self, name: str, phase: Phase, erase: Erase) -> None:
        """`erase` may be run again at will; it answers how much it took out, by a word for people."""
        self.erasers[name] = (phase, erase)

    def copy_part(self, title: str, read: Callable[[list[int]], list[dict[str, Any]]]) -> None:
        """`read` gets all born ids of one person and answers rows, whose names a person can read."""
        self.copies[title] = read

    def credit_step(self, name: str, credit: Credit) -> None:
        """`credit` runs in the river's transaction, set-based, for one fact and for five hundred. Its movements name facts
        it was told of; they are posted with the others, so a debt they leave is shown, and a fact that is refused takes
        them with it."""
        self.crediting[name] = credit

    def expiry(self, name: str, kept: Expiry) -> None:
        """Its rule is `people.retention`'s: off until somebody turns it on."""
        self.expiries[name] = kept

    def actor_kind(self, kind: str, find: Callable[[int], Actor]) -> None:
        """`find` answers with the rights of now, for what was planned before, and raises NotFound where there are none."""
        self.actors[kind] = find

    def dealers_word(self, hear: DealersWord, closed: Callable[[Actor], Collection[int]]) -> None:
        """`hear` gets who asks, and dealers (units), and answers what each said last: yes, no, or nothing. `closed` answers the
        dealers of whose customers the actor, as head office, sees no single one."""
        self.hear_dealers, self.closed_dealers = hear, closed

    def reached_by(self, name: str, read: Callable[[int], list[int]]) -> None:
        """`read` gets the number of a campaign of this kind and answers the persons (any ids of theirs) it reached."""
        self.reached[name] = read


registry = Registry()
