"""What readings tell over time: a rule that holds becomes a fact on the person's timeline, and news for a guide."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Note
from huoshui.intake.devices import rules, samples
from huoshui.intake.devices.rules import REGULAR_DAYS, Hit
from huoshui.intake.devices.types import CONSENT, TREND_NOTICED
from huoshui.people import api as people

Q = sql.load("huoshui.intake.devices")

SLICE = 2_000
NEWS_DAYS = 60
"""What fell silent longer ago than its rule's days and these is no news."""


class Rule(NamedTuple):
    id: int
    name: str
    kind: str
    metric: str
    direction: str
    amount: float
    days: int
    least_readings: int
    advice: str
    is_for_guides: bool


class _Made(NamedTuple):
    note: Note
    kind: str
    rule_id: int | None
    is_for_guides: bool


def notice_slice() -> int:
    """Look at a slice of new readings; how many there were. Killed before its commit, it is done again."""
    with transaction.atomic():
        sql.by_index()
        sql.run(Q.name_persons)
        sql.run(Q.forget_nobodys)
        new = sql.fetch(Q.take_new, limit=SLICE)
        if new:
            _notice(new)
    return len(new)


def _notice(new: Sequence[sql.Row]) -> None:
    canonical = people.canonical_ids(sorted({r.person_id for r in new}))
    spans: dict[tuple[int, str], tuple[datetime, datetime]] = {}
    for row in new:
        key = (canonical[row.person_id], row.metric)
        first, last = spans.get(key, (row.at, row.at))
        spans[key] = (min(first, row.at), max(last, row.at))
    cluster = _cluster(sorted({person for person, _ in spans}))
    hits = sql.fetch_as(
        Hit,
        Q.trends,
        canonical=[person for person, _ in spans],
        metrics=[metric for _, metric in spans],
        firsts=[first for first, _ in spans.values()],
        lasts=[last for _, last in spans.values()],
        **cluster,
    )
    if not hits:
        return
    by_id = live_rules()
    known = sql.fetch_as(tuple, Q.noticed_of, **cluster)
    days = {rule.id: rule.days for rule in by_id.values()}
    chosen = rules.spaced([hit for hit in hits if hit.rule_id in by_id], known, days)
    void = _void(cluster, days) if chosen else Counter()
    _write([_of_hit(by_id[hit.rule_id], hit, void) for hit in chosen])


def _void(cluster: Mapping[str, list[int]], days: Mapping[int, int]) -> Counter[tuple[int, int, int]]:
    """How often what was noticed by (rule, person, window) turned out never to have held: told once more, it is another."""
    rows = sql.fetch(Q.voids_of, **cluster)
    return Counter(
        (row.rule_id, row.person_id, rules.window_of(row.at, days[row.rule_id]))
        for row in rows
        if row.rule_id in days
    )


def _cluster(canonical: Sequence[int]) -> dict[str, list[int]]:
    pairs = people.members_of(canonical)
    return {"of": [c for _, c in pairs], "members": [m for m, _ in pairs]}


def live_rules() -> dict[int, Rule]:
    return {rule.id: rule for rule in sql.fetch_as(Rule, Q.live_rules)}


def _of_hit(rule: Rule, hit: Hit, void: Counter[tuple[int, int, int]]) -> _Made:
    said = {
        "rule": rule.name,
        "kind": rule.kind,
        "metric": rule.metric,
        "direction": rule.direction,
        "first": hit.first,
        "last": hit.last,
        "first_at": hit.first_at.isoformat(),
        "days": max(1, (hit.at - hit.first_at).days),
        "window_days": rule.days,
        "readings": hit.readings,
        "advice": rule.advice,
        "cause": hit.fact_id,
    }
    window = rules.window_of(hit.at, rule.days)
    key = f"trend:{rule.id}:{hit.person_id}:{window}"
    if times := void[rule.id, hit.person_id, window]:
        key += f":{times}"
    return _Made(Note(TREND_NOTICED, key, hit.person_id, hit.at, said), "trend", rule.id, rule.is_for_guides)


def notice_silence() -> int:
    """Tell of regulars who stopped; and close what was told of those who began again."""
    now = clock.now()
    with transaction.atomic():
        sql.by_index()
        sql.run(Q.over, now=now)
        holding = {row.person_id for row in sql.fetch(Q.holders)}
        # Who does not want to be measured any more has not fallen silent
        holders = people.canonical_ids(sorted(holding - people.unconsented(sorted(holding), CONSENT)))
        if not holders:
            return 0
        silent = sql.fetch(
            Q.fallen_silent,
            now=now,
            news_days=NEWS_DAYS,
            regular_days=REGULAR_DAYS,
            **_cluster(sorted(set(holders.values()))),
        )
        by_id = live_rules()
        return _write([_of_silence(by_id[row.rule_id], row) for row in silent])


def _of_silence(rule: Rule, row: sql.Row) -> _Made:
    said = {
        "rule": rule.name,
        "kind": "silence",
        "last_at": row.at.isoformat(),
        "days": rule.days,
        "readings": row.readings,
        "advice": rule.advice,
        "cause": row.fact_id,
    }
    key = f"silence:{rule.id}:{row.person_id}:{row.fact_id}"
    at = row.at + timedelta(days=rule.days)
    return _Made(Note(TREND_NOTICED, key, row.person_id, at, said), "silence", rule.id, rule.is_for_guides)


def follow_up(limit: int = 500) -> int:
    """Tell of samples that came out so many days ago."""
    with transaction.atomic():
        due = samples.due(limit)
        made = _write([_Made(note, "sample", None, True) for note, _ in due])
        samples.followed([row.code for _, row in due])
    return made


def _write(made: Sequence[_Made]) -> int:
    """Facts settled as they are written; a known key changes nothing."""
    new = facts.note([one.note for one in made], actor=SYSTEM)
    kept = {one.note.key: one for one in made if one.note.key in new}
    if kept:
        sql.run(
            Q.add_notices,
            fact_ids=[new[key] for key in kept],
            kinds=[one.kind for one in kept.values()],
            rule_ids=[one.rule_id for one in kept.values()],
            person_ids=[one.note.person_id for one in kept.values()],
            times=[one.note.occurred_at for one in kept.values()],
            for_guides=[one.is_for_guides for one in kept.values()],
            said=[json.dumps(one.note.body, ensure_ascii=False) for one in kept.values()],
        )
    return len(kept)
