"""没买就走: the guide's page on the phone. One tap, one visit; what is tapped twice counts once."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.intake.visitors.api import UNDO, Told, Visit, VisitView
from huoshui.web.console import numbers
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts.people import Choice
from huoshui.web.console.contexts.visitors_rows import reason_word

FOUND = 8
_KEY = re.compile("[!-~]{8,64}")
_LATEST = timedelta(minutes=5)
_OLDEST = timedelta(days=7)


@dataclass(frozen=True)
class TapReason:
    code: str
    label: str
    icon: str
    is_about_stock: bool


@dataclass(frozen=True)
class TapRow:
    fact_id: int
    label: str
    at: str
    said: str
    is_taken_back: bool
    undo_url: str


@dataclass(frozen=True)
class Taps:
    who: str
    store_id: int
    store: str
    stores: tuple[Choice, ...]
    reasons: list[TapReason]
    key: str
    rows: list[TapRow]
    count: int
    said: str
    error: str
    url: str
    search_url: str


@dataclass(frozen=True)
class FoundProduct:
    code: str
    name: str


# Icons of our own set; a brand's own reasons have none
ICONS = {
    "price": "coin",
    "taste": "cup",
    "out_of_stock": "box",
    "comparing": "swap",
    "just_looking": "eye",
}


def taps(actor: Actor, query: Mapping[str, str], *, said: str = "", error: str = "") -> Taps:
    """Raises NotFound for whoever tells nothing, and for a store that is not his."""
    stores = _stores(actor)
    store_id = _chosen(query.get("store", ""), stores)
    rows = rooms.visitors.told_by(actor, store_id, since=clock.today(), limit=30)
    return Taps(
        who=str(actor),
        store_id=store_id,
        store=stores[store_id],
        stores=tuple(Choice(str(i), name, i == store_id) for i, name in stores.items()),
        reasons=[
            TapReason(r.code, reason_word(r.label), ICONS.get(r.code, "flag"), r.is_about_stock)
            for r in rooms.visitors.reasons()
            if r.is_listed
        ],
        key=uuid.uuid4().hex,
        rows=_rows(rows),
        count=sum(not row.is_taken_back for row in rows),
        said=said,
        error=error,
        url=reverse("console:taps"),
        search_url=reverse("console:tap-products"),
    )


def tell(actor: Actor, said: Mapping[str, str]) -> Told:
    """Raises NotFound, Refused. In the caller's transaction."""
    stores = _stores(actor)
    key, reason = said.get("key", ""), said.get("reason", "")
    if not _KEY.fullmatch(key):
        raise Refused(_("这一条少了编号，请刷新页面再点。"))
    products = tuple(code for code in said.get("products", "")[:2000].split("\n") if code)
    visit = Visit(
        # Of the tap: the same form sent twice with the same reason is one, with another reason it is another
        key=f"{actor}:{key}:{reason[:40]}",
        org_unit_id=_chosen(said.get("store", ""), stores),
        reason=reason,
        ended_at=_at(said.get("at", "")),
        product_codes=products[:20],
        identifiers=_identifiers(said.get("customer", "").strip()[:40]),
        note=said.get("note", "").strip()[:200],
    )
    return rooms.visitors.tell(visit, source=rooms.visitors.guide_source(), actor=actor)


def said_of(told: Told, asked: Mapping[str, str]) -> str:
    """What the guide reads after the tap: she learns whether a customer was found, and no name."""
    if asked.get("customer", "").strip() and told.person_id is None:
        return _("记好了。没找到这位顾客，按不认识的记。")
    return _("记好了。") if not told.is_repeat else _("已经记过了，没有重复记。")


def products(actor: Actor, text: str) -> list[FoundProduct]:
    _stores(actor)
    text = text.strip()[:40]
    if not text or "\x00" in text:
        return []
    found = rooms.brand.search_products(text, limit=FOUND)
    return [FoundProduct(p.code, p.name or p.code) for p in found]


def _stores(actor: Actor) -> dict[int, str]:
    if not rooms.visitors.may_tell(actor):
        raise NotFound
    stores = rooms.visitors.stores_of(actor)
    if not stores:
        raise NotFound
    return stores


def _chosen(text: str, stores: Mapping[int, str]) -> int:
    if not text:
        return next(iter(stores))
    if not (text.isascii() and text.isdigit()) or int(text[:12]) not in stores:
        raise NotFound
    return int(text[:12])


def _at(text: str) -> datetime:
    """When she tapped. A phone whose clock is far out is not believed."""
    now = clock.now()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return now
    if at.tzinfo is None or not now - _OLDEST <= at <= now + _LATEST:
        return now
    return min(at, now)


def _identifiers(text: str) -> tuple[tuple[str, str], ...]:
    """What she typed may be a phone or the number of a card; what is none of them names nobody."""
    if not text or "\x00" in text:
        return ()
    return tuple((kind, text) for kind in ("phone", "card_no", "member_no"))


def _rows(rows: list[VisitView]) -> list[TapRow]:
    labels = {reason.code: reason.label for reason in rooms.visitors.reasons()}
    names = rooms.brand.product_names(sorted({i for row in rows for i in row.product_ids}))
    return [
        TapRow(
            fact_id=row.fact_id,
            label=reason_word(labels.get(row.reason, row.reason)),
            at=numbers.hour(row.ended_at),
            said=" · ".join(
                part
                for part in (
                    _("、").join(names.get(i, ("", ""))[1] for i in row.product_ids),
                    _("认得出的顾客") if row.person_id else "",
                    row.note,
                )
                if part
            ),
            is_taken_back=row.is_taken_back,
            undo_url=_undo_url(row),
        )
        for row in rows
    ]


def _undo_url(row: VisitView) -> str:
    if row.is_taken_back or clock.now() - row.told_at > UNDO:
        return ""
    return reverse("console:tap-undo", args=[row.fact_id])
