"""Facts of a source that says each thing once, under a key of its own."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.facts.actions import are_months_there, ensure_months
from huoshui.core.facts.names import refuse_ours
from huoshui.core.facts.types import Columns, Held, Received, Source

Q = sql.load("huoshui.core.facts")

_OF_FACTS = {"client_key": "keys", "content_hash": "hashes", "name": "names", "occurred_at": "times"}


def receive_once(told: Columns, *, source: Source, actor: Actor) -> Received:
    """Store facts of a source that says each thing once: a key it has used before is taken, whatever it says now.

    One statement, however many they are. The caller holds the orders that are spoken of (`lock_orders`): tills of one source
    do not wait for each other, but the later to speak of an order must see what became of the earlier.
    """
    refuse_ours(told.facts["name"], source=source.name)
    sql.by_index()
    times = told.facts["occurred_at"]
    if not are_months_there({date(at.year, at.month, 1) for at in times}):
        ensure_months(pa.chunked_array([pa.array(times, pa.timestamp("us", tz="UTC"))]))
    ((of_place,),) = sql.fetch_as(
        tuple,
        Q.take_once,
        source_id=source.id,
        actor=str(actor),
        is_history=source.is_history,
        bodies="[" + ",".join(body or "null" for body in told.facts["body"]) + "]",
        **{param: told.facts[column] for column, param in _OF_FACTS.items()},
        **_under("identifier", told.identifiers),
        **_under("trait", told.traits),
        **_under("order", told.orders | _of_their_facts(told)),
        **_under("line", told.lines),
        **_under("tender", told.tenders),
        **_under("coupon", told.coupons),
        **_under("voucher", told.vouchers),
    )
    held = _held(told, [place for place, fact_id in enumerate(of_place) if fact_id is None], source)
    fresh = [place for place, fact_id in enumerate(of_place) if fact_id is not None]
    return Received([of_place[place] for place in fresh], len(held), fresh, held)


def _under(table: str, columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {f"{table}_{name}": values for name, values in columns.items()}


def _of_their_facts(told: Columns) -> dict[str, list[Any]]:
    """What orders repeat of their facts. PostgreSQL would count its way to each text of an array of texts."""
    return {name: [told.facts[name][ref] for ref in told.orders["ref"]] for name in ("name", "occurred_at")}


def _held(told: Columns, late: list[int], source: Source) -> dict[int, Held]:
    """Of those whose key is taken, or stands here twice: by which fact."""
    if not late:
        return {}
    keys, hashes = told.facts["client_key"], told.facts["content_hash"]
    found = sql.fetch(Q.taken_keys, source_id=source.id, keys=sorted({keys[place] for place in late}))
    taken = {r.client_key: (r.fact_id, r.content_hash.replace("-", "")) for r in found}
    out = {}
    for place in late:
        first, content = taken[keys[place]]
        out[place] = Held(first, content == hashes[place], content)
    return out
