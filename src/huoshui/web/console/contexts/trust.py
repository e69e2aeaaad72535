"""数据可信: whether yesterday is whole, how each source does, how long each number takes, whose sales we know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.intake.trust.api import (
    FieldShare,
    FigureTrust,
    Overview,
    SourceTrust,
    StoreCoverage,
    Volume,
)
from huoshui.web.console import numbers, sparks
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts import trust_words as words
from huoshui.web.console.markup import bold

STORES_SHOWN = 8
NAMED = 2
_OUT = frozenset({"below", "silent"})


@dataclass(frozen=True)
class SourceRow:
    url: str
    label: str
    is_history: bool
    how: str
    day_facts: int
    day_url: str
    expected: float | None
    verdict: str
    is_bad: bool
    spark: sparks.Spark | None
    spark_says: str
    half: str
    most: str
    worst: str
    worst_share: float | None
    is_worst_bad: bool
    duplicates: int
    waiting: int
    ago: str


@dataclass(frozen=True)
class FigureRow:
    title: str
    says: str
    how: str
    by_hand: str
    half: str
    most: str


@dataclass(frozen=True)
class StoreRow:
    name: str
    sales: int
    share: float
    unknown: int
    unknown_url: str
    is_silent: bool
    percent: str


@dataclass(frozen=True)
class Stat:
    title: str
    value: str
    url: str
    says: str
    is_bad: bool = False


@dataclass(frozen=True)
class TrustContext:
    sentence: SafeString
    note: str
    read: str
    stats: list[Stat]
    rows: list[SourceRow]
    figures: list[FigureRow]
    stores: list[StoreRow]
    stores_url: str
    more_stores: int
    days: int
    day: date
    runs: int
    lists: int


@dataclass(frozen=True)
class StoresContext:
    sentence: SafeString
    rows: list[StoreRow]
    days: int


def overview(actor: Actor) -> TrustContext:
    """Raises NotFound."""
    found = rooms.trust.overview(actor)
    names = rooms.brand.unit_names(_units(found.stores, found.silent_stores))
    stores = _store_rows(found.stores, found, names)
    causes = rooms.trust.causes(actor) if rooms.trust.sees_all(actor) else []
    return TrustContext(
        sentence=_sentence(found, names),
        note=_("数据到 {day} 为止，以下按这一天看。").format(day=numbers.day(found.day))
        if found.is_past
        else "",
        read=numbers.ago(clock.now() - found.read_at) if found.read_at else "",
        stats=_stats(found, sum(c.items for c in causes), is_whole=rooms.trust.sees_all(actor)),
        rows=[_source_row(one, found.day) for one in _in_order(found.sources) if one.facts or one.waiting],
        lists=sum(not (one.facts or one.waiting) for one in found.sources),
        figures=[_figure_row(one) for one in found.figures],
        stores=stores[:STORES_SHOWN],
        stores_url=reverse("console:trust-stores"),
        more_stores=max(0, len(stores) - STORES_SHOWN),
        days=rooms.trust.DAYS_SHOWN,
        day=found.day,
        runs=rooms.trust.RUNS_COUNTED,
    )


def stores(actor: Actor) -> StoresContext:
    found = rooms.trust.overview(actor)
    names = rooms.brand.unit_names(_units(found.stores, found.silent_stores))
    rows = _store_rows(found.stores, found, names)
    return StoresContext(_known_sentence(found.stores), rows, rooms.trust.DAYS_SHOWN)


def _units(stores: Sequence[StoreCoverage], silent: Sequence[int]) -> list[int]:
    return sorted({s.org_unit_id for s in stores} | set(silent))


def _in_order(sources: Sequence[SourceTrust]) -> list[SourceTrust]:
    """What wants a look first, then the busiest; those that never told anything of the kind last."""
    return sorted(
        sources, key=lambda s: (s.volume.verdict not in _OUT, -s.volume.facts, -s.facts, s.source_id)
    )


def _sentence(found: Overview, names: Mapping[int, str]) -> SafeString:
    if not any(s.facts for s in found.sources) and not found.stores:
        return format_html("{}", _("还没有收到数据。导入文件或接上收银，这里就会说数齐不齐。"))
    day = _("昨天") if found.day == clock.today() - timedelta(days=1) else numbers.day(found.day)
    silent = [s for s in found.sources if s.volume.verdict == "silent"]
    missing = _missing(found.silent_stores, names)
    parts = [
        text
        for text in (
            format_html(_("{stores}没有上传"), stores=bold(missing, "bad")) if missing else "",
            format_html(
                _("{sources}没有来"),
                sources=bold(
                    _("、").join(s.label for s in silent)
                    if len(silent) <= NAMED
                    else _("{n} 个来源").format(n=len(silent)),
                    "bad",
                ),
            )
            if silent
            else "",
        )
        if text
    ]
    if found.arrived_at is None:
        return format_html(_("{day}的数还没有收到。"), day=day)
    at = bold(_when(found.arrived_at))
    if not parts:
        return format_html(_("{day}的数{at} 已齐。"), day=day, at=at)
    rest = format_html(_("{one}，{other}"), one=parts[0], other=parts[1]) if len(parts) == 2 else parts[0]
    return format_html(_("{day}的数{at} 收到最后一笔，但{rest}。"), day=day, at=at, rest=rest)


def _when(at: datetime) -> str:
    day, time = numbers.day_of(at), numbers.hour(at)
    if day == clock.today():
        return _("今天 {time}").format(time=time)
    if day == clock.today() - timedelta(days=1):
        return _("昨天 {time}").format(time=time)
    return f" {numbers.day(day)} {time}"


def _missing(units: Sequence[int], names: Mapping[int, str]) -> str:
    """A few by name, many by region: 华中 3 家店."""
    if len(units) <= NAMED:
        return _("、").join(names.get(unit, str(unit)) for unit in units)
    table = rooms.brand.org_units_table()
    regions = dict(zip(table["org_unit_id"].to_pylist(), table["region"].to_pylist(), strict=True))
    counted = Counter(regions.get(unit) or "" for unit in units)
    return _("、").join(
        ngettext("{region} {n} 家店", "{region} {n} 家店", n).format(region=region, n=n)
        if region
        else ngettext("{n} 家店", "{n} 家店", n).format(n=n)
        for region, n in counted.most_common(3)
    )


def _stats(found: Overview, rejected: int, *, is_whole: bool) -> list[Stat]:
    sales, known = sum(s.sales for s in found.stores), sum(s.known_sales for s in found.stores)
    takings = next((f for f in found.figures if f.name == "takings"), None)
    told = sum(s.volume.facts > 0 for s in found.sources)
    shown = [
        Stat(
            _("当天的订单与退货"),
            str(numbers.count(found.day_facts)),
            lineage_url(from_=found.day, to=found.day),
            _("{n} 个来源当天有数据").format(n=told) if told else _("点开看从哪里来"),
        ),
        Stat(
            _("成交额要多久"),
            words.took(takings.lag.half if takings and takings.lag else None),
            "#figures",
            _("一般如此；十次里九次不超过 {most}").format(most=words.took(takings.lag.most))
            if takings and takings.lag
            else _("近四周没有新发生的"),
        ),
        Stat(
            _("认得出是谁的成交"),
            numbers.percent(known / sales) if sales else numbers.ABSENT,
            reverse("console:trust-stores"),
            _("{n} 单里有 {m} 单").format(n=numbers.count(sales), m=numbers.count(known)),
        ),
    ]
    if is_whole:
        shown.append(
            Stat(
                _("没有收下"),
                str(numbers.count(rejected)),
                reverse("console:trust-rejected"),
                _("都留着，改好就能重新导入") if rejected else _("都收下了"),
                rejected > 0,
            )
        )
    return shown


def lineage_url(**query: object) -> str:
    named = {name.rstrip("_"): str(value) for name, value in query.items() if value not in (None, "", 0)}
    return f"{reverse('console:trust-lineage')}?{urlencode(named)}"


def _source_row(one: SourceTrust, day: date) -> SourceRow:
    worst = _worst(one.fields)
    total = one.lags.get("number")
    return SourceRow(
        url=reverse("console:trust-source", args=[one.source_id]),
        label=one.label,
        is_history=one.is_history,
        how=how(one.how, one.share_by_hand),
        day_facts=one.volume.facts,
        day_url=lineage_url(from_=day, to=day, source=one.source_id) if "orders" in one.feeds else "",
        expected=one.volume.mid,
        verdict=str(words.VERDICTS[one.volume.verdict]),
        is_bad=one.volume.verdict in _OUT,
        spark=spark_of(one.series),
        spark_says=_spark_says(one.series),
        half=words.took(total.half) if total else numbers.ABSENT,
        most=words.took(total.most) if total else "",
        worst=str(words.FIELDS[worst.field]) if worst else "",
        worst_share=worst.share_filled if worst else None,
        is_worst_bad=bool(worst and worst.share_filled < 0.5),
        duplicates=one.duplicates,
        waiting=one.waiting,
        ago=numbers.ago(clock.now() - one.last_at) if one.last_at else "",
    )


# Of these the least filled one is named: the others are optional for many a source
EXPECTED_FIELDS = frozenset({"identity", "store", "amount", "product", "time", "properties"})


def _worst(fields: Sequence[FieldShare]) -> FieldShare | None:
    asked = [f for f in fields if f.field in EXPECTED_FIELDS]
    return min(asked, key=lambda f: f.share_filled) if asked else None


def how(kind: str, share: float) -> str:
    """系统; 半手工 34%: so much of it somebody brought by hand."""
    word = str(words.HOW[kind])
    return f"{word} {numbers.percent(share)}" if kind == "half" else word


def spark_of(series: Sequence[Volume]) -> sparks.Spark | None:
    return sparks.spark([sparks.Point(v.facts, v.low, v.high, v.verdict in _OUT) for v in series])


def _spark_says(series: Sequence[Volume]) -> str:
    out = sum(v.verdict in _OUT for v in series)
    return _("近 {days} 天，{out} 天比往常少或没有来").format(days=len(series), out=out)


def _figure_row(one: FigureTrust) -> FigureRow:
    title, says = words.FIGURES[one.name]
    return FigureRow(
        title=str(title),
        says=str(says),
        how=str(words.HOW[one.how]),
        by_hand=numbers.percent(one.share_by_hand) if one.how == "half" else "",
        half=words.took(one.lag.half if one.lag else None),
        most=words.took(one.lag.most if one.lag else None),
    )


def _store_rows(stores: Sequence[StoreCoverage], found: Overview, names: Mapping[int, str]) -> list[StoreRow]:
    codes = rooms.brand.unit_codes([s.org_unit_id for s in stores])
    first = found.day - timedelta(days=rooms.trust.DAYS_SHOWN - 1)
    rows = [
        StoreRow(
            name=names.get(s.org_unit_id, "") or _("没有写门店"),
            sales=s.sales,
            share=round(100 * max(0.0, min(1.0, s.share)), 1),
            unknown=s.sales - s.known_sales,
            unknown_url=lineage_url(from_=first, to=found.day, store=codes.get(s.org_unit_id, "-"), unknown=1)
            if s.sales > s.known_sales
            else "",
            is_silent=s.org_unit_id in found.silent_stores,
            percent=numbers.percent(s.share),
        )
        for s in stores
    ]
    return sorted(rows, key=lambda r: (not r.is_silent, -r.unknown))


def _known_sentence(stores: Sequence[StoreCoverage]) -> SafeString:
    sales, known = sum(s.sales for s in stores), sum(s.known_sales for s in stores)
    if not sales:
        return format_html("{}", _("这四周没有成交。"))
    return format_html(
        _("这四周 {n} 单里，{share} 认得出是谁；其余 {unknown} 单不知道是谁买的。"),
        n=numbers.count(sales),
        share=bold(numbers.percent(known / sales)),
        unknown=bold(numbers.count(sales - known)),
    )
