"""顾客 360: who this is, how they buy, what each sale caused, and why we think it is one human."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.people.api import Attribute, Card, Evidence, Identifier
from huoshui.trade.sales.api import SaleView
from huoshui.web.console import numbers, rhythm, words
from huoshui.web.console.contexts import cards, doings, rooms
from huoshui.web.console.contexts.chain import ChainPanel, points_url
from huoshui.web.console.contexts.chain import chain as whole_chain
from huoshui.web.console.contexts.standing import standing_day
from huoshui.web.console.markup import bold
from huoshui.web.console.retell import retell
from huoshui.web.console.rhythm import Bought, Lane, Pace

READ = 400  # sales the rhythm is read from: years of weekly shopping
TIMELINE = 12
CHART_YEARS = 2
GRADE_STEPS = ("growing", "mid", "high")
NAMED_LINES = 3
_MOST_DIGITS = 18
_BEGINNING = datetime.min.replace(tzinfo=UTC)


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


@dataclass(frozen=True)
class SaleRow:
    sale: SaleView
    what: str
    url: str
    chain_url: str


@dataclass(frozen=True)
class Visit:
    day: date
    first_at: datetime
    last_at: datetime
    store: str
    amount: int
    sales: tuple[SaleRow, ...]


@dataclass(frozen=True)
class Timeline:
    """Orders and whatever else was done, as it happened, the newest first."""

    visits: list[Visit | doings.Stay]
    due: tuple[str, ...]
    silence: str
    more_url: str


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
    evidence: Sequence[Evidence]
    has_sales: bool
    chart: dict[str, Any] | None
    chart_says: str
    timeline: Timeline
    chain: ChainPanel | None


def person(actor: Actor, person_id: int, fact: str, revealed: Revealed | None = None) -> PersonContext:
    """Raises NotFound for a person, or a sale, that is absent or not the actor's to see."""
    card = rooms.people.card_for(actor, person_id)
    day = standing_day()
    history = rooms.sales.sales_of(actor, card.person_id, limit=READ, with_lines=True)
    pace = rhythm.pace(numbers.day_of(s.occurred_at) for s in history)
    lanes = _lanes(history, day)
    picked = _picked(history, fact)
    return PersonContext(
        card=card,
        name=cards.name_of(card),
        initial=card.display_name[:1],
        tags=tuple(tag for tag in (card.tier,) if tag),
        group=str(words.GROUPS.get(card.frequency_ticket, "")),
        grade=_grade(card.grade),
        sentence=_sentence(card, pace, lanes, day),
        silence=cards.silence(card.last_sale_at, day),
        ticket=card.spend / card.orders if card.orders else None,
        points_url=points_url(actor, card.person_id),
        attributes=rooms.people.attributes_for(actor, card.person_id),
        identifiers=[
            IdentifierRow(
                icon=words.IDENTIFIER_ICONS.get(i.kind, "id"),
                identifier=i,
                revealed=revealed if revealed and revealed.identifier_id == i.id else None,
            )
            for i in rooms.people.identifiers_for(actor, card.person_id)
        ],
        evidence=[
            replace(e, sentence=retell(e.sentence)) for e in rooms.people.links_for(actor, card.person_id)
        ],
        has_sales=bool(history),
        chart=_chart(lanes, day, picked) if lanes else None,
        chart_says=_chart_says(lanes),
        timeline=_timeline(
            card,
            (None, None),
            history[: TIMELINE + 1],
            doings.read(actor, card.person_id, None),
            _due_words(lanes, day),
            day,
        ),
        chain=chain(actor, card.person_id, picked.fact_id) if picked else None,
    )


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
        return format_html(_("还没有买过。"))
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


def timeline(actor: Actor, person_id: int, before: str) -> Timeline:
    """What is older; `before` is the cursor a page of it ends with."""
    card = rooms.people.card_for(actor, person_id)
    cursors = _read_cursors(before)
    older = rooms.sales.sales_of(
        actor, card.person_id, limit=TIMELINE + 1, before=cursors[0], with_lines=True
    )
    others = doings.read(actor, card.person_id, cursors[1])
    return _timeline(card, cursors, older, others, (), standing_day())


Cursors = tuple[doings.Cursor | None, doings.Cursor | None]
"""How far sales are shown, and all else."""


def _timeline(
    card: Card,
    before: Cursors,
    sales: Sequence[SaleView],
    others: Sequence[doings.Doing],
    due: tuple[str, ...],
    day: date,
) -> Timeline:
    # Where one of the two goes on, what lies before its last is not known yet, and the other stops there too
    ends = [f[n - 1].occurred_at for f, n in ((sales, TIMELINE), (others, doings.PAGE)) if len(f) > n]
    end = max(ends, default=_BEGINNING)
    shown = [s for s in sales[:TIMELINE] if s.occurred_at >= end]
    done = [d for d in others[: doings.PAGE] if d.occurred_at >= end]
    gathered = rhythm.visits([(s.occurred_at, s.store) for s in shown])
    entries: list[Visit | doings.Stay] = [_visit(card, [shown[i] for i in places]) for places in gathered]
    entries += doings.stays(done)
    after = (
        (shown[-1].occurred_at, shown[-1].sale_id) if shown else before[0],
        (done[-1].occurred_at, done[-1].fact_id) if done else before[1],
    )
    more = reverse("console:timeline", args=[card.person_id])
    return Timeline(
        visits=sorted(entries, key=lambda entry: entry.last_at, reverse=True),
        due=due,
        silence=cards.silence(card.last_sale_at, day),
        more_url=f"{more}?{urlencode({'before': _cursors(after)})}" if ends else "",
    )


def _visit(card: Card, found: Sequence[SaleView]) -> Visit:
    return Visit(
        day=numbers.day_of(found[0].occurred_at),
        first_at=found[-1].occurred_at,
        last_at=found[0].occurred_at,
        store=found[0].store,
        amount=sum(s.amount - s.refunded for s in found),
        sales=tuple(_sale_row(card, s) for s in found),
    )


def _sale_row(card: Card, sale: SaleView) -> SaleRow:
    named = _("、").join(line.name for line in sale.lines[:NAMED_LINES])
    what = (
        named
        if len(sale.lines) <= NAMED_LINES
        else _("{named} 等 {n} 样").format(named=named, n=len(sale.lines))
    )
    return SaleRow(
        sale=sale,
        what=what or sale.order_key,
        url=f"{reverse('console:person', args=[card.person_id])}?sale={sale.fact_id}",
        chain_url=reverse("console:chain", args=[card.person_id, sale.fact_id]),
    )


def _cursors(after: Cursors) -> str:
    return "~".join(f"{one[0].astimezone(UTC):%Y%m%dT%H%M%S.%f}_{one[1]}" if one else "" for one in after)


def _read_cursors(text: str) -> Cursors:
    sales, sep, others = text.partition("~")
    if not sep:
        raise NotFound
    return _read_cursor(sales), _read_cursor(others)


def _read_cursor(text: str) -> doings.Cursor | None:
    if not text:
        return None
    at, _sep, number = text.partition("_")
    if not number.isdecimal() or len(number) > _MOST_DIGITS:
        raise NotFound
    try:
        return datetime.strptime(at, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC), int(number)
    except ValueError as error:
        raise NotFound from error


def chain(actor: Actor, person_id: int, fact_id: int) -> ChainPanel:
    """Everything one sale of this person caused. The address names the person too, and both must agree."""
    rooms.people.card_for(actor, person_id)
    return whole_chain(actor, fact_id)
