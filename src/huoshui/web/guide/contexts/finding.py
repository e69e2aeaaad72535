"""Who walked in: by the word of a code, a phone's tail, a card."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.people.api import Card, Filters
from huoshui.web.console.contexts import rooms
from huoshui.web.guide.contexts import words

MOST_FOUND = 8


@dataclass(frozen=True)
class FoundRow:
    person_id: int
    url: str
    face: str
    title: str
    says: str


@dataclass(frozen=True)
class Found:
    who: str
    query: str
    rows: list[FoundRow]
    only: Card | None


def find(actor: Actor, text: str) -> Found:
    """By the word of a code, a phone's tail, a card."""
    words.server(actor)
    text = text.strip()[:200]
    cards = _by_code(actor, text) or _by_text(actor, text)
    only = cards[0] if len(cards) == 1 else None
    return Found(str(actor), text[:40], [_found_row(card) for card in cards], only)


def _by_code(actor: Actor, text: str) -> list[Card]:
    """What was scanned may be the whole address of a code that a customer shows."""
    token = text.rstrip("/").rpartition("/")[2]
    if "/" not in text or not token:
        return []
    try:
        code = rooms.codes.find(token)
    except NotFound:
        return []
    if code.person_id is None:
        return []
    heads = rooms.people.canonical_ids([code.person_id])
    return rooms.people.cards_for(actor, list(heads.values()))


def _by_text(actor: Actor, text: str) -> list[Card]:
    if not text or "/" in text:
        return []
    cards = rooms.people.search(actor, text, Filters(), limit=MOST_FOUND).rows
    exact = [card for card in cards if card.card_no == text]
    return exact or cards


def _found_row(card: Card) -> FoundRow:
    says = [card.tier and _(card.tier), words.seen(card)]
    return FoundRow(
        person_id=card.person_id,
        url=reverse("console:guide-person", args=[card.person_id]),
        face=words.face(card),
        title=words.title(card),
        says=" · ".join(part for part in says if part),
    )
