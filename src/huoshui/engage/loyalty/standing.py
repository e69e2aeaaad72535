"""How far persons have come: written by sales, by time that passes and by ids that turn out to be one human's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.audit import record
from huoshui.core.errors import Refused, RetryLater
from huoshui.core.facts.derived import Derived, derive, note
from huoshui.core.facts.types import Note
from huoshui.engage.loyalty import courses, reads, rules, tiers
from huoshui.engage.loyalty.courses import Course
from huoshui.engage.loyalty.months import make_month
from huoshui.engage.loyalty.types import Journey, Reached, Spent, Standing, Tier
from huoshui.people import api as people

Q = sql.load("huoshui.engage.loyalty")

TIER_REACHED = "Tier Reached"
TIER_LEFT = "Tier Left"


class IdsMoved(RetryLater):
    """这位顾客的资料刚刚合并或拆分，马上重试。"""

    code = "ids_moved"


@dataclass(frozen=True)
class Progress:
    """What a batch does to the standings of its persons."""

    before: Mapping[int, Standing]
    reached: Sequence[Reached]
    moved: Sequence[Standing]  # whose tier, or the time of it, is another
    courses: Sequence[Course] | None = None  # where tiers count windows

    def rank_at(self, person_id: int, fact_id: int) -> int:
        """The tier a person had before a fact."""
        standing = self.before[person_id]
        ids = set(standing.members or (person_id,))
        ranks = [r.tier.rank for r in self.reached if r.person_id in ids and r.fact_id < fact_id]
        return max([standing.rank, *ranks])


def progress(spent: Sequence[Spent]) -> Progress:
    """Put this money down, and decide what it does to tiers, under lock of all it belongs to; `write` says so."""
    before, levels = _put_down(spent)
    if not tiers.is_windowed(levels):
        moved, reached = rules.progress(spent, before, levels)
        return Progress(before, reached, moved)
    era = era_of(levels)
    humans = courses.humans(before.values(), era)
    told = courses.events(humans, spent)
    taken = courses.take(humans, levels, until=clock.today(), told=told)
    after = [_brought(before[p], c.where, era) for c in taken for p in c.human.ids]
    moved = [s for s in after if _is_moved(s, before[s.person_id])]
    return Progress(before, _reached_by({s.fact_id for s in spent}, taken, levels), moved, taken)


def _put_down(spent: Sequence[Spent]) -> tuple[dict[int, Standing], list[Tier]]:
    """How far these persons had come before it, and the tiers as they are under the lock."""
    sums: Counter[int] = Counter()
    first_fact: dict[int, int] = {}
    for s in spent:
        if s.person_id is not None:
            sums[s.person_id] += s.amount
            first_fact.setdefault(s.person_id, s.fact_id)
    adding = sql.ask(Q.add_spend, person_ids=sorted(sums), amounts=[sums[p] for p in sorted(sums)])
    levels = all_tiers()
    before = {r.person_id: r for r in sql.rows_as(Standing, adding)}
    if new := sorted(sums.keys() - before.keys()):
        opened = sql.fetch_as(
            Standing,
            Q.open_spend,
            person_ids=new,
            amounts=[sums[p] for p in new],
            fact_ids=[first_fact[p] for p in new],
            era=era_of(levels),
        )
        before |= {r.person_id: r._replace(spend=r.spend - sums[r.person_id]) for r in opened}
    if any(m not in before for p in sums for m in before[p].members or ()):
        raise IdsMoved
    return before, levels


def _reached_by(told: Set[int], taken: Sequence[Course], levels: Sequence[Tier]) -> list[Reached]:
    by_rank = {t.rank: t for t in levels}
    return [
        Reached(c.human.head, by_rank[change.rank], change.fact_id)
        for c in taken
        for change in c.where.changes
        if change.fact_id in told and change.fact_id
    ]


def write(done: Progress, *, live: Set[int]) -> list[Derived]:
    """Put standings down. Returns the facts that follow for what is told of the present."""
    if done.courses is not None:
        courses.put(done.courses)
    if done.moved:
        cause = {
            p: r.fact_id
            for r in done.reached
            for p in (r.person_id, *(done.before[r.person_id].members or ()))
        }
        _put_ranks([(s, cause.get(s.person_id, 0)) for s in done.moved])
    return [_reached(r, done, is_once=done.courses is None) for r in done.reached if r.fact_id in live]


def _is_moved(after: Standing, before: Standing) -> bool:
    return (after.rank, after.keep_until, after.check_on, after.era) != (
        before.rank,
        before.keep_until,
        before.check_on,
        before.era,
    )


def _reached(r: Reached, done: Progress, *, is_once: bool) -> Derived:
    head = min(done.before[r.person_id].members or (r.person_id,))
    return _tier_reached(head, r.person_id, r.tier, r.fact_id, is_once=is_once)


def _tier_reached(head: int, person_id: int, tier: Tier, fact_id: int, *, is_once: bool) -> Derived:
    # A tier that can be left can be reached again
    key = f"tier:{head}:{tier.rank}" if is_once else f"tier:{head}:{tier.rank}:{fact_id}"
    return Derived(TIER_REACHED, person_id, fact_id, key, {"tier": tier.name, "rank": tier.rank})


def _put_ranks(rows: Sequence[tuple[Standing, int]]) -> None:
    sql.send(
        Q.put_ranks,
        person_ids=[s.person_id for s, _ in rows],
        ranks=[s.rank for s, _ in rows],
        fact_ids=[fact_id for _, fact_id in rows],
        keep_untils=[s.keep_until for s, _ in rows],
        check_ons=[s.check_on for s, _ in rows],
        eras=[s.era for s, _ in rows],
    )


def _locked(first_fact: Mapping[int, int]) -> tuple[list[Standing], list[Tier]]:
    """How far these persons have come, under lock; those who are new to it begin at nothing. And the tiers as they are
    then: whoever changes them changes them for all that is decided afterwards."""
    person_ids = sorted(first_fact)
    rows = sql.fetch_as(Standing, Q.lock_progress, person_ids=person_ids)
    levels = all_tiers()
    if len({r.person_id for r in rows} & set(person_ids)) < len(person_ids):
        facts = [first_fact[p] for p in person_ids]
        sql.send(Q.open_progress, person_ids=person_ids, fact_ids=facts, era=era_of(levels))
        rows = sql.fetch_as(Standing, Q.lock_progress, person_ids=person_ids)
    return rows, levels


def all_tiers() -> list[Tier]:
    return sql.fetch_as(Tier, Q.tiers)


def era_of(levels: Sequence[Tier]) -> int:
    return max(t.era for t in levels)


class _Outcome(NamedTuple):
    """All ids of a human, where he has come, and the tier he had."""

    ids: frozenset[int]
    where: Journey
    rank: int


def reassess(
    person_ids: Sequence[int], *, at: datetime, actor: Actor = SYSTEM, undone_by: int | None = None
) -> int:
    """Decide which tier these persons have on a day: anew from all facts, where settings or their ids have changed since it
    was last decided. Tells of tiers reached and left since then. Returns how many humans changed.

    `undone_by`: facts of theirs were taken back, by this one at last, so that what is kept of them is out of date; nobody
    reached or left a tier by that.
    """
    if not person_ids:
        return 0
    make_month(at)
    before, ids_of, levels = _gathered(person_ids)
    era = era_of(levels)
    joined = [_joined(s, ids_of[s.person_id]) for s in before.values()]
    parted = {s.person_id for s in joined if s.members != before[s.person_id].members}
    _put_members([s for s in joined if s.person_id in parted])
    humans = [
        h._replace(has_days=h.has_days and undone_by is None and not h.ids & parted)
        for h in courses.humans(joined, era)
    ]
    taken = courses.take(humans, levels, until=clock.business_day(at))
    if tiers.is_windowed(levels):
        courses.put(taken)
    changed = [
        _Outcome(c.human.ids, c.where, max(before[p].rank for p in c.human.ids))
        for c in sorted(taken, key=lambda c: c.human.head)
        if any(_is_moved(_brought(before[p], c.where, era), before[p]) for p in c.human.ids)
    ]
    causes = _tell(changed, levels, at, actor) if undone_by is None else {c.ids: undone_by for c in changed}
    if changed:
        _put_ranks(
            [(_brought(before[p], c.where, era), causes[c.ids]) for c in changed for p in sorted(c.ids)]
        )
    return len(changed)


def _gathered(
    person_ids: Sequence[int],
) -> tuple[dict[int, Standing], dict[int, frozenset[int]], list[Tier]]:
    """Under lock, the standings of these persons, of all who are one with them, and of all who were: whoever is left
    behind by a parting is looked at in the same breath. (standings, all ids of each, the tiers)"""
    wanted = set(person_ids)
    while True:
        wanted |= {m for r in sql.fetch(Q.members_kept, person_ids=sorted(wanted)) for m in r.members}
        wanted |= {m for ids in people.kin_of(sorted(wanted)).values() for m in ids}
        try:
            # Where it is not all, what is locked is let go again: whoever adds to it stands in nobody's order
            with transaction.atomic():
                rows, levels = _locked(dict.fromkeys(wanted, 0))
                # Ids may have been merged or parted while the lock was waited for
                ids_of = {p: frozenset(ids) for p, ids in people.kin_of(sorted(wanted)).items()}
                if not {m for ids in ids_of.values() for m in ids} <= wanted:
                    raise IdsMoved
        except IdsMoved:
            continue
        return {s.person_id: s for s in rows if s.person_id in ids_of}, ids_of, levels


def _joined(standing: Standing, ids: frozenset[int]) -> Standing:
    return standing._replace(members=sorted(ids) if len(ids) > 1 else None)


def _brought(standing: Standing, where: Journey, era: int) -> Standing:
    return standing._replace(rank=where.rank, keep_until=where.keep_until, check_on=where.check_on, era=era)


def _tell(
    changed: Sequence[_Outcome], levels: Sequence[Tier], at: datetime, actor: Actor
) -> dict[frozenset[int], int]:
    """Facts of tiers reached and left. Returns the fact behind each human's present tier (0: none)."""
    names = {t.rank: t.name for t in levels}
    last = {c.ids: c.where.changes[-1] for c in changed if c.where.changes}
    causes = {c.ids: (last[c.ids].fact_id or 0) if c.ids in last else 0 for c in changed}
    left = {
        f"left:{min(c.ids)}:{c.rank}:{last[c.ids].day:%Y-%m-%d}": c
        for c in changed
        if c.where.rank < c.rank and c.ids in last and last[c.ids].fact_id is None
    }
    notes = [
        Note(TIER_LEFT, key, min(c.ids), at, {"tier": names[c.rank], "now": names[c.where.rank]})
        for key, c in left.items()
    ]
    causes |= {left[key].ids: fact_id for key, fact_id in note(notes, actor=actor).items()}
    risen = [c for c in changed if c.where.rank > c.rank and causes[c.ids]]
    # What is only told of the past has no consequences
    present = (
        {r.fact_id for r in sql.fetch(Q.of_the_present, fact_ids=[causes[c.ids] for c in risen])}
        if risen
        else set()
    )
    is_once = not tiers.is_windowed(levels)
    derive(
        [
            _tier_reached(min(c.ids), min(c.ids), levels[c.where.rank], causes[c.ids], is_once=is_once)
            for c in risen
            if causes[c.ids] in present
        ]
    )
    return causes


