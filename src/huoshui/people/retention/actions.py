"""What the boss sets, and what the night does."""

from __future__ import annotations

import json
import logging

from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record as audit
from huoshui.core.errors import NotFound, Refused
from huoshui.core.jobs import defer
from huoshui.core.subscribers import registry
from huoshui.people.retention import reads, rules
from huoshui.people.retention.types import Counts, Rule
from huoshui.people.rights.reads import require

Q = sql.load("huoshui.people.retention")
log = logging.getLogger(__name__)


def set_days(actor: Actor, name: str, days: int) -> None:
    """In the caller's transaction. A rule of other days is off until somebody has seen what it would take."""
    was = _locked(actor, name)
    rules.check_days(days, least=was.least)
    if days == was.days:
        return
    _put(actor, was, days=days, is_on=False)
    ask_count()


def turn(actor: Actor, name: str, *, on: bool) -> None:
    """In the caller's transaction. Only what has been counted, for these very days, can be turned on."""
    was = _locked(actor, name)
    if on and not was.is_counted:
        raise Refused("先数一数按这个天数会拿走多少，看过再打开。")
    if on != was.is_on:
        _put(actor, was, days=was.days, is_on=on)


def _locked(actor: Actor, name: str) -> Rule:
    require(actor)
    if name not in registry.expiries:
        raise NotFound
    sql.fetch_one(Q.lock_rule, name=name)
    return next(rule for rule in reads.rules_of(actor) if rule.name == name)


def _put(actor: Actor, was: Rule, *, days: int, is_on: bool) -> None:
    sql.run(Q.put_rule, name=was.name, days=days, is_on=is_on, actor=str(actor), at=clock.now())
    audit(
        actor,
        "retention.set",
        "retention_rule",
        0,
        name=was.name,
        days=days,
        is_on=is_on,
        was_days=was.days,
        was_on=was.is_on,
    )


def ask_count() -> None:
    """Leave counting to the worker: over a large base it takes minutes."""
    from huoshui.people.retention.jobs import count_retention

    defer(count_retention, queueing_lock="retention count")


def count(actor: Actor) -> dict[str, Counts]:
    """What each rule would take now, on or off: nothing is touched. It is kept, so that everybody sees what was counted."""
    require(actor)
    now, asked = clock.now(), reads.rules_of(actor)
    found: dict[str, Counts] = {
        rule.name: dict(registry.expiries[rule.name].count(rules.too_old(now, rule.days))) for rule in asked
    }
    sql.run(
        Q.put_counts,
        names=[rule.name for rule in asked],
        days=[rule.days for rule in asked],
        counted=[json.dumps(found[rule.name], ensure_ascii=False) for rule in asked],
        at=now,
    )
    return found


def run(actor: Actor) -> dict[str, Counts]:
    """Take away what is past its time, of every class that is on; outside of a transaction. What fails is told, does not keep
    the others, and is taken up the next night. Again at once, nothing goes."""
    require(actor)
    on = [rule for rule in reads.rules_of(actor) if rule.is_on]
    if not on:
        return {}
    with transaction.atomic(durable=True):
        run_id = int(sql.fetch_one(Q.begin_run, actor=str(actor)).id)
    taken: dict[str, Counts] = {}
    failed: dict[str, str] = {}
    for rule in on:
        try:
            gone = dict(registry.expiries[rule.name].take(rules.too_old(clock.now(), rule.days)))
        except Exception as error:  # one room's trouble must not keep what others hold too long
            log.exception("retention of %s", rule.name)
            failed[rule.name] = str(error)[:500] or type(error).__name__
            continue
        taken[rule.name] = {word: n for word, n in gone.items() if n}
        _note(run_id, {rule.name: taken[rule.name]}, {})
    _close(actor, run_id, taken, failed)
    count(actor)
    return taken


def _note(run_id: int, taken: dict[str, Counts], failed: dict[str, str]) -> None:
    sql.run(
        Q.note_run,
        run_id=run_id,
        taken=json.dumps(taken, ensure_ascii=False),
        failed=json.dumps(failed, ensure_ascii=False),
    )


def _close(actor: Actor, run_id: int, taken: dict[str, Counts], failed: dict[str, str]) -> None:
    with transaction.atomic():
        _note(run_id, {}, failed)
        sql.run(Q.end_run, run_id=run_id, at=clock.now())
        audit(actor, "retention.ran", "retention_run", run_id, taken=taken, failed=failed)
