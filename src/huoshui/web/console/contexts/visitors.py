"""进店未购: who walked in and left without buying, why, what was left in baskets, and who came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.intake.visitors.api import Overview, Rate
from huoshui.web.console import numbers
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts import visitors_rows as rows
from huoshui.web.console.contexts.asked import ask
from huoshui.web.console.contexts.people import Choice
from huoshui.web.console.contexts.standing import language
from huoshui.web.console.contexts.visitors_rows import (
    LeftRow,
    Links,
    MissedRow,
    ReasonRow,
    Stat,
    StoreRow,
    reason_word,
)
from huoshui.web.console.markup import bold, opens

SPANS = (7, 30, 90)


@dataclass(frozen=True)
class Visitors:
    sentence: SafeString
    stores: tuple[Choice, ...]
    spans: tuple[tuple[str, str, bool], ...]  # (address, words, chosen)
    days: int
    stats: tuple[tuple[str, Stat], ...]
    unknown: str
    chart: dict[str, Any] | None
    chart_says: str
    day_rows: list[tuple[date, str, str, int]]
    reasons: list[ReasonRow]
    products: list[MissedRow]
    left: list[LeftRow]
    by_store: list[StoreRow]
    hours: dict[str, Any] | None
    hours_say: str
    back_days: int
    tap_url: str
    settings_url: str


def may_see(actor: Actor) -> bool:
    return actor.sees_whole_brand or bool(actor.org_unit_ids)


def may_set(actor: Actor) -> bool:
    return bool(actor.roles & {"boss", "operator"})


def visitors(actor: Actor, query: Mapping[str, str]) -> Visitors:
    """Raises NotFound for a store that is not the actor's."""
    if not may_see(actor):
        raise NotFound
    stores = rooms.visitors.stores_of(actor)
    store_id, days = _store(query, stores), _days(query)
    last = clock.today()
    first = last - timedelta(days=days - 1)
    found = rooms.visitors.overview(
        actor, first, last, org_unit_id=store_id, orders=_orders(first, last, stores)
    )
    link = Links(first, last, store_id)
    back_days = rooms.visitors.patience().back.days
    rate = rooms.visitors.rate(found.days)
    shown = {store_id: stores[store_id]} if store_id else stores
    chart, says = rows.chart(found)
    by_hour, hours_say = rows.hours(found)
    return Visitors(
        sentence=_sentence(found, rate, days, back_days, link),
        stores=(Choice("", _("所有门店"), not store_id), *(_choice(i, stores[i], store_id) for i in stores)),
        spans=_spans(days, store_id),
        days=days,
        stats=rows.stats(found, rate, back_days, link),
        unknown=_unknown(found, shown),
        chart=chart,
        chart_says=says,
        day_rows=rows.day_rows(found),
        reasons=rows.reasons(found, link),
        products=rows.products(found.products, store_id, link),
        left=rows.left(found, link),
        by_store=rows.by_store(found, shown, days) if len(shown) > 1 else [],
        hours=by_hour,
        hours_say=hours_say,
        back_days=back_days,
        tap_url=reverse("console:taps") if stores and rooms.visitors.may_tell(actor) else "",
        settings_url=reverse("console:visitors-settings") if may_set(actor) else "",
    )


def _choice(number: int, name: str, chosen: int | None) -> Choice:
    return Choice(str(number), name, number == chosen)


def _store(query: Mapping[str, str], stores: Mapping[int, str]) -> int | None:
    text = query.get("store", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or int(text[:12]) not in stores:
        raise NotFound
    return int(text[:12])


def _days(query: Mapping[str, str]) -> int:
    text = query.get("days", "")
    return int(text) if text in {str(days) for days in SPANS} else 30


def _spans(chosen: int, store_id: int | None) -> tuple[tuple[str, str, bool], ...]:
    base = reverse("console:visitors")
    kept = {"store": store_id} if store_id else {}
    return tuple(
        (
            f"{base}?{urlencode({**kept, 'days': days})}",
            _("近 {n} 天").format(n=days),
            days == chosen,
        )
        for days in SPANS
    )


def _orders(first: date, last: date, stores: Mapping[int, str]) -> dict[tuple[int, date], int]:
    """By store and day, as 成交 counts them everywhere."""
    answer = ask("sales", by="store,day", from_=first.isoformat(), to=last.isoformat(), lang=language())
    codes = sorted({row["store"] for row in answer.rows if row["store"]})
    units = rooms.brand.find_units(codes)
    return {
        (units[row["store"]], date.fromisoformat(str(row["day"]))): int(row["orders"])
        for row in answer.rows
        if units.get(row["store"] or "") in stores
    }


# ---- the sentence on top ------------------------------------------------------------------------------------


def _sentence(found: Overview, rate: Rate, days: int, back_days: int, link: Links) -> SafeString:
    parts = [_came(found, rate, days), _told(found, days, link), _kept(found, back_days, link)]
    said = [part for part in parts if part]
    if not said:
        return format_html("{}", _("还没有记录：导购在手机上点一下没买的原因，这里就有数。"))
    # Each part was formatted, and so escaped, by itself
    return mark_safe("".join(said) if language() != "en" else " ".join(said))


def _came(found: Overview, rate: Rate, days: int) -> SafeString | None:
    if rate.visitors is None:
        return None
    parts = {
        "days": days,
        "came": bold(numbers.count(rate.visitors)),
        "orders": bold(numbers.count(rate.orders)),
        "rate": bold(numbers.percent(rate.conversion)),
    }
    if rate.conversion is None:
        return format_html(
            _("近 {days} 天数到 {came} 人进店，成交却有 {orders} 单，请检查客流计数。"), **parts
        )
    return format_html(_("近 {days} 天数到 {came} 人进店，成交 {orders} 单，进店成交率 {rate}。"), **parts)


def _told(found: Overview, days: int, link: Links) -> SafeString | None:
    if not found.told.visits:
        return None
    top = found.reasons[0]
    label = {r.code: r.label for r in rooms.visitors.reasons()}.get(top.name, top.name)
    return format_html(
        _("导购记下 {n} 次没买，最多的是“{reason}”，占 {share}。"),
        days=days,
        n=bold(opens(numbers.count(found.told.visits), link("visit") if found.told.people else "")),
        reason=bold(reason_word(label)),
        share=numbers.percent(top.visits / found.told.visits),
    )


def _kept(found: Overview, back_days: int, link: Links) -> SafeString | None:
    baskets = found.baskets
    if not baskets.visits:
        return None
    return format_html(
        _("有 {n} 个购物车没付款，里面是 {money} 的东西；其中 {back} 个在 {days} 天内回来买了。"),
        n=bold(opens(numbers.count(baskets.visits), link("basket"))),
        money=bold(numbers.money(baskets.amount)),
        back=bold(numbers.count(baskets.back)),
        days=back_days,
    )


def _unknown(found: Overview, shown: Mapping[int, str]) -> str:
    """What is not known is said, not shown as nothing."""
    missing = [name for unit, name in shown.items() if unit not in found.counted]
    if not missing:
        return ""
    if len(missing) == len(shown):
        return _("还没有客流计数，进店多少人、成交率多少都不知道。装了计数器，或者导入客流表，就会显示。")
    named = _("、").join(missing[:3])
    if len(missing) <= 3:
        return _("{stores}没有客流计数，进店人数和成交率里不算。").format(stores=named)
    return _("{stores}等 {n} 家没有客流计数，进店人数和成交率里不算。").format(stores=named, n=len(missing))
