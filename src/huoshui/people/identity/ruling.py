"""Rules that a house makes: drafted, rehearsed, put live, and carried out on whoever is here already.

A version is live for all that comes from the moment it is put there. What it changes of the past – links that it would not
have made, links that it would have – is made up for by the worker, a few hundred people at a time; all of it can be taken back
by putting the earlier rules live again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused, RetryLater
from huoshui.core.facts import api as facts
from huoshui.core.jobs import defer
from huoshui.core.retry import LOST, retrying
from huoshui.core.unmet import sentence
from huoshui.people.identity import live, ruleset
from huoshui.people.identity.actions import recluster
from huoshui.people.identity.apart import Apart
from huoshui.people.identity.judging import Judged
from huoshui.people.identity.rehearsing import Affected, Rehearsed, rehearse
from huoshui.people.identity.reporting import report
from huoshui.people.identity.ruleset import FIRST, Ruleset

Q = sql.load("huoshui.people.identity")

T = TypeVar("T")

_AT_ONCE = 200  # sets of people whose links are made and taken back in one transaction
_VALUES_AT_ONCE = 2_000


class NotYet(Refused):
    """上一次生效的规则还在整理顾客，请等它整理完。"""

    code = "identity_rules_busy"


@dataclass(frozen=True)
class Version:
    version: int
    rules: Ruleset
    reason: str
    actor: str
    made_at: datetime | None


@dataclass(frozen=True)
class Draft:
    rules: Ruleset
    actor: str
    changed_at: datetime


@dataclass(frozen=True)
class Rehearsal:
    """`version` is None where the rules were only tried; `report` is what was found, once it is."""

    id: int
    version: int | None
    body: dict[str, Any]
    base_version: int
    state: str
    report: dict[str, Any] | None
    done: int
    asked_at: datetime
    ended_at: datetime | None


def may_see(actor: Actor) -> bool:
    return actor.sees_whole_brand


def may_edit(actor: Actor) -> bool:
    return actor.kind == "system" or bool(actor.roles & {"boss", "operator"})


def may_put_live(actor: Actor) -> bool:
    return actor.kind == "system" or "boss" in actor.roles


def _require(may: bool) -> None:
    if not may:
        raise NotFound


def versions(actor: Actor) -> list[Version]:
    """The newest, which is live, first; the last is what was delivered. Raises NotFound."""
    _require(may_see(actor))
    kept = [
        Version(
            r.version,
            ruleset.read(json.loads(r.body), version=r.version, is_kept=True),
            r.reason,
            r.actor,
            r.made_at,
        )
        for r in sql.fetch(Q.versions)
    ]
    return [*kept, Version(FIRST, ruleset.delivered(), "", "", None)]


def draft(actor: Actor) -> Draft | None:
    _require(may_see(actor))
    row = sql.fetch_one(Q.draft)
    return row and Draft(
        ruleset.read(json.loads(row.body), version=0, is_kept=True), row.actor, row.changed_at
    )


def save_draft(body: Any, *, actor: Actor) -> Ruleset:
    """Raises BadRules, and keeps nothing then. In the caller's transaction."""
    _require(may_edit(actor))
    rules = ruleset.read(body, version=0)
    sql.run(Q.put_draft, body=json.dumps(rules.body()), actor=str(actor))
    return rules


def drop_draft(*, actor: Actor) -> None:
    _require(may_edit(actor))
    sql.run(Q.drop_draft)


def ask(*, actor: Actor) -> int:
    """Let the worker try the draft over everybody. Returns the rehearsal's id. In the caller's transaction."""
    _require(may_edit(actor))
    drafted = draft(actor)
    if drafted is None:
        raise NotFound
    return _ask(drafted.rules, None, actor)


def _ask(rules: Ruleset, version: int | None, actor: Actor) -> int:
    from huoshui.people.identity.jobs import carry_out

    # A version that failed to be carried out changed nothing of the past, or not all of it: the next makes up for both
    base = int(sql.fetch_one(Q.carried_out).version) if version else live.now().version
    row = sql.fetch_one(
        Q.ask_rehearsal,
        version=version,
        body=json.dumps(rules.body()),
        base_version=base,
        actor=str(actor),
    )
    defer(carry_out, queueing_lock=f"identity rules {row.id}", rehearsal_id=int(row.id))
    return int(row.id)


def latest(actor: Actor, *, is_live: bool) -> Rehearsal | None:
    """The last that was tried, or put live."""
    _require(may_see(actor))
    row = sql.fetch_one(Q.latest_rehearsal, is_live=is_live)
    return row and _rehearsal(row)


def _rehearsal(row: sql.Row) -> Rehearsal:
    return Rehearsal(
        row.id,
        row.version,
        json.loads(row.body),
        row.base_version,
        row.state,
        json.loads(row.report) if row.report else None,
        row.done,
        row.asked_at,
        row.ended_at,
    )


