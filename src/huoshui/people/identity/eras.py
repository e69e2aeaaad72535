"""Numbers that change hands: given up, lent out anew by the carrier, and somebody else's from then on (ADR 0041).

Each time of a number is a value of its own: what is told of until a moment carries the number with a scope that says so. So
whoever had it keeps what happened then, whoever has it now gets what happens now, and rehearsals, undoing and matching, which
tell facts to the rules as they carry them, need not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import api as facts
from huoshui.core.unmet import sentences
from huoshui.people.identity.reads import members
from huoshui.people.identity.ruleset import Ruleset
from huoshui.people.identity.types import Seen

Q = sql.load("huoshui.people.identity")

RETIRABLE: Final = ("phone",)
UNTIL: Final = "until:"
_WHY = 300

sentences({"number_recycled": "这个号码很久没有用过，现在和别的账号一起出现，可能换了人用；没有合并，请看看"})

Name = tuple[str, str, str]  # kind, scope, key


def retire(person_id: int, *, identifier_id: int, at: datetime, reason: str, actor: Actor) -> None:
    """From `at` on a number of this person is whoever's comes with it; what was told of it after that is decided anew, within
    a minute. In the caller's transaction. Raises NotFound, Refused."""
    _require_reason(reason)
    if at > clock.now():
        raise Refused("请填今天或更早的日子。")
    sql.fetch(Q.lock_clusters)
    own = members(person_id)
    found = sql.fetch_one(Q.to_retire, identifier_id=identifier_id, person_ids=own, kinds=list(RETIRABLE))
    if found is None:
        raise NotFound
    if found.first_at is not None and at < found.first_at:
        raise Refused("这一天她还没有登记过这个号码。如果从来不是她的，请用“不是她的，或写错了”。")
    scope = f"{UNTIL}{at.isoformat()}"
    sql.run(Q.end_era, identifier_id=identifier_id, scope=scope, ends_at=at)
    sql.run(Q.facts_to_era, kind=found.kind, key=found.key, scope=scope, ends_at=at)
    sql.run(Q.begin_today, kind=found.kind, key=found.key)
    sql.run(Q.hand_over, identifier_id=identifier_id, person_ids=[found.person_id])
    _tell(actor, "identifier.retired", person_id, identifier_id, reason, at=at.isoformat())


def give_back(person_id: int, *, identifier_id: int, reason: str, actor: Actor) -> None:
    """It never changed hands: it is hers again, and so is what was told of it since. In the caller's transaction. Raises
    NotFound, Refused."""
    _require_reason(reason)
    sql.fetch(Q.lock_clusters)
    found = sql.fetch_one(Q.to_give_back, identifier_id=identifier_id, person_ids=members(person_id))
    if found is None:
        raise NotFound
    if found.is_followed:
        raise Refused("这个号码后来又换过一次人，请先把后面那一次改回来。")
    if found.is_shared:
        raise Refused("这个号码现在多人共用，不能改回只是她的。")
    whose = [found.person_id]
    if found.now_id is not None:
        sql.run(Q.links_to_old, old=found.id, new=found.now_id)
        sql.run(Q.drop_today, id=found.now_id)
        whose.append(found.now_person_id)
    sql.run(Q.facts_of_era, kind=found.kind, key=found.key, scope=found.scope)
    sql.run(Q.begin_again, id=found.id)
    sql.run(Q.hand_over, identifier_id=found.id, person_ids=whose)
    _tell(actor, "identifier.not_retired", person_id, identifier_id, reason)


def _require_reason(reason: str) -> None:
    if not reason.strip() or len(reason) > _WHY:
        raise Refused("请写明为什么，三百字以内，以后查依据时要用。")


def _tell(actor: Actor, action: str, person_id: int, identifier_id: int, reason: str, **more: str) -> None:
    facts.wake_readers()
    record(actor, action, "person", person_id, identifier_id=identifier_id, reason=reason.strip(), **more)


def is_era(scope: str) -> bool:
    return scope.startswith(UNTIL)


