"""Goods on their way from one store to another, and what of them has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.ledger.api import GoodsLine
from huoshui.core.ledger.explorer import LAST_BIGINT
from huoshui.web.console import numbers
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts.stock import ACT, pieces, places, require, signed
from huoshui.web.console.contexts.stock_documents import MOST_PIECES, PAGE, milli_of
from huoshui.web.console.markup import bold
from huoshui.web.console.retell import retell


@dataclass(frozen=True)
class TransferRow:
    key: str
    from_name: str
    to_name: str
    sent_at: datetime
    arrived_at: datetime | None
    url: str


@dataclass(frozen=True)
class TransfersContext:
    sentence: SafeString
    rows: list[TransferRow]
    is_open: bool
    next_url: str


@dataclass(frozen=True)
class TransferLine:
    sku_id: int
    name: str
    code: str
    sent: str
    arrived: str
    difference: str
    is_off: bool
    value: str


@dataclass(frozen=True)
class TransferContext:
    key: str
    from_name: str
    to_name: str
    sent_at: datetime
    arrived_at: datetime | None
    sentence: SafeString
    rows: list[TransferLine]
    may_take_in: bool
    url: str
    error: str


def transfers(actor: Actor, query: Mapping[str, str]) -> TransfersContext:
    is_open = query.get("only", "open") != "all"
    before = query.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) <= 18):
        raise NotFound
    asked = {"before": int(before)} if before else {}
    found = rooms.brand.stock_transfers(actor, is_open=is_open, limit=PAGE + 1, **asked)
    shown = found[:PAGE]
    names = rooms.brand.unit_names(sorted({i for t in shown for i in (t.org_unit_id, t.to_org_unit_id)}))
    base = reverse("console:stock-transfers")
    kept = "" if is_open else "only=all&"
    return TransfersContext(
        sentence=_transfers_sentence(len(shown), is_open),
        rows=[
            TransferRow(
                key=t.key,
                from_name=names.get(t.org_unit_id, ""),
                to_name=names.get(t.to_org_unit_id, ""),
                sent_at=t.sent_at,
                arrived_at=t.arrived_at,
                url=reverse("console:stock-transfer", args=[t.fact_id]),
            )
            for t in shown
        ],
        is_open=is_open,
        next_url=f"{base}?{kept}before={shown[-1].fact_id}" if len(found) > PAGE else "",
    )


def _transfers_sentence(shown: int, is_open: bool) -> SafeString:
    if not shown:
        return format_html("{}", _("没有在路上的货。") if is_open else _("还没有调拨过。"))
    said = (
        ngettext("有 {n} 张调拨单还在路上。", "有 {n} 张调拨单还在路上。", shown)
        if is_open
        else _("最近的调拨，新的在前。")
    )
    return format_html(said, n=bold(shown))


def transfer(actor: Actor, fact_id: int, *, error: Refused | None = None) -> TransferContext:
    """For either end; only whoever the goods were sent to writes what has come."""
    if fact_id > LAST_BIGINT:
        raise NotFound
    found = rooms.brand.stock_transfer(actor, fact_id)
    is_open = found.head.arrived_at is None
    off = sum(1 for line in found.lines if line.difference_milli)
    return TransferContext(
        key=found.head.key,
        from_name=found.from_name,
        to_name=found.to_name,
        sent_at=found.head.sent_at,
        arrived_at=found.head.arrived_at,
        sentence=_transfer_sentence(found.from_name, found.to_name, is_open=is_open, off=off),
        rows=[
            TransferLine(
                sku_id=line.sku_id,
                name=line.name or line.code,
                code=line.code,
                sent=pieces(line.sent_milli),
                arrived="" if line.arrived_milli is None else pieces(line.arrived_milli),
                difference=signed(line.difference_milli) if line.difference_milli else "",
                is_off=bool(line.difference_milli),
                value=numbers.quantity(line.sent_milli).replace(",", ""),
            )
            for line in found.lines
        ],
        may_take_in=is_open and bool(actor.roles & ACT) and found.head.to_org_unit_id in places(actor),
        url=reverse("console:stock-transfer", args=[fact_id]),
        error=retell(str(error)) if error else "",
    )


def _transfer_sentence(source: str, target: str, *, is_open: bool, off: int) -> SafeString:
    ends = {"source": bold(source), "target": bold(target)}
    if is_open:
        return format_html(_("{source}发给{target}，还在路上。"), **ends)
    if off:
        return format_html(
            _("{source}发给{target}，已经收到，有 {n} 种数目对不上。"), **ends, n=bold(off, "bad")
        )
    return format_html(_("{source}发给{target}，收到的和发出的一样。"), **ends)


def take_in(actor: Actor, fact_id: int, said: Mapping[str, str]) -> int:
    """Book what has come. Raises NotFound for whoever may not, Refused with what is wrong."""
    if fact_id > LAST_BIGINT:
        raise NotFound
    found = rooms.brand.stock_transfer(actor, fact_id)
    require(actor, found.head.to_org_unit_id, roles=ACT)
    lines = []
    for line in found.lines:
        milli = milli_of(said.get(f"came-{line.sku_id}", "").strip() or "0")
        if milli is None or milli < 0 or milli > 1000 * MOST_PIECES:
            raise Refused(_("{name} 收到的件数看不懂。").format(name=line.name or line.code))
        lines.append(GoodsLine(line.sku_id, milli))
    return int(
        rooms.brand.take_in_stock(
            key=f"IN-{fact_id}",
            sent_fact_id=fact_id,
            lines=lines,
            reason=said.get("reason", "").replace("\x00", "").strip()[:200],
            actor=actor,
        )
    )
