from __future__ import annotations

from datetime import date

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.trade.dealers.types import Dealer, Held, SellIn

Q = sql.load("huoshui.trade.dealers")


def _units(actor: Actor) -> list[int] | None:
    """Whose dealers: all for head office, a dealer's own for itself."""
    return None if actor.sees_whole_brand else sorted(actor.org_unit_ids)


def dealers_for(actor: Actor) -> list[Dealer]:
    return sql.fetch_as(Dealer, Q.dealers, units=_units(actor))


def sell_in_for(actor: Actor, *, first: date, last: date) -> list[SellIn]:
    """What each dealer the actor may see bought and paid from `first` to `last`, both included, and owed then."""
    return sql.fetch_as(SellIn, Q.sell_in, units=_units(actor), first=first, last=last)


def stock_for(actor: Actor, dealer_id: int, *, day: date) -> list[Held]:
    """What a dealer last said, on or before `day`, it holds of each product; nothing of one not the actor's to see."""
    return sql.fetch_as(Held, Q.stock_on, units=_units(actor), dealer_id=dealer_id, day=day)
