"""Who is behind a number of 进店未购."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.intake.visitors.api import Cell
from huoshui.web.console import numbers
from huoshui.web.console.contexts import cards, rooms
from huoshui.web.console.contexts.cards import PersonRow
from huoshui.web.console.contexts.standing import standing_day
from huoshui.web.console.contexts.visitors_rows import reason_word
from huoshui.web.console.markup import bold

PAGE = 50
KINDS = ("visit", "basket", "scan")


@dataclass(frozen=True)
class VisitorsBehind:
    """As the drawer of people shows it."""

    sentence: SafeString
    rows: list[PersonRow]
    next_url: str
    url: str
    is_first: bool


def behind(actor: Actor, query: Mapping[str, str]) -> VisitorsBehind:
    """Raises NotFound for an address that means nothing and for a store that is not the actor's."""
    asked, after = cell(query), _number(query, "after")
    ids = rooms.visitors.people_of(actor, asked)
    left = [person_id for person_id in ids if person_id > after]
    day = standing_day()
    place = reverse("console:visitors-people")
    kept = {k: v for k, v in query.items() if k != "after"}
    following = {**kept, "after": left[PAGE - 1]} if len(left) > PAGE else {}
    return VisitorsBehind(
        sentence=_sentence(asked, len(ids)),
        rows=[cards.row(card, day) for card in rooms.people.cards_for(actor, left[:PAGE])],
        next_url=f"{place}?{urlencode(following)}" if following else "",
        url=f"{place}?{urlencode(kept)}",
        is_first=not after,
    )


def _sentence(asked: Cell, count: int) -> SafeString:
    n = bold(numbers.count(count))
    if asked.only_back:
        return format_html(_("没买就走、后来回来买了的，有 {n} 位认得出的顾客。"), n=n)
    if asked.kind == "basket":
        return format_html(_("购物车没付款的，有 {n} 位顾客。"), n=n)
    if asked.kind == "scan":
        return format_html(_("扫了商品没买的，有 {n} 位顾客。"), n=n)
    labels = {reason.code: reason.label for reason in rooms.visitors.reasons()}
    if label := labels.get(asked.reason):
        said = _("因为“{reason}”没买的，有 {n} 位认得出的顾客。")
        return format_html(said, reason=reason_word(label), n=n)
    return format_html(_("进店没买的，有 {n} 位认得出的顾客。"), n=n)


def cell(query: Mapping[str, str]) -> Cell:
    """Of an address. Raises NotFound for one that means nothing."""
    try:
        first, last = (date.fromisoformat(query[key]) for key in ("from", "to"))
    except (KeyError, ValueError) as error:
        raise NotFound from error
    if query.get("kind") not in KINDS:
        raise NotFound
    return Cell(
        kind=query["kind"],
        first=first,
        last=last,
        org_unit_id=_number(query, "store") or None,
        reason=query.get("reason", "")[:100],
        sku_id=_number(query, "sku"),
        only_back=query.get("back") == "1",
    )


def _number(query: Mapping[str, str], name: str) -> int:
    text = query.get(name, "0")
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise NotFound
    return int(text)
