"""顾客 360: who this is, how they buy, what each sale caused, and why we think it is one human."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.intake.wecom.api import may_add
from huoshui.people.api import Attribute, Card, Evidence, Identifier
from huoshui.trade.sales.api import SaleView
from huoshui.web.console import numbers, rhythm, words
from huoshui.web.console.contexts import (
    cards,
    correcting,
    following,
    holding,
    retiring,
    rooms,
    sharing,
)
from huoshui.web.console.contexts import person_timeline as timelines
from huoshui.web.console.contexts.chain import ChainPanel, points_url
from huoshui.web.console.contexts.chain import chain as whole_chain
from huoshui.web.console.contexts.correcting import Correcting
from huoshui.web.console.contexts.holding import Held
from huoshui.web.console.contexts.person_timeline import Timeline
from huoshui.web.console.contexts.retiring import Retiring
from huoshui.web.console.contexts.sharing import Failed, Sharing
from huoshui.web.console.contexts.standing import standing_day
from huoshui.web.console.markup import bold
from huoshui.web.console.retell import retell
from huoshui.web.console.rhythm import Bought, Lane, Pace

READ = 400  # sales the rhythm is read from: years of weekly shopping
CHART_YEARS = 2
GRADE_STEPS = ("growing", "mid", "high")


@dataclass(frozen=True)
class GradeMark:
    label: str
    steps: tuple[bool, ...]


@dataclass(frozen=True)
class Revealed:
    """What came of asking for a whole contact: its value, or why not."""

    identifier_id: int
    value: str
    refusal: str


@dataclass(frozen=True)
class IdentifierRow:
    icon: str
    identifier: Identifier
    revealed: Revealed | None
    sharing: Sharing
    correcting: Correcting | None
    may_dial: bool
    retiring: Retiring | None = None
    handed_on: str = ""  # of a number that somebody else has: since which day
    terms: tuple[str, ...] = ()  # of a device: when it was hers


@dataclass(frozen=True)
class PersonContext:
    card: Card
    name: str
    initial: str
    tags: tuple[str, ...]
    group: str
    grade: GradeMark | None
    sentence: SafeString
    silence: str
    ticket: float | None
    points_url: str
    attributes: Sequence[Attribute]
    identifiers: list[IdentifierRow]
    devices: list[Held]
    evidence: Sequence[Evidence]
    has_sales: bool
    chart: dict[str, Any] | None
    chart_says: str
    timeline: Timeline
    chain: ChainPanel | None
    may_order: bool
    may_add: bool
    is_closed_to_head_office: bool
    done: str


def person(
    actor: Actor,
    person_id: int,
    fact: str,
    revealed: Revealed | None = None,
    *,
    failed: Failed | None = None,
    uncorrected: correcting.Failed | None = None,
    unretired: retiring.Failed | None = None,
    done: str = "",
) -> PersonContext:
    """Raises NotFound for a person, or a sale, that is absent or not the actor's to see."""
    card = rooms.people.card_for(actor, person_id)
    day = standing_day()
    history = rooms.sales.sales_of(actor, card.person_id, limit=READ, with_lines=True)
    # What she bought is told; when she will come again is for whoever lets us guess
    is_guessed = not rooms.people.unprofiled([card.person_id])
    pace = rhythm.pace(numbers.day_of(s.occurred_at) for s in history) if is_guessed else None
    lanes = [lane if is_guessed else replace(lane, due=None) for lane in _lanes(history, day)]
    picked = _picked(history, fact)
    held = holding.of(actor, card.person_id)
    identifiers = _identifiers(actor, card.person_id, held, revealed, failed, uncorrected, unretired)
    return PersonContext(
        card=card,
        name=cards.name_of(card),
        initial=card.display_name[:1],
        tags=tuple(tag for tag in (card.tier,) if tag),
        group=str(words.GROUPS.get(card.frequency_ticket, "")),
        grade=_grade(card.grade),
        sentence=_sentence(card, pace, lanes, day) if is_guessed else _plain_sentence(card, day),
        silence=cards.silence(card.last_sale_at, day),
        ticket=card.spend / card.orders if card.orders else None,
        points_url=points_url(actor, card.person_id),
        attributes=rooms.people.attributes_for(actor, card.person_id),
        identifiers=identifiers,
        devices=holding.besides(held, [row.identifier.id for row in identifiers]),
        evidence=[
            replace(e, sentence=following.evidence(actor, e))
            for e in rooms.people.links_for(actor, card.person_id)
        ],
        has_sales=bool(history),
        chart=_chart(lanes, day, picked) if lanes else None,
        chart_says=_chart_says(lanes),
        timeline=timelines.first(actor, card, history, _due_words(lanes, day), day),
        chain=chain(actor, card.person_id, picked.fact_id) if picked else None,
        may_order=rooms.people.may_say_shared(actor),
        may_add=may_add(actor),
        is_closed_to_head_office=rooms.people.is_closed_to_head_office(actor, card.person_id),
        done=sharing.done(done) or correcting.done(done) or retiring.done(done),
    )


