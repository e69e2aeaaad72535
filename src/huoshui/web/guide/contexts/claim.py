"""A sale that is claimed by its receipt, and what two claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.web.console import numbers
from huoshui.web.console.contexts import rooms, typed
from huoshui.web.guide import known


@dataclass(frozen=True)
class Claimant:
    staff_id: int
    name: str


@dataclass(frozen=True)
class DisputeRow:
    order_id: int
    title: str
    says: str
    claimants: tuple[Claimant, ...]


@dataclass(frozen=True)
class ClaimPage:
    who: str
    number: str
    paid: str
    rows: list[DisputeRow]
    said: str
    error: str


def claim(actor: Actor, *, number: str = "", paid: str = "", said: str = "", error: str = "") -> ClaimPage:
    """Raises NotFound for whoever serves in no store."""
    if not rooms.commission.may_claim(actor):
        raise NotFound
    found = rooms.commission.disputes(actor)
    names = rooms.brand.staff_names(sorted({who for one in found for who in (one.guide_id, one.against_id)}))
    units = known.unit_names()
    rows = [
        DisputeRow(
            order_id=one.order_id,
            title=_("小票 {number} · {amount}").format(
                number=one.order_key, amount=numbers.exact(one.amount)
            ),
            says=" · ".join((units.get(one.store_id, ""), numbers.day(one.occurred_at))),
            claimants=tuple(
                Claimant(who, names.get(who, str(who))) for who in (one.against_id, one.guide_id)
            ),
        )
        for one in found
    ]
    return ClaimPage(str(actor), number[:40], paid[:20], rows, said, error)


def tell(actor: Actor, form: Mapping[str, str]) -> str:
    """What came of it. In the caller's transaction. Raises NotFound, Refused."""
    paid = typed.cents(form.get("paid", ""))
    state = rooms.commission.claim(form.get("number", ""), paid=paid, actor=actor).state
    return {
        "claimed": _("认领好了，几秒后记到你的提成里。"),
        "own": _("这一单已经记在你名下。"),
        "disputed": _("这一单已经记在别人名下。你的认领记下了，由老板裁定，原来的不改。"),
    }[state]


def decide(actor: Actor, form: Mapping[str, str]) -> str:
    """Whose it is, of the two. In the caller's transaction. Raises NotFound."""
    wanted, who = form.get("order", ""), form.get("who", "")
    for one in rooms.commission.disputes(actor):
        if str(one.order_id) == wanted and who in {str(one.guide_id), str(one.against_id)}:
            rooms.commission.decide(
                one.order_id,
                employer_id=one.employer_id,
                shares=[(int(who), 1000)],
                reason=_("小票认领有争议，裁定归一人"),
                actor=actor,
            )
            return _("裁定好了，差额几秒后记上。")
    raise NotFound
