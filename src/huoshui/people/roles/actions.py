"""What people say of roles: that a customer works here, is a professional; and the rules. Callers hold the transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound
from huoshui.core.facts import api as facts
from huoshui.core.jobs import defer
from huoshui.people.card.reads import visible
from huoshui.people.identity.kin import kin_of
from huoshui.people.identity.staffs import bind_staff
from huoshui.people.roles import fold, rules
from huoshui.people.roles.types import (
    AlreadyDeclared,
    ProfessionMissing,
    RoleUnsaid,
    StaffUnknown,
)

Q = sql.load("huoshui.people.roles")

MAY_SET_RULES = frozenset({"boss", "operator"})


def declare_staff(
    *, person_id: int, staff_number: str, reason: str, actor: Actor, since: datetime | None = None
) -> int:
    """This customer is that member of the staff. Returns the declaration's id.

    Raises NotFound for a person the actor may not see; RoleUnsaid, StaffUnknown, AlreadyDeclared.
    """
    number = staff_number.strip()
    staff_id = brand.find_staff([number]).get(number) if number else None
    if staff_id is None:
        raise StaffUnknown
    return _declare(person_id, "staff", number, staff_id, reason, actor, since)


def declare_pro(
    *, person_id: int, profession: str, reason: str, actor: Actor, since: datetime | None = None
) -> int:
    """This customer is a professional who may send us others. Returns the declaration's id.

    Raises NotFound for a person the actor may not see; RoleUnsaid, ProfessionMissing, AlreadyDeclared.
    """
    if not profession.strip():
        raise ProfessionMissing
    return _declare(person_id, "pro", profession.strip()[:60], None, reason, actor, since)


def _declare(
    person_id: int,
    name: str,
    detail: str,
    staff_id: int | None,
    reason: str,
    actor: Actor,
    since: datetime | None,
) -> int:
    if not reason.strip():
        raise RoleUnsaid
    if person_id not in visible(actor, [person_id]):
        raise NotFound
    sql.fetch(Q.lock)
    members = kin_of([person_id])[person_id]
    said = sql.fetch(Q.declared, person_ids=members)
    if any(d.name == name and d.detail == detail and d.until is None for d in said):
        raise AlreadyDeclared
    made = sql.fetch_one(
        Q.declare,
        person_id=person_id,
        name=name,
        detail=detail,
        staff_id=staff_id,
        since=since or clock.now(),
        actor=str(actor),
        reason=reason.strip(),
    )
    record(actor, "role.declared", "person", person_id, role=name, reason=reason)
    fold.work_out([person_id])
    bind_staff_phones()
    facts.wake_readers()
    return int(made.id)


def bind_staff_phones() -> None:
    """The phone of whoever works here names, alone, the customer he is said to be."""
    bind_staff({r.staff_id: r.person_id for r in sql.fetch(Q.staff_said)})


def end_declared(*, declared_id: int, reason: str, actor: Actor) -> None:
    """It holds no longer. Raises NotFound, also for a person the actor may not see and for what has ended; RoleUnsaid."""
    if not reason.strip():
        raise RoleUnsaid
    one = sql.fetch_one(Q.one_declared, declared_id=declared_id)
    if one is None or one.person_id not in visible(actor, [one.person_id]):
        raise NotFound
    until = max(clock.now(), one.since)
    ended = sql.run(
        Q.end_declared, declared_id=declared_id, until=until, actor=str(actor), reason=reason.strip()
    )
    if not ended:
        raise NotFound
    record(actor, "role.ended", "person", one.person_id, role=one.name, reason=reason)
    fold.work_out([one.person_id])
    bind_staff_phones()
    facts.wake_readers()


def set_rule(*, name: str, params: Mapping[str, Any], reason: str, actor: Actor) -> int:
    """A new version of a rule, told of the whole past by a job. Returns its number. Raises NotFound for whoever may not;
    RoleUnsaid, BadRule."""
    from huoshui.people.roles.jobs import work_out_all

    if actor.kind != "system" and not actor.roles & MAY_SET_RULES:
        raise NotFound
    if not reason.strip():
        raise RoleUnsaid
    kept = rules.checked(name, params)
    made = sql.fetch_one(
        Q.add_rule,
        name=name,
        params=json.dumps(kept, ensure_ascii=False),
        actor=str(actor),
        reason=reason.strip(),
    )
    record(actor, "role_rule.set", "role_rule", made.version, role=name, params=kept, reason=reason)
    defer(work_out_all, queueing_lock="roles all")
    return int(made.version)
