"""The entry of every command: receive, settle, answer after the commit."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from django.db import transaction

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.errors import RetryLater
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Held, Received, Source
from huoshui.core.retry import retrying
from huoshui.core.unmet import Unmet
from huoshui.intake.river.batches import batch_of
from huoshui.intake.river.settle import NotHad, left_after, settle, take_steps
from huoshui.intake.river.types import Item, Verdict

_PAUSES = (0, 0.02, 0.05, 0.1)  # seconds before each try


def submit(items: Sequence[Item], *, source: Source, actor: Actor) -> list[Verdict]:
    """Take in a few items and settle them; each has its verdict once everything is committed.

    What is received is kept, whatever becomes of it, and settled in a transaction of its own.
    """
    if not items:
        return []
    received = retrying(lambda: _receive(items, source, actor))
    settled = _settle(received.fact_ids, actor)
    fresh = dict(zip(received.refs, received.fact_ids, strict=True))
    return [_verdict(item.client_key, fresh.get(ref), settled) for ref, item in enumerate(items)]


def command(items: Sequence[Item], *, source: Source, actor: Actor) -> list[Verdict]:
    """Items of a source that says each thing once under its own key: received and settled in one transaction.

    A refused ask leaves nothing behind: the transaction is undone and runs again without it and its bundle. Raises
    RetryLater when others stood in the way for too long; then nothing was taken in, and the caller may say it again.
    """
    refused: dict[int, list[Unmet]] = {}
    standing = list(range(len(items)))
    taken = _Taken()
    while standing:
        try:
            taken = retrying(lambda left=tuple(standing): _take_in(items, left, source, actor))  # type: ignore[misc]  # a default argument is how a loop variable is held
            break
        except _Refused as none_had:
            refused |= none_had.by_place
            bundles = {items[place].bundle for place in refused} - {""}
            standing = [p for p in standing if p not in refused and items[p].bundle not in bundles]
    return [taken.verdict(place, item, refused, items) for place, item in enumerate(items)]


class _Refused(Exception):
    """Which items cannot be had, by their place, and why."""

    def __init__(self, by_place: dict[int, list[Unmet]]) -> None:
        self.by_place = by_place


@dataclass(frozen=True)
class _Taken:
    """What a transaction took in, by the items' places."""

    fact_of: Mapping[int, int] = field(default_factory=dict)
    held: Mapping[int, Held] = field(default_factory=dict)
    settled: Set[int] = frozenset()

    def verdict(
        self, place: int, item: Item, refused: Mapping[int, list[Unmet]], items: Sequence[Item]
    ) -> Verdict:
        if held := self.held.get(place):
            return Verdict(item.client_key, "known" if held.is_same else "key_reused", held.fact_id)
        if fact_id := self.fact_of.get(place):
            return Verdict(item.client_key, "settled" if fact_id in self.settled else "waiting", fact_id)
        # One that falls with its bundle is told what the other lacked
        why = refused.get(place) or [
            u for p, unmet in refused.items() if items[p].bundle == item.bundle for u in unmet
        ]
        return Verdict(item.client_key, "refused", None, tuple(why))


def _take_in(items: Sequence[Item], places: Sequence[int], source: Source, actor: Actor) -> _Taken:
    with transaction.atomic(durable=True):
        received = facts.receive_once(batch_of([items[p] for p in places]), source=source, actor=actor)
        # `ref` counts the items of this transaction; our caller counts all
        fact_of = {places[ref]: f for ref, f in zip(received.refs, received.fact_ids, strict=True)}
        asks = {fact_id for place, fact_id in fact_of.items() if items[place].is_ask}
        try:
            settled = _steps(received.fact_ids, actor, asks)
        except NotHad as not_had:
            place_of = {fact_id: place for place, fact_id in fact_of.items()}
            by_place: dict[int, list[Unmet]] = {}
            for unmet in not_had.unmet:
                by_place.setdefault(place_of[unmet.fact_id], []).append(unmet)
            raise _Refused(by_place) from None
        if not asks <= settled:
            raise RetryLater  # an earlier fact of its order has not settled yet
        return _Taken(fact_of, {places[ref]: held for ref, held in received.held.items()}, settled)


def _steps(fact_ids: Sequence[int], actor: Actor, asks: Set[int]) -> set[int]:
    settled: set[int] = set()
    left = list(fact_ids)
    with sql.pipelined():
        while left:
            one = take_steps(left, actor=actor, asks=asks)
            settled |= set(one.settled)
            left = left_after(one, left)
            if not one.settled and not one.waiting:
                break
    return settled


def _receive(items: Sequence[Item], source: Source, actor: Actor) -> Received:
    with transaction.atomic(durable=True):
        return facts.receive(batch_of(items), source=source, actor=actor)


def _settle(fact_ids: Sequence[int], actor: Actor) -> set[int]:
    """The facts that settled. One whose order another till has in hand is tried again; what then is left, `sweep` settles."""
    settled: set[int] = set()
    left = list(fact_ids)
    for pause in _PAUSES:
        time.sleep(pause)
        outcome = settle(left, actor=actor)
        settled |= {fact_id for one in outcome for fact_id in one.settled}
        gone = settled | {fact_id for one in outcome for fact_id in one.waiting}
        left = [fact_id for fact_id in left if fact_id not in gone]
        if not left:
            break
    return settled


def _verdict(client_key: str, fact_id: int | None, settled: set[int]) -> Verdict:
    if fact_id is None:
        return Verdict(client_key, "known", None)
    return Verdict(client_key, "settled" if fact_id in settled else "waiting", fact_id)