def settle_late(seen: Sequence[Seen]) -> bool:
    """Let facts of the time before a number changed hands carry it as it was then. Returns whether any did: what was seen is
    to be looked at again then. Asks only where a number that has changed hands is carried."""
    late = sorted({s.fact_id for s in seen if s.has_eras})
    return bool(late) and sql.run(Q.late_to_era, fact_ids=late, kinds=list(RETIRABLE)) > 0


def changed_hands(names: Iterable[Name]) -> set[tuple[str, str]]:
    """(kind, key) of those of these that have changed hands: of whom a fact is depends on when it happened."""
    asked = {(kind, key) for kind, scope, key in names if kind in RETIRABLE and not scope}
    if not asked:
        return set()
    kinds, keys = map(list, zip(*asked, strict=True))
    return set(sql.fetch_as(tuple, Q.changed_hands, kinds=kinds, keys=keys))


class Doubt(NamedTuple):
    """A number that stands on a fact beside a certain account that is not its human's."""

    fact_id: int
    name: Name
    identifier_id: int


def doubts(seen: Sequence[Seen], held: dict[int, set[tuple[str, str]]], by: Ruleset) -> list[Doubt]:
    """Numbers that, having been silent for long, would be asked about: beside them stands a certain account of somebody else,
    or a new one of a kind that their human has. Pure."""
    by_fact: dict[int, list[Seen]] = {}
    for s in seen:
        by_fact.setdefault(s.fact_id, []).append(s)
    found = []
    for rows in by_fact.values():
        for s in rows if len(rows) > 1 else ():
            if s.identifier_id is None or s.canonical_id is None or s.is_guarded:
                continue
            if by.kinds[s.kind].quiet_days is None:
                continue
            others = [
                o
                for o in rows
                if o.name != s.name and by.kinds[o.kind].is_certain(o.scope) and not o.is_guarded
            ]
            own = held.get(s.canonical_id, set())
            if any(_conflicts(o, s.canonical_id, own) for o in others):
                found.append(Doubt(s.fact_id, s.name, s.identifier_id))
    return found


def _conflicts(other: Seen, canonical_id: int, held: set[tuple[str, str]]) -> bool:
    if other.identifier_id is not None:
        return other.canonical_id not in (None, canonical_id)
    return other.name[:2] in held


def without_quiet(seen: list[Seen], held: dict[int, set[tuple[str, str]]], by: Ruleset) -> list[Seen]:
    """The same without numbers that were silent for longer than the rules allow and come back beside somebody else's account:
    there they name nobody, and a human is asked. Asks only where there is such a conflict."""
    doubted = doubts(seen, held, by)
    if not doubted:
        return seen
    rows = sql.fetch(
        Q.last_told, fact_ids=[d.fact_id for d in doubted], identifier_ids=[d.identifier_id for d in doubted]
    )
    last = {(r.fact_id, r.identifier_id): (r.occurred_at, r.last_at) for r in rows}
    quiet = [
        d for d in doubted if _is_quiet(*last[d.fact_id, d.identifier_id], by.kinds[d.name[0]].quiet_days)
    ]
    _ask(quiet, last)
    gone = {(d.fact_id, d.name) for d in quiet}
    return [s for s in seen if (s.fact_id, s.name) not in gone]


def _is_quiet(at: datetime, last_at: datetime | None, days: int | None) -> bool:
    return last_at is not None and days is not None and at - last_at > timedelta(days=days)


def _ask(quiet: Sequence[Doubt], last: dict[tuple[int, int], tuple[datetime, datetime | None]]) -> None:
    """One question for each number, whatever else is told of it until somebody answers."""
    if not quiet:
        return
    ids = sorted({d.identifier_id for d in quiet})
    waiting = {r.identifier_id for r in sql.fetch(Q.waits_for_eyes, identifier_ids=ids)}
    first: dict[int, Doubt] = {}
    for d in quiet:
        first.setdefault(d.identifier_id, d)
    facts.raise_exceptions(
        [
            (
                d.fact_id,
                None,
                "number_recycled",
                {"kind": d.name[0], "identifier_id": i, "last_at": str(last[d.fact_id, i][1])},
            )
            for i, d in first.items()
            if i not in waiting
        ]
    )
