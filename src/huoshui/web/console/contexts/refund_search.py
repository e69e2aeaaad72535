"""Finding the order that somebody brings back: by its number, or by who bought it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound
from huoshui.people.api import Filters
from huoshui.trade.sales.api import SaleView
from huoshui.web.console import numbers
from huoshui.web.console.contexts import parties, rooms
from huoshui.web.console.contexts.refunds import is_theirs, may_refund, require
from huoshui.web.console.markup import bold

TEXT_LENGTH = 60
PEOPLE = 10
ORDERS = 20
LONGEST_ID = 18


@dataclass(frozen=True)
class OrderRow:
    url: str
    order_key: str
    at: datetime
    store: str
    says: str
    amount: int
    left: int


@dataclass(frozen=True)
class PersonRow:
    url: str
    name: str
    tail: str
    store: str
    last_sale_at: datetime | None


@dataclass(frozen=True)
class RefundSearch:
    text: str
    sentence: SafeString
    orders: list[OrderRow]
    people: list[PersonRow]
    waiting: int = 0
    """Refunds of theirs that wait for a second person."""


def search(actor: Actor, query: Mapping[str, str]) -> RefundSearch:
    """Raises NotFound for whoever may not give anything back."""
    require(may_refund(actor))
    waiting = sum(is_theirs(actor, w.org_unit_id) for w in rooms.tills.waiting_refunds())
    return replace(_search(actor, query), waiting=waiting)


def _search(actor: Actor, query: Mapping[str, str]) -> RefundSearch:
    text = query.get("q", "").strip()[:TEXT_LENGTH]
    person = query.get("person", "")
    if person:
        return _of_person(actor, text, person)
    if not text:
        return RefundSearch(
            "", format_html("{}", _("先找到那一单：输订单号，或者顾客的卡号、手机尾号。")), [], []
        )
    # Which orders one may give back is this desk's own rule: at her store, also those of nobody
    if found := _theirs(actor, rooms.sales.find_order(SYSTEM, text)):
        return RefundSearch(text, _found(found), found, [])
    cards = rooms.people.search(actor, text, Filters(), limit=PEOPLE).rows
    if len(cards) == 1:
        return _of_person(actor, text, str(cards[0].person_id))
    if not cards:
        return RefundSearch(
            text, format_html("{}", _("没有找到：核对一下号码，或者换卡号、手机尾号试试。")), [], []
        )
    said = format_html(_("有 {n} 位顾客对得上，是哪一位？"), n=bold(numbers.count(len(cards))))
    people = [
        PersonRow(
            url=f"{reverse('console:refunds')}?person={card.person_id}",
            name=parties.person_name(card),
            tail=card.phone_tail4,
            store=card.home_store,
            last_sale_at=card.last_sale_at,
        )
        for card in cards
    ]
    return RefundSearch(text, said, [], people)


def _of_person(actor: Actor, text: str, person: str) -> RefundSearch:
    if not person.isdecimal() or len(person) > LONGEST_ID:
        raise NotFound
    card = rooms.people.card_for(actor, int(person))
    found = _theirs(actor, rooms.sales.sales_of(actor, card.person_id, limit=ORDERS, with_lines=True))
    name = parties.person_name(card)
    if not found:
        return RefundSearch(text, format_html(_("{name}没有能在这里退的订单。"), name=bold(name)), [], [])
    said = format_html(
        _("{name}最近的 {n} 单，新的在前。"), name=bold(name), n=bold(numbers.count(len(found)))
    )
    return RefundSearch(text, said, found, [])


def _theirs(actor: Actor, found: Sequence[SaleView]) -> list[OrderRow]:
    places = rooms.orders.places_of([sale.fact_id for sale in found])
    return [
        _row(sale)
        for sale in found
        if (place := places.get(sale.fact_id)) is not None and is_theirs(actor, place.org_unit_id)
    ]


def _row(sale: SaleView) -> OrderRow:
    named = [line.name for line in sale.lines if line.amount >= 0]
    says = _("、").join(named[:2])
    if len(named) > 2:
        says = _("{names}等 {n} 样").format(names=says, n=len(named))
    return OrderRow(
        url=reverse("console:refund", args=[sale.fact_id]),
        order_key=sale.order_key,
        at=sale.occurred_at,
        store=sale.store,
        says=says,
        amount=sale.amount,
        left=sale.amount - sale.refunded,
    )


def _found(found: Sequence[OrderRow]) -> SafeString:
    if len(found) == 1:
        return format_html("{}", _("找到了，点开它。"))
    return format_html(_("有 {n} 单是这个号，看门店和时间认一认。"), n=bold(numbers.count(len(found))))
