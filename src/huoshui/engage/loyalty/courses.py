"""The ways of humans through their tiers: from the days that are kept, or anew from all facts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from huoshui.core import sql
from huoshui.engage.loyalty import tiers
from huoshui.engage.loyalty.types import Day, Event, Journey, Spent, Standing, Tier

Q = sql.load("huoshui.engage.loyalty")

Told = Mapping[int, Sequence[Event]]  # by head


class Human(NamedTuple):
    ids: frozenset[int]
    spend: int  # of a lifetime
    has_days: bool  # all of them are kept, as the present settings see them

    @property
    def head(self) -> int:
        return min(self.ids)


class Course(NamedTuple):
    human: Human
    where: Journey
    days: Sequence[Day] = ()  # that are new, or not what they were


def humans(standings: Iterable[Standing], era: int) -> list[Human]:
    """Those that these standings, under lock, belong to."""
    by_id = {s.person_id: s for s in standings}
    of: dict[int, set[int]] = {}
    for s in by_id.values():
        ids = {s.person_id, *(m for m in s.members or () if m in by_id)}
        for other in [of[p] for p in ids if p in of]:
            ids |= other
        of |= dict.fromkeys(ids, ids)
    return [_human([by_id[p] for p in ids], era) for ids in {min(ids): ids for ids in of.values()}.values()]


def _human(standings: Sequence[Standing], era: int) -> Human:
    ids = frozenset(s.person_id for s in standings)
    return Human(
        ids,
        sum(s.spend for s in standings),
        all(s.era == era and ids == set(s.members or (s.person_id,)) for s in standings),
    )


def events(of: Iterable[Human], spent: Iterable[Spent]) -> dict[int, list[Event]]:
    """What a batch tells of these humans. Of one fact and day it is one event, whichever of his ids it names."""
    head = {p: h.head for h in of for p in h.ids}
    sums: Counter[tuple[int, date, int]] = Counter()
    for s in spent:
        if s.person_id is not None:
            sums[head[s.person_id], s.day, s.fact_id] += s.amount
    told: dict[int, list[Event]] = defaultdict(list)
    for (who, day, fact_id), amount in sorted(sums.items()):
        told[who].append(Event(day, fact_id, amount))
    return told


def take(
    of: Sequence[Human], levels: Sequence[Tier], *, until: date, told: Told | None = None
) -> list[Course]:
    """Where these humans stand on a day. What is `told` has settled, and is not in their days and `spend` yet."""
    is_windowed = tiers.is_windowed(levels)
    kept = [h for h in of if h.has_days and is_windowed]
    anew = [h for h in of if not (h.has_days and is_windowed)]
    facts = facts_of([(h, date.min, date.max) for h in anew], is_windowed=is_windowed)
    out = _go_on(kept, levels, until, told or {}) if kept else []
    for h in anew:
        where, days = tiers.walk(facts.get(h.head, ()), levels, until=until)
        out.append(Course(h, where, days if is_windowed else ()))
    return out


def _go_on(of: Sequence[Human], levels: Sequence[Tier], until: date, told: Told) -> list[Course]:
    first = {head: min(e.day for e in events) for head, events in told.items()}
    known = _known(of, levels, first)
    ahead = _ahead(of, known, told)
    out = []
    for h in of:
        days = known[h.head]
        where, moved = tiers.walk(
            ahead.get(h.head, ()),
            levels,
            until=until,
            past=[d for d in days if d.day < first.get(h.head, date.max)],
            before=h.spend - sum(d.amount for d in days),
        )
        out.append(Course(h, where, sorted({*moved} - {*days})))
    return out


def _known(of: Sequence[Human], levels: Sequence[Tier], first: Mapping[int, date]) -> Mapping[int, list[Day]]:
    known: dict[int, list[Day]] = defaultdict(list)
    for head, *day in sql.fetch(
        Q.days_known,
        heads=[h.head for h in of],
        firsts=[first.get(h.head, date.max) for h in of],
        reach=tiers.reach(levels),
    ):
        known[head].append(Day(*day))
    return known


def _ahead(of: Sequence[Human], known: Mapping[int, Sequence[Day]], told: Told) -> dict[int, list[Event]]:
    """What is told, among the days behind it. What comes into the midst of a day's facts is put in its place there."""
    human = {h.head: h for h in of}
    last = {(head, d.day): d.last_fact_id for head in told for d in known[head]}
    amid = {(h, e.day) for h, events in told.items() for e in events if e.fact_id < last.get((h, e.day), 0)}
    looked_up = facts_of([(human[head], day, day) for head, day in sorted(amid)], is_windowed=True)
    out = {}
    for head, events in told.items():
        behind = [d.event for d in known[head] if d.day >= events[0].day]
        mixed = [e for e in (*behind, *events) if (head, e.day) not in amid] + looked_up.get(head, [])
        out[head] = sorted(mixed, key=lambda e: (e.day, e.fact_id))
    return out


