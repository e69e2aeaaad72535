"""What head office sees of a dealer's customers, who looked, and what became of those who bought elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.conf import settings
from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.scope import scoped
from huoshui.people import api as people
from huoshui.trade.bonds import api as bonds
from huoshui.trade.commission import api as commission
from huoshui.trade.protection.rules import BEHAVIOUR, CONTACT, COUNTS, opened
from huoshui.trade.protection.types import Elsewhere, Exported, Look, Standing, Word

Q = sql.load("huoshui.trade.protection")

PAGE = 50
_LOOKED_THROUGH = 2_000  # of the whole house, of which a dealer's are some


def words(actor: Actor, dealer_ids: Collection[int]) -> dict[int, bool]:
    """Dealer → yes or no to contacts, of those who said anything: for head office, which asks before it shows."""
    must_ask = _must_ask()
    return {d: CONTACT in opened(said, must_ask=must_ask) for d, said in _said(actor, dealer_ids).items()}


def closed(actor: Actor, scope: str = BEHAVIOUR) -> frozenset[int]:
    """The dealers who do not let head office see so much; none for whoever is not head office."""
    if actor.kind != "staff" or not actor.sees_whole_brand:
        return frozenset()
    must_ask, said = _must_ask(), _said(actor, None)
    found = {d for d, words in said.items() if scope not in opened(words, must_ask=must_ask)}
    if must_ask:
        table = brand.org_units_table().to_pylist()
        found |= {u["org_unit_id"] for u in table if u["kind"] == "dealer" and u["org_unit_id"] not in said}
    return frozenset(found)


def noes(actor: Actor, dealer_ids: Collection[int]) -> dict[int, int]:
    """Dealer → how many scopes its own word closes now."""
    said = _said(actor, dealer_ids)
    return {d: sum(not is_given for is_given in words.values()) for d, words in said.items()}


def closed_units(actor: Actor) -> tuple[int, ...]:
    """The units of those whom head office sees in cohorts alone, with all below them."""
    dealers = closed(actor)
    return tuple(sorted(brand.units_below(sorted(dealers)))) if dealers else ()


def _must_ask() -> bool:
    return bool(settings.HUOSHUI_DEALERS_OWN_CUSTOMERS)


def _said(actor: Actor, dealer_ids: Collection[int] | None) -> dict[int, dict[str, bool]]:
    found: dict[int, dict[str, bool]] = {}
    with scoped(actor):
        rows = sql.fetch(Q.words, dealer_ids=sorted(dealer_ids) if dealer_ids is not None else None)
        # Whoever asks may look for somebody else just now: going back leaves his scope as it was
        transaction.set_rollback(True)
    for row in rows:
        found.setdefault(row.dealer_id, {})[row.scope] = row.is_given
    return found


def require_seen(actor: Actor, dealer_id: int) -> None:
    """Raises NotFound: the dealer's owner sees it, and head office, so that both sides read the same."""
    own = "dealer" in actor.roles and dealer_id in actor.org_unit_ids
    if not own and not actor.sees_whole_brand:
        raise NotFound
    if brand.unit_kinds([dealer_id]).get(dealer_id) != "dealer":
        raise NotFound


def standing(actor: Actor, dealer_id: int) -> Standing:
    """Raises NotFound."""
    require_seen(actor, dealer_id)
    return _standings(actor, [dealer_id])[0]


def standings(actor: Actor, dealer_ids: Sequence[int]) -> list[Standing]:
    """For head office. Raises NotFound for whoever does not see the whole brand."""
    if not actor.sees_whole_brand:
        raise NotFound
    return _standings(actor, dealer_ids)


def _standings(actor: Actor, dealer_ids: Sequence[int]) -> list[Standing]:
    last, said, must_ask = _last_words(actor, dealer_ids), _said(actor, dealer_ids), _must_ask()
    fees, counts = commission.fees_of(dealer_ids), {c.dealer_id: c.people for c in bonds.counts(actor)}
    found = []
    for dealer_id in dealer_ids:
        fee, scopes = fees.get(dealer_id), opened(said.get(dealer_id, {}), must_ask=must_ask)
        money = (fee.orders, fee.sold, fee.owed, fee.frozen) if fee else (0, 0, 0, 0)
        is_told = COUNTS in scopes or not actor.sees_whole_brand
        customers = counts.get(dealer_id, 0) if is_told else None
        found.append(Standing(dealer_id, customers, scopes, must_ask, last.get(dealer_id), *money))
    return found


