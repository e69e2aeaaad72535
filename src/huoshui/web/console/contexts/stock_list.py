"""单据列表: what was received, counted, sent and handed over at one's stores, how it stands, by whom and of what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.brand.api import DocumentView
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.web.console import numbers, words
from huoshui.web.console.contexts import parties, rooms
from huoshui.web.console.contexts.people import Choice
from huoshui.web.console.contexts.stock import DOCUMENTS, pieces, places, require_sight, title_of
from huoshui.web.console.markup import bold

PAGE = 50
NAMED = 2  # products told by name in a row


@dataclass(frozen=True)
class DocumentRow:
    url: str
    title: str
    key: str
    state: str
    is_off: bool
    is_open: bool
    store: str
    other: str
    goods: str
    pieces: str
    who: str
    at: datetime


@dataclass(frozen=True)
class DocumentsContext:
    sentence: SafeString
    stores: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    only: tuple[Choice, ...]
    rows: list[DocumentRow]
    next_url: str
    is_all: bool


def documents(actor: Actor, query: Mapping[str, str]) -> DocumentsContext:
    """Raises NotFound for a store that is not the actor's."""
    require_sight(actor)
    stores = places(actor)
    store, kind, only = query.get("store", ""), query.get("kind", ""), query.get("only", "")
    if store and (not (store.isascii() and store.isdigit()) or int(store[:12]) not in stores):
        raise NotFound
    kind = kind if kind in DOCUMENTS else ""
    found = rooms.brand.stock_documents(
        actor,
        org_unit_id=int(store) if store else None,
        kinds=[kind] if kind else None,
        is_open=only == "open",
        limit=PAGE + 1,
        **_before(query),
    )
    shown = found[:PAGE]
    kept = {k: v for k, v in {"store": store, "kind": kind, "only": only}.items() if v}
    more = urlencode({**kept, "before": shown[-1].head.fact_id}) if len(found) > PAGE else ""
    return DocumentsContext(
        sentence=_sentence(
            len(shown), bool(more), stores.get(int(store), "") if store else "", only == "open"
        ),
        stores=(Choice("", _("所有门店"), not store), *_choices(stores, store)),
        kinds=(Choice("", _("所有单据"), not kind), *_choices(DOCUMENTS, kind)),
        only=(Choice("", _("全部"), only != "open"), Choice("open", _("还在路上的"), only == "open")),
        rows=[_row(actor, one) for one in shown],
        next_url=f"{reverse('console:stock-documents')}?{more}" if more else "",
        is_all=not kept,
    )


def _before(query: Mapping[str, str]) -> dict[str, int]:
    text = query.get("before", "")
    if text and not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise NotFound
    return {"before": int(text)} if text else {}


def _choices(options: Mapping[Any, Any], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(str(value), str(name), str(value) == chosen) for value, name in options.items())


def _sentence(shown: int, has_more: bool, store: str, is_open: bool) -> SafeString:
    where = store or _("您的门店")
    if not shown:
        said = _("{store}没有还在路上的货。") if is_open else _("{store}还没有这样的单据。")
        return format_html(said, store=bold(where))
    if is_open:
        return format_html(_("{store}有 {n} 张调拨单还在路上。"), store=bold(where), n=bold(shown))
    said = _("{store}最近的 {n} 张单据，新的在前。") if has_more else _("{store}一共 {n} 张单据，新的在前。")
    return format_html(said, store=bold(where), n=bold(shown))


def _row(actor: Actor, one: DocumentView) -> DocumentRow:
    head = one.head
    if head.kind == "damaged_return":
        url = reverse("console:sale", args=[head.fact_id])
    elif head.sent_fact_id is not None:
        url = reverse("console:stock-transfer", args=[head.sent_fact_id])
    else:
        url = reverse("console:stock-document", args=[head.fact_id])
    total = sum(line.moved_milli if head.kind == "adjustment" else line.said_milli for line in one.lines)
    title = title_of(head.kind, head.key, head.reason)
    return DocumentRow(
        url=url,
        title=title.kind,
        key=title.number,
        state=str(words.DOCUMENT_STATES.get(head.state, head.state)),
        is_off=head.state == "differs",
        is_open=head.state == "on_its_way",
        store=one.store,
        other=one.other,
        goods=_goods(one),
        pieces=pieces(total),
        who=parties.who(actor, head.actor),
        at=head.occurred_at,
    )


def _goods(one: DocumentView) -> str:
    names = [line.name or line.code for line in one.lines]
    said = _("、").join(names[:NAMED])
    return (
        _("{goods} 等 {n} 种").format(goods=said, n=numbers.count(len(names))) if len(names) > NAMED else said
    )
