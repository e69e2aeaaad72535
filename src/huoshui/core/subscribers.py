"""How a lower room reaches a higher one without knowing it: the higher room registers, in its AppConfig.ready().

Three kinds of registration. A *card part* rewrites the columns of `people.card` that its room knows, for the persons it is
told, and may be run again at will. A *state source* yields the changes of what a room knows about people (attributes,
tiers, clusters) for the lake's `state` table. A *property source* yields what facts say of themselves, as far as it was
declared fit for the lake, for its `properties` table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pyarrow as pa


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


@dataclass
class Registry:
    card: dict[str, Callable[[list[int]], None]] = field(default_factory=dict)
    state: dict[str, Callable[[XidRange], pa.Table]] = field(default_factory=dict)
    properties: dict[str, Callable[[list[int]], pa.Table | None]] = field(default_factory=dict)

    def card_part(self, name: str, rewrite: Callable[[list[int]], None]) -> None:
        """`rewrite` gets canonical person ids."""
        self.card[name] = rewrite

    def state_source(self, name: str, changes: Callable[[XidRange], pa.Table]) -> None:
        self.state[name] = changes

    def property_source(self, name: str, read: Callable[[list[int]], pa.Table | None]) -> None:
        """`read` gets ids of settled facts, and answers in PROPERTY_SCHEMA; None while nothing is declared at all."""
        self.properties[name] = read


registry = Registry()
