"""全链路: one sale, everything it caused, what follows from it, and both ways between it and its refunds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.ledger.types import APART, DEBT_BUCKET, POINTS
from huoshui.people.api import Card
from huoshui.trade.sales.api import Chain, ChainRow, SaleView
from huoshui.web.console import words
from huoshui.web.console.contexts import chain_goods, chain_rows, chain_visits, ledger, parties, rooms
from huoshui.web.console.contexts.chain_goods import Onward, onward_row
from huoshui.web.console.contexts.chain_rows import Told
from huoshui.web.console.retell import retell

CHANGES = frozenset({"refund", "revision", "supplement"})
WECHAT = frozenset({"unionid", "openid", "external_userid"})


@dataclass(frozen=True)
class ChainStep:
    icon: str
    row: ChainRow
    is_warning: bool
    url: str
    is_asked: bool


@dataclass(frozen=True)
class ChainPanel:
    """`asked` is the later fact that the address named, when that is not the sale itself: a refund leads to its sale."""

    sale: SaleView
    url: str
    asked: ChainStep | None
    source: ChainRow | None
    same_moment: list[ChainStep]
    after: list[ChainStep]
    onward: list[Onward]
    exceptions: int
    person: str
    person_url: str


def chain(actor: Actor, fact_id: int) -> ChainPanel:
    """Raises NotFound for a fact that is no part of a sale, and where the actor may not look."""
    found: Chain = rooms.sales.chain_of(actor, fact_id)
    sale = found.sale
    card = _card(actor, found)
    steps = [_step(actor, told, card, asked=fact_id) for told in chain_rows.rows(actor, found)]
    return ChainPanel(
        sale=sale,
        url=reverse("console:sale", args=[sale.fact_id]),
        asked=next((s for s in steps if s.is_asked), None) if fact_id != sale.fact_id else None,
        source=next((_told(row) for row in found.rows if row.when == "cause"), None),
        same_moment=[s for s in steps if s.row.when == "same_moment"],
        after=[s for s in steps if s.row.when == "after"],
        onward=list(_onward(actor, found, card)),
        exceptions=sum(s.is_warning for s in steps),
        person=parties.person_name(card) if card else "",
        person_url=reverse("console:person", args=[card.person_id]) if card else "",
    )


def _told(row: ChainRow) -> ChainRow:
    return replace(row, title=retell(row.title), detail=retell(row.detail))


def _card(actor: Actor, found: Chain) -> Card | None:
    refs = [int(row.ref) for row in found.rows if row.step == "person" and row.ref]
    shown = rooms.people.cards_for(actor, refs)
    return shown[0] if shown else None


def _step(actor: Actor, told: Told, card: Card | None, *, asked: int) -> ChainStep:
    row = told.row
    return ChainStep(
        icon=words.CHAIN_ICONS.get(row.step, "point"),
        row=_told(row),
        is_warning=row.step == "exception",
        url=reverse("console:coupon", args=[told.template_id])
        if told.template_id is not None
        else _leads_to(actor, row, card),
        is_asked=row.step in CHANGES and row.ref == str(asked),
    )


def _leads_to(actor: Actor, row: ChainRow, card: Card | None) -> str:
    if row.step == "person" and card:
        return reverse("console:person", args=[card.person_id])
    if row.step in CHANGES and row.ref:
        return reverse("console:sale", args=[int(row.ref)])
    if row.step == "points" and card:
        return points_url(actor, card.person_id)
    if row.step == "exception" and rooms.desk.may_see(actor):
        return reverse("console:exceptions")
    return ""


def points_url(actor: Actor, person_id: int) -> str:
    """The accounts behind a person's points, for whoever may see the books."""
    if not ledger.may_see(actor):
        return ""
    return f"{reverse('console:ledger-unit', args=[POINTS])}?person={person_id}"


def _onward(actor: Actor, found: Chain, card: Card | None) -> Iterator[Onward]:
    """Layers without data are left out: nothing is made up."""
    sale = found.sale
    yield _reach(actor, card)
    if card:
        yield from _strategy(card)
        yield from _incentive(actor, card)
    goods = chain_goods.of(sale)
    yield from chain_goods.supply(sale, goods)
    yield from chain_goods.assortment(actor, sale, goods)
    yield from chain_goods.loss(found)
    if card:
        yield from chain_visits.lost(actor, sale, card.person_id)


def _reach(actor: Actor, card: Card | None) -> Onward:
    if card is None:
        return onward_row(
            "reach",
            _("不知道是谁，联系不上"),
            _("下次结账请留会员卡或手机号，之后的事才接得上"),
            is_warning=True,
        )
    kinds = {i.kind for i in rooms.people.identifiers_for(actor, card.person_id)}
    url = reverse("console:person", args=[card.person_id])
    ways = [_("手机号")] if card.phone_tail4 or "phone" in kinds else []
    ways += [_("微信")] if kinds & WECHAT else []
    if not ways:
        said = _("没有手机号，也没有加微信，联系不上")
        return onward_row("reach", said, _("下次到店请补留手机号"), url, is_warning=True)
    tail = _("尾号 {tail}").format(tail=card.phone_tail4) if card.phone_tail4 else ""
    return onward_row("reach", _("可以联系：{ways}").format(ways=_("、").join(ways)), tail, url)


def _strategy(card: Card) -> Iterator[Onward]:
    grade, group = words.GRADES.get(card.grade), words.GROUPS.get(card.frequency_ticket)
    if grade:
        url = f"{reverse('console:groups')}?group={card.grade}#portrait"
        yield onward_row("strategy", _("价值分层：{grade}").format(grade=grade), str(group or ""), url)


def _incentive(actor: Actor, card: Card) -> Iterator[Onward]:
    held = rooms.explorer.buckets_of(POINTS, "person", rooms.people.members(card.person_id))
    url = points_url(actor, card.person_id)
    owed = -held.get(DEBT_BUCKET, 0)
    if owed > 0:
        said = _("欠着 {n} 积分").format(n=f"{owed:,}")
        yield onward_row("incentive", said, _("下一次得积分会先还"), url, is_warning=True)
        return
    months = [(bucket, n) for bucket, n in sorted(held.items()) if bucket not in APART and bucket and n > 0]
    if months:
        bucket, soonest = months[0]
        total = sum(n for _bucket, n in months)
        said = _("{n} 积分到 {year} 年 {month} 月底到期").format(
            n=f"{soonest:,}", year=bucket[:4], month=int(bucket[5:])
        )
        yield onward_row("incentive", said, _("一共可用 {n} 积分").format(n=f"{total:,}"), url)
