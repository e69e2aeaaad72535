"""One source: how much it told each day against what it usually does, how fast, and how full each field is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.intake.trust.api import STAGES, FieldShare, SourceTrust, Volume
from huoshui.web.console import numbers, sparks
from huoshui.web.console.contexts import rooms, trust
from huoshui.web.console.contexts import trust_words as words
from huoshui.web.console.markup import bold


@dataclass(frozen=True)
class StageRow:
    title: str
    half: str
    most: str
    facts: int
    is_whole: bool


@dataclass(frozen=True)
class FieldRow:
    feed: str
    title: str
    facts: int
    filled: float
    percent: str
    valid: str
    valid_means: str
    is_bad: bool
    spark: sparks.Spark | None
    spark_says: str


@dataclass(frozen=True)
class DayRow:
    day: date
    facts: int
    url: str
    share: float
    tick: float
    expected: float | None
    low: float | None
    high: float | None
    verdict: str
    is_bad: bool


@dataclass(frozen=True)
class PropertyRow:
    fact: str
    title: str
    percent: str
    filled: float
    times: int


@dataclass(frozen=True)
class SourceContext:
    label: str
    sentence: SafeString
    how: str
    feeds: str
    last: str
    first_day: date | None
    facts: int
    duplicates: int
    waiting: int
    stages: list[StageRow]
    fields: list[FieldRow]
    properties: list[PropertyRow]
    days: list[DayRow]
    window: int
    runs: int
    is_by_file: bool
    stream_url: str


MOST_PROPERTIES = 40


def source(actor: Actor, source_id: int) -> SourceContext:
    """Raises NotFound."""
    one, day = rooms.trust.source_trust(actor, source_id)
    by_day = rooms.trust.fields_by_day(actor, source_id)
    tracked = "events" in one.feeds and rooms.trust.sees_all(actor)
    return SourceContext(
        label=one.label,
        sentence=_sentence(one, day),
        how=trust.how(one.how, one.share_by_hand),
        feeds=_("、").join(str(words.FEEDS[feed]) for feed in one.feeds) or numbers.ABSENT,
        last=numbers.ago(clock.now() - one.last_at) if one.last_at else numbers.ABSENT,
        first_day=one.first_day,
        facts=one.facts,
        duplicates=one.duplicates,
        waiting=one.waiting,
        stages=_stages(one),
        fields=[_field(f, by_day.get((f.feed, f.field), [])) for f in one.fields],
        properties=_properties(source_id) if tracked else [],
        days=_days(one, source_id),
        window=rooms.trust.DAYS_SHOWN,
        runs=rooms.trust.RUNS_COUNTED,
        is_by_file=one.how in ("hand", "half"),
        stream_url=f"{reverse('console:stream')}?source={source_id}" if tracked else "",
    )


def _sentence(one: SourceTrust, day: date) -> SafeString:
    v = one.volume
    told = {"day": numbers.day(day), "n": bold(numbers.count(v.facts)), "label": one.label}
    if not one.facts:
        return format_html(_("{label}还没有发来过数据。"), **told)
    if v.verdict == "new":
        return format_html(_("{day}收到 {n} 条；来了不到四个同样的星期几，还看不出多少算正常。"), **told)
    if v.verdict == "irregular":
        return format_html(_("{day}收到 {n} 条；它不是天天来，所以不判断多少。"), **told)
    if v.verdict == "silent":
        return format_html(
            _("{day}没有收到一条，往常这天有 {mid} 条：请看看是不是没有上传。"),
            day=told["day"],
            mid=bold(numbers.count(round(v.mid or 0)), "bad"),
        )
    low, high = numbers.count(round(v.low or 0)), numbers.count(round(v.high or 0))
    verdicts = {
        "normal": _("{day}收到 {n} 条，往常这天 {low}–{high} 条，正常。"),
        "above": _("{day}收到 {n} 条，往常这天 {low}–{high} 条，比往常多。"),
        "below": _("{day}收到 {n} 条，往常这天 {low}–{high} 条，比往常少，可能没有收全。"),
    }
    return format_html(verdicts[v.verdict], **told, low=low, high=high)


def _stages(one: SourceTrust) -> list[StageRow]:
    return [
        StageRow(
            str(words.STAGES[stage]), words.took(lag.half), words.took(lag.most), lag.facts, stage == "number"
        )
        for stage in STAGES
        if (lag := one.lags.get(stage)) is not None
    ]


def _field(f: FieldShare, days: Sequence[tuple[date, FieldShare]]) -> FieldRow:
    shares = [share.share_filled for _, share in days]
    return FieldRow(
        feed=str(words.FEEDS[f.feed]),
        title=str(words.FIELDS[f.field]),
        facts=f.facts,
        filled=round(100 * f.share_filled, 1),
        percent=numbers.whole_share(f.share_filled),
        valid=numbers.whole_share(f.share_valid) if f.field in words.VALID and f.filled else numbers.ABSENT,
        valid_means=str(words.VALID.get(f.field, "")),
        is_bad=f.field in trust.EXPECTED_FIELDS and f.share_filled < 0.5,
        spark=sparks.spark([sparks.Point(share, 0.0, 1.0, is_out=False) for share in shares]),
        spark_says=_("一天最少 {low}，最多 {high}").format(
            low=numbers.whole_share(min(shares)), high=numbers.whole_share(max(shares))
        )
        if shares
        else "",
    )


def _properties(source_id: int) -> list[PropertyRow]:
    """What events carry, as the door has counted it since the source began."""
    seen = rooms.tracking.seen_names(source_id)
    whole = {one.fact: one.times for one in seen if not one.property}
    rows = [
        PropertyRow(
            fact=one.fact,
            title=one.property,
            percent=numbers.whole_share(min(1.0, one.times / whole[one.fact])),
            filled=round(100 * min(1.0, one.times / whole[one.fact]), 1),
            times=one.times,
        )
        for one in seen
        if one.property and whole.get(one.fact)
    ]
    return rows[:MOST_PROPERTIES]


def _days(one: SourceTrust, source_id: int) -> list[DayRow]:
    most = max([max(v.facts, v.high or 0.0) for v in one.series]) or 1.0
    return [_day(v, most, source_id, has_orders="orders" in one.feeds) for v in reversed(one.series)]


def _day(v: Volume, most: float, source_id: int, *, has_orders: bool) -> DayRow:
    return DayRow(
        day=v.day,
        facts=v.facts,
        url=trust.lineage_url(from_=v.day, to=v.day, source=source_id) if has_orders and v.facts else "",
        share=round(100 * v.facts / most, 1),
        tick=round(100 * (v.mid or 0.0) / most, 1),
        expected=v.mid,
        low=v.low,
        high=v.high,
        verdict=str(words.VERDICTS[v.verdict]),
        is_bad=v.verdict in ("below", "silent"),
    )
