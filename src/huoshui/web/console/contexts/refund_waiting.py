"""等同意的退款: what one person may not give back alone, and how much each role may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import HuoshuiError
from huoshui.core.ledger.explorer import LAST_BIGINT
from huoshui.core.money import plain as yuan
from huoshui.web.console import numbers, words
from huoshui.web.console.contexts import parties, rooms
from huoshui.web.console.contexts.coupon_reading import amount_of
from huoshui.web.console.contexts.people import Choice
from huoshui.web.console.contexts.refunds import is_theirs, may_refund, require
from huoshui.web.console.markup import bold
from huoshui.web.console.retell import retell

SETS = frozenset({"boss"})


@dataclass(frozen=True)
class WaitingRow:
    id: int
    order_key: str
    url: str
    store: str
    amount: int
    reason: str
    who: str
    asked_at: datetime
    ago: str
    is_mine: bool


@dataclass(frozen=True)
class LimitRow:
    role: str
    name: str
    value: str
    said: str
    error: str


@dataclass(frozen=True)
class RefundsWaiting:
    sentence: SafeString
    rows: list[WaitingRow]
    limits: list[LimitRow]
    rules: list[Choice]
    """Where it may be given back what another store sold."""
    may_set: bool
    error: str
    done: str


def page(
    actor: Actor,
    query: Mapping[str, str],
    *,
    error: HuoshuiError | None = None,
    said: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> RefundsWaiting:
    """Raises NotFound for whoever may not give anything back."""
    require(may_refund(actor))
    found = [w for w in rooms.tills.waiting_refunds() if is_theirs(actor, w.org_unit_id)]
    stores = rooms.brand.unit_names(sorted({w.org_unit_id for w in found if w.org_unit_id is not None}))
    rows = [
        WaitingRow(
            id=w.id,
            order_key=w.order_key,
            url=reverse("console:refund", args=[w.sale_id]),
            store=stores.get(w.org_unit_id or 0, ""),
            amount=w.amount,
            reason=w.reason,
            who=parties.who(actor, w.asked_by),
            asked_at=w.asked_at,
            ago=numbers.ago(clock.now() - w.asked_at),
            is_mine=w.asked_by == str(actor),
        )
        for w in found
    ]
    return RefundsWaiting(
        sentence=_sentence(rows),
        rows=rows,
        limits=_limits(said or {}, errors or {}),
        rules=_rules(said or {}),
        may_set=bool(actor.roles & SETS),
        error=retell(str(error)) if error else "",
        done={
            "done": _("已同意，钱已经退了"),
            "rejected": _("已拒绝，什么都没有动"),
            "limits": _("已记下，从下一笔起照新的来"),
        }.get(query.get("done", ""), ""),
    )


def _sentence(rows: list[WaitingRow]) -> SafeString:
    if not rows:
        return format_html("{}", _("没有等着同意的退款。"))
    mine = sum(row.is_mine for row in rows)
    if mine == len(rows):
        return format_html(
            _("有 {n} 笔退款等着同意，都是您提的，要请另一位同事来看。"), n=bold(numbers.count(mine))
        )
    return format_html(
        _("有 {n} 笔退款等着同意，一共 {amount}。"),
        n=bold(numbers.count(len(rows)), "bad"),
        amount=numbers.exact(sum(row.amount for row in rows)),
    )


def _limits(said: Mapping[str, str], errors: Mapping[str, str]) -> list[LimitRow]:
    return [
        LimitRow(
            role=role,
            name=str(words.ROLES.get(role, role)),
            value=said.get(role, "" if most is None else yuan(most)),
            said=_("不限") if most is None else numbers.exact(most),
            error=errors.get(role, ""),
        )
        for role, most in rooms.tills.refund_limits().items()
    ]


def _rules(said: Mapping[str, str]) -> list[Choice]:
    names = {
        "same_store": _("只在卖出的门店"),
        "same_owner": _("同一个经销商的门店，或都是直营的门店"),
        "all": _("所有门店"),
    }
    chosen = said.get("refund_at", rooms.brand.refund_rule())
    return [Choice(rule, names[rule], rule == chosen) for rule in rooms.brand.REFUND_RULES]


def decide(actor: Actor, approval_id: int, act: str) -> str:
    """What became of it: 'done' or 'rejected'. Raises NotFound, and Refused with what is wrong."""
    require(may_refund(actor) and act in {"approve", "reject"} and approval_id <= LAST_BIGINT)
    require(is_theirs(actor, rooms.tills.find_waiting_refund(approval_id).org_unit_id))
    if act == "reject":
        rooms.tills.reject_refund(approval_id, by=actor)
        return "rejected"
    rooms.tills.approve_refund(approval_id, by=actor)
    return "done"


def set_limits(actor: Actor, said: Mapping[str, str]) -> dict[str, str]:
    """What is wrong, by role; nothing is changed unless all is right. Empty: any amount."""
    require(bool(actor.roles & SETS))
    limits: dict[str, int | None] = {}
    errors: dict[str, str] = {}
    for role in rooms.tills.refund_limits():
        text = said.get(role, "").strip()
        limits[role] = 0 if text == "0" else amount_of(text) if text else None
        if text and limits[role] is None:
            errors[role] = _("写金额，比如 500；写 0 就是都要另一位同意；不写就是不限")
    rule = said.get("refund_at", rooms.brand.refund_rule())
    require(rule in rooms.brand.REFUND_RULES)
    if not errors:
        if rule != rooms.brand.refund_rule():
            rooms.brand.set_refund_rule(rule, actor=actor)
        for role, most in limits.items():
            rooms.tills.set_refund_limit(role=role, alone_upto=most, actor=actor)
    return errors
