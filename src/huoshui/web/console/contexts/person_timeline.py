"""动态: what a person bought and did, visit by visit, the newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.people.api import Card
from huoshui.trade.sales.api import SaleView
from huoshui.web.console import numbers, rhythm
from huoshui.web.console.contexts import cards, doings, rooms
from huoshui.web.console.contexts.standing import standing_day

TIMELINE = 12
NAMED_LINES = 3
_MOST_DIGITS = 18
_BEGINNING = datetime.min.replace(tzinfo=UTC)


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


def first(actor: Actor, card: Card, history: Sequence[SaleView], due: tuple[str, ...], day: date) -> Timeline:
    """The newest page; `history` are her latest sales, the newest first, and `due` what she will soon need again."""
    done = doings.read(actor, card.person_id, None)
    return _timeline(card, (None, None), history[: TIMELINE + 1], done, due, day)


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
