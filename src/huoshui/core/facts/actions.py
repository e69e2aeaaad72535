"""Writes of facts: the door's side (receive) and the settling side. Callers hold the transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.crypto import digest
from huoshui.core.facts.names import refuse_ours
from huoshui.core.facts.types import (
    CONSENTS,
    IDENTIFY,
    ORDER_COMPLETED,
    ORDER_REFUNDED,
    PARENT_UNKNOWN,
    Batch,
    Claimed,
    Received,
    Source,
)
from huoshui.core.facts.withdrawn import as_told_now, tell_by
from huoshui.core.unmet import sentences

Q = sql.load("huoshui.core.facts")

sentences({PARENT_UNKNOWN: "等了两个星期，原订单还没有来；请查一下原订单号"})

_months_known: set[tuple[str, date]] = set()


def ensure_source(*, name: str, label: str, mode: str) -> Source:
    """The source of this name, made when new. An existing one keeps its mode."""
    row = sql.fetch_one(Q.source_by_name, name=name)
    if row is None:
        sql.run(Q.add_source, name=name, label=label, mode=mode)
        row = sql.fetch_one(Q.source_by_name, name=name)
    return Source(*row)


def receive(
    batch: Batch, *, source: Source, actor: Actor, mode: str | None = None, run_id: int | None = None
) -> Received:
    """Store the facts of a batch that this source has not delivered before. The same again changes nothing.

    One COPY a table; returns after the rows are written, and the caller's commit makes them durable. `mode` is the
    source's own unless given.
    """
    refuse_ours(pc.unique(batch.facts.column("name")).to_pylist(), source=source.name)
    sql.by_index()
    sql.run(Q.lock_source, source_id=source.id)
    ensure_months(batch.facts.column("occurred_at"))
    batch = replace(batch, facts=_with_keyed_hashes(batch.facts))
    if run_id is not None:
        batch = replace(batch, facts=as_told_now(batch.facts, source))
    fresh, known = _fresh(batch, source)
    if any(r.run_id is not None for r in known):  # only what an import told is ever taken back
        if run_id is None:
            batch = replace(batch, facts=as_told_now(batch.facts, source))
            fresh, known = _fresh(batch, source)
        tell_by([r.id for r in known if r.run_id not in (None, run_id)], run_id or 0)
    if fresh.num_rows == 0:
        return Received([], batch.facts.num_rows, [])
    ids = _reserve_ids(fresh.num_rows)
    _store(batch, fresh, ids, source, actor, is_history=(mode or source.mode) == "history", run_id=run_id)
    return Received(ids.to_pylist(), batch.facts.num_rows - fresh.num_rows, fresh.column("ref").to_pylist())


def _with_keyed_hashes(facts: pa.Table) -> pa.Table:
    """Known again by what they say, and by nobody who has the database and tries numbers: rows of people hold their phones."""
    place = facts.column_names.index("content_hash")
    hashes = [digest(said) for said in facts.column("content_hash").to_pylist()]
    return facts.set_column(place, "content_hash", pa.array(hashes, pa.string()))


def lock_orders(source: Source, order_keys: Sequence[str]) -> None:
    """Until the end of the transaction nobody else speaks of these orders. In one order, so that nobody waits in a ring."""
    if order_keys:
        sql.send(Q.lock_orders, source_id=source.id, keys=sorted(set(order_keys)))


def _reserve_ids(count: int) -> pa.Array:
    return pa.array(sql.fetch_one(Q.reserve_ids, count=count).ids, pa.int64())


def _store(
    batch: Batch,
    fresh: pa.Table,
    ids: pa.Array,
    source: Source,
    actor: Actor,
    *,
    is_history: bool,
    run_id: int | None,
) -> None:
    count = fresh.num_rows
    id_of_ref = pa.table({"ref": fresh.column("ref"), "fact_id": ids})
    _copy_facts(fresh, ids, source, actor, run_id)
    _copy_settlements(fresh, ids, source, is_history)
    for table, rows in (
        ("fact_identifier", batch.identifiers),
        ("fact_trait", batch.traits),
        ("fact_order", _with_heads(batch.orders, fresh, source)),
        ("fact_line", batch.lines),
        ("fact_tender", batch.tenders),
        ("fact_coupon", batch.coupons),
        ("fact_voucher", batch.vouchers),
    ):
        if rows is not None and rows.num_rows:
            sql.copy_in(table, _under_ids(rows, id_of_ref, whole=count == batch.facts.num_rows))


def are_months_there(days: Iterable[date]) -> bool:
    """Whether this process knows it of the months that begin on these days."""
    database = str(sql.raw().info.dbname)
    return all((database, day) in _months_known for day in days)


def open_months(batch: Batch) -> None:
    """Make the months of a large batch before it is received, in a transaction of their own: while a new month is not
    committed nobody else can write a fact."""
    with transaction.atomic(durable=True):
        ensure_months(batch.facts.column("occurred_at"))


def ensure_months(times: pa.ChunkedArray) -> None:
    days = pc.unique(pc.floor_temporal(times, unit="month").cast(pa.date32())).to_pylist()
    database = str(sql.raw().info.dbname)
    missing = [day for day in days if (database, day) not in _months_known]
    if missing:
        sql.fetch(Q.ensure_months, months=missing)
        # Only once they are there for good: a month that is rolled back would leave its facts in the default partition,
        # and then it could never be made.
        transaction.on_commit(lambda: _months_known.update((database, day) for day in missing))


def _fresh(batch: Batch, source: Source) -> tuple[pa.Table, list[sql.Row]]:
    """The rows not delivered before, each (key, hash) once; and the facts that the others are."""
    facts = batch.facts
    keys = facts.column("client_key").to_pylist()
    hashes = facts.column("content_hash").to_pylist()
    keep, known = (
        _news_of_list(keys, hashes, source) if batch.is_timeless else _news(facts, keys, hashes, source)
    )
    return facts if all(keep) else facts.filter(pa.array(keep)), known


def _news(
    facts: pa.Table, keys: list[str], hashes: list[str], source: Source
) -> tuple[list[bool], list[sql.Row]]:
    span = pc.min_max(facts.column("occurred_at")).as_py()
    known = sql.fetch(
        Q.known, source_id=source.id, keys=keys, hashes=hashes, first=span["min"], last=span["max"]
    )
    seen = {(r.client_key, r.content_hash.replace("-", "")) for r in known}
    keep = []
    for pair in zip(keys, hashes, strict=True):
        keep.append(pair not in seen)
        seen.add(pair)
    return keep, known


def _news_of_list(keys: list[str], hashes: list[str], source: Source) -> tuple[list[bool], list[sql.Row]]:
    """A list may say several things of one key; the last is what it stands by.

    That last word is news unless it is also the last one known, so that a value can change and change back. A word
    before it is news only the first time, so that the same list again says nothing.
    """
    known = sql.fetch(Q.known_timeless, source_id=source.id, keys=list(set(keys)))
    seen = {(r.client_key, r.content_hash.replace("-", "")): r.is_last for r in known}
    last_place = {key: place for place, key in enumerate(keys)}
    keep = []
    for place, pair in enumerate(zip(keys, hashes, strict=True)):
        stands = last_place[pair[0]] == place
        keep.append(not seen.get(pair, False) if stands else pair not in seen)
        seen.setdefault(pair, False)
    told = set(zip(keys, hashes, strict=True))
    return keep, [r for r in known if (r.client_key, r.content_hash.replace("-", "")) in told]


def _copy_facts(fresh: pa.Table, ids: pa.Array, source: Source, actor: Actor, run_id: int | None) -> None:
    n = fresh.num_rows
    facts: dict[str, Any] = {
        "id": ids,
        "client_key": fresh.column("client_key"),
        "content_hash": fresh.column("content_hash"),
        "actor": pa.repeat(str(actor), n),
        "run_id": pa.repeat(pa.scalar(run_id, pa.int64()), n),
        **_shared(fresh, source),
    }
    if "body" in fresh.column_names:
        facts["body"] = fresh.column("body")
    sql.copy_in("fact", pa.table(facts))


def _copy_settlements(fresh: pa.Table, ids: pa.Array, source: Source, is_history: bool) -> None:
    history = pa.repeat(pa.scalar(is_history), fresh.num_rows)
    sql.copy_in("settlement", pa.table({"fact_id": ids, "is_history": history, **_shared(fresh, source)}))


def _shared(fresh: pa.Table, source: Source) -> dict[str, Any]:
    return {
        "source_id": pa.repeat(pa.scalar(source.id, pa.int32()), fresh.num_rows),
        "name": fresh.column("name"),
        "occurred_at": fresh.column("occurred_at"),
    }


def _with_heads(orders: pa.Table | None, fresh: pa.Table, source: Source) -> pa.Table | None:
    """The orders with what their fact says: name, time, source."""
    if orders is None or orders.num_rows == 0:
        return None
    place = pc.index_in(orders.column("ref"), fresh.column("ref").combine_chunks())
    orders = orders.filter(pc.is_valid(place))
    place = place.drop_null()
    for name in ("name", "occurred_at"):
        orders = orders.append_column(name, fresh.column(name).take(place))
    return orders.append_column("source_id", pa.repeat(pa.scalar(source.id, pa.int32()), orders.num_rows))


def _under_ids(rows: pa.Table, id_of_ref: pa.Table, *, whole: bool) -> pa.Table:
    """`rows` with `ref` replaced by the fact id; rows of facts that were not new fall away."""
    place = pc.index_in(rows.column("ref"), id_of_ref.column("ref").combine_chunks())
    if not whole:
        rows, place = rows.filter(pc.is_valid(place)), place.drop_null()
    ids = id_of_ref.column("fact_id").take(place)
    return rows.drop_columns(["ref"]).append_column("fact_id", ids)


def ask_to_claim(fact_ids: Sequence[int]) -> sql.Asked:
    """Lock those of the facts that may settle now, together with the next statement that is waited for."""
    return sql.ask(Q.claim, fact_ids=list(fact_ids))


def claim(fact_ids: Sequence[int]) -> Claimed:
    """Lock those of the facts that may settle now."""
    return claimed_by(ask_to_claim(fact_ids))


def claimed_by(asked: sql.Asked) -> Claimed:
    claimed = Claimed()
    for row in asked.rows():
        claimed.fact_ids.append(row.fact_id)
        if row.name in (ORDER_COMPLETED, ORDER_REFUNDED):
            claimed.orders.append(row.fact_id)
            if row.has_kin or row.name == ORDER_REFUNDED:
                claimed.orders_with_kin.add(row.fact_id)
            if row.by_voucher:
                claimed.by_voucher.add(row.fact_id)
        elif row.name == IDENTIFY:
            claimed.profiles.append(row.fact_id)
        elif row.name in CONSENTS:
            claimed.consents.append(row.fact_id)
        if row.is_history:
            claimed.history.add(row.fact_id)
    return claimed


def mark_settled(fact_ids: Sequence[int], persons: dict[int, int]) -> None:
    sql.send(
        Q.mark_settled, fact_ids=list(fact_ids), person_ids=[persons.get(fact_id) for fact_id in fact_ids]
    )


def mark_waiting(fact_ids: Sequence[int], reason: str) -> None:
    sql.send(Q.mark_waiting, fact_ids=list(fact_ids), reason=reason)


def take_back(rows: Sequence[tuple[int, int, Sequence[int]]]) -> None:
    """Rows of (fact id, order id, ids of the facts whose effect it takes back)."""
    sql.send(
        Q.take_back,
        fact_ids=[fact for fact, _, _ in rows],
        order_ids=[order for _, order, _ in rows],
        replaces=[",".join(map(str, replaced)) for _, _, replaced in rows],
    )
    sql.send(Q.inherit_person, fact_ids=[fact for fact, _, _ in rows])
    if replacing := [fact for fact, _, replaced in rows if replaced]:
        sql.send(Q.keep_payment, fact_ids=replacing)


def mend_retold(rows: Sequence[tuple[int, Sequence[int]]]) -> None:
    """Rows of (fact id, ids of the facts whose place it takes): exceptions of those are closed, by it. Before its own are
    raised."""
    sql.send(
        Q.mend_retold,
        fact_ids=[fact for fact, _ in rows],
        replaces=[",".join(map(str, replaced)) for _, replaced in rows],
    )


def put_bodies(rows: Sequence[tuple[int, datetime, str | None]]) -> int:
    """Rows of (fact id, when it happened, JSON text): what stands from now on in the place of what was received. Returns how
    many."""
    if not rows:
        return 0
    fact_ids, times, bodies = map(list, zip(*rows, strict=True))
    return sql.run(Q.put_bodies, fact_ids=fact_ids, times=times, bodies=bodies)


def raise_exceptions(rows: Sequence[tuple[int, int | None, str, dict[str, Any]]]) -> None:
    """Rows of (fact id, line number or None, code, detail): a consequence that could not be had, for mending."""
    sql.send(
        Q.add_exceptions,
        fact_ids=[r[0] for r in rows],
        line_nos=[r[1] for r in rows],
        codes=[r[2] for r in rows],
        details=[json.dumps(r[3], ensure_ascii=False) for r in rows],
    )


def tend_waiting(*, days: int = 14) -> int:
    """Put facts that have waited for their parent this long before somebody's eyes; take away those that have settled.

    They go on waiting: a parent that comes later still settles them. Returns how many are new.
    """
    sql.run(Q.mend_overdue, code=PARENT_UNKNOWN)
    return sql.run(Q.raise_overdue, code=PARENT_UNKNOWN, days=days)


def forget_readers() -> None:
    """Let those that read what settled on another server look at everything again."""
    sql.run(Q.forget_readers)


def wake_readers() -> None:
    """Say that what readers show has changed though nothing settled: a merge by hand, a product list."""
    sql.run(Q.wake)
