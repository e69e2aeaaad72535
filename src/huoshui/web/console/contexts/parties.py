"""Whose an account is, and what it holds, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.ledger.explorer import AccountKey
from huoshui.core.ledger.types import DEBT_BUCKET, HELD_BUCKET
from huoshui.people.api import Card
from huoshui.web.console import numbers, words
from huoshui.web.console.contexts import cards, rooms

PLACES = frozenset({"org_unit", "dealer", "store"})
_MONTH = re.compile(r"(\d{4})-(\d\d)")


@dataclass(frozen=True)
class Named:
    """An owner and, of his accounts, which."""

    name: str
    url: str
    bucket: str

    def __str__(self) -> str:
        return f"{self.name} · {self.bucket}" if self.bucket else self.name


def unit_name(unit: str) -> str:
    kind, _sep, partner = unit.partition("@")
    name = str(words.UNITS.get(kind, kind))
    return _("联名积分（{partner}）").format(partner=partner) if partner and kind == "points" else name


def amount(unit: str, value: int | None, *, signed: bool = False) -> str:
    """Money to the cent, anything else in full."""
    if value is None:
        return numbers.ABSENT
    sign = "+" if signed and value > 0 else ""
    if unit in words.MONEY_UNITS:
        return f"{sign}{numbers.exact(value)}"
    return f"{sign}{numbers.MINUS if value < 0 else ''}{abs(value):,}"


def bucket_name(bucket: str) -> str:
    if bucket == DEBT_BUCKET:
        return str(words.DEBT)
    if bucket == HELD_BUCKET:
        return str(words.HELD)
    month = _MONTH.fullmatch(bucket)
    return expires(bucket) if month else bucket


def expires(bucket: str) -> str:
    return _("{year} 年 {month} 月底到期").format(year=bucket[:4], month=int(bucket[5:]))


def named(actor: Actor, owners: Iterable[AccountKey]) -> dict[AccountKey, Named]:
    """Every owner by name: one look-up for the persons and one for the places, however many there are."""
    asked = set(owners)
    persons = _persons(actor, {key.owner_id for key in asked if key.owner_kind == "person"})
    places = rooms.brand.unit_names(sorted({k.owner_id for k in asked if k.owner_kind in PLACES}))
    out = {}
    for key in asked:
        name, url = _otherwise(key), ""
        if key.owner_kind == "person":
            name, url = persons.get(key.owner_id, (name, ""))
        elif key.owner_kind in PLACES:
            name = places.get(key.owner_id, name)
        out[key] = Named(name, url, bucket_name(key.bucket))
    return out


def _persons(actor: Actor, ids: set[int]) -> dict[int, tuple[str, str]]:
    canonical = rooms.people.canonical_ids(sorted(ids))
    found = {c.person_id: c for c in rooms.people.cards_for(actor, sorted(set(canonical.values())))}
    return {
        own: (person_name(found[of]), reverse("console:person", args=[of]))
        for own, of in canonical.items()
        if of in found
    }


def person_name(card: Card) -> str:
    """Among other owners a bare card number would not look like a person."""
    if card.card_no and not card.display_name:
        return _("会员卡号 {no}").format(no=card.card_no)
    return cards.name_of(card)


def _otherwise(key: AccountKey) -> str:
    return str(words.OWNERS.get(key.owner_kind, words.ANY_OWNER)).format(id=key.owner_id)


def who(actor: Actor, said: str) -> str:
    """Whoever did something, from the text that is kept of an actor: 'staff:3'."""
    if said == str(actor):
        return _("您")
    kind, _sep, number = said.partition(":")
    if kind == "person":
        return _("顾客本人")
    return str(words.OWNERS["staff"]).format(id=number) if kind == "staff" else _("系统")


def by_name(name: str) -> str:
    """Whoever did something, from the name that was kept."""
    return _("系统") if name == SYSTEM.name else name
