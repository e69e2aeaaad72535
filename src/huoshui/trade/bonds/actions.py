"""What people decide about who owns and serves a customer. Each is a fact, heard like every other; nothing is rewritten.

Callers hold the transaction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import uuid4

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Note
from huoshui.people import api as people
from huoshui.trade.bonds import fold, terms
from huoshui.trade.bonds.hearing import hear
from huoshui.trade.bonds.scope import decides, is_of, require_decider, units_of
from huoshui.trade.bonds.types import (
    DECISIONS,
    BondProtected,
    NoBond,
    NotSameDealer,
    ReasonMissing,
    Spell,
    StoreUnknown,
    WishStands,
)

Q = sql.load("huoshui.trade.bonds")


class Place(NamedTuple):
    dealer_id: int | None
    store_id: int | None
    guide_id: int | None


def assign(*, person_id: int, store_id: int, reason: str, actor: Actor, guide_id: int | None = None) -> int:
    """Head office gives a customer to a store's dealer. Returns the fact's id.

    Raises NotFound for whoever may not; BondProtected while another dealer's protection lasts; WishStands.
    """
    if not decides(actor):
        raise NotFound
    held = _begin(person_id, reason, actor)
    place = place_of(store_id, guide_id)
    if held is not None and held.dealer_id != place.dealer_id:
        _refuse_if_wished(held)
        if held.dealer_id is not None and _is_protected(held):
            raise BondProtected
    return decide("assigned", person_id, place, reason, actor)


def transfer(*, person_id: int, store_id: int, reason: str, actor: Actor, guide_id: int | None = None) -> int:
    """The dealer that owns a customer gives her to another: its own word is the consent. Returns the fact's id.

    Raises NotFound for whoever may not; NoBond; BondProtected where head office would do it in its stead; WishStands.
    """
    held = _begin(person_id, reason, actor)
    if held is None:
        raise NoBond
    require_decider(actor)
    is_own = is_of(actor, held.dealer_id, held.store_id)
    if not is_own and not decides(actor):
        raise NotFound
    place = place_of(store_id, guide_id)
    if held.dealer_id != place.dealer_id:
        _refuse_if_wished(held)
        if not is_own and _is_protected(held):
            raise BondProtected
    return decide("transferred", person_id, place, reason, actor)


def wish(
    *, person_id: int, store_id: int | None, reason: str, actor: Actor, guide_id: int | None = None
) -> int:
    """The customer said herself who shall serve her; no store: head office. It wins over all that is not her own word.

    Raises NotFound for whoever may not: whom she would leave may write it down, and head office; not whom she comes to.
    """
    held = _begin(person_id, reason, actor)
    require_decider(actor)
    if not decides(actor) and (held is None or not is_of(actor, held.dealer_id, held.store_id)):
        raise NotFound
    place = place_of(store_id, guide_id) if store_id is not None else Place(None, None, None)
    return decide("wished", person_id, place, reason, actor)


def release(*, person_id: int, reason: str, actor: Actor) -> int:
    """Nobody owns the customer any more. Raises NotFound for whoever may not; NoBond, BondProtected, WishStands."""
    held = _begin(person_id, reason, actor)
    if held is None:
        raise NoBond
    require_decider(actor)
    if not is_of(actor, held.dealer_id, held.store_id):
        if not decides(actor):
            raise NotFound
        _refuse_if_wished(held)
        if held.dealer_id is not None and _is_protected(held):
            raise BondProtected
    return decide("released", person_id, Place(held.dealer_id, held.store_id, None), reason, actor)


def hand_over(*, guide_id: int, to: Sequence[tuple[int, int]], reason: str, actor: Actor) -> dict[int, int]:
    """All customers of a guide go to others of the same dealer, spread evenly: (guide, store) each. Returns guide → how many.

    As many statements for one customer as for thousands. Raises NotFound for whoever may not and for a guide who serves nobody
    the actor may see; NotSameDealer where a customer's owner is another than the new guide's.
    """
    if not reason.strip():
        raise ReasonMissing
    require_decider(actor)
    if not to or guide_id in {guide for guide, _store in to}:
        raise NotSameDealer
    sql.fetch(Q.lock)
    served = sql.fetch(Q.served_by, guide_id=guide_id, units=units_of(actor))
    if not served:
        raise NotFound
    places = [place_of(store, guide) for guide, store in to]
    if any(r.dealer_id != p.dealer_id for r in served for p in places):
        raise NotSameDealer
    batch = uuid4().hex
    shared = [(r.person_id, places[n % len(places)]) for n, r in enumerate(served)]
    _note(
        "handed",
        [(p, place, f"bond handed {batch} {p}") for p, place in shared],
        {"reason": reason.strip(), "from_guide_id": guide_id},
        actor,
    )
    counted = {guide: sum(1 for _p, place in shared if place.guide_id == guide) for guide, _store in to}
    record(actor, "bond.handed_over", "staff", guide_id, to=counted, reason=reason.strip())
    return counted


def set_rules(*, params: Mapping[str, Any], reason: str, actor: Actor) -> int:
    """A new version, for what settles from now on; bonds there are keep the terms they were made under. Returns its number.

    Raises NotFound for whoever may not; ReasonMissing, BadRules.
    """
    if not decides(actor):
        raise NotFound
    if not reason.strip():
        raise ReasonMissing
    kept = terms.checked(params)
    made = sql.fetch_one(
        Q.add_version,
        params=json.dumps(kept, ensure_ascii=False),
        actor=str(actor),
        reason=reason.strip(),
    )
    record(actor, "bond_rules.set", "bond_rules", made.version, params=kept, reason=reason.strip())
    return int(made.version)


# ---- what they share ----------------------------------------------------------------------------------------


def decide(kind: str, person_id: int, place: Place, reason: str, actor: Actor, **more: Any) -> int:
    """Write a decision as a fact and let it be heard. The caller has checked that it may be."""
    key = f"bond {kind} {uuid4().hex}"
    made = _note(kind, [(person_id, place, key)], {"reason": reason.strip(), **more}, actor)
    record(actor, f"bond.{kind}", "person", person_id, **place._asdict(), reason=reason.strip(), **more)
    return made[key]


def _note(
    kind: str, rows: Sequence[tuple[int, Place, str]], said: Mapping[str, Any], actor: Actor
) -> dict[str, int]:
    now = clock.now()
    made = facts.note(
        [Note(DECISIONS[kind], key, p, now, {**place._asdict(), **said}) for p, place, key in rows],
        actor=actor,
    )
    fold.work_out(hear(sorted(made.values())), now=now)
    return made


def place_of(store_id: int, guide_id: int | None) -> Place:
    """Raises StoreUnknown."""
    branch = brand.branches_of([store_id]).get(store_id)
    if branch is None:
        raise StoreUnknown
    if guide_id is not None and guide_id not in brand.staff_names([guide_id]):
        raise NotFound
    return Place(branch.dealer_id, store_id, guide_id)


def _begin(person_id: int, reason: str, actor: Actor) -> Spell | None:
    """The bond as it is, up to what has been heard, with nobody else deciding meanwhile.

    Raises ReasonMissing; NotFound for a person the actor may not see.
    """
    if not reason.strip():
        raise ReasonMissing
    if person_id not in people.visible_persons(actor, [person_id]):
        raise NotFound
    return owner_of(person_id)


def owner_of(person_id: int) -> Spell | None:
    """Under the lock of all bonds."""
    sql.fetch(Q.lock)
    head = people.canonical_id(person_id)
    told, _members = fold.tell([head], now=clock.now())[head]
    return told.live


def _is_protected(held: Spell) -> bool:
    return held.protected_until is not None and clock.now() < held.protected_until


def _refuse_if_wished(held: Spell) -> None:
    if held.made_as == "wished":
        raise WishStands
