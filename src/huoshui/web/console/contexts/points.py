"""Points of one customer: what can be used and until when, why it moved, which tier and why; and changes by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.ledger.explorer import LAST_BIGINT
from huoshui.engage.loyalty.api import Adjustment, Balance, Entry
from huoshui.web.console import numbers
from huoshui.web.console.contexts import cards, loyalty, parties, rooms, rule_words
from huoshui.web.console.markup import bold
from huoshui.web.console.retell import retell

PAGE = 50
SHOWN = 6  # movements on the customer's page
MOST = 10**9
OF_ORDERS = frozenset(
    {"earn", "take_back", "spend", "spend_back"}
)  # reasons whose fact is an order or its refund


@dataclass(frozen=True)
class MonthRow:
    until: str  # '' for what never expires
    is_over: bool  # taken by the next night's run
    points: int
    share: float
    is_near: bool


@dataclass(frozen=True)
class EntryRow:
    at: datetime
    said: str
    points: str
    is_in: bool
    expires: str
    url: str


@dataclass(frozen=True)
class PointsPanel:
    person_id: int
    name: str
    sentence: SafeString
    usable: int
    debt: int
    held: int
    months: list[MonthRow]
    partners: list[tuple[str, int]]
    tier: str
    why: list[str]
    rows: list[EntryRow]
    url: str
    may_act: bool


@dataclass(frozen=True)
class PointsContext:
    panel: PointsPanel
    rows: list[EntryRow]
    next_url: str
    limit: int
    said: Mapping[str, str]
    error: str
    done: str


@dataclass(frozen=True)
class AdjustmentRow:
    id: int
    person: str
    person_url: str
    points: str
    reason: str
    who: str
    asked_at: datetime
    ago: str
    is_mine: bool


@dataclass(frozen=True)
class AdjustmentsContext:
    sentence: SafeString
    rows: list[AdjustmentRow]
    may_act: bool
    error: str
    done: str


def points(actor: Actor, person_id: int) -> PointsPanel:
    """Raises NotFound for a person who is absent or not the actor's to see."""
    card = rooms.people.card_for(actor, person_id)
    return _panel(actor, card.person_id, cards.name_of(card), card.tier, _entries(card.person_id, SHOWN))


def history(
    actor: Actor,
    person_id: int,
    query: Mapping[str, str],
    *,
    said: Mapping[str, str] | None = None,
    error: Refused | None = None,
) -> PointsContext:
    card = rooms.people.card_for(actor, person_id)
    before = query.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) <= 18):
        raise NotFound
    found = _entries(card.person_id, PAGE, int(before) if before else None)
    facts = list(dict.fromkeys(entry.fact_id for entry in found))
    base = reverse("console:person-points", args=[card.person_id])
    next_url = f"{base}?{urlencode({'before': facts[-1]})}" if len(facts) == PAGE else ""
    return PointsContext(
        panel=_panel(actor, card.person_id, cards.name_of(card), card.tier, found),
        rows=[_row(entry) for entry in found],
        next_url=next_url,
        limit=rooms.loyalty.rules_now().rule.adjust_alone_upto,
        said=said or {},
        error=retell(str(error)) if error else "",
        done=query.get("state", "") if query.get("done") else "",
    )


def _entries(person_id: int, limit: int, before: int | None = None) -> list[Entry]:
    if before is None:
        return list(rooms.loyalty.history(person_id, limit=limit))
    return list(rooms.loyalty.history(person_id, limit=limit, before=before))


def _panel(actor: Actor, person_id: int, name: str, tier: str, found: Sequence[Entry]) -> PointsPanel:
    balance = rooms.loyalty.balance_of(person_id)
    most = max((points for _day, points in balance.months), default=0)
    today = clock.today()
    partners = {p.code: p.name for p in rooms.loyalty.partners()} if balance.partners else {}
    return PointsPanel(
        person_id=person_id,
        name=name,
        sentence=_sentence(balance),
        usable=balance.usable,
        debt=balance.debt,
        held=balance.held,
        months=[
            MonthRow(
                until=numbers.day(day) if day else "",
                is_over=day is not None and day < today,
                points=points,
                share=100 * points / most if most > 0 else 0,
                is_near=day is not None and (day - today).days <= 60,
            )
            for day, points in balance.months
            if points
        ],
        partners=[(partners.get(code, code), points) for code, points in balance.partners],
        tier=_(tier) if tier else "",
        why=rule_words.why(rooms.loyalty.why(person_id)),
        rows=[_row(entry) for entry in found[:SHOWN]],
        url=reverse("console:person-points", args=[person_id]),
        may_act=loyalty.may_act(actor),
    )


