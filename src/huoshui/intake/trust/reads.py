"""The measures as people look at them: each source, each store, each headline number. So many statements whatever there is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.insight.api import like_days
from huoshui.intake.devices import api as devices
from huoshui.intake.imports import api as imports
from huoshui.intake.tills import api as tills
from huoshui.intake.tracking import api as tracking
from huoshui.intake.trust import rules
from huoshui.intake.trust.access import require, sources_for, units_for
from huoshui.intake.trust.figures import FIGURES, Figure
from huoshui.intake.trust.types import (
    STAGES,
    FieldShare,
    FigureTrust,
    How,
    Lag,
    Overview,
    SourceTrust,
    StoreCoverage,
)

Q = sql.load("huoshui.intake.trust")

DAYS_SHOWN = 28
"""Shares and freshness are of the last four weeks; the chart shows as many days."""
RUNS_COUNTED = 200
_HISTORY = timedelta(weeks=8)


@dataclass(frozen=True)
class _Book:
    """What was read for all sources at once."""

    day: date
    days: Mapping[int, Mapping[date, int]]
    recent: Mapping[
        tuple[int, str], tuple[int, int]
    ]  # (source, feed) → facts and those by file, of the last four weeks
    told: Mapping[int, sql.Row]
    lags: Mapping[tuple[int, str, str], Mapping[int, int]]
    fields: Mapping[int, Sequence[FieldShare]]
    waiting: Mapping[int, int]
    duplicates: Mapping[str, int]  # by source name
    repeated: Mapping[int, int]  # tracked events, and what tills told, that came again


def overview(actor: Actor) -> Overview:
    """Raises NotFound for whoever may not see it; a dealer sees his own sources and stores only."""
    sources = sources_for(actor)
    units = units_for(actor)
    day, is_past = rules.day_to_read(sql.fetch_one(Q.newest_day, today=clock.today()).day, clock.today())
    book = _read([s.id for s in sources], day)
    sold = sql.fetch_one(Q.day_of_sales, day=day, unit_ids=units)
    read = sql.fetch_one(Q.read_at)
    return Overview(
        day=day,
        is_past=is_past,
        read_at=read and read.read_at,
        day_facts=sold.facts,
        arrived_at=sold.arrived_at,
        sources=tuple(_source(row, book) for row in sources),
        stores=coverage(actor, day - timedelta(days=DAYS_SHOWN - 1), day),
        silent_stores=_silent_stores(day, units),
        figures=tuple(_figure(figure, book) for figure in FIGURES),
    )


def source_trust(actor: Actor, source_id: int) -> tuple[SourceTrust, date]:
    """One source and the day it is read as of. Raises NotFound."""
    found = [s for s in sources_for(actor) if s.id == source_id]
    require(bool(found))
    newest = sql.fetch_one(Q.newest_day, today=clock.today()).day
    day, _ = rules.day_to_read(newest, clock.today())
    return _source(found[0], _read([source_id], day)), day


def fields_by_day(actor: Actor, source_id: int) -> dict[tuple[str, str], list[tuple[date, FieldShare]]]:
    """How full each (feed, field) of a source was day by day, for the days it told anything. Raises NotFound."""
    require(any(s.id == source_id for s in sources_for(actor)))
    day, _ = rules.day_to_read(newest_day(), clock.today())
    found: dict[tuple[str, str], list[tuple[date, FieldShare]]] = defaultdict(list)
    first = day - timedelta(days=DAYS_SHOWN - 1)
    for r in sql.fetch(Q.field_days, first=first, last=clock.today(), source_id=source_id):
        found[r.feed, r.field].append((r.day, FieldShare(r.feed, r.field, r.facts, r.filled, r.valid)))
    return dict(found)


def newest_day() -> date:
    """The last day of which sales are told; today where there are none."""
    found: date | None = sql.fetch_one(Q.newest_day, today=clock.today()).day
    return found or clock.today()


def coverage(actor: Actor, first: date, last: date) -> tuple[StoreCoverage, ...]:
    """How many sales of each store have a buyer we know; the worst first, `0` for those at no known store."""
    rows = sql.fetch_as(StoreCoverage, Q.coverage, first=first, last=last, unit_ids=units_for(actor))
    return tuple(sorted(rows, key=lambda s: (s.share, -s.sales, s.org_unit_id)))


def _read(source_ids: list[int], day: date) -> _Book:
    first, window = day - _HISTORY - timedelta(days=DAYS_SHOWN), day - timedelta(days=DAYS_SHOWN - 1)
    today = clock.today()  # not over, but what is there already counts for what sources carry
    days: dict[int, Counter[date]] = defaultdict(Counter)
    recent: dict[tuple[int, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for r in sql.fetch(Q.days_of_sources, first=first, last=today, source_ids=source_ids):
        days[r.source_id][r.day] += r.facts
        if r.day >= window:
            facts, by_file = recent[r.source_id, r.feed]
            recent[r.source_id, r.feed] = facts + r.facts, by_file + r.by_file
    return _Book(
        day=day,
        days=days,
        recent=recent,
        told={r.source_id: r for r in sql.fetch(Q.last_told, source_ids=source_ids)},
        lags=_lags(source_ids),
        fields=_fields(source_ids, window, today),
        waiting=_waiting(),
        duplicates=_duplicates(),
        # An order that was tracked goes the way of tills too: what its own door counted holds, once
        repeated=tills.repeated() | tracking.repeated(),
    )


def _lags(source_ids: list[int]) -> dict[tuple[int, str, str], dict[int, int]]:
    """Of what happened in the last four weeks by the calendar: how long the past took that was brought later says nothing."""
    today = clock.today()
    lags: dict[tuple[int, str, str], dict[int, int]] = defaultdict(dict)
    for r in sql.fetch(
        Q.lags, first=today - timedelta(days=DAYS_SHOWN - 1), last=today, source_ids=source_ids
    ):
        lags[r.source_id, r.feed, r.stage][r.bucket] = r.facts
    return lags


def _fields(source_ids: list[int], first: date, last: date) -> dict[int, list[FieldShare]]:
    fields: dict[int, list[FieldShare]] = defaultdict(list)
    for r in sql.fetch(Q.fields, first=first, last=last, source_ids=source_ids):
        fields[r.source_id].append(FieldShare(r.feed, r.field, r.facts, r.filled, r.valid))
    return fields


def _waiting() -> dict[int, int]:
    waiting: Counter[int] = Counter()
    for r in sql.fetch(Q.waiting):
        waiting[r.source_id] += r.facts
    return waiting


def _duplicates() -> dict[str, int]:
    """By source name: what files told again with the same words, and readings that came more than once."""
    known: Counter[str] = Counter(devices.repeated())
    for run in imports.runs(SYSTEM, limit=RUNS_COUNTED):
        if run.state == "done" and not run.is_dry_run:
            known[run.source_name] += run.counts.get("known", 0)
    return known


def _source(row: sql.Row, book: _Book) -> SourceTrust:
    told = book.told.get(row.id)
    first_day = told.first_day if told else None
    counts = book.days.get(row.id, {})
    shown = [book.day - timedelta(days=gone) for gone in range(DAYS_SHOWN - 1, -1, -1)]
    series = tuple(rules.volume(d, counts, first_day) for d in shown)
    feeds = tuple(sorted({feed for source_id, feed in book.recent if source_id == row.id}))
    facts = sum(book.recent[row.id, feed][0] for feed in feeds)
    by_file = sum(book.recent[row.id, feed][1] for feed in feeds)
    lags = {stage: _lag(book, stage, source_id=row.id) for stage in STAGES}
    return SourceTrust(
        source_id=row.id,
        name=row.name,
        label=row.label,
        is_history=row.mode == "history",
        feeds=feeds,
        how=cast(How, rules.how_made(facts, by_file)),
        share_by_hand=by_file / facts if facts else 0.0,
        last_at=told.last_at if told else None,
        first_day=first_day,
        facts=told.facts if told else 0,
        volume=series[-1],
        series=series,
        lags={stage: lag for stage, lag in lags.items() if lag is not None},
        fields=tuple(sorted(book.fields.get(row.id, ()), key=lambda f: (f.feed, f.share_filled))),
        duplicates=book.duplicates.get(row.name, 0) + book.repeated.get(row.id, 0),
        waiting=book.waiting.get(row.id, 0),
    )


def _lag(book: _Book, stage: str, *, source_id: int | None = None, feed: str | None = None) -> Lag | None:
    """Of these, all together; None where nothing was measured."""
    together: Counter[int] = Counter()
    for (of_source, of_feed, of_stage), buckets in book.lags.items():
        if of_stage == stage and source_id in (None, of_source) and feed in (None, of_feed):
            together.update(buckets)
    return rules.lag_of(together)


def _figure(figure: Figure, book: _Book) -> FigureTrust:
    """Stages one after another take at most the sum of what each takes."""
    facts = by_file = 0
    for (_source_id, feed), (told, brought) in book.recent.items():
        if feed == figure.feed:
            facts, by_file = facts + told, by_file + brought
    lags = [_lag(book, stage, feed=figure.feed) for stage in figure.stages]
    known = [lag for lag in lags if lag is not None]
    return FigureTrust(
        name=figure.name,
        how=cast(How, rules.how_made(facts, by_file)),
        share_by_hand=by_file / facts if facts else 0.0,
        lag=Lag(known[0].facts, sum(k.half for k in known), sum(k.most for k in known))
        if len(known) == len(figure.stages)
        else None,
    )


def _silent_stores(day: date, units: list[int] | None) -> tuple[int, ...]:
    """Stores of which something is told on most such days and nothing was on this one."""
    alike = like_days(day)
    told: dict[int, dict[date, int]] = defaultdict(dict)
    for r in sql.fetch(Q.units_by_day, days=[day, *alike], unit_ids=units):
        told[r.org_unit_id][r.day] = r.facts
    return tuple(
        sorted(
            unit
            for unit, counts in told.items()
            if not counts.get(day, 0) and rules.is_expected([counts.get(d, 0) for d in alike])
        )
    )
