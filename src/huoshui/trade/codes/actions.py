"""Codes made, switched off and on again, and scanned."""

from __future__ import annotations

from typing import NamedTuple

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record as audit
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Note
from huoshui.engage.campaigns import api as campaigns
from huoshui.people import api as people
from huoshui.trade.codes import links, reads, rules
from huoshui.trade.codes.types import SCANNED, BadCode, Code

Q = sql.load("huoshui.trade.codes")

SCANNER = Actor("person", 0, "扫码的人")
_MAKERS = frozenset({"boss", "operator", "dealer", "manager"})


class Draft(NamedTuple):
    """`person_id`: who recommends, any id of hers."""

    kind: str
    title: str
    store_id: int | None = None
    guide_id: int | None = None
    person_id: int | None = None
    template_id: int | None = None


def may_make(actor: Actor) -> bool:
    return actor.kind == "system" or bool(actor.roles & _MAKERS)


def make(draft: Draft, *, actor: Actor) -> int:
    """Raises NotFound for whoever makes none, and for a store, guide or person he may not see; BadCode."""
    if not may_make(actor):
        raise NotFound
    title = rules.checked_title(draft.title)
    rules.check(
        kind=draft.kind,
        store_id=draft.store_id,
        guide_id=draft.guide_id,
        person_id=draft.person_id,
        template_id=draft.template_id,
    )
    row = sql.fetch_one(
        Q.add,
        handle=links.new_handle(),
        kind=draft.kind,
        title=title,
        dealer_id=_dealer(draft, actor),
        store_id=draft.store_id,
        guide_id=draft.guide_id,
        person_id=people.card_for(actor, draft.person_id).person_id if draft.person_id else None,
        template_id=_coupon(draft, actor),
        actor=str(actor),
    )
    audit(actor, "code.made", "code", row.id, of_kind=draft.kind, title=title, store_id=draft.store_id)
    return int(row.id)


def _dealer(draft: Draft, actor: Actor) -> int | None:
    """Whose code it is: the dealer of its store. One without a store is head office's, or the dealer's who makes it."""
    if draft.store_id is None:
        return None if actor.sees_whole_brand else _own_dealer(actor)
    branch = brand.branches_of([draft.store_id]).get(draft.store_id)
    if branch is None or not (actor.sees_whole_brand or actor.org_unit_ids & set(branch.path)):
        raise NotFound
    if draft.guide_id is not None and draft.guide_id not in {
        p.staff_id for p in brand.staff_at([draft.store_id])
    }:
        raise BadCode("这位导购不在这家门店。")
    return branch.dealer_id


def _own_dealer(actor: Actor) -> int:
    branches = brand.branches_of(sorted(actor.org_unit_ids))
    dealers = {b.dealer_id for b in branches.values() if b.dealer_id is not None}
    if len(dealers) != 1:
        raise BadCode("请选一家门店。")
    return dealers.pop()


def _coupon(draft: Draft, actor: Actor) -> int | None:
    if draft.template_id is None:
        return None
    try:
        return campaigns.template_for(actor, draft.template_id).id
    except NotFound as error:
        raise BadCode("没有这张优惠券。") from error


def switch(code_id: int, *, is_live: bool, actor: Actor) -> bool:
    """Whether anything changed. Raises NotFound."""
    if not may_make(actor):
        raise NotFound
    code = reads.of(actor, code_id).code
    if code.kind == "recommender" and code.person_id is None:
        raise Refused("推荐的人已经注销，这个码不能再用。")
    changed = bool(
        sql.run(Q.set_state, code_id=code_id, state="live" if is_live else "off", actor=str(actor))
    )
    if changed:
        audit(actor, "code.on" if is_live else "code.off", "code", code_id)
    return changed


def note_scan(code: Code, visit: str) -> None:
    """That somebody opened it. Once for a visit; who it was is told by a later fact, if ever."""
    body = {"code": code.handle, "visit": visit, "kind": code.kind}
    if facts.note([Note(SCANNED, f"scan {visit}", None, clock.now(), body)], actor=SCANNER):
        facts.wake_readers()
