"""Facts that need little of the river: what a visitor looked at is settled as it is written.

Its door holds the keys of what it has delivered and says of whom each fact is. Callers hold the transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

import pyarrow as pa
from psycopg.types.json import Jsonb

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.facts.actions import are_months_there, ensure_months
from huoshui.core.facts.names import refuse_ours
from huoshui.core.facts.types import CONSENTS, IDENTIFY, ORDER_COMPLETED, ORDER_REFUNDED, Source

Q = sql.load("huoshui.core.facts")

_NEVER_AT_ONCE = {IDENTIFY, ORDER_COMPLETED, ORDER_REFUNDED, *CONSENTS}


class Carried(NamedTuple):
    """An identifier of the fact at `place`. `sealed` (hex with a leading \\x) and `tail4` of contact kinds only."""

    place: int
    kind: str
    scope: str
    key: str
    sealed: str | None = None
    tail4: str | None = None


@dataclass
class Told:
    """Facts in columns, all of one length. `times` are UTC, `hashes` 32 hex digits, `bodies` JSON objects."""

    names: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)
    person_ids: list[int | None] = field(default_factory=list)
    settled: list[bool] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    identifiers: list[Carried] = field(default_factory=list)
    traits: list[tuple[int, str, str]] = field(default_factory=list)  # (place, name, value)


def take_in(
    told: Told, *, source: Source, received_at: datetime, actor: Actor, is_named_here: bool = False
) -> list[int]:
    """Store facts that their door has seen to be new. Returns their ids, in order. `is_named_here`: the door has named them
    itself, of what it was asked in its own terms; so no caller chose a name that is only ours to give.

    Those `settled` are, with their person or without one: their door has seen that nothing follows from them. An order or
    an Identify has consequences, and so has a consent: they never are.
    """
    if not told.names:
        return []
    if not is_named_here:
        refuse_ours(told.names, source=source.name)
    if any(name in _NEVER_AT_ONCE for name, done in zip(told.names, told.settled, strict=True) if done):
        raise ValueError("what has consequences is settled by the river")
    if not are_months_there({date(at.year, at.month, 1) for at in told.times}):
        ensure_months(pa.chunked_array([pa.array(told.times, pa.timestamp("us", tz="UTC"))]))
    places, kinds, scopes, keys, sealed, tails = (
        map(list, zip(*told.identifiers, strict=True)) if told.identifiers else ([], [], [], [], [], [])
    )
    ((fact_ids,),) = sql.fetch_as(
        tuple,
        Q.take_in,
        names=told.names,
        keys=told.keys,
        hashes=told.hashes,
        times=told.times,
        person_ids=told.person_ids,
        settled=told.settled,
        bodies=Jsonb(b"[" + b",".join(told.bodies) + b"]", dumps=_as_it_is),
        source_id=source.id,
        received_at=received_at,
        actor=str(actor),
        is_history=source.is_history,
        places=places,
        kinds=kinds,
        scopes=scopes,
        carried_keys=keys,
        sealed=sealed,
        tails=tails,
    )
    _say_traits(fact_ids, told.traits)
    return list(fact_ids)


def _as_it_is(json: bytes) -> bytes:
    """It is JSON already; to make text of it, only for that to be written as bytes again, costs as much as to read an event."""
    return json


def _say_traits(fact_ids: Sequence[int], traits: Sequence[tuple[int, str, str]]) -> None:
    if traits:
        sql.send(
            Q.add_fact_traits,
            fact_ids=[fact_ids[place] for place, _, _ in traits],
            names=[name for _, name, _ in traits],
            values=[value for _, _, value in traits],
        )
