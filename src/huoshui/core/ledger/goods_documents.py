"""Goods that come, go and are counted by documents of our own. Each is a fact, once for its client's key.

An ask (goods sent away) is refused where the shelf may not go below its floor; all else tells what has happened, and is
kept whatever the books say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import api as facts
from huoshui.core.facts.derived import note
from huoshui.core.facts.types import Note
from huoshui.core.ledger.goods import Q, locked, move_goods, place_columns
from huoshui.core.ledger.goods_types import GoodsLine, KeyTaken, Place, StockShort
from huoshui.core.ledger.reads import stock_of

RECEIPT, COUNT, ADJUSTMENT, DAMAGE = "receipt", "count", "adjustment", "damage"
DISPATCH, ARRIVAL, HANDOVER = "dispatch", "arrival", "handover"

FACT_NAMES = {
    RECEIPT: "Goods Received",
    COUNT: "Goods Counted",
    ADJUSTMENT: "Goods Adjusted",
    DAMAGE: "Goods Damaged",
    DISPATCH: "Goods Sent",
    ARRIVAL: "Goods Arrived",
    HANDOVER: "Goods Handed Over",
}
_ASKS = frozenset({DISPATCH, HANDOVER})


class Document(NamedTuple):
    fact_id: int
    key: str
    kind: str
    org_unit_id: int
    other_org_unit_id: int | None
    closes_fact_id: int | None
    reason: str
    occurred_at: datetime
    actor: str


class Said(NamedTuple):
    """A line: what the document says of a place, and what it did to the shelf there."""

    org_unit_id: int
    sku_id: int
    said_milli: int
    moved_milli: int

    @property
    def place(self) -> Place:
        return self.org_unit_id, self.sku_id


@dataclass(frozen=True)
class _Draft:
    kind: str
    key: str
    org_unit_id: int
    actor: Actor
    other_org_unit_id: int | None = None
    closes_fact_id: int | None = None
    reason: str = ""
    occurred_at: datetime = field(default_factory=clock.now)


def receive_goods(
    *,
    key: str,
    org_unit_id: int,
    lines: Sequence[GoodsLine],
    actor: Actor,
    reason: str = "",
    occurred_at: datetime | None = None,
) -> int:
    """Goods that came, from whom the `reason` says. Returns the document's fact, as all of these do."""
    draft = _draft(RECEIPT, key, org_unit_id, actor, reason, occurred_at)
    return _write(draft, _signed(org_unit_id, lines, 1))


def adjust_goods(
    *,
    key: str,
    org_unit_id: int,
    lines: Sequence[GoodsLine],
    reason: str,
    actor: Actor,
    occurred_at: datetime | None = None,
) -> int:
    """Put the books right by hand: quantities are differences, either way."""
    _must_give_a_reason(reason)
    merged = _merged(lines)
    if not merged or not all(merged.values()):
        raise Refused("调整单里要写每个商品增加或减少多少件。")
    said = [Said(org_unit_id, sku_id, by, by) for sku_id, by in merged.items()]
    return _write(_draft(ADJUSTMENT, key, org_unit_id, actor, reason, occurred_at), said)


def damage_goods(
    *,
    key: str,
    org_unit_id: int,
    lines: Sequence[GoodsLine],
    reason: str,
    actor: Actor,
    occurred_at: datetime | None = None,
) -> int:
    """Goods that can no longer be sold leave the shelf."""
    _must_give_a_reason(reason)
    draft = _draft(DAMAGE, key, org_unit_id, actor, reason, occurred_at)
    return _write(draft, _signed(org_unit_id, lines, -1))


def count_goods(
    *, key: str, org_unit_id: int, lines: Sequence[GoodsLine], actor: Actor, reason: str = ""
) -> int:
    """A stock-take: what is counted, against what the books say at this moment. Counting again changes nothing."""
    counted = _merged(lines)
    if not counted or min(counted.values()) < 0:
        raise Refused("盘点单里要写每个商品数到多少件，不能是负数。")
    draft = _draft(COUNT, key, org_unit_id, actor, reason, None)
    with transaction.atomic():
        sql.by_index()
        if (known := _known(draft, {(org_unit_id, s): n for s, n in counted.items()})) is not None:
            return known
        sql.fetch_one(Q.goods_guard)
        # Another count of these goods waits here, and then sees what this one has found.
        locked([(org_unit_id, sku_id) for sku_id in counted])
        books = stock_of(org_unit_id, list(counted))
        return _write(draft, [Said(org_unit_id, s, n, n - books.get(s, 0)) for s, n in counted.items()])


def send_goods(
    *,
    key: str,
    org_unit_id: int,
    to_org_unit_id: int,
    lines: Sequence[GoodsLine],
    actor: Actor,
    reason: str = "",
    occurred_at: datetime | None = None,
) -> int:
    """The first half of a transfer: the goods leave here and are on their way. Raises StockShort where they are not here."""
    if to_org_unit_id == org_unit_id:
        raise Refused("调出和调入不能是同一家门店。")
    draft = _draft(DISPATCH, key, org_unit_id, actor, reason, occurred_at, to_org_unit_id)
    return _write(draft, _signed(org_unit_id, lines, -1))


