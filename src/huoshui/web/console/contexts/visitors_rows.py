"""Figures, tables and chart of 进店未购; each number that has people opens into them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.intake.visitors.api import Count, DayRow, Overview, ProductRow, Rate
from huoshui.web.console import numbers
from huoshui.web.console.contexts import rooms

LISTED = 10
MAIN = 3  # reasons named of a product


@dataclass(frozen=True)
class Stat:
    value: str
    note: str
    url: str = ""


@dataclass(frozen=True)
class ReasonRow:
    label: str
    visits: int
    share: float
    known: int
    back: int
    url: str
    back_url: str


@dataclass(frozen=True)
class MissedRow:
    name: str
    code: str
    visits: int
    why: str
    url: str
    stock_url: str


@dataclass(frozen=True)
class StoreRow:
    """`came` is '' where nobody counted: not known is not zero."""

    name: str
    came: str
    orders: str
    rate: str
    told: int
    is_odd: bool
    url: str


@dataclass(frozen=True)
class LeftRow:
    """Baskets or scans that ended without a sale."""

    title: str
    count: int
    money: int | None
    back: int
    url: str
    back_url: str


@dataclass(frozen=True)
class Links:
    """Addresses of the people behind numbers."""

    first: date
    last: date
    store_id: int | None

    def __call__(self, kind: str, **narrowed: object) -> str:
        asked: dict[str, object] = {
            "kind": kind,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
        }
        if self.store_id:
            asked["store"] = self.store_id
        return f"{reverse('console:visitors-people')}?{urlencode({**asked, **narrowed})}"


def reason_word(label: str) -> str:
    """Ours in the reader's language; a brand's own as it wrote them."""
    return _(label)


def stats(found: Overview, rate: Rate, back_days: int, link: Links) -> tuple[tuple[str, Stat], ...]:
    told, baskets = found.told, found.baskets
    said = _("{n} 家有计数").format(n=len(found.counted)) if found.counted else _("没有计数")
    lost = told.visits + found.scans.visits + baskets.visits
    back = told.back + found.scans.back + baskets.back
    known = told.people + found.scans.visits + baskets.visits
    return (
        (_("进店人数"), Stat(counted(rate.visitors), said)),
        (_("进店成交率"), Stat(numbers.percent(rate.conversion), _rate_note(rate))),
        (
            _("记下没买"),
            Stat(
                str(numbers.count(told.visits)),
                _("认得出 {n} 次").format(n=numbers.count(told.people)),
                link("visit") if told.people else "",
            ),
        ),
        (
            _("没付款的购物车"),
            Stat(
                str(numbers.count(baskets.visits)),
                str(numbers.money(baskets.amount)) if baskets.visits else _("没有"),
                link("basket") if baskets.visits else "",
            ),
        ),
        (
            _("{n} 天内回来买").format(n=back_days),
            Stat(
                str(numbers.count(back)) if lost else numbers.ABSENT,
                _("认得出的 {n} 次里").format(n=numbers.count(known)) if known else _("认不出是谁"),
            ),
        ),
    )


def _rate_note(rate: Rate) -> str:
    if rate.visitors is None:
        return _("不知道")
    if rate.conversion is None:
        return _("成交比进店多，计数不准")
    return _("成交 {n} 单").format(n=numbers.count(rate.orders))


def counted(number: int | None) -> str:
    return str(numbers.count(number))


def reasons(found: Overview, link: Links) -> list[ReasonRow]:
    labels = {reason.code: reason.label for reason in rooms.visitors.reasons()}
    return [
        ReasonRow(
            label=reason_word(labels.get(row.name, row.name)),
            visits=row.visits,
            share=round(100 * row.visits / found.told.visits, 1),
            known=row.people,
            back=row.back,
            url=link("visit", reason=row.name) if row.people else "",
            back_url=link("visit", reason=row.name, back=1) if row.back else "",
        )
        for row in found.reasons
    ]


def products(rows: Sequence[ProductRow], store_id: int | None, link: Links) -> list[MissedRow]:
    reasons = rooms.visitors.reasons()
    labels = {reason.code: reason.label for reason in reasons}
    about_stock = {reason.code for reason in reasons if reason.is_about_stock}
    names = rooms.brand.product_names([row.sku_id for row in rows])
    shown = []
    for row in rows[:LISTED]:
        code, name = names.get(row.sku_id, ("", ""))
        said = sorted(row.by_reason.items(), key=lambda item: (-item[1], item[0]))
        shown.append(
            MissedRow(
                name=name or code,
                code=code,
                visits=row.visits,
                why=_("、").join(
                    f"{reason_word(labels.get(r, r))} {numbers.count(n)}" for r, n in said[:MAIN]
                ),
                url=link("visit", sku=row.sku_id),
                stock_url=_stock_url(store_id, row.sku_id) if about_stock & row.by_reason.keys() else "",
            )
        )
    return shown


def _stock_url(store_id: int | None, sku_id: int) -> str:
    if store_id:
        return reverse("console:stock-movements", args=[store_id, sku_id])
    return reverse("console:product", args=[sku_id])


def left(found: Overview, link: Links) -> list[LeftRow]:
    def row(title: str, count: Count, kind: str, money: int | None) -> LeftRow:
        return LeftRow(
            title=title,
            count=count.visits,
            money=money,
            back=count.back,
            url=link(kind) if count.visits else "",
            back_url=link(kind, back=1) if count.back else "",
        )

    return [
        row(_("没付款的购物车"), found.baskets, "basket", found.baskets.amount),
        row(_("扫了商品没买"), found.scans, "scan", None),
    ]


def by_store(found: Overview, shown: Mapping[int, str], days: int) -> list[StoreRow]:
    of_store: dict[int, list[DayRow]] = defaultdict(list)
    for day in found.days:
        of_store[day.org_unit_id].append(day)
    rows = []
    for unit, name in shown.items():
        rate, told = rooms.visitors.rate(of_store[unit]), found.told_by_store.get(unit, 0)
        if rate.visitors is None and not told:
            continue
        rows.append(
            StoreRow(
                name=name,
                came=counted(rate.visitors) if rate.visitors is not None else "",
                orders=counted(rate.orders) if rate.visitors is not None else "",
                rate=numbers.percent(rate.conversion) if rate.conversion is not None else "",
                told=told,
                is_odd=rate.visitors is not None and rate.orders > rate.visitors,
                url=f"{reverse('console:visitors')}?{urlencode({'store': unit, 'days': days})}",
            )
        )
    return rows


def _by_day(rows: Iterable[DayRow]) -> dict[date, tuple[int, int]]:
    """Of the stores and days that were counted: (came, orders)."""
    out: dict[date, tuple[int, int]] = {}
    for row in rows:
        if row.came is not None:
            came, orders = out.get(row.day, (0, 0))
            out[row.day] = (came + row.came, orders + row.orders)
    return out


def _all_days(found: Overview) -> list[date]:
    return [found.first + timedelta(days=n) for n in range((found.last - found.first).days + 1)]


def chart(found: Overview) -> tuple[dict[str, Any] | None, str]:
    by_day = _by_day(found.days)
    if not by_day and not found.told.visits:
        return None, ""
    days = _all_days(found)
    data = {
        "days": [f"{day.month}-{day.day}" for day in days],
        "notes": [numbers.weekday(day) for day in days],
        "came": [by_day[day][0] if day in by_day else None for day in days] if by_day else [],
        "orders": [by_day[day][1] if day in by_day else None for day in days] if by_day else [],
        "told": [found.told_by_day.get(day, 0) for day in days],
    }
    if by_day:
        return data, _("每天进店多少人，其中成交多少单")
    return data, _("每天记下多少次没买")


def hours(found: Overview) -> tuple[dict[str, Any] | None, str]:
    """By the brand's clock, over all these days."""
    if not found.hours:
        return None, ""
    of = {row.hour: row for row in found.hours}
    shown = range(min(of), max(of) + 1)
    is_counted = any(row.came is not None for row in found.hours)
    data = {
        "days": [f"{hour}:00" for hour in shown],
        "notes": [],
        "came": [of[hour].came if hour in of else None for hour in shown] if is_counted else [],
        "orders": [],
        "told": [of[hour].visits if hour in of else 0 for hour in shown],
    }
    return data, _("几点进店的人多") if is_counted else _("几点没买的多")


def day_rows(found: Overview) -> list[tuple[date, str, str, int]]:
    by_day = _by_day(found.days)
    return [
        (
            day,
            counted(by_day[day][0]) if day in by_day else numbers.ABSENT,
            counted(by_day[day][1]) if day in by_day else numbers.ABSENT,
            found.told_by_day.get(day, 0),
        )
        for day in reversed(_all_days(found))
        if day in by_day or found.told_by_day.get(day)
    ]
