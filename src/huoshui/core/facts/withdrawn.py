"""Facts that are taken back: an import's, when it is undone (ADR 0017). Callers hold the transaction.

A run's withdrawal is opened once: from then on its facts are marked, and readers of what happened pass over them. Each is
then taken back by a fact of its own, and what others told of the same order is told again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts.types import FACT_WITHDRAWN, Source

Q = sql.load("huoshui.core.facts")


class OrderOf(NamedTuple):
    source_id: int
    order_key: str


class OrderFact(NamedTuple):
    """One of the facts that tell of an order. `place` counts the orders that were asked for, from 1."""

    place: int
    fact_id: int
    state: str
    is_history: bool
    replaces: Sequence[int] | None
    person_id: int | None
    order_id: int | None
    is_gone: bool


@dataclass(frozen=True)
class Reversal:
    """What takes back the facts `back` of an order, of one mode; `own`: facts whose lines it tells itself."""

    first_id: int
    order_id: int
    is_history: bool
    person_id: int | None
    back: Sequence[int]
    own: Sequence[int] = ()


class Left(NamedTuple):
    gone: int
    retold: int
    left: int


class ToldOf(NamedTuple):
    """What a run alone told under one name, and of it what waits for its parent. `also_told`: what another import told too."""

    name: str
    facts: int
    amount: int
    also_told: int
    waiting: int


# ── told again by an import ──────────────────────────────────────────────────────────────────────────────────────────


def as_told_now(facts: pa.Table, source: Source) -> pa.Table:
    """The rows with another content hash where what they say was taken back before: it is another telling of the same."""
    keys, hashes = facts.column("client_key").to_pylist(), facts.column("content_hash").to_pylist()
    found = sql.fetch(Q.times_unsaid, source_id=source.id, keys=keys, hashes=hashes)
    if not found:
        return facts
    times = {(r.client_key, r.content_hash): r.times for r in found}
    told = [_anew(h, times.get((k, _dashed(h)))) for k, h in zip(keys, hashes, strict=True)]
    place = facts.column_names.index("content_hash")
    return facts.set_column(place, "content_hash", pa.array(told, pa.string()))


def _anew(content_hash: str, times: int | None) -> str:
    if times is None:
        return content_hash
    return hashlib.md5(f"{_dashed(content_hash)} {times}".encode(), usedforsecurity=False).hexdigest()


def _dashed(h: str) -> str:
    h = h.replace("-", "")
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def tell_by(fact_ids: Sequence[int], run_id: int) -> None:
    """These facts are known, and this import told them too."""
    if fact_ids:
        sql.run(Q.tell_by, fact_ids=list(fact_ids), run_id=run_id)


# ── taken back ───────────────────────────────────────────────────────────────────────────────────────────────────────


def told_by_run(run_id: int) -> list[ToldOf]:
    """What there is to take back."""
    return sql.fetch_as(ToldOf, Q.facts_of_run, run_id=run_id)


def open_withdrawal(run_id: int) -> int:
    """Mark all that a run told and no other import did. May be done again. Returns how many facts are new to it."""
    return sql.run(Q.open_withdrawal, run_id=run_id)


def close_withdrawal(run_id: int) -> None:
    sql.run(Q.close_withdrawal, run_id=run_id)


def left_of(run_id: int) -> Left:
    return sql.fetch_as(Left, Q.withdrawn_of_run, run_id=run_id)[0]


def pending_orders(run_id: int, *, limit: int) -> list[OrderOf]:
    """Some of the orders that a withdrawal has still to come to; empty when none is left."""
    after = 0
    while True:
        seen = sql.fetch_one(Q.pending_upto, run_id=run_id, after=after, limit=limit)
        if not seen.facts:
            return []
        if found := sql.fetch_as(OrderOf, Q.pending_orders, run_id=run_id, after=after, limit=limit):
            return sorted(found)
        after = seen.last


def pending_others(run_id: int, *, limit: int) -> list[tuple[int, bool]]:
    """(fact, whether it is to be told again) of those that are no orders."""
    return [(r.fact_id, r.is_retold) for r in sql.fetch(Q.pending_others, run_id=run_id, limit=limit)]


def facts_of_orders(orders: Sequence[OrderOf]) -> list[OrderFact]:
    """All that still counts of these orders, locked, as it came."""
    asked = {"source_ids": [o.source_id for o in orders], "order_keys": [o.order_key for o in orders]}
    found = sql.fetch_as(OrderFact, Q.facts_of_orders, **asked)
    sql.fetch(Q.lock_settlements, fact_ids=sorted(f.fact_id for f in found))
    return sql.fetch_as(OrderFact, Q.facts_of_orders, **asked)


def reverse(run_id: int, reversals: Sequence[Reversal]) -> list[tuple[int, bool]]:
    """The facts that take these orders back, settled: (id, whether of the past), in the order given."""
    made = sql.fetch(
        Q.add_reversals,
        run_id=run_id,
        actor=str(SYSTEM),
        first_ids=[r.first_id for r in reversals],
        order_ids=[r.order_id for r in reversals],
        histories=[r.is_history for r in reversals],
        person_ids=[r.person_id for r in reversals],
        replaces=[",".join(map(str, r.back)) for r in reversals],
        kept=[",".join(map(str, r.own)) for r in reversals],
    )
    return [(r.id, r.is_history) for r in made]


def reverse_others(run_id: int, fact_ids: Sequence[int]) -> dict[int, int]:
    """Facts that are no orders, taken back: fact → the one that did it."""
    made = sql.fetch(
        Q.add_withdrawals, run_id=run_id, fact_ids=list(fact_ids), actor=str(SYSTEM), name=FACT_WITHDRAWN
    )
    return {r.fact_id: r.by_id for r in made}


def withdraw(run_id: int, rows: Iterable[tuple[int, int, bool]]) -> None:
    """Rows of (fact, the fact that took it back, whether it is told again). What is not told again is as if never said: the
    same again is news. What followed from it goes with it."""
    told = list(rows)
    gone = [fact_id for fact_id, _, is_retold in told if not is_retold]
    followed = sql.fetch(Q.derived_from, fact_ids=[fact_id for fact_id, _, _ in told])
    sql.run(Q.settle_as_nothing, fact_ids=gone)
    _mark(run_id, told)
    _unsay(gone)
    sql.run(Q.mend_withdrawn, fact_ids=[fact_id for fact_id, _, _ in told])
    if followed:
        sql.run(Q.forget_derived, keys=[r.client_key for r in followed])
        by = reverse_others(run_id, sorted(r.id for r in followed))
        _mark(run_id, [(fact_id, by_id, False) for fact_id, by_id in by.items()])


def _unsay(fact_ids: Sequence[int]) -> None:
    if fact_ids:
        sql.run(Q.unsay, fact_ids=list(fact_ids))


def _mark(run_id: int, rows: Sequence[tuple[int, int, bool]]) -> None:
    sql.run(
        Q.withdraw,
        run_id=run_id,
        fact_ids=[r[0] for r in rows],
        by_ids=[r[1] for r in rows],
        retold=[r[2] for r in rows],
    )


def retell(fact_ids: Sequence[int]) -> list[int]:
    """These facts, which have just been withdrawn, word for word once more, in the order given. To be settled."""
    return [r.id for r in sql.fetch(Q.retell, fact_ids=list(fact_ids))] if fact_ids else []


def keep_places(fact_ids: Sequence[int]) -> None:
    """Give facts that were told again, and have settled, the place in the order of settling that they had before."""
    if fact_ids:
        sql.run(Q.keep_places, fact_ids=list(fact_ids))


def persons_of_run(run_id: int) -> list[int]:
    return [r.person_id for r in sql.fetch(Q.persons_of_run, run_id=run_id)]


def reversals_of_run(run_id: int) -> list[int]:
    """The facts that took a run's back."""
    return [r.fact_id for r in sql.fetch(Q.reversals_of_run, run_id=run_id)]


def marked(run_id: int, *, after: int, limit: int) -> list[int]:
    """Facts that a run's withdrawal is about."""
    return [r.fact_id for r in sql.fetch(Q.marked, run_id=run_id, after=after, limit=limit)]


def mark_retold(run_id: int, fact_ids: Sequence[int]) -> None:
    """Put facts of others on a run's list: they are to be told again."""
    if fact_ids:
        sql.run(Q.mark_retold, run_id=run_id, fact_ids=list(fact_ids))