def _identifiers(
    actor: Actor,
    person_id: int,
    held: Mapping[int, Held],
    revealed: Revealed | None,
    failed: Failed | None,
    uncorrected: correcting.Failed | None,
    unretired: retiring.Failed | None,
) -> list[IdentifierRow]:
    found = rooms.people.identifiers_for(actor, person_id)
    shared = sharing.of(actor, person_id, found, failed)
    wrong = correcting.of(actor, found, uncorrected)
    return [
        IdentifierRow(
            icon=words.IDENTIFIER_ICONS.get(i.kind, "id"),
            identifier=i,
            revealed=revealed if revealed and revealed.identifier_id == i.id else None,
            sharing=shared[i.id],
            correcting=wrong.get(i.id),
            may_dial=i.kind == "phone"
            and (i.can_reveal or i.can_ask)
            and rooms.people.dialling.may_dial(actor),
            retiring=retiring.of(actor, i, unretired),
            handed_on=numbers.local(i.ends_at).date().isoformat() if i.ends_at else "",
            terms=held[i.id].terms if i.id in held else (),
        )
        for i in found
    ]


def reveal(actor: Actor, person_id: int, identifier_id: int) -> Revealed:
    """Raises NotFound for a person, or a contact, that is absent or not the actor's to see."""
    try:
        return Revealed(identifier_id, rooms.people.reveal_contact(actor, person_id, identifier_id), "")
    except NotFound:
        raise
    except Refused as error:
        return Revealed(identifier_id, "", retell(str(error)))


def _picked(history: Sequence[SaleView], fact: str) -> SaleView | None:
    if not fact:
        return history[0] if history else None
    for sale in history:
        if str(sale.fact_id) == fact:
            return sale
    raise NotFound


def _grade(grade: str) -> GradeMark | None:
    if grade not in GRADE_STEPS:
        return None
    place = GRADE_STEPS.index(grade)
    return GradeMark(str(words.GRADES[grade]), tuple(step <= place for step in range(len(GRADE_STEPS))))


def _lanes(history: Sequence[SaleView], day: date) -> list[Lane]:
    codes = {line.code for sale in history for line in sale.lines}
    categories = rooms.brand.product_categories(sorted(codes))
    bought = (
        Bought(numbers.day_of(sale.occurred_at), categories[line.code], line.amount)
        for sale in history
        for line in sale.lines
        if line.amount > 0 and categories.get(line.code)
    )
    return rhythm.lanes(bought, day)


