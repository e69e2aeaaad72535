"""Numbers that changed hands, said by hand (ADR 0041): who may. Callers hold the transaction."""

from __future__ import annotations

from datetime import date, datetime, time

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import Refused
from huoshui.people.card.actions import rewrite as rewrite_cards
from huoshui.people.card.reads import card_for
from huoshui.people.identity import eras
from huoshui.people.identity.eras import RETIRABLE
from huoshui.people.identity.types import Identifier
from huoshui.people.matching.reads import may_review, require

__all__ = ["RETIRABLE", "give_back", "may_retire", "may_review", "retire"]


def may_retire(actor: Actor, one: Identifier) -> bool:
    return may_review(actor) and one.kind in RETIRABLE and not one.is_guarded and one.ends_at is None


def retire(actor: Actor, person_id: int, *, identifier_id: int, on: date, reason: str) -> None:
    """From the beginning of a day on (in the brand's zone) a number of hers is whoever's comes with it. What happened before
    stays hers, what was told of it since is decided anew within a minute. Raises NotFound, Refused."""
    require(actor)
    person = card_for(actor, person_id).person_id
    try:
        at = datetime.combine(on, time(), clock.brand_zone())
    except (OverflowError, ValueError) as error:
        raise Refused("请填今天或更早的日子。") from error
    eras.retire(person, identifier_id=identifier_id, at=at, reason=reason, actor=actor)
    rewrite_cards([person])


def give_back(actor: Actor, person_id: int, *, identifier_id: int, reason: str) -> None:
    """It never changed hands: it is hers again, with what was told of it since. Raises NotFound, Refused."""
    require(actor)
    person = card_for(actor, person_id).person_id
    eras.give_back(person, identifier_id=identifier_id, reason=reason, actor=actor)
    rewrite_cards([person])