def _put_members(standings: Sequence[Standing]) -> None:
    if standings:
        sql.send(
            Q.put_members,
            person_ids=[s.person_id for s in standings],
            members=[",".join(map(str, s.members or ())) for s in standings],
        )


def unsay(person_ids: Sequence[int], *, at: datetime, by_fact_id: int) -> None:
    """Facts of these persons were taken back, by this one at last: what is left of them is worked out anew, and whoever has
    bought nothing by it has no tier, as if he never had."""
    known = reads.with_standing(person_ids)
    reassess(known, at=at, undone_by=by_fact_id)
    kin = {m for r in sql.fetch(Q.members_kept, person_ids=known) for m in r.members}
    sql.run(Q.unsay, person_ids=sorted(kin.union(known)), at=at, by_fact_id=by_fact_id)


def tend(at: datetime, *, limit: int = 500) -> int:
    """Tiers whose time is over by this day are renewed, given grace or left. Returns how many persons were looked at."""
    day = clock.business_day(at)
    due = [r.person_id for r in sql.fetch(Q.due_checks, day=day, limit=limit)]
    reassess(due, at=at)
    return len(due)


def set_tier(tier: Tier, *, actor: Actor) -> None:
    """Another name, threshold, window or benefits for a tier. Everybody's tier is decided anew by the next `tend`."""
    if tier.counts not in {"lifetime", "rolling", "year"} or tier.months < 1 or tier.grace_days < 0:
        raise Refused("会员等级的统计周期不对：请选累计、近几个月或自然年。")
    if tier.gift_again_days is not None and tier.gift_again_days < 1:
        raise Refused("隔几天再送要填不小于 1 的整数；只送一次就留空。")
    sql.fetch(Q.lock_tiers)
    levels = {t.rank: t for t in all_tiers()}
    if tier.rank not in levels or (tier.rank == 0) != (tier.spend_at_least == 0):
        raise Refused("没有这个会员等级，或者门槛不对：最低一级的门槛是 0，其它等级要大于 0。")
    steps = [t.spend_at_least for _, t in sorted((levels | {tier.rank: tier}).items())]
    if sorted(set(steps)) != steps:
        raise Refused("等级越高，门槛也要越高；请检查各级的消费门槛。")
    sql.run(
        Q.set_tier,
        rank=tier.rank,
        name=tier.name,
        spend_at_least=tier.spend_at_least,
        counts=tier.counts,
        months=tier.months,
        grace_days=tier.grace_days,
        benefits=list(tier.benefits),
        gift_template_id=tier.gift_template_id,
        gift_again_days=tier.gift_again_days if tier.gift_template_id is not None else None,
    )
    record(
        actor,
        "tier.set",
        "tier",
        tier.rank,
        name=tier.name,
        spend_at_least=tier.spend_at_least,
        counts=tier.counts,
        gift=tier.gift_template_id,
    )