def _last_words(actor: Actor, dealer_ids: Sequence[int]) -> dict[int, Word]:
    """The newest of each dealer, of whichever scope."""
    with scoped(actor):
        rows = sorted(sql.fetch(Q.words, dealer_ids=list(dealer_ids)), key=lambda r: r.at)
    newest = {r.dealer_id: Word(*r[1:]) for r in rows}
    return dict(zip(newest, _signed(list(newest.values())), strict=True))


def _signed(found: Sequence[Word]) -> list[Word]:
    """With the names of who said it."""
    names = brand.staff_names(sorted({_staff(w.actor) for w in found}))
    return [w._replace(by=names.get(_staff(w.actor), "")) for w in found]


def said_by(actor: Actor, dealer_id: int, *, limit: int = PAGE) -> list[Word]:
    """The newest first. Raises NotFound."""
    require_seen(actor, dealer_id)
    with scoped(actor):
        found = sql.fetch_as(Word, Q.said, dealer_id=dealer_id, limit=limit)
    return _signed(found)


def exported(actor: Actor, dealer_id: int) -> list[Exported]:
    """Who took along what is the dealer's, the newest first. Raises NotFound."""
    require_seen(actor, dealer_id)
    found = sql.fetch_as(Exported, Q.exported, dealer_id=dealer_id, limit=PAGE)
    names = brand.staff_names(sorted({_staff(e.actor) for e in found}))
    return [e._replace(by=names.get(_staff(e.actor), "")) for e in found]


def _staff(actor: str) -> int:
    kind, _, number = actor.partition(":")
    return int(number) if kind == "staff" else 0


def looks(actor: Actor, dealer_id: int, *, before: int = 2**62) -> list[Look]:
    """Looks of whoever is not the dealer's own, at those who were its customers then; the newest first. Raises NotFound."""
    require_seen(actor, dealer_id)
    rows = sql.fetch(Q.looks, before=before, limit=_LOOKED_THROUGH)
    theirs = _held(rows, dealer_id)
    rows = [r for place, r in enumerate(rows) if place in theirs]
    own = _own_staff({_staff(r.actor) for r in rows}, dealer_id)
    shown = [r for r in rows if _staff(r.actor) not in own or r.is_acting][:PAGE]
    names = brand.staff_names(sorted({_staff(r.actor) for r in shown}))
    return [
        Look(
            r.id,
            r.at,
            _staff(r.actor),
            names.get(_staff(r.actor), ""),
            r.action.removeprefix("contact."),
            r.person_id,
            r.kind,
            r.reason,
            r.is_acting,
        )
        for r in shown
    ]


def _held(rows: Sequence[sql.Row], dealer_id: int) -> set[int]:
    """Places of those that were about the dealer's customers at that moment, under whichever of their ids."""
    kin = people.kin_of(sorted({r.person_id for r in rows})) if rows else {}
    asked = [(place, member, r.at) for place, r in enumerate(rows) for member in kin[r.person_id]]
    return {h.place for h in bonds.held_at(asked) if h.dealer_id == dealer_id}


def _own_staff(staff_ids: set[int], dealer_id: int) -> set[int]:
    """Who is or was placed at the dealer's: what its own people did is its own business."""
    units = brand.units_below([dealer_id])
    seats = brand.seats_of(sorted(staff_ids)) if staff_ids else {}
    return {who for who, all_seats in seats.items() if any(s.org_unit_id in units for s in all_seats)}


def elsewhere(actor: Actor, dealer_id: int, *, before: int = 2**62) -> list[Elsewhere]:
    """What its customers bought at others' stores while they were its customers, and what others brought it by; the newest
    first, with or without a fee. Raises NotFound."""
    require_seen(actor, dealer_id)
    bought = {b.order_id: b for b in bonds.bought_elsewhere(dealer_id, before=before, limit=PAGE)}
    feed = {f.order_id: f for f in commission.fee_orders(dealer_id, before=before, limit=PAGE)}
    ids = sorted(bought.keys() | feed.keys(), reverse=True)[:PAGE]
    owed = {f.order_id: f for f in commission.fees_for(dealer_id, ids)} if ids else {}
    found = []
    for order_id in ids:
        fee = owed.get(order_id)
        if sale := bought.get(order_id):
            place = (sale.person_id, sale.day, sale.sold_by, sale.store_id, sale.guide_id, sale.amount)
        else:
            told = feed[order_id]
            place = (told.person_id, told.day, told.sold_by, told.store_id, told.guide_id, told.sold)
        found.append(Elsewhere(order_id, *place, fee.owed if fee else 0, fee.frozen if fee else 0))
    return found
