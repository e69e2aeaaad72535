"""From facts to roles: whoever was touched is worked out anew, wholly, and only what came out otherwise is written.

So reading facts as they come and reading all of them again must give the same (law 2): a history has one answer at a time.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.facts import api as facts
from huoshui.people.identity import reads as identity
from huoshui.people.identity import undoing
from huoshui.people.relations import reads as relations
from huoshui.people.roles import rules
from huoshui.people.roles.history import histories
from huoshui.people.roles.types import Role, Rule

Q = sql.load("huoshui.people.roles")

READER = "roles"
_CHUNK = 2_000


def read(*, now: datetime | None = None) -> int:
    """Work out the roles of everybody touched since the last time. Returns how many people's roles are others now."""
    with facts.since_last_read(READER) as span:
        reclustered = identity.changed_persons(span)
        related = relations.changed_persons(span)
        bounds = {"low": str(span.low), "high": str(span.high)}
        declared = [r.person_id for r in sql.fetch(Q.changed_declared, **bounds)]
        touched = {*facts.settled_persons(span), *reclustered, *related, *declared}
        # Of two who claim to have brought somebody the first counts: what happens to her bears on both
        touched |= relations.beside(sorted({*reclustered, *related}))
        return work_out(touched, now=now)


def attend(*, now: datetime | None = None) -> int:
    """Whose roles change by time alone, and are due. Returns how many people were looked at."""
    seen = 0
    while True:
        with transaction.atomic():
            due = [r.person_id for r in sql.fetch(Q.due, now=now or clock.now(), limit=_CHUNK)]
            work_out(due, now=now)
        seen += len(due)
        if len(due) < _CHUNK:
            return seen


def attend_staff() -> int:
    """Whoever left the staff list since: nothing else tells."""
    with transaction.atomic():
        return work_out([r.person_id for r in sql.fetch(Q.declared_staff)])


def rebuild(*, now: datetime | None = None) -> int:
    """Work out everybody anew, page by page. Returns how many people's roles were others."""
    after, changed = 0, 0
    while True:
        with transaction.atomic():
            page = [r.person_id for r in sql.fetch(Q.everyone, after=after, limit=_CHUNK)]
            changed += work_out(page, now=now)
        if len(page) < _CHUNK:
            return changed
        after = page[-1]


def work_out(person_ids: Iterable[int], *, now: datetime | None = None) -> int:
    """Bring the roles of these persons (any ids) up to their facts. In the caller's transaction. Returns how many changed."""
    touched = sorted(set(person_ids))
    if not touched:
        return 0
    sql.fetch(Q.lock)
    canonical = identity.canonical_ids(touched)
    heads = sorted(undoing.living(sorted(set(canonical.values()))))
    # Who is another's now, or nobody any more, wears nothing himself
    gone = sorted(set(touched) - set(heads))
    in_force = current()
    changed = _write(gone, {}) if gone else 0
    for start in range(0, len(heads), _CHUNK):
        chunk = heads[start : start + _CHUNK]
        known = histories(chunk, in_force)
        told = {p: rules.worn(h, in_force, now or clock.now()) for p, h in known.items()}
        changed += _write(chunk, {p: w.roles for p, w in told.items()})
        _recheck(chunk, {p: w.recheck_at for p, w in told.items() if w.recheck_at is not None})
    return changed


def current() -> dict[str, Rule]:
    """The rules in force."""
    return rules.in_force({r.name: (r.version, json.loads(r.params)) for r in sql.fetch(Q.rules)})


Key = tuple[int, str, datetime]


def _write(person_ids: Sequence[int], wanted: dict[int, tuple[Role, ...]]) -> int:
    """Returns how many persons' roles changed."""
    new = {(p, r.name, r.since): r for p, roles in wanted.items() for r in roles}
    old = {
        (r.person_id, r.name, r.since): Role(r.name, r.since, r.until, r.rule_version, json.loads(r.why))
        for r in sql.fetch(Q.of_persons, person_ids=list(person_ids))
    }
    dropped = [key for key, role in old.items() if new.get(key) != role]
    added = [key for key, role in new.items() if old.get(key) != role]
    if dropped:
        sql.run(Q.drop, **_keys(dropped))
    if added:
        sql.run(
            Q.add,
            **_keys(added),
            untils=[new[key].until for key in added],
            versions=[new[key].rule_version for key in added],
            whys=[json.dumps(new[key].why, ensure_ascii=False) for key in added],
        )
    _note(_now(old.items()), _now(new.items()))
    if not wanted:
        sql.run(Q.drop_rechecks, person_ids=list(person_ids))
    return len({key[0] for key in (*dropped, *added)})


def _keys(keys: Sequence[Key]) -> dict[str, list[object]]:
    return {"person_ids": [k[0] for k in keys], "names": [k[1] for k in keys], "sinces": [k[2] for k in keys]}


def _now(rows: Iterable[tuple[Key, Role]]) -> dict[tuple[int, str], datetime]:
    return {(key[0], key[1]): role.since for key, role in rows if role.until is None}


def _note(old: dict[tuple[int, str], datetime], new: dict[tuple[int, str], datetime]) -> None:
    """Who began or ceased to wear a role, for the lake."""
    told: dict[tuple[int, str], datetime | None] = defaultdict(lambda: None)
    told.update({key: since for key, since in new.items() if key not in old})
    told.update({key: None for key in old if key not in new})
    if told:
        sql.run(
            Q.note_changes,
            person_ids=[p for p, _ in told],
            names=[name for _, name in told],
            sinces=list(told.values()),
        )


def _recheck(person_ids: Sequence[int], times: dict[int, datetime]) -> None:
    sql.run(Q.drop_rechecks, person_ids=list(person_ids))
    if times:
        sql.run(Q.add_rechecks, person_ids=list(times), times=list(times.values()))
