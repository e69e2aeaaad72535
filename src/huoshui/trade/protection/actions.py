"""A dealer shares its customers with head office, or does not: its word, and nobody else's."""

from __future__ import annotations

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record as audit
from huoshui.core.errors import NotFound, Refused
from huoshui.core.scope import look_as
from huoshui.trade.protection.rules import CONTACT, SCOPES, following

Q = sql.load("huoshui.trade.protection")

_SAID = 200


class UnknownScope(Refused):
    """没有这种授权，只有总数、购买情况、联系方式三种。"""

    code = "unknown_scope"


def may_say(actor: Actor, dealer_id: int) -> bool:
    """The owner. Not who acts for the dealer: head office would say yes to itself."""
    return (
        actor.kind == "staff"
        and "dealer" in actor.roles
        and dealer_id in actor.org_unit_ids
        and actor.acting_id is None
    )


def say(dealer_id: int, *, is_given: bool, said: str = "", scope: str = CONTACT, actor: Actor) -> bool:
    """Give or take back; it holds from this transaction on, wherever head office looks. What is narrower is given along, what
    is wider taken back along. Whether it changed anything.

    Raises NotFound for whoever is not the dealer's owner, UnknownScope.
    """
    if not may_say(actor, dealer_id):
        raise NotFound
    if scope not in SCOPES:
        raise UnknownScope
    look_as(actor)
    sql.fetch(Q.lock, dealer_id=dealer_id)
    last = {r.scope: r.is_given for r in sql.fetch(Q.words, dealer_ids=[dealer_id])}
    told, now = said.strip()[:_SAID], clock.now()
    scopes = following(last, scope, is_given=is_given)
    for one in scopes:
        word = {"scope": one, "is_given": is_given, "said": told}
        sql.run(Q.say, dealer_id=dealer_id, **word, actor=str(actor), at=now)
        action = "protection.given" if is_given else "protection.taken_back"
        audit(actor, action, "org_unit", dealer_id, scope=one, said=told)
    return bool(scopes)
