"""Words of the guide's pages: the customer may read over her shoulder, so a surname, no grade, nothing of health."""

from __future__ import annotations

from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.people.api import Card
from huoshui.trade.service import api as service
from huoshui.web.console import numbers
from huoshui.web.console.contexts import rooms


def server(actor: Actor) -> Actor:
    """Who serves in a store. Raises NotFound for whoever only looks."""
    if not rooms.visitors.may_tell(actor):
        raise NotFound
    return actor


def names_of(sku_ids: list[int]) -> dict[int, str]:
    goods = rooms.brand.product_names(sku_ids) if sku_ids else {}
    return {i: name or code for i, (code, name) in goods.items() if service.may_be_shown(name or code)}


def title(card: Card) -> str:
    called = service.called(card.display_name)
    tail = _("尾号 {tail}").format(tail=card.phone_tail4) if card.phone_tail4 else ""
    shown = [called or _("顾客"), tail or (card.card_no and f"…{card.card_no[-4:]}")]
    return " · ".join(part for part in shown if part)


def face(card: Card) -> str:
    return service.called(card.display_name).rstrip("*")[:1] or _("客")


def seen(card: Card) -> str:
    if card.last_sale_at is None:
        return _("还没有买过")
    return _("上次来：{day}").format(day=numbers.day(card.last_sale_at))