def _sentence(card: Card, pace: Pace | None, lanes: Sequence[Lane], day: date) -> SafeString:
    if card.last_sale_at is None:
        return escape(_("还没有买过。"))
    since = (day - numbers.day_of(card.last_sale_at)).days
    if pace is None:
        orders = ngettext("{n} 单", "{n} 单", card.orders).format(n=card.orders)
        return format_html(
            _("买过 {orders}，最近一次是 {since} 天前；次数还少，看不出节奏。"),
            orders=bold(orders),
            since=bold(since),
        )
    usual = bold(ngettext("{n} 天", "{n} 天", round(pace.usual)).format(n=numbers.decimal(pace.usual, 0)))
    if since > pace.longest_usual:
        said = _("平常大约 {usual}来一次，这次已经 {since} 天没来，比自己的习惯晚了。{due}")
        return format_html(said, usual=usual, since=bold(since, "bad"), due=_due_sentence(lanes, day))
    if since <= 0:
        return format_html(
            _("平常大约 {usual}来一次，当天就来过。{due}"), usual=usual, due=_due_sentence(lanes, day)
        )
    said = _("平常大约 {usual}来一次，上次是 {since} 天前，在自己的节奏里。{due}")
    return format_html(said, usual=usual, since=bold(since), due=_due_sentence(lanes, day))


def _plain_sentence(card: Card, day: date) -> SafeString:
    """Of who does not want to be profiled, or is too young to be."""
    if card.last_sale_at is None:
        return format_html("{}", _("还没有买过。"))
    return format_html(
        _(
            "买过 {orders}，最近一次是 {since} 天前。她不要个性化推荐，或者不满 14 岁、监护人没有同意，所以不推算什么时候再来。"
        ),
        orders=bold(ngettext("{n} 单", "{n} 单", card.orders).format(n=card.orders)),
        since=bold((day - numbers.day_of(card.last_sale_at)).days),
    )


def _overdue(lanes: Sequence[Lane], day: date) -> list[tuple[Lane, int]]:
    return [(lane, (day - lane.due).days) for lane in lanes if lane.due and lane.due < day]


def _due_sentence(lanes: Sequence[Lane], day: date) -> SafeString:
    late = _overdue(lanes, day)
    if not late:
        return SafeString()
    names = bold(_("、").join(lane.name for lane, _days in late[:2]))
    return format_html(_("{names} 快用完了，该回购。"), names=names)


def _due_words(lanes: Sequence[Lane], day: date) -> tuple[str, ...]:
    said = _("{name}：按自己的节奏应在 {day} 回购")
    return tuple(
        said.format(name=lane.name, day=numbers.day(lane.due, near=day))
        for lane, _days in _overdue(lanes, day)
    )


def _chart(lanes: Sequence[Lane], day: date, picked: SaleView | None) -> dict[str, Any]:
    """Figures in whole currency; the window is as long as the history, up to two years."""
    floor = day - timedelta(days=365 * CHART_YEARS)
    first = max(floor, min(lane.bought[0].day for lane in lanes))
    due = [(lane.due, place, lane) for place, lane in enumerate(lanes) if lane.due]
    last = max([day, *(when for when, _place, _lane in due)])
    return {
        "lanes": [lane.name for lane in lanes],
        "from": (first - timedelta(days=10)).isoformat(),
        "to": (last + timedelta(days=14)).isoformat(),
        "today": day.isoformat(),
        "picked": numbers.day_of(picked.occurred_at).isoformat() if picked else "",
        "buys": [
            [b.day.isoformat(), place, b.amount / 100, lane.name]
            for place, lane in enumerate(lanes)
            for b in lane.bought
            if b.day >= floor
        ],
        "next": [[when.isoformat(), place, int(when < day), lane.name] for when, place, lane in due],
    }


def _chart_says(lanes: Sequence[Lane]) -> str:
    said = [
        ngettext("{name} {n} 天", "{name} {n} 天", len(x.bought)).format(name=x.name, n=len(x.bought))
        for x in lanes
    ]
    return _("购买节奏，按买过的天数：{lanes}").format(lanes=_("；").join(said))


def chain(actor: Actor, person_id: int, fact_id: int) -> ChainPanel:
    """Everything one sale of this person caused. The address names the person too, and both must agree."""
    rooms.people.card_for(actor, person_id)
    return whole_chain(actor, fact_id)
