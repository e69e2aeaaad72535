"""Erasing people: the human goes, the books stay.

Several steps, each of which may be run again, so that an erasure that was killed is taken up where it was. First nobody
may come back (marks, in the database and beside it); then what only plain values can find (logs, files, what was set aside);
then all tables in one transaction; then what is found by person (the lake). Rooms register what they hold
(`core.subscribers`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.audit import record as audit
from huoshui.core.crypto import digest
from huoshui.core.facts import api as facts
from huoshui.core.jobs import defer
from huoshui.core.subscribers import Erased, registry
from huoshui.people.card import actions as cards
from huoshui.people.consent import actions as consent
from huoshui.people.identity import erasing as identity
from huoshui.people.identity.reads import canonical_id, canonical_ids, members_of
from huoshui.people.identity.rules import KINDS, plain
from huoshui.people.profiles import actions as profiles
from huoshui.people.profiles.reads import display_names as profile_names
from huoshui.people.rights import journal, reads, rules

Q = sql.load("huoshui.people.rights")

_SHORT = 5  # a value of fewer letters stands in too many places to be looked for in files


def start(actor: Actor, case_id: int) -> None:
    """Decide that it is done, and hand it to the worker. In the caller's transaction."""
    reads.require(actor)
    from huoshui.people.rights.jobs import erase_waiting

    begun = sql.fetch(Q.begin_cases, case_ids=[case_id], actor=str(actor))
    if begun:
        audit(actor, "rights.erasing", "rights_case", case_id)
        sql.run(Q.add_event, case_id=case_id, actor=str(actor), what="erasing", detail="")
        defer(erase_waiting, queueing_lock="rights erase")


def lapse(person_ids: Sequence[int], *, via: str, actor: Actor = SYSTEM) -> int:
    """One case, begun, for all these (born ids of whole clusters) whom nobody asked to erase but time. `erase` carries it out,
    and where it was killed the worker does."""
    with transaction.atomic(durable=True):
        case_id = _open_case(min(person_ids), via=via, actor=actor)
        sql.run(Q.put_persons, case_ids=[case_id] * len(person_ids), person_ids=list(person_ids))
        sql.run(Q.begin_cases, case_ids=[case_id], actor=str(actor))
        sql.run(Q.add_event, case_id=case_id, actor=str(actor), what="erasing", detail="")
        audit(actor, "rights.erasing", "rights_case", case_id, via=via, persons=len(person_ids))
    return case_id


def _open_case(person_id: int, *, via: str, actor: Actor) -> int:
    opened = sql.fetch_one(
        Q.open_case,
        kind="erase",
        person_id=person_id,
        said="",
        via=via,
        proof="",
        asked_at=clock.now(),
        due_on=clock.today(),
        actor=str(actor),
    )
    return int(opened.id)


def redact_audit(kind: str, object_ids: Sequence[int]) -> int:
    """That somebody did something to these (a lead, an order: `kind` as the audit names it), who and when, stays; what was
    written beside it goes. In the caller's transaction."""
    return sql.run(Q.redact_audit, kind=kind, object_ids=list(object_ids)) if object_ids else 0


def redact_bodies(fact_ids: Sequence[int]) -> int:
    """What was told under these facts goes, as it goes with who is erased; that they happened, and to whom, stays. In the
    caller's transaction. An order keeps what makes it known."""
    ids = list(fact_ids)
    redacted = sql.run(Q.redact_facts, fact_ids=ids)
    sql.run(Q.drop_keys, fact_ids=ids)
    return redacted


def erase(case_ids: Sequence[int], *, actor: Actor = SYSTEM) -> int:
    """Carry out these erasures, all together, outside of a transaction. Returns how many persons (born ids) are gone."""
    with transaction.atomic(durable=True):
        sql.run(Q.begin_cases, case_ids=list(case_ids), actor=str(actor))
        case_of = _who(case_ids)
        known = identity.known_by(list(case_of))
        marks = identity.marks_of(list(case_of))
        journal.add(sorted(marks - identity.marks()))
        first = min(case_ids)
        identity.suppress(sorted(marks), [first] * len(marks))
    done: dict[str, dict[str, int]] = {}
    whom = _whom(case_of, known)
    _by_phase("words", whom, done)
    with transaction.atomic(durable=True):
        _clean_tables(whom, case_of, known, done)
        _by_phase("tables", whom, done)
    _by_phase("files", whom, done)
    with transaction.atomic(durable=True):
        _clean_tables(whom, case_of, known, {})  # what came while we worked
        _close(case_ids, case_of, done, actor)
    return len(case_of)


def _who(case_ids: Sequence[int]) -> dict[int, int]:
    """Every born id of the clusters → its case. Kept with the case: once the clusters are gone nothing else tells."""
    asked = {r.id: r.person_id for r in sql.fetch(Q.begin_cases, case_ids=list(case_ids), actor=str(SYSTEM))}
    canonical = canonical_ids(sorted(set(asked.values())))
    case_of_head = {canonical[p]: case_id for case_id, p in asked.items()}
    found = {member: case_of_head[head] for member, head in members_of(sorted(case_of_head))}
    sql.run(
        Q.put_persons,
        case_ids=[found[p] for p in found],
        person_ids=list(found),
    )
    kept = sql.fetch(Q.persons_of_cases, case_ids=list(case_ids))
    return {r.person_id: r.id for r in kept}