def _sentence(balance: Balance) -> SafeString:
    if balance.debt:
        return format_html(
            _("现在欠着 {debt} 积分，下次得积分时先还；可用 {usable}。"),
            debt=bold(f"{balance.debt:,}", "bad"),
            usable=bold(f"{balance.usable:,}"),
        )
    first = next(((day, points) for day, points in balance.months if day and points), None)
    if not balance.usable:
        return format_html("{}", _("没有可用的积分。"))
    if first is None:
        return format_html(_("可用 {usable} 积分，长期有效。"), usable=bold(f"{balance.usable:,}"))
    day, points = first
    if day < clock.today():
        return format_html(
            _("可用 {usable} 积分，其中 {points} 已经到期，今晚作废。"),
            usable=bold(f"{balance.usable:,}"),
            points=bold(f"{points:,}", "bad"),
        )
    return format_html(
        _("可用 {usable} 积分，其中 {points} 到 {day}到期。"),
        usable=bold(f"{balance.usable:,}"),
        points=bold(f"{points:,}"),
        day=numbers.day(day),
    )


def _row(entry: Entry) -> EntryRow:
    sign = "+" if entry.points > 0 else numbers.MINUS
    return EntryRow(
        at=entry.at,
        said=rule_words.movement(entry),
        points=f"{sign}{abs(entry.points):,}",
        is_in=entry.points > 0,
        expires=numbers.short_day(entry.expires_on) if entry.expires_on and entry.points > 0 else "",
        url=reverse("console:sale", args=[entry.fact_id]) if entry.reason in OF_ORDERS else "",
    )


def adjust(actor: Actor, person_id: int, said: Mapping[str, str]) -> Adjustment:
    """Raises NotFound for whoever may not, Refused with what is wrong."""
    loyalty.require(actor, acts=True)
    card = rooms.people.card_for(actor, person_id)
    text = said.get("points", "").strip().replace(",", "").replace("，", "")
    if not (text.isascii() and text.isdigit() and 0 < int(text[:12]) <= MOST):
        raise Refused("请填写要加或要减的积分，不能是 0。")
    many = int(text[:12])
    made: Adjustment = rooms.loyalty.adjust(
        person_id=card.person_id,
        points=-many if said.get("way") == "take" else many,
        reason=said.get("reason", "").replace("\x00", "").strip()[:200],
        actor=actor,
    )
    return made


def adjustments(
    actor: Actor, query: Mapping[str, str], *, error: Refused | None = None
) -> AdjustmentsContext:
    loyalty.require(actor)
    found = rooms.loyalty.waiting()
    canonical = rooms.people.canonical_ids(sorted({a.person_id for a in found}))
    known = {c.person_id: c for c in rooms.people.cards_for(actor, sorted(set(canonical.values())))}
    rows = []
    for a in found:
        card = known.get(canonical.get(a.person_id, 0))
        rows.append(
            AdjustmentRow(
                id=a.id,
                person=parties.person_name(card) if card else _("顾客 {id}").format(id=a.person_id),
                person_url=reverse("console:person-points", args=[card.person_id]) if card else "",
                points=f"{'+' if a.points > 0 else numbers.MINUS}{abs(a.points):,}",
                reason=a.reason,
                who=parties.who(actor, a.asked_by),
                asked_at=a.asked_at,
                ago=numbers.ago(clock.now() - a.asked_at),
                is_mine=a.asked_by == str(actor),
            )
        )
    return AdjustmentsContext(
        sentence=_waiting_sentence(rows),
        rows=rows,
        may_act=loyalty.may_act(actor),
        error=retell(str(error)) if error else "",
        done={"done": _("已同意，积分已经记上"), "rejected": _("已拒绝，积分没有动")}.get(
            query.get("done", ""), ""
        ),
    )


def _waiting_sentence(rows: Sequence[AdjustmentRow]) -> SafeString:
    if not rows:
        return format_html("{}", _("没有等着审批的积分调整。"))
    mine = sum(row.is_mine for row in rows)
    if mine == len(rows):
        return format_html(
            _("有 {n} 笔积分调整等着审批，都是您提的，要请另一位同事来看。"), n=bold(numbers.count(mine))
        )
    return format_html(_("有 {n} 笔积分调整等着审批。"), n=bold(numbers.count(len(rows)), "bad"))


def decide(actor: Actor, adjustment_id: int, act: str) -> Adjustment:
    loyalty.require(actor, acts=True)
    if act not in {"approve", "reject"} or adjustment_id > LAST_BIGINT:
        raise NotFound
    decided = rooms.loyalty.approve if act == "approve" else rooms.loyalty.reject
    made: Adjustment = decided(adjustment_id, actor=actor)
    return made
