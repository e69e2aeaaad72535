"""People search: one function, an explicit scope, keyset pages that stay fast at ten million cards."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.subscribers import registry
from huoshui.people.card import newborn
from huoshui.people.card.types import Card, Filters, Page
from huoshui.people.identity import reads as identity
from huoshui.people.rights import head_office

Q = sql.load("huoshui.people.card")

_COLUMNS = (
    "person_id, display_name, card_no, phone_tail4, tier, points, grade, frequency, ticket, guide_id, dealer_id,"
    " home_org_unit_id, first_sale_at, last_sale_at, orders, spend, updated_at"
)
_MOST_FOUND = 500


def scope_clause(actor: Actor) -> tuple[str, dict[str, Any]]:
    """Which cards an actor may see at all: the whole brand but those of dealers who let head office see no single customer
    (ADR 0047), or the dealers and stores one is placed at."""
    if actor.sees_whole_brand:
        if closed := registry.closed_dealers(actor):
            return "(dealer_id is null or dealer_id <> all(%(closed)s::int[]))", {"closed": sorted(closed)}
        return "true", {}
    units = sorted(actor.org_unit_ids)
    return "(dealer_id = any(%(units)s::int[]) or home_org_unit_id = any(%(units)s::int[]))", {"units": units}


def search(actor: Actor, text: str, filters: Filters, *, limit: int = 50, after: str = "") -> Page:
    """Cards by phone tail, card number or name, filtered, last sale first."""
    where, params = scope_clause(actor)
    clauses = [where]
    _filter(filters, clauses, params)
    _match(text.replace("\x00", "").strip(), clauses, params)
    _start_after(after, clauses, params)
    statement = sql.Statement(
        "search",
        f"select {_COLUMNS} from person_card where {' and '.join(clauses)}"
        " order by last_sale_at desc nulls last, person_id desc limit %(limit)s",
    )
    rows = [Card(*row) for row in sql.fetch(statement, **params, limit=limit + 1)]
    following = _cursor(rows[limit - 1]) if len(rows) > limit else ""
    return Page(_named(actor, rows[:limit]), following)


def _filter(filters: Filters, clauses: list[str], params: dict[str, Any]) -> None:
    for name in ("grade", "frequency", "ticket", "tier", "home_org_unit_id"):
        value = getattr(filters, name)
        if value:
            clauses.append(f"{name} = %({name})s")
            params[name] = value
    if filters.silent_days:
        clauses.append("last_sale_at < %(silent_since)s")
        params["silent_since"] = clock.now() - timedelta(days=filters.silent_days)


def _match(text: str, clauses: list[str], params: dict[str, Any]) -> None:
    if not text:
        return
    # A bounded set first: sorting every 王 of ten million people would cost more than reading all of them would help.
    named = sql.ask(Q.named_from, start=text, limit=_MOST_FOUND)
    found = set(identity.find_by_text(text, limit=_MOST_FOUND)) | {r.person_id for r in named.rows()}
    clauses.append("person_id = any(%(found)s::bigint[])")
    params["found"] = sorted(found)


def _start_after(after: str, clauses: list[str], params: dict[str, Any]) -> None:
    if not after:
        return
    at, person_id = _read_cursor(after)
    params["after_id"] = person_id
    if at is None:
        clauses.append("last_sale_at is null and person_id < %(after_id)s")
    else:
        # Two plain conditions rather than a row comparison, because nulls come last
        clauses.append(
            "(last_sale_at <= %(after_at)s or last_sale_at is null) and"
            " (last_sale_at is null or (last_sale_at, person_id) < (%(after_at)s, %(after_id)s::bigint))"
        )
        params["after_at"] = at


def _cursor(card: Card) -> str:
    at = card.last_sale_at.isoformat() if card.last_sale_at else None
    return base64.urlsafe_b64encode(json.dumps([at, card.person_id]).encode()).decode().rstrip("=")


def _read_cursor(text: str) -> tuple[datetime | None, int]:
    try:
        at, person_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if type(person_id) is not int or not 0 <= person_id < 1 << 63:
            raise ValueError(person_id)
        return (datetime.fromisoformat(at) if at else None), person_id
    except (ValueError, TypeError, RecursionError) as error:
        raise Refused("页码已经失效，请回到第一页重新查。") from error


def cards_for(actor: Actor, person_ids: Sequence[int]) -> list[Card]:
    """The cards of these canonical persons that the actor may see, in the order asked; of those just born, what their cards
    will say of who they are."""
    where, params = scope_clause(actor)
    statement = sql.Statement(
        "cards_for",
        f"select {_COLUMNS} from person_card where person_id = any(%(ids)s::bigint[]) and {where}",
    )
    found = {row.person_id: Card(*row) for row in sql.fetch(statement, ids=list(person_ids), **params)}
    if missing := [p for p in person_ids if p not in found]:
        found |= newborn.cards(actor, missing)
    return _named(actor, [found[p] for p in person_ids if p in found])


def card_for(actor: Actor, person_id: int) -> Card:
    """The card behind any id of a cluster. Absent and forbidden look alike: NotFound."""
    cards = cards_for(actor, [identity.canonical_id(person_id)])
    if not cards:
        raise NotFound
    return cards[0]


def changed_at(actor: Actor, person_id: int) -> datetime:
    """When the card of a canonical person was last written: one row by its primary key. Raises NotFound for whom the actor may
    not see, and for who has no card yet."""
    where, params = scope_clause(actor)
    statement = sql.Statement(
        "changed_at",
        f"select updated_at from person_card where person_id = %(person_id)s::bigint and {where}",
    )
    row = sql.fetch_one(statement, person_id=person_id, **params)
    if row is None:
        raise NotFound
    at: datetime = row.updated_at
    return at


def visible(actor: Actor, person_ids: Sequence[int]) -> dict[int, int]:
    """id → canonical id, of those ids whose cards the actor may see. For who needs no more of the card."""
    own = identity.canonical_ids(person_ids)
    where, params = scope_clause(actor)
    statement = sql.Statement(
        "visible", f"select person_id from person_card where person_id = any(%(ids)s::bigint[]) and {where}"
    )
    wanted = set(own.values())
    seen = {row.person_id for row in sql.fetch(statement, ids=sorted(wanted), **params)}
    if missing := wanted - seen:
        seen |= newborn.visible(actor, sorted(missing)).keys()
    return {person_id: canonical for person_id, canonical in own.items() if canonical in seen}


def count_all() -> int:
    return int(sql.fetch_one(Q.count_all).people)


def _named(actor: Actor, cards: list[Card]) -> list[Card]:
    """With the names of stores; and of dealers' customers what head office may see (PIPL art. 23)."""
    cards = head_office.shown(actor, cards)
    stores = brand.unit_names([c.home_org_unit_id for c in cards if c.home_org_unit_id is not None])
    return [replace(c, home_store=stores.get(c.home_org_unit_id or 0, "")) for c in cards]
