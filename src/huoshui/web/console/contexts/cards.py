"""One line about a person, as lists and drawers show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.people.api import Card
from huoshui.web.console import numbers, words


@dataclass(frozen=True)
class PersonRow:
    url: str
    name: str
    phone_tail4: str
    card_no: str
    tier: str
    grade: str
    group: str
    orders: int
    spend: int
    last_sale_at: datetime | None
    silence: str
    home_store: str


def name_of(card: Card) -> str:
    """What to call a person by: the name, else the card, else the phone's tail."""
    if card.display_name or card.card_no:
        return card.display_name or card.card_no
    if card.phone_tail4:
        return _("尾号 {tail}").format(tail=card.phone_tail4)
    return _("顾客 {number}").format(number=card.person_id)


def row(card: Card, standing_day: date) -> PersonRow:
    return PersonRow(
        url=reverse("console:person", args=[card.person_id]),
        name=name_of(card),
        phone_tail4=card.phone_tail4,
        card_no=card.card_no,
        tier=card.tier,
        grade=str(words.GRADES.get(card.grade, "")),
        group=str(words.GROUPS.get(card.frequency_ticket, "")),
        orders=card.orders,
        spend=card.spend,
        last_sale_at=card.last_sale_at,
        silence=silence(card.last_sale_at, standing_day),
        home_store=card.home_store,
    )


def silence(at: datetime | None, standing_day: date) -> str:
    """How long ago, counted from the day the console stands on; of what came after it, the day itself."""
    if at is None:
        return ""
    days = (standing_day - numbers.day_of(at)).days
    if days < 0:
        return numbers.day(at, near=standing_day)
    if days == 0:
        return _("当天")
    return ngettext("{n} 天前", "{n} 天前", days).format(n=days)
