"""The entry of every command: receive, settle, answer after the commit."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence, Set
from functools import partial

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


def command(
    make: Callable[[], Sequence[Item]], *, orders: Sequence[str], source: Source, actor: Actor
) -> list[Verdict]:
    """Items of a source that says each thing once under its own key: received and settled in one transaction.

    `make` is called in it, with `orders` locked, so that what it reads of them still holds when its items settle. A
    refused ask leaves nothing behind: the transaction is undone and runs again without it and its bundle. Raises
    RetryLater when others stood in the way for too long; then nothing was taken in, and the caller may say it again.
    """
    refused: dict[int, list[Unmet]] = {}
    while True:
        try:
            verdicts = retrying(partial(_take_in, make, refused, orders, source, actor))
            break
        except _Refused as none_had:
            refused |= none_had.by_place
    if len(verdicts) > len(refused) or len(refused) > 1:
        for place in refused:
            verdicts[place] = _alone(make, place, len(verdicts), orders, source, actor) or verdicts[place]
    return verdicts


def _alone(
    make: Callable[[], Sequence[Item]],
    place: int,
    count: int,
    orders: Sequence[str],
    source: Source,
    actor: Actor,
) -> Verdict | None:
    """A refused ask by itself: in the batch it may have lacked what another took that was then refused for something else.

    None where it lacks it still, or stands in a bundle: that is one wish, and had its chance.
    """
    others: dict[int, list[Unmet]] = {p: [] for p in range(count) if p != place}

    def unless_bundled() -> Sequence[Item]:
        items = make()
        return [] if items[place].bundle else items

    try:
        verdicts = retrying(partial(_take_in, unless_bundled, others, orders, source, actor))
    except _Refused:
        return None
    return verdicts[place] if verdicts else None


class _Refused(Exception):
    """Which items cannot be had, by their place, and why."""

    def __init__(self, by_place: dict[int, list[Unmet]]) -> None:
        self.by_place = by_place


def _take_in(
    make: Callable[[], Sequence[Item]],
    refused: Mapping[int, list[Unmet]],
    orders: Sequence[str],
    source: Source,
    actor: Actor,
) -> list[Verdict]:
    with transaction.atomic(durable=True):
        facts.lock_orders(source, orders)
        items = make()
        if not items:
            return []
        refused = _with_bundles(refused, items)
        places = [place for place in range(len(items)) if place not in refused]
        if not places:
            return _verdicts(items, refused, {}, {}, set())
        received = facts.receive_once(batch_of([items[p] for p in places]), source=source, actor=actor)
        # `ref` counts the items of this transaction; our caller counts all
        fact_of = {places[ref]: f for ref, f in zip(received.refs, received.fact_ids, strict=True)}
        asks = {fact_id for place, fact_id in fact_of.items() if items[place].is_ask}
        settled = _had(fact_of, asks, actor)
        doubts = [(f, None, code, told) for p, f in fact_of.items() for code, told in items[p].doubts]
        if doubts:
            facts.raise_exceptions(doubts)
        held = {places[ref]: held for ref, held in received.held.items()}
        return _verdicts(items, refused, fact_of, held, settled)


def _with_bundles(refused: Mapping[int, list[Unmet]], items: Sequence[Item]) -> dict[int, list[Unmet]]:
    """One that falls with its bundle is told what the other lacked."""
    why = {items[place].bundle: unmet for place, unmet in refused.items() if items[place].bundle}
    fallen = {place: why[item.bundle] for place, item in enumerate(items) if item.bundle in why}
    return fallen | dict(refused)


def _had(fact_of: Mapping[int, int], asks: Set[int], actor: Actor) -> set[int]:
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


def _verdicts(
    items: Sequence[Item],
    refused: Mapping[int, list[Unmet]],
    fact_of: Mapping[int, int],
    held: Mapping[int, Held],
    settled: Set[int],
) -> list[Verdict]:
    out = []
    for place, item in enumerate(items):
        if place in refused:
            out.append(Verdict(item.client_key, "refused", None, tuple(refused[place])))
        elif place in held:
            state = "known" if held[place].is_same else "key_reused"
            out.append(Verdict(item.client_key, state, held[place].fact_id))
        else:
            state = "settled" if fact_of[place] in settled else "waiting"
            out.append(Verdict(item.client_key, state, fact_of[place]))
    return out


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
