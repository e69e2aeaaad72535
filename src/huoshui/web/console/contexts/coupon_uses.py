"""What a coupon's sales made of it, by day and store, with the people behind each number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.web.console import numbers
from huoshui.web.console.contexts import parties, rooms
from huoshui.web.console.contexts.coupon_form import may_see, require
from huoshui.web.console.markup import bold
from huoshui.web.console.orders import Use

MOST = 2_000  # orders looked at; what is older is in the books
WHOLE = 1000


@dataclass(frozen=True)
class DayRow:
    day: date
    store: str
    orders: int
    customers: int
    amount: int
    url: str


@dataclass(frozen=True)
class Uses:
    sentence: SafeString
    rows: list[DayRow]
    has_budget: bool
    is_cut: bool
    brand_bears: int
    dealers_bear: int
    payable: int
    is_shared: bool


@dataclass(frozen=True)
class UseRow:
    order_key: str
    url: str
    at: datetime
    person: str
    person_url: str
    amount: int


@dataclass(frozen=True)
class UsesBehind:
    sentence: SafeString
    url: str
    rows: list[UseRow]


def uses(actor: Actor, template_id: int) -> Uses:
    require(may_see(actor))
    view = rooms.campaigns.template_for(actor, template_id)
    found = rooms.orders.uses_of_template(template_id, limit=MOST)
    redeemed = [
        r
        for r in rooms.campaigns.redemptions_of([use.fact_id for use in found if use.parent_key is None])
        if r.taken_back_at is None
    ]
    payable = sum(r.payable for r in redeemed)
    # Where nothing is owed to a dealer, it was a store of our own, and all of it was the brand's
    dealers = sum(r.amount - r.amount * r.brand_permille // WHOLE for r in redeemed if r.payable)
    return Uses(
        sentence=_sentence(found, has_budget=view.rule.has_budget),
        rows=_days(template_id, found),
        has_budget=view.rule.has_budget,
        is_cut=len(found) == MOST,
        brand_bears=sum(r.amount for r in redeemed) - dealers,
        dealers_bear=dealers,
        payable=payable,
        is_shared=view.rule.brand_permille < WHOLE,
    )


def _days(template_id: int, found: Sequence[Use]) -> list[DayRow]:
    cells: dict[tuple[date, int | None], list[Use]] = defaultdict(list)
    for use in found:
        cells[use.business_day, use.org_unit_id].append(use)
    names = rooms.brand.unit_names(sorted({unit for _day, unit in cells if unit is not None}))
    base = reverse("console:coupon-behind", args=[template_id])
    return [
        DayRow(
            day=day,
            store=names.get(unit or 0, ""),
            orders=sum(use.parent_key is None for use in group),
            customers=len({use.person_id for use in group} - {None}),
            amount=sum(use.amount for use in group),
            url=f"{base}?{urlencode({'day': day.isoformat(), 'store': unit or ''})}",
        )
        for (day, unit), group in sorted(cells.items(), key=lambda cell: cell[0][0], reverse=True)
    ]


def _sentence(found: Sequence[Use], *, has_budget: bool) -> SafeString:
    if not has_budget:
        said = _(
            "这张券没有预算账，按天按店的明细要有预算才记得出来；每一单用了什么券，在那一单的全链路里看。"
        )
        return format_html("{}", said)
    if not found:
        return format_html("{}", _("还没有人用过。用了第一张，这里会写哪天、哪家店、谁用的。"))
    stores = len({use.org_unit_id for use in found})
    where = ngettext("{n} 家店", "{n} 家店", stores).format(n=numbers.count(stores))
    return format_html(
        _("在{where}用过，一共让利 {amount}；点数字看是谁、哪一单。"),
        where=bold(where),
        amount=bold(numbers.money(sum(use.amount for use in found))),
    )


def behind(actor: Actor, template_id: int, query: Mapping[str, str]) -> UsesBehind:
    """The orders of one day and store. Raises NotFound for an address that means nothing."""
    require(may_see(actor))
    view = rooms.campaigns.template_for(actor, template_id)
    try:
        day, unit = date.fromisoformat(query.get("day", "")), int(query.get("store") or 0)
    except ValueError as error:
        raise NotFound from error
    found = [
        use
        for use in rooms.orders.uses_of_template(template_id, limit=MOST)
        if (use.business_day, use.org_unit_id or 0) == (day, unit)
    ]
    store = rooms.brand.unit_names([unit]).get(unit, "") if unit else ""
    return UsesBehind(
        sentence=format_html(
            _("{day} {store}：{title}用了 {n} 笔。"),
            day=numbers.day(day),
            store=store,
            title=bold(view.title),
            n=bold(numbers.count(len(found))),
        ),
        url=f"{reverse('console:coupon-behind', args=[template_id])}?{urlencode(query)}",
        rows=_use_rows(actor, found),
    )


def _use_rows(actor: Actor, found: Sequence[Use]) -> list[UseRow]:
    own = rooms.people.canonical_ids(sorted({u.person_id for u in found if u.person_id is not None}))
    cards = {c.person_id: c for c in rooms.people.cards_for(actor, sorted(set(own.values())))}
    out = []
    for use in found:
        card = cards.get(own.get(use.person_id or 0, 0))
        out.append(
            UseRow(
                order_key=use.order_key,
                url=reverse("console:sale", args=[use.fact_id]),
                at=use.occurred_at,
                person=parties.person_name(card) if card else "",
                person_url=reverse("console:person", args=[card.person_id]) if card else "",
                amount=use.amount,
            )
        )
    return out
