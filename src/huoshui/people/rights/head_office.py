"""Whom a dealer serves, and whether head office may look at how to reach her (PIPL art. 23).

Where the house says that dealers keep customers of their own (HUOSHUI_DEALERS_OWN_CUSTOMERS), the dealer must have said yes,
and she must have agreed apart. Everywhere, a no of hers holds, and a no of the dealer's (ADR 0045). Her orders are the house's
books and are seen as ever, and what the law asks of the house (a copy, an erasure) goes by the desk and not through here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from django.conf import settings

from huoshui.core.actor import Actor
from huoshui.core.subscribers import registry
from huoshui.people.card.types import Card
from huoshui.people.consent.reads import standing_of
from huoshui.people.consent.rules import HEAD_OFFICE, is_given, is_withdrawn
from huoshui.people.identity.types import ContactsClosed


class HeadOfficeClosed(ContactsClosed):
    """这位顾客归经销商。经销商没有授权，或者顾客没有同意总部查看联系方式。请经销商联系，或者先请两边同意。"""

    code = "head_office_closed"


CONTACT_ATTRIBUTES: Final = frozenset(
    {"phone_hint", "email", "address", "地址", "住址", "收货地址", "联系地址", "wechat", "微信号"}
)
"""What of her says where she is to be reached."""


def closed_among(actor: Actor, cards: Sequence[Card]) -> set[int]:
    """Those of these whom the actor, as head office, may not see how to reach: dealers' customers who have not agreed, or have
    said no, and those of dealers who do not share. The one place that answers it; it asks only where head office looks at
    customers of dealers."""
    if actor.kind != "staff" or not actor.sees_whole_brand:
        return set()
    theirs = {card.person_id: card.dealer_id for card in cards if card.dealer_id is not None}
    if not theirs:
        return set()
    said, stands = registry.hear_dealers(actor, set(theirs.values())), standing_of(list(theirs))
    if settings.HUOSHUI_DEALERS_OWN_CUSTOMERS:
        return {p for p, d in theirs.items() if not (said.get(d, False) and is_given(stands[p], HEAD_OFFICE))}
    return {p for p, d in theirs.items() if not said.get(d, True) or is_withdrawn(stands[p], HEAD_OFFICE)}


def is_closed(actor: Actor, card: Card) -> bool:
    return bool(closed_among(actor, [card]))


def shown(actor: Actor, cards: Sequence[Card]) -> list[Card]:
    """Cards as this actor may see them: lists, files and searches all take them from here. Of whom is closed the name is
    masked and the tail of the phone left out; what she bought is the house's, as is the number of its card."""
    closed = closed_among(actor, cards)
    return [
        replace(card, display_name=masked_name(card.display_name), phone_tail4="")
        if card.person_id in closed
        else card
        for card in cards
    ]


def masked_name(name: str) -> str:
    """张晓明 → 张**."""
    return f"{name[0]}**" if name else ""


def require(actor: Actor, card: Card) -> None:
    """Raises HeadOfficeClosed."""
    if is_closed(actor, card):
        raise HeadOfficeClosed