def facts_of(spans: Sequence[tuple[Human, date, date]], *, is_windowed: bool) -> dict[int, list[Event]]:
    """All that facts tell of these humans between two days: in order of days for windows, as it settled for a lifetime."""
    of = [(person_id, h.head, first, last) for h, first, last in spans for person_id in sorted(h.ids)]
    if not of:
        return {}
    head = {person_id: who for person_id, who, _, _ in of}
    sums: Counter[tuple[int, date, int]] = Counter()
    seq: dict[int, int] = {}
    for r in sql.fetch(
        Q.spend_events,
        person_ids=[person_id for person_id, *_ in of],
        firsts=[first for *_, first, _ in of],
        lasts=[last for *_, last in of],
    ):
        sums[head[r.person_id], r.day, r.fact_id] += r.amount
        seq[r.fact_id] = r.seq
    out: dict[int, list[Event]] = defaultdict(list)
    for (who, day, fact_id), amount in (sums if is_windowed else _whole(sums)).items():
        out[who].append(Event(day, fact_id, amount))
    order: Callable[[Event], tuple[object, int]] = (
        (lambda e: (e.day, e.fact_id)) if is_windowed else (lambda e: (seq[e.fact_id], e.fact_id))
    )
    return {who: sorted(events, key=order) for who, events in out.items()}


def _whole(sums: Mapping[tuple[int, date, int], int]) -> Mapping[tuple[int, date, int], int]:
    """For a lifetime a fact that takes back what was told of another day is one event: half of it was never reached."""
    last: dict[tuple[int, int], date] = {}
    amounts: Counter[tuple[int, int]] = Counter()
    for (who, day, fact_id), amount in sums.items():
        last[who, fact_id] = max(day, last.get((who, fact_id), day))
        amounts[who, fact_id] += amount
    return {(who, last[who, fact_id], fact_id): amount for (who, fact_id), amount in amounts.items()}


def events_of(ids: Sequence[int], *, is_windowed: bool) -> list[Event]:
    """All that facts tell of one human."""
    human = Human(frozenset(ids), 0, has_days=False)
    return facts_of([(human, date.min, date.max)], is_windowed=is_windowed).get(human.head, [])


def put(courses: Sequence[Course]) -> None:
    """Keep the days. Of whoever was decided anew, those that were kept before are of another time."""
    if anew := sorted({p for c in courses if not c.human.has_days for p in c.human.ids}):
        sql.send(Q.drop_days, heads=anew)
    rows = [(c.human.head, d) for c in courses for d in c.days]
    if rows:
        sql.send(
            Q.put_days,
            heads=[head for head, _ in rows],
            days=[d.day for _, d in rows],
            last_fact_ids=[d.last_fact_id for _, d in rows],
            amounts=[d.amount for _, d in rows],
            peaks=[d.peak for _, d in rows],
            ranks=[d.rank for _, d in rows],
            keep_untils=[d.keep_until for _, d in rows],
            grace_untils=[d.grace_until for _, d in rows],
        )
