"""Scan → member, bond and coupon: facts through the river, so that a code's customer is like any other.

Everything is keyed by the visit: a second tap, a reload and a retry after a lost answer change nothing and are answered alike.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from huoshui.core import clock
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import NotFound
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Source
from huoshui.core.unmet import sentence
from huoshui.engage.campaigns import api as campaigns
from huoshui.intake.river import api as river
from huoshui.intake.river.api import Item
from huoshui.intake.scans.types import CHOICES, NOTICE, CannotJoin, Joined, Joining
from huoshui.people import api as people
from huoshui.trade.codes import api as codes

JOINED = "Member Joined"
_CONSENT = "Consent Given"


def source() -> Source:
    with transaction.atomic():
        return facts.ensure_source(name="codes", label="扫码入会", mode="live")


def join(code: codes.Code, joining: Joining) -> Joined:
    """Opens its own transactions: what is received is kept. Raises CodeOff, CannotJoin, RetryLater."""
    if not code.is_live:
        raise codes.CodeOff
    if not river.identifier_row("phone", joining.phone):
        raise CannotJoin
    own = source()
    if not facts.taken_keys(own, [_key(joining)]):
        items = _items(code, joining)
        river.command(lambda: items, orders=[], source=own, actor=codes.SCANNER)
    person_id = people.find("phone", joining.phone)
    if person_id is None:
        raise CannotJoin
    return _with_coupon(code, person_id)


def _key(joining: Joining) -> str:
    return f"scan {joining.visit}"


def _items(code: codes.Code, joining: Joining) -> list[Item]:
    now, before = clock.now(), people.find("phone", joining.phone)
    is_member = before is not None and "member" in people.roles.roles_now([before]).get(before, ())
    place: dict[str, Any] = {"code": code.handle, "visit": joining.visit, "kind": code.kind}
    for name in ("store_id", "guide_id"):
        if getattr(code, name) is not None:
            place[name] = getattr(code, name)

    def told(name: str, key: str, body: dict[str, Any]) -> Item:
        return Item(name, key, now, (("phone", joining.phone),), body=body)

    items = [told(codes.SCANNED, _key(joining), place)]
    if not is_member:
        # Whoever was known before joins once, by whichever codes she does
        key = f"join {joining.visit}" if before is None else f"join person {before}"
        items.append(told(JOINED, key, {**place, "notice": NOTICE, "is_14": True}))
    chosen = [one for one in CHOICES if one in joining.choices]
    if chosen:
        said = [_said(one, code) for one in chosen]
        items.append(told(_CONSENT, f"consent {joining.visit} {','.join(chosen)}", {"consents": said}))
    return items


def _said(choice: str, code: codes.Code) -> dict[str, str]:
    purpose, _, channel = choice.partition("/")
    return {
        "purpose": purpose,
        "channel": channel,
        "notice_version": NOTICE,
        "proof": f"扫码页面勾选，活码 {code.id}",
    }


def _with_coupon(code: codes.Code, person_id: int) -> Joined:
    if code.template_id is None:
        return Joined(person_id)
    asked = campaigns.Claim(code.template_id, person_id, f"code {code.id} {person_id}")
    with transaction.atomic():
        (verdict,) = campaigns.claim([asked], actor=codes.SCANNER)
    offer = offered(code)
    return Joined(
        person_id,
        coupon=verdict.code,
        title=offer.title if offer else "",
        sentence=offer.sentence if offer else "",
        refusal=sentence(verdict.refusal, dict(verdict.detail)) if verdict.refusal else "",
    )


def offered(code: codes.Code) -> campaigns.TemplateView | None:
    """The coupon a code gives, while there is one to be had."""
    if code.template_id is None:
        return None
    try:
        found = campaigns.template_for(SYSTEM, code.template_id)
    except NotFound:
        return None
    return found if found.state == "live" else None
