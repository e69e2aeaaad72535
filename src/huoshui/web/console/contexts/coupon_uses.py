"""What a coupon's sales made of it, by day, store and dealer: who bears it, and the people behind each number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.ledger.explorer import LAST_BIGINT
from huoshui.engage.campaigns.api import CouponUsed, UseCell
from huoshui.web.console import numbers
from huoshui.web.console.contexts import parties, rooms
from huoshui.web.console.contexts.coupon_form import may_see, require
from huoshui.web.console.markup import bold

K = TypeVar("K")

DAYS = 92
MOST = 200  # uses shown one by one
LAST_INT = 2**31 - 1


@dataclass(frozen=True)
class DayRow:
    """Uses of one day at one store, or of one dealer in all these days."""

    day: date | None
    name: str
    uses: int
    customers: int
    amount: int
    by_brand: int
    by_dealer: int
    payable: int
    url: str


@dataclass(frozen=True)
class Uses:
    sentence: SafeString
    rows: list[DayRow]
    dealers: list[DayRow]
    total: DayRow | None
    is_shared: bool
    chart: Mapping[str, Any] | None
    chart_says: str
    earlier_url: str
    has_later: bool


@dataclass(frozen=True)
class UseRow:
    order_key: str
    url: str
    at: datetime
    store: str
    person: str
    person_url: str
    amount: int
    payable: int


@dataclass(frozen=True)
class UsesBehind:
    sentence: SafeString
    url: str
    rows: list[UseRow]
    is_cut: bool


def uses(actor: Actor, template_id: int, query: Mapping[str, str]) -> Uses:
    """Of about three months, to the last use or to the day asked for."""
    require(may_see(actor))
    rooms.campaigns.template_for(actor, template_id)
    latest = rooms.campaigns.last_used(template_id)
    last = _day(query.get("until", "")) or latest or clock.today()
    first = last - timedelta(days=DAYS - 1)
    cells = rooms.campaigns.uses_by_day(template_id, first, last)
    dealers = [c for c in cells if c.dealer_id is not None]
    names = rooms.brand.unit_names(sorted({u for c in cells for u in (c.org_unit_id, c.dealer_id) if u}))
    link = _links(template_id, first, last)
    own = reverse("console:coupon-uses", args=[template_id])
    return Uses(
        sentence=_sentence(cells, first, last, is_ever=latest is not None),
        rows=[
            _row(group, day=day, name=names.get(unit, ""), url=link(day=day.isoformat(), store=unit))
            for (day, unit), group in sorted(_by(cells, _at).items(), key=lambda x: x[0][0], reverse=True)
        ],
        dealers=[
            _row(group, day=None, name=names.get(dealer, ""), url=link(dealer=dealer))
            for dealer, group in sorted(_by(dealers, lambda c: c.dealer_id or 0).items())
        ],
        total=_row(cells, day=None, name="", url=link()) if cells else None,
        is_shared=bool(dealers),
        chart=_chart(cells, link) if cells else None,
        chart_says=_("每天让利多少：品牌承担的和经销商承担的"),
        earlier_url=f"{own}?{urlencode({'until': (first - timedelta(days=1)).isoformat()})}"
        if latest
        else "",
        has_later=latest is not None and last < latest,
    )


def _links(template_id: int, first: date, last: date) -> Callable[..., str]:
    base = reverse("console:coupon-behind", args=[template_id])

    def link(**narrowed: object) -> str:
        asked = {"from": first.isoformat(), "to": last.isoformat(), **narrowed}
        if "day" in asked:
            asked = {"from": asked["day"], "to": asked.pop("day"), **narrowed}
            asked.pop("day", None)
        return f"{base}?{urlencode(asked)}"

    return link


def _at(cell: UseCell) -> tuple[date, int]:
    return cell.day, cell.org_unit_id or 0


def _by(cells: Iterable[UseCell], key: Callable[[UseCell], K]) -> dict[K, list[UseCell]]:
    out: dict[K, list[UseCell]] = defaultdict(list)
    for cell in cells:
        out[key(cell)].append(cell)
    return out


def _row(group: Sequence[UseCell], *, day: date | None, name: str, url: str) -> DayRow:
    return DayRow(
        day=day,
        name=name,
        uses=sum(c.uses for c in group),
        customers=len(frozenset[int]().union(*(c.person_ids for c in group))),
        amount=sum(c.amount for c in group),
        by_brand=sum(c.by_brand for c in group),
        by_dealer=sum(c.by_dealer for c in group),
        payable=sum(c.payable for c in group),
        url=url,
    )


def _chart(cells: Sequence[UseCell], link: Callable[..., str]) -> dict[str, Any]:
    """Every day from the first use to the last, also those without one: a gap is part of what is to be seen."""
    days = _by(cells, lambda c: c.day)
    first, last = min(days), max(days)
    shown = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    rows = [_row(days.get(day, ()), day=day, name="", url="") for day in shown]
    return {
        "days": [numbers.short_day(day) for day in shown],
        "brand": [row.by_brand / 100 for row in rows],
        "dealer": [row.by_dealer / 100 for row in rows],
        "uses": [row.uses for row in rows],
        "open": [link(day=day.isoformat()) if day in days else "" for day in shown],
    }


def _sentence(cells: Sequence[UseCell], first: date, last: date, *, is_ever: bool) -> SafeString:
    if not is_ever:
        return format_html("{}", _("还没有人用过。用了第一张，这里会写哪天、哪家店、谁用的、钱谁出。"))
    if not cells:
        return format_html(_("{first}到{last}没有人用过。"), first=numbers.day(first), last=numbers.day(last))
    stores = len({c.org_unit_id for c in cells})
    where = ngettext("{n} 家店", "{n} 家店", stores).format(n=numbers.count(stores))
    told = {
        "first": numbers.day(first),
        "last": numbers.day(last),
        "where": bold(where),
        "amount": bold(numbers.money(sum(c.amount for c in cells))),
        "payable": bold(numbers.money(sum(c.payable for c in cells))),
    }
    if any(c.payable for c in cells):
        said = _(
            "{first}到{last}在{where}用过，一共让利 {amount}，应付经销商 {payable}；点数字看是谁、哪一单。"
        )
    else:
        said = _("{first}到{last}在{where}用过，一共让利 {amount}；点数字看是谁、哪一单。")
    return format_html(said, **told)


def _day(text: str) -> date | None:
    """None for no text. Raises NotFound for what is no day."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotFound from error