def take_in_goods(
    *, key: str, sent_fact_id: int, lines: Sequence[GoodsLine], actor: Actor, reason: str = ""
) -> int:
    """The second half: what has come of a transfer, which is closed by it. What was sent and is not named did not come."""
    with transaction.atomic():
        sent = document(sent_fact_id, lock=True)
        if sent.kind != DISPATCH or sent.other_org_unit_id is None:
            raise NotFound
        here = sent.other_org_unit_id
        draft = _draft(ARRIVAL, key, here, actor, reason, None, sent.org_unit_id, sent_fact_id)
        came = {line.sku_id: 0 for line in lines_of(sent_fact_id)} | _merged(lines)
        if min(came.values()) < 0:
            raise Refused("收到的件数不能是负数。")
        said = [Said(here, sku_id, quantity, quantity) for sku_id, quantity in came.items()]
        known = _known(draft, {s.place: s.said_milli for s in said})
        if known is None and sql.fetch_one(Q.closed_by, fact_id=sent_fact_id):
            raise Refused("这张调拨单已经收过货了。")
        return known if known is not None else _write(draft, said)


def hand_over(
    *,
    key: str,
    org_unit_id: int,
    to_org_unit_id: int,
    lines: Sequence[GoodsLine],
    reason: str = "",
    actor: Actor,
) -> int:
    """Goods that one shelf gives and another org unit sells: out here, in there, in one document. `reason`: for which order."""
    said = [
        leg
        for sku_id, n in _positive(lines).items()
        for leg in (Said(org_unit_id, sku_id, n, -n), Said(to_org_unit_id, sku_id, n, n))
    ]
    return _write(_draft(HANDOVER, key, org_unit_id, actor, reason, None, to_org_unit_id), said)


def hand_back(
    *, key: str, org_unit_id: int, to_org_unit_id: int, lines: Sequence[GoodsLine], reason: str, actor: Actor
) -> int:
    """What was handed over goes back to whom it came from (below zero: out again). It follows from what has happened, so
    it is told, not asked for."""
    said = [
        leg
        for sku_id, n in _merged(lines).items()
        for leg in (Said(org_unit_id, sku_id, n, -n), Said(to_org_unit_id, sku_id, n, n))
    ]
    draft = _draft(HANDOVER, key, org_unit_id, actor, reason, None, to_org_unit_id)
    return _write(draft, said, is_ask=False)


def document(fact_id: int, *, lock: bool = False) -> Document:
    found = sql.fetch_as(Document, Q.lock_document if lock else Q.document, fact_id=fact_id)
    if not found:
        raise NotFound
    return found[0]


def lines_of(fact_id: int) -> list[Said]:
    return sql.fetch_as(Said, Q.document_lines, fact_id=fact_id)


def _draft(
    kind: str,
    key: str,
    org_unit_id: int,
    actor: Actor,
    reason: str,
    occurred_at: datetime | None,
    other: int | None = None,
    closes: int | None = None,
) -> _Draft:
    return _Draft(kind, key, org_unit_id, actor, other, closes, reason, occurred_at or clock.now())


def _must_give_a_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused("请写明原因，方便以后查账。")


def _merged(lines: Sequence[GoodsLine]) -> Counter[int]:
    merged: Counter[int] = Counter()
    for line in lines:
        merged[line.sku_id] += line.quantity_milli
    return merged


def _positive(lines: Sequence[GoodsLine]) -> Counter[int]:
    merged = _merged(lines)
    if not merged or any(line.quantity_milli <= 0 for line in lines):
        raise Refused("单据里至少要有一个商品，件数要大于 0。")
    return merged


def _signed(org_unit_id: int, lines: Sequence[GoodsLine], sign: int) -> list[Said]:
    return [Said(org_unit_id, sku_id, n, sign * n) for sku_id, n in _positive(lines).items()]


def _known(draft: _Draft, said: dict[Place, int]) -> int | None:
    """The document of this key, if it is there and says the same."""
    found = sql.fetch_as(Document, Q.document_by_key, org_unit_id=draft.org_unit_id, key=draft.key)
    if not found:
        return None
    known = found[0]
    named = (known.kind, known.org_unit_id, known.other_org_unit_id, known.closes_fact_id)
    same = named == (draft.kind, draft.org_unit_id, draft.other_org_unit_id, draft.closes_fact_id)
    if not same or said != {line.place: line.said_milli for line in lines_of(known.fact_id)}:
        raise KeyTaken(draft.key)
    return known.fact_id


def _write(draft: _Draft, said: Sequence[Said], *, is_ask: bool | None = None) -> int:
    asks = draft.kind in _ASKS if is_ask is None else is_ask
    with transaction.atomic():
        sql.by_index()
        body = {
            "key": draft.key,
            "kind": draft.kind,
            "org_unit_id": draft.org_unit_id,
            "reason": draft.reason,
        }
        told = Note(
            FACT_NAMES[draft.kind], f"goods:{draft.org_unit_id}:{draft.key}", None, draft.occurred_at, body
        )
        made = list(note([told], actor=draft.actor).values())
        if not made:  # told before, perhaps a moment ago by somebody for whom we have just waited
            known = _known(draft, {line.place: line.said_milli for line in said})
            assert known is not None
            return known
        fact_id = made[0]
        _add(fact_id, draft, said)
        unmet = move_goods([fact_id], asks={fact_id} if asks else ()).unmet
        if unmet and asks:
            raise StockShort(unmet)
        if unmet:
            facts.raise_exceptions([(u.fact_id, u.line_no, u.code, dict(u.detail)) for u in unmet])
        return fact_id


def _add(fact_id: int, draft: _Draft, said: Sequence[Said]) -> None:
    sql.send(
        Q.add_document,
        fact_id=fact_id,
        key=draft.key,
        kind=draft.kind,
        org_unit_id=draft.org_unit_id,
        other_org_unit_id=draft.other_org_unit_id,
        closes_fact_id=draft.closes_fact_id,
        reason=draft.reason,
        occurred_at=draft.occurred_at,
        actor=str(draft.actor),
    )
    sql.send(
        Q.add_document_lines,
        fact_id=fact_id,
        **place_columns([line.place for line in said]),
        said=[line.said_milli for line in said],
        moved=[line.moved_milli for line in said],
    )
