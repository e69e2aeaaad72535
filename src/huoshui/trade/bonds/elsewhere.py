"""Where else a dealer's customers buy, and what a dealer takes along of them. Its callers have asked whose it is to see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from huoshui.core import sql

Q = sql.load("huoshui.trade.bonds")


class Bought(NamedTuple):
    """`sold_by` None: head office's own shop. `amount` after what came back."""

    order_id: int
    person_id: int
    day: date
    sold_by: int | None
    store_id: int | None
    guide_id: int | None
    amount: int


def bought_elsewhere(dealer_id: int, *, before: int, limit: int) -> list[Bought]:
    return sql.fetch_as(Bought, Q.bought_elsewhere, dealer_id=dealer_id, before=before, limit=limit)


class Taken(NamedTuple):
    """A customer and the bond she is the dealer's by."""

    person_id: int
    store_id: int | None
    guide_id: int | None
    owned_since: datetime
    protected_until: datetime | None
    made_as: str
    rule_version: int
    made_by: int


class Brought(NamedTuple):
    """`person_id` as born; `sealed`: the whole value, under the house's key."""

    person_id: int
    kind: str
    key: str
    sealed: bytes


def taken_along(dealer_id: int, *, after: int, limit: int) -> list[Taken]:
    """The dealer's customers (canonical ids), ascending."""
    return sql.fetch_as(Taken, Q.taken_along, dealer_id=dealer_id, after=after, limit=limit)


def brought_contacts(dealer_id: int, born_ids: Sequence[int]) -> list[Brought]:
    """Contacts of these that the dealer's own stores were told."""
    return sql.fetch_as(Brought, Q.brought_contacts, dealer_id=dealer_id, person_ids=list(born_ids))


def owned_among(dealer_id: int, canonical_ids: Sequence[int]) -> set[int]:
    rows = sql.fetch(Q.owned_among, dealer_id=dealer_id, person_ids=list(canonical_ids))
    return {r.person_id for r in rows}