def put_live(*, reason: str, actor: Actor) -> int:
    """The draft is live from now on. Returns its version. In the caller's transaction."""
    _require(may_put_live(actor))
    if not reason.strip():
        raise Refused("请写明为什么修改识别规则，以后查依据时要用。")
    sql.fetch(Q.lock_rules)
    drafted = draft(actor)
    if drafted is None:
        raise NotFound
    if sql.fetch_one(Q.unfinished) is not None:
        raise NotYet
    now = live.now()
    changed = ruleset.changes(now, drafted.rules)
    if not changed:
        raise Refused(sentence("identity_rules_same"))
    version = now.version + 1
    sql.run(
        Q.put_version,
        version=version,
        body=json.dumps(drafted.rules.body()),
        reason=reason.strip(),
        actor=str(actor),
    )
    sql.run(Q.drop_draft)
    _ask(drafted.rules, version, actor)
    record(
        actor, "identity_rules.live", "identity_rules", version, reason=reason.strip(), changes=len(changed)
    )
    return version


def carry_out(rehearsal_id: int) -> dict[str, Any]:
    """Try these rules over everybody; where they are live, make and take back links accordingly. Outside of a transaction;
    may be killed anywhere, and run again. Returns the report."""
    row = sql.fetch_one(Q.rehearsal, id=rehearsal_id)
    if row is None:
        raise NotFound
    asked = _rehearsal(row)
    try:
        return _carry_out(asked, row.actor)
    except (*LOST, RetryLater):
        raise  # tried again as it is
    except Exception:
        _say(asked, "failed")
        raise


def _carry_out(asked: Rehearsal, actor: str) -> dict[str, Any]:
    _say(asked, "running")
    with transaction.atomic():
        last_link = int(sql.fetch_one(Q.last_link).id)
        old = live.of_version(asked.base_version)
        done = rehearse(old, ruleset.read(asked.body, version=asked.version or 0, is_kept=True))
        told = report(done)
    if asked.version is not None:
        _say(asked, "running", told)
        for count in _make_so(done, asked.version, actor, last_link):
            _say(asked, "running", done=count)
    _say(asked, "done", told, done=len(done.affected))
    return told


def try_out(body: Any) -> dict[str, Any]:
    """The report on rules that nobody keeps. Raises BadRules."""
    new = ruleset.read(body, version=0)
    with transaction.atomic():
        return report(rehearse(live.now(), new))


def _say(asked: Rehearsal, state: str, told: dict[str, Any] | None = None, *, done: int = 0) -> None:
    with transaction.atomic():
        sql.run(
            Q.say_rehearsal,
            id=asked.id,
            state=state,
            report=None if told is None else json.dumps(told, ensure_ascii=False),
            done=done,
        )


def _make_so(done: Rehearsed, version: int, actor: str, last_link: int) -> Iterator[int]:
    """Values first, so that what comes meanwhile is not joined by them."""
    for some in _batched([*done.guarded.items()], _VALUES_AT_ONCE):
        _write(lambda some=some: _guard(some))
    released = [(i, n) for i, n in done.released.items() if i not in done.guarded]
    for values in _batched(released, _VALUES_AT_ONCE):
        _write(lambda values=values: _release(values))
    made = 0
    for people in _batched(done.affected, _AT_ONCE):
        _write(lambda people=people: _link(people, version, actor, last_link))
        made += len(people)
        yield made
    for conflicts in _batched(done.conflicts, _VALUES_AT_ONCE):
        _write(lambda conflicts=conflicts: _raise_conflicts(conflicts))


def _batched(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _write(work: Any) -> None:
    def in_one() -> None:
        with transaction.atomic(durable=True):
            sql.fetch(Q.lock_clusters)
            work()
            facts.wake_readers()

    retrying(in_one, times=8)


def _guard(some: Sequence[tuple[int, int]]) -> None:
    """(identifier, the fact at which it had too many; 0: its value is blocked)."""
    fact_of = dict(some)
    newly = sql.fetch(Q.guard_by_rules, ids=list(fact_of))
    facts.raise_exceptions(
        [(fact_of[r.id], None, "shared_identifier", {"kind": r.kind}) for r in newly if fact_of[r.id]]
    )


def _release(values: Sequence[tuple[int, int]]) -> None:
    sql.run(Q.release, ids=[i for i, _ in values], links_made=[n for _, n in values])


def _raise_conflicts(conflicts: Sequence[tuple[str, int]]) -> None:
    facts.raise_exceptions(
        [(fact_id, None, "too_many_of_one", {"kind": kind}) for kind, fact_id in conflicts]
    )


def _link(people: Sequence[Affected], version: int, actor: str, last_link: int) -> None:
    """What was linked since the reading was linked by these rules, and stays."""
    group = {p: n for n, g in enumerate(g for a in people for g in a.groups.after) for p in g}
    there = sql.fetch(Q.links_among, person_ids=list(group))
    gone = [
        x.id
        for x in there
        if x.rule == "same_fact" and x.id <= last_link and group[x.person_a] != group.get(x.person_b)
    ]
    parted = {(r.person_a, r.person_b) for r in sql.fetch(Q.parted_among, person_ids=list(group))}
    joined = Judged(apart=Apart(parted))
    for x in there:
        if x.id not in gone:
            joined.join(x.person_a, x.person_b)
    new = [m for a in people for m in a.made if joined.join_by_evidence(m.person_a, m.person_b)]
    sql.run(Q.unlink_by_rules, link_ids=gone, version=version, actor=actor, reason=f"识别规则第 {version} 版")
    sql.run(
        Q.join_again,
        a=[m.person_a for m in new],
        b=[m.person_b for m in new],
        identifier_ids=[m.identifier_id for m in new],
        fact_ids=[m.fact_id for m in new],
        actor=actor,
    )
    recluster(list(group))
