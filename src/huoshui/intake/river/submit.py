"""The entry of every command: receive, settle, answer after the commit."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence, Set
from functools import partial
from typing import TypeVar

from django.db import transaction

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.errors import RetryLater
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Held, Received, Source
from huoshui.core.retry import retrying
from huoshui.core.unmet import Unmet
from huoshui.intake.river.batches import batch_of, columns_of, hash_before
from huoshui.intake.river.settle import NotHad, left_after, settle, take_steps
from huoshui.intake.river.types import Item, Verdict

T = TypeVar("T")

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


Said = Sequence[
    "Item | T"
]  # what `make` answers itself, instead of an item, goes back to the caller as it is


def command(
    make: Callable[[], Said[T]], *, orders: Sequence[str], source: Source, actor: Actor
) -> list[tuple[Item, Verdict] | T]:
    """Items of a source that says each thing once under its own key: received and settled in one transaction.

    `make` is called in it, with `orders` locked, so that what it reads of them still holds when its items settle; it may
    be called again, and answers as many each time. A refused ask leaves nothing behind: the transaction is undone and runs
    again without it and its bundle. Raises RetryLater when others stood in the way for too long; then nothing was taken
    in, and the caller may say it again.
    """
    refused: dict[int, list[Unmet]] = {}
    while True:
        try:
            answers = retrying(partial(_take_in, make, refused, orders, source, actor))
            break
        except _Refused as none_had:
            refused |= none_had.by_place
    if len(answers) > 1:
        for place in refused:
            answers[place] = _alone(make, place, answers, orders, source, actor)
    return answers


def _alone(
    make: Callable[[], Said[T]],
    place: int,
    answers: Sequence[tuple[Item, Verdict] | T],
    orders: Sequence[str],
    source: Source,
    actor: Actor,
) -> tuple[Item, Verdict] | T:
    """A refused ask by itself: in the batch it may have lacked what another took that was then refused for something else.

    One in a bundle is part of a wish that had its chance.
    """
    before = answers[place]
    if isinstance(before, tuple) and before[0].bundle:
        return before
    others: dict[int, list[Unmet]] = {p: [] for p in range(len(answers)) if p != place}
    try:
        return retrying(partial(_take_in, make, others, orders, source, actor))[place]
    except _Refused:
        return before


class _Refused(Exception):
    """Which items cannot be had, by their place, and why."""

    def __init__(self, by_place: dict[int, list[Unmet]]) -> None:
        self.by_place = by_place


def _take_in(
    make: Callable[[], Said[T]],
    refused: Mapping[int, list[Unmet]],
    orders: Sequence[str],
    source: Source,
    actor: Actor,
) -> list[tuple[Item, Verdict] | T]:
    with transaction.atomic(durable=True), sql.pipelined():
        facts.lock_orders(source, orders)
        said = make()
        items = {place: one for place, one in enumerate(said) if isinstance(one, Item)}
        lacked = _with_bundles(refused, items)
        asked = {place: item for place, item in items.items() if place not in lacked}
        verdicts = {
            place: Verdict(items[place].client_key, "refused", None, tuple(refused[by]), items[by].client_key)
            for place, by in lacked.items()
        }
        if asked:
            verdicts |= _had(asked, source, actor)
        return [(items[p], verdicts[p]) if p in items else one for p, one in enumerate(said)]  # type: ignore[misc]  # what is no item is a T


def _had(asked: Mapping[int, Item], source: Source, actor: Actor) -> dict[int, Verdict]:
    """Receive these items and settle them; by their places."""
    places = list(asked)
    received = facts.receive_once(columns_of(list(asked.values())), source=source, actor=actor)
    fact_of = {places[ref]: f for ref, f in zip(received.refs, received.fact_ids, strict=True)}
    settled = _settled(fact_of, {f for place, f in fact_of.items() if asked[place].is_ask}, actor)
    doubts = [(f, None, code, told) for p, f in fact_of.items() for code, told in asked[p].doubts]
    if doubts:
        facts.raise_exceptions(doubts)
    held = {places[ref]: held for ref, held in received.held.items()}
    return {place: _taken(item, place, fact_of, held, settled) for place, item in asked.items()}


def _with_bundles(refused: Mapping[int, list[Unmet]], items: Mapping[int, Item]) -> dict[int, int]:
    """Whose lack each of these falls for: its own, else that of the other of its bundle."""
    whose = {items[p].bundle: p for p in refused if p in items and items[p].bundle}
    fallen = {place: whose[item.bundle] for place, item in items.items() if item.bundle in whose}
    return fallen | {place: place for place in refused if place in items}


def _settled(fact_of: Mapping[int, int], asks: Set[int], actor: Actor) -> set[int]:
    try:
        settled = _steps(list(fact_of.values()), actor, asks)
    except NotHad as not_had:
        place_of = {fact_id: place for place, fact_id in fact_of.items()}
        by_place: dict[int, list[Unmet]] = {}
        for unmet in not_had.unmet:
            by_place.setdefault(place_of[unmet.fact_id], []).append(unmet)
        raise _Refused(by_place) from None
    if not asks <= settled:
        raise RetryLater  # an earlier fact of its order has not settled yet
    return settled


def _taken(
    item: Item, place: int, fact_of: Mapping[int, int], held: Mapping[int, Held], settled: Set[int]
) -> Verdict:
    if place in held:
        earlier = held[place]
        is_same = earlier.is_same or earlier.content_hash == hash_before(item)
        return Verdict(item.client_key, "known" if is_same else "key_reused", earlier.fact_id)
    state = "settled" if fact_of[place] in settled else "waiting"
    return Verdict(item.client_key, state, fact_of[place])


def _steps(fact_ids: Sequence[int], actor: Actor, asks: Set[int]) -> set[int]:
    settled: set[int] = set()
    left = list(fact_ids)
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