def _id(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or int(text[:12]) > LAST_INT:
        raise NotFound
    return int(text)


def behind(actor: Actor, template_id: int, query: Mapping[str, str]) -> UsesBehind:
    """The uses of some days, of one store or one dealer. Raises NotFound for an address that means nothing."""
    require(may_see(actor) and template_id <= LAST_BIGINT)
    view = rooms.campaigns.template_for(actor, template_id)
    first, last = _day(query.get("from", "")), _day(query.get("to", ""))
    if first is None or last is None or not timedelta(0) <= last - first < timedelta(days=DAYS):
        raise NotFound
    store, dealer = _id(query, "store"), _id(query, "dealer")
    found = rooms.campaigns.uses_behind(
        template_id, first, last, org_unit_id=store, dealer_id=dealer, limit=MOST + 1
    )
    shown = found[:MOST]
    units = {u for use in shown for u in (use.org_unit_id, use.dealer_id) if u} | {store or 0, dealer or 0}
    names = rooms.brand.unit_names(sorted(units - {0}))
    when = (
        numbers.day(first)
        if first == last
        else _("{first}到{last}").format(first=numbers.day(first), last=numbers.day(last))
    )
    return UsesBehind(
        sentence=format_html(
            _("{day} {store}：{title}用了 {n} 笔。"),
            day=when,
            store=names.get(store or dealer or 0, ""),
            title=bold(view.title),
            n=bold(f"{numbers.count(len(shown))}{'+' if len(found) > MOST else ''}"),
        ),
        url=f"{reverse('console:coupon-behind', args=[template_id])}?{urlencode(query)}",
        rows=_use_rows(actor, shown, names),
        is_cut=len(found) > MOST,
    )


def _use_rows(actor: Actor, found: Sequence[CouponUsed], names: Mapping[int, str]) -> list[UseRow]:
    own = rooms.people.canonical_ids(sorted({u.person_id for u in found if u.person_id is not None}))
    cards = {c.person_id: c for c in rooms.people.cards_for(actor, sorted(set(own.values())))}
    out = []
    for use in found:
        card = cards.get(own.get(use.person_id or 0, 0))
        out.append(
            UseRow(
                order_key=use.order_key,
                url=reverse("console:sale", args=[use.order_id]),
                at=use.occurred_at,
                store=names.get(use.org_unit_id or 0, ""),
                person=parties.person_name(card) if card else "",
                person_url=reverse("console:person", args=[card.person_id]) if card else "",
                amount=use.amount,
                payable=use.payable,
            )
        )
    return out
