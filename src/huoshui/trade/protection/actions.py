"""A dealer shares its customers with head office, or does not: its word, and nobody else's."""

from __future__ import annotations

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record as audit
from huoshui.core.errors import NotFound
from huoshui.core.scope import look_as
from huoshui.trade.protection.types import CONTACT

Q = sql.load("huoshui.trade.protection")

_SAID = 200


def may_say(actor: Actor, dealer_id: int) -> bool:
    """The owner. Not who acts for the dealer: head office would say yes to itself."""
    return (
        actor.kind == "staff"
        and "dealer" in actor.roles
        and dealer_id in actor.org_unit_ids
        and actor.acting_id is None
    )


def say(dealer_id: int, *, is_given: bool, said: str = "", actor: Actor) -> bool:
    """Give or take back; it holds from this transaction on, wherever head office looks. Whether it changed anything.

    Raises NotFound for whoever is not the dealer's owner.
    """
    if not may_say(actor, dealer_id):
        raise NotFound
    look_as(actor)
    sql.fetch(Q.lock, dealer_id=dealer_id)
    last = [r.is_given for r in sql.fetch(Q.words, scope=CONTACT, dealer_ids=[dealer_id])]
    if last == [is_given]:
        return False
    told = said.strip()[:_SAID]
    sql.run(
        Q.say,
        dealer_id=dealer_id,
        scope=CONTACT,
        is_given=is_given,
        said=told,
        actor=str(actor),
        at=clock.now(),
    )
    action = "protection.given" if is_given else "protection.taken_back"
    audit(actor, action, "org_unit", dealer_id, scope=CONTACT, said=told)
    return True