def _whom(case_of: Mapping[int, int], known: Sequence[identity.Known]) -> Erased:
    ids = sorted(case_of)
    runs = {r.run_id for r in sql.fetch(Q.facts_of, person_ids=ids) if r.run_id is not None}
    names = {name for _, name in profile_names(ids) if len(name) > 1}
    shared = _words(identity.shared_by(ids))  # others' too, as names are
    return Erased(tuple(ids), _words(known), frozenset(runs), frozenset(names) | shared)


def _words(known: Sequence[identity.Known]) -> frozenset[str]:
    return frozenset(w for k in known for w in _spellings(k) if len(w) >= _SHORT)


def _spellings(known: identity.Known) -> set[str]:
    word = known.word
    found = {word} if word else set()
    if known.kind == "phone" and word.startswith("+86"):
        found.add(word[3:])
    if known.kind in ("phone", "email"):
        found.add(known.key)  # the keyed hash, where something wrote it down
    return found


def _by_phase(phase: str, whom: Erased, done: dict[str, dict[str, int]]) -> None:
    for name, (of, work) in registry.erasers.items():
        if of == phase:
            done[name] = dict(work(whom))


def _clean_tables(
    whom: Erased,
    case_of: Mapping[int, int],
    known: Sequence[identity.Known],
    done: dict[str, dict[str, int]],
) -> None:
    ids = list(whom.person_ids)
    names = {
        "kinds": [k.kind for k in known],
        "scopes": [k.scope for k in known],
        "keys": [k.key for k in known],
    }
    hers = sorted({r.fact_id for r in sql.fetch(Q.facts_of, person_ids=ids)})
    carrying = {r.fact_id for r in sql.fetch(Q.carrying, **names)} - set(hers)
    carried = sql.run(Q.drop_carried, fact_ids=sorted(carrying), **names) + sql.run(
        Q.drop_identifiers, fact_ids=hers
    )
    facts_done = sql.run(Q.redact_facts, fact_ids=[*hers, *sorted(carrying)])
    sql.run(Q.drop_keys, fact_ids=hers)
    sql.run(Q.drop_traits, fact_ids=hers)
    sql.run(Q.redact_exceptions, fact_ids=hers)
    sql.run(Q.forget_person, fact_ids=hers, person_ids=ids)
    done["数据库"] = {
        "动态里的姓名、号码和原文": facts_done,
        "动态带的账号": carried,
        **identity.forget(ids, [case_of[p] for p in ids]),
        "资料": profiles.forget(ids),
        "顾客卡片": cards.forget(ids),
        "同意记录里的原话": consent.forget_words(ids),
        "操作记录里的说明": redact_audit("person", ids) + redact_audit("fact", hers),
    }
    sql.run(Q.drop_links, person_ids=ids)
    sql.run(Q.redact_approvals, person_ids=ids, fact_ids=hers)
    sql.run(Q.redact_events, person_ids=ids)
    sql.run(Q.redact_cases, person_ids=ids)
    facts.wake_readers()


def _close(
    case_ids: Sequence[int], case_of: Mapping[int, int], done: dict[str, dict[str, int]], actor: Actor
) -> None:
    together = len(case_ids)
    for case_id in case_ids:
        persons = sum(of == case_id for of in case_of.values())
        outcome: dict[str, Any] = rules.certificate(done, persons=persons)
        outcome["together"] = together
        sql.run(
            Q.close_erasure,
            case_id=case_id,
            at=clock.now(),
            outcome=json.dumps(outcome, ensure_ascii=False),
        )
        sql.run(Q.add_event, case_id=case_id, actor=str(actor), what="erased", detail="")
        audit(actor, "rights.erased", "rights_case", case_id, persons=persons)


def let_return(actor: Actor, kind: str, value: str, *, reason: str) -> int:
    """She joins again of her own will: this one value may come in again. Returns 0 where it was not on the list."""
    reads.require(actor)
    key = plain(kind, value)
    mark = identity.mark(kind, "", digest(key) if KINDS[kind].is_contact else key)
    gone = identity.welcome_back([mark])
    if gone:
        journal.add([mark], is_back=True)
        audit(actor, "rights.let_return", "rights_case", 0, kind=kind, reason=reason)
    return gone


def reapply(*, actor: Actor = SYSTEM) -> int:
    """After a restore: whoever was erased since that backup is erased again. Returns how many persons. Cheap where nothing
    was restored: the file beside the database and the list in it say the same."""
    kept = journal.marks()
    missing = kept - identity.marks()
    if not missing:
        return 0
    with transaction.atomic(durable=True):
        identity.suppress(sorted(missing), [0] * len(missing))
        heads = {canonical_id(p) for p in identity.returned(missing)}
        case_ids = [_open_case(person, via="恢复备份以后", actor=actor) for person in sorted(heads)]
    return erase(case_ids, actor=actor) if case_ids else 0
