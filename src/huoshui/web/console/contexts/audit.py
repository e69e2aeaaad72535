"""对账: the books counted through from the start, and how much of them says what caused it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.cache import cache
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.ledger.explorer import ExplainedDay
from huoshui.web.console import numbers
from huoshui.web.console.contexts import ledger, parties, rooms
from huoshui.web.console.markup import bold

AUDIT_SECONDS = 60
RECENT_DAYS = 14
OLDER_DAYS = 30


@dataclass(frozen=True)
class AuditRow:
    name: str
    transfers: int
    explained: float | None
    wrong: int
    broken: int


@dataclass(frozen=True)
class DayRow:
    """All units of a day; `lacks` names those that are not explained whole."""

    day: date
    transfers: int
    explained: float | None
    lacks: str


@dataclass(frozen=True)
class Audit:
    """`explained` and the rest are ratios; `checked_at` is when the books were last counted through."""

    sentence: SafeString
    is_clean: bool
    transfers: int
    explained: float | None
    accounts: int
    wrong: int
    places: int
    wrong_places: int
    broken: int
    checked_at: datetime
    rows: list[AuditRow]
    days: list[DayRow]


def audit(actor: Actor) -> Audit:
    """Every balance recomputed; counting through the books costs seconds, so the answer stands for a minute."""
    ledger.require(actor)
    known: Audit | None = cache.get(_audit_key())
    if known is None:
        known = _audit()
        cache.set(_audit_key(), known, AUDIT_SECONDS)
    return known


def _audit_key() -> str:
    return f"console.audit.{numbers.language()}"


def _audit() -> Audit:
    audited, stock = rooms.ledger.audit_units(), rooms.ledger.audit_stock()
    by_day = rooms.explorer.explained_by_day()
    explained = {unit: _sum([d for d in by_day if d.unit == unit]) for unit in {d.unit for d in by_day}}
    rows = [
        AuditRow(
            name=parties.unit_name(unit.unit),
            transfers=unit.transfers,
            explained=_ratio(*explained.get(unit.unit, (0, 0))),
            wrong=unit.wrong_balances,
            broken=unit.broken_floors,
        )
        for unit in audited
    ]
    transfers = sum(total for total, _told in explained.values())
    share = _ratio(transfers, sum(told for _total, told in explained.values()))
    wrong = sum(row.wrong for row in rows)
    broken = sum(row.broken for row in rows) + stock.broken_floors
    is_clean = not wrong and not broken and not stock.wrong and share in {None, 1.0}
    return Audit(
        sentence=_audit_sentence(transfers, share, wrong + stock.wrong + broken, is_clean),
        is_clean=is_clean,
        transfers=transfers,
        explained=share,
        accounts=sum(unit.accounts for unit in audited),
        wrong=wrong,
        places=stock.places,
        wrong_places=stock.wrong,
        broken=broken,
        checked_at=clock.now(),
        rows=rows,
        days=_days(by_day),
    )


def _sum(days: Sequence[ExplainedDay]) -> tuple[int, int]:
    return sum(d.transfers for d in days), sum(d.explained for d in days)


def _days(found: Sequence[ExplainedDay]) -> list[DayRow]:
    """The last days on which anything moved, and before them those that are not whole; newest first."""
    by_day: dict[date, list[ExplainedDay]] = {}
    for one in found:
        by_day.setdefault(one.day, []).append(one)
    days = sorted(by_day, reverse=True)
    older = [day for day in days[RECENT_DAYS:] if not all(one.is_whole for one in by_day[day])]
    return [_day(day, by_day[day]) for day in [*days[:RECENT_DAYS], *older[:OLDER_DAYS]]]


def _day(day: date, units: Sequence[ExplainedDay]) -> DayRow:
    transfers, told = _sum(units)
    lacks = [parties.unit_name(one.unit) for one in units if not one.is_whole]
    return DayRow(day, transfers, _ratio(transfers, told), _("、").join(lacks))


def _ratio(whole: int, part: int) -> float | None:
    return part / whole if whole else None


def _audit_sentence(transfers: int, share: float | None, faults: int, is_clean: bool) -> SafeString:
    if not transfers:
        return format_html("{}", _("账本还是空的：有了第一笔积分或钱的变动，这里就会对账。"))
    if is_clean:
        said = _("账是平的：{n} 笔变动 {share} 说得清来由，每个余额都和它的明细对得上。")
    else:
        said = _("账有 {faults} 处对不上；{n} 笔变动里 {share} 说得清来由。请联系管理员，先不要手工改账。")
    return format_html(
        said,
        n=bold(numbers.count(transfers)),
        share=bold(numbers.whole_share(share), "" if share in {None, 1.0} else "bad"),
        faults=bold(numbers.count(faults), "bad"),
    )
