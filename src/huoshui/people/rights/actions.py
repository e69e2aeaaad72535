"""Writes of the rights desk. Callers hold the transaction; erasing is in `erasing`, for it takes several."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record as audit
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Note
from huoshui.people.card.actions import rewrite as rewrite_cards
from huoshui.people.card.reads import card_for
from huoshui.people.consent import actions as consent
from huoshui.people.consent.rules import PROCESSING
from huoshui.people.consent.types import Said
from huoshui.people.identity.reads import canonical_id
from huoshui.people.profiles import actions as profiles
from huoshui.people.profiles.catalogue import label
from huoshui.people.rights import correcting, reads, rules
from huoshui.people.rights.types import DONE, KINDS, OPEN, REFUSED, Copy

Q = sql.load("huoshui.people.rights")


def ask(actor: Actor, person_id: int, kind: str, *, said: str, via: str = "", proof: str = "") -> int:
    """Note what a person asks; the clock starts. Anybody who may see the person may take it down. Returns the case's id."""
    person = card_for(actor, person_id).person_id
    return take_down(person, kind, said=said, via=via, proof=proof, actor=actor)


def take_down(person: int, kind: str, *, said: str, via: str, proof: str, actor: Actor) -> int:
    """The same of a canonical person who is known to be the actor's to speak for. Raises Refused."""
    if kind not in KINDS:
        raise Refused("没有这一种请求。")
    now = clock.now()
    opened = sql.fetch_one(
        Q.open_case,
        kind=kind,
        person_id=person,
        said=said.strip()[:2000],
        via=via.strip()[:200],
        proof=proof.strip()[:500],
        asked_at=now,
        due_on=rules.due(
            clock.business_day(now), days=settings.HUOSHUI_RIGHTS_DAYS, free=settings.HUOSHUI_HOLIDAYS
        ),
        actor=str(actor),
    )
    if opened is None:
        raise Refused("这位顾客的同一种请求正在办理，不用再登记一次。")
    _event(opened.id, actor, "asked", KINDS[kind])
    audit(actor, "rights.asked", "rights_case", opened.id, kind=kind)
    return int(opened.id)


def _event(case_id: int, actor: Actor, what: str, detail: str = "") -> None:
    sql.run(Q.add_event, case_id=case_id, actor=str(actor), what=what, detail=detail)


def _open(actor: Actor, case_id: int, kinds: tuple[str, ...]) -> sql.Row:
    reads.require(actor)
    row = sql.fetch_one(Q.lock_case, case_id=case_id)
    if row is None:
        raise NotFound
    if row.state != OPEN or row.kind not in kinds:
        raise Refused("这个请求已经办完，或者不是这样办的。")
    return row


def _close(case_id: int, actor: Actor, state: str, reason: str = "", outcome: Any = None) -> None:
    sql.run(
        Q.close_case,
        case_id=case_id,
        state=state,
        actor=str(actor),
        at=clock.now(),
        reason=reason,
        outcome=json.dumps(outcome or {}, ensure_ascii=False, default=str),
    )
    _event(case_id, actor, state, reason)
    audit(actor, f"rights.{state}", "rights_case", case_id)


def refuse(actor: Actor, case_id: int, *, reason: str) -> None:
    """The law wants the reason told."""
    if not reason.strip():
        raise Refused("请写明为什么不办，要告诉顾客。")
    _open(actor, case_id, tuple(KINDS))
    _close(case_id, actor, REFUSED, reason.strip()[:500])


def hand_over(actor: Actor, case_id: int) -> Copy:
    """All that is kept of the person, to be given to that person: closes a case of copy, port or explain, and leaves a trace.

    A case that is done hands the same over once more, as it stands now."""
    reads.require(actor)
    row = sql.fetch_one(Q.lock_case, case_id=case_id)
    if row is None or row.kind not in ("copy", "port", "explain") or row.state == REFUSED:
        raise NotFound
    copy = reads.copy_of(canonical_id(row.person_id))
    counted = {title: len(rows) for title, rows in copy.parts.items()}
    audit(actor, "person.copied", "person", copy.person_id, case_id=case_id)
    if row.state == OPEN:
        _close(case_id, actor, DONE, outcome={"parts": counted})
    else:
        _event(case_id, actor, "copied", "")
    return copy


def correct(actor: Actor, case_id: int, *, name: str, value: str) -> None:
    """What she says of herself stands before what others say: newer than all of it."""
    row = _open(actor, case_id, ("correct",))
    if not name.strip() or not value.strip():
        raise Refused("请选要改哪一项，并写明改成什么。")
    person = canonical_id(row.person_id)
    note = Note(
        "Person Corrected", f"corrected:{case_id}", person, clock.now(), {"name": name, "value": value}
    )
    made = facts.note([note], actor=actor)
    profiles.put(person, name.strip(), value.strip()[:1000], fact_id=made[note.key])
    rewrite_cards([person])
    facts.wake_readers()
    _close(case_id, actor, DONE, outcome={"项目": label(name)})


def correct_contact(actor: Actor, case_id: int, *, identifier_id: int, value: str) -> None:
    """A number by which she is known, at her request: another in its place, or ('') none."""
    row = _open(actor, case_id, ("correct",))
    kind = correcting.correct_contact(
        actor, row.person_id, identifier_id=identifier_id, value=value, reason=f"个人信息请求 {case_id}"
    )
    _close(case_id, actor, DONE, outcome={"项目": kind})


def restrict(actor: Actor, case_id: int) -> None:
    """From now on the data is kept and nothing else done with it (PIPL art. 44, 47)."""
    row = _open(actor, case_id, ("restrict",))
    consent.say(row.person_id, [Said(PROCESSING, "", False, proof=f"个人信息请求 {case_id}")], actor=actor)
    _close(case_id, actor, DONE)
