"""顾客归属 on a customer's page: whose she is and why, what was before, and what the reader may do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import Refused
from huoshui.trade.bonds.api import Spell, View
from huoshui.web.console.contexts import bond_words, cards, rooms


@dataclass(frozen=True)
class SpellRow:
    owner: str
    place: str
    since: datetime
    until: datetime | None
    how: str
    ended: str
    is_suspended: bool
    reason: str
    fact_id: int
    url: str
    version: int


@dataclass(frozen=True)
class BondPanel:
    person_id: int
    name: str
    now: SpellRow | None
    protected_until: datetime | None
    days_left: int
    is_wished: bool
    owned_since: datetime | None
    past: list[SpellRow]
    acts: tuple[tuple[str, str], ...]
    stores: tuple[tuple[int, str], ...]
    can_claim: bool
    claim_open: bool
    error: str
    said: Mapping[str, str]


def panel(
    actor: Actor, person_id: int, *, error: str = "", said: Mapping[str, str] | None = None
) -> BondPanel:
    """Raises NotFound."""
    card = rooms.people.card_for(actor, person_id)
    view = rooms.bonds.of_person(actor, card.person_id)
    held = view.now
    until = held.protected_until if held else None
    can_claim = bool(
        held is None
        and actor.roles & rooms.bonds.DECIDERS
        and not rooms.bonds.decides(actor)
        and rooms.bonds.evidence_of(actor, card.person_id, limit=1)
    )
    claims = rooms.bonds.disputes(actor, person_id=card.person_id, limit=1) if can_claim else []
    acts = _acts(actor, held)
    return BondPanel(
        person_id=card.person_id,
        name=cards.name_of(card),
        now=_row(held, view) if held else None,
        protected_until=until,
        days_left=_days_left(until),
        is_wished=held is not None and held.made_as == "wished",
        owned_since=held.owned_since if held else None,
        past=[_row(s, view) for s in view.spells if s.state != "live"],
        acts=acts,
        stores=_stores(actor) if acts or can_claim else (),
        can_claim=can_claim,
        claim_open=any(c.state == "open" for c in claims),
        error=error,
        said=said or {},
    )


def _days_left(until: datetime | None) -> int:
    return (clock.business_day(until) - clock.today()).days if until is not None else 0


def _row(spell: Spell, view: View) -> SpellRow:
    return SpellRow(
        owner=bond_words.owner(spell, view.names),
        place=bond_words.place(spell, view.names),
        since=spell.since,
        until=spell.until,
        how=bond_words.how(spell),
        ended=bond_words.ended(spell),
        is_suspended=spell.state == "suspended",
        reason=spell.reason,
        fact_id=spell.made_by,
        url=_fact_url(spell, view.person_id),
        version=spell.rule_version,
    )


def _fact_url(spell: Spell, person_id: int) -> str:
    """Only a sale has a page of its own."""
    is_sale = spell.how in ("first", "moved") and spell.made_as == "purchase"
    return f"{reverse('console:person', args=[person_id])}?sale={spell.made_by}#chain" if is_sale else ""


def _acts(actor: Actor, held: Spell | None) -> tuple[tuple[str, str], ...]:
    if not actor.roles & rooms.bonds.DECIDERS:
        return ()
    is_own = held is not None and rooms.bonds.is_of(actor, held.dealer_id, held.store_id)
    if not (is_own or rooms.bonds.decides(actor)):
        return ()
    shown = [("wish", _("顾客自己选了这家"))]
    if held is not None:
        shown += [("transfer", _("转让给这家")), ("release", _("放弃归属"))]
    if rooms.bonds.decides(actor):
        shown.insert(0, ("assign", _("指定给这家")))
    return tuple(shown)


def _stores(actor: Actor) -> tuple[tuple[int, str], ...]:
    units = rooms.brand.org_units_table().to_pylist()
    found = [
        (u["org_unit_id"], " · ".join(w for w in (u["dealer"], u["name"] or u["code"]) if w))
        for u in units
        if u["kind"] == "store"
    ]
    return tuple(sorted(found, key=lambda one: one[1]))


# ---- what is done here --------------------------------------------------------------------------------------


def act(actor: Actor, person_id: int, said: Mapping[str, str]) -> None:
    """Raises Refused with what to mend; NotFound. In the caller's transaction."""
    rooms.people.card_for(actor, person_id)
    reason = said.get("reason", "")
    match said.get("act"):
        case "assign":
            rooms.bonds.assign(person_id=person_id, store_id=_store(said), reason=reason, actor=actor)
        case "transfer":
            rooms.bonds.transfer(person_id=person_id, store_id=_store(said), reason=reason, actor=actor)
        case "wish":
            rooms.bonds.wish(person_id=person_id, store_id=_store(said), reason=reason, actor=actor)
        case "release":
            rooms.bonds.release(person_id=person_id, reason=reason, actor=actor)
        case "claim":
            rooms.bonds.open_dispute(
                person_id=person_id,
                store_id=_store(said),
                evidence=rooms.bonds.evidence_of(actor, person_id),
                said=reason,
                actor=actor,
            )
        case _:
            raise Refused(_("请选要做什么。"))


def _store(said: Mapping[str, str]) -> int:
    text = said.get("store", "")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Refused(_("请选一家门店。"))
    return int(text)
