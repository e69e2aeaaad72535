"""Follow the facts: who is said to have been brought by whom. A reader by transaction, so nothing is missed.

Nothing of a sale waits for it. Who is named before we know her is looked for again with whatever comes later.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from django.db import transaction

from huoshui.core import sql
from huoshui.core.crypto import lookup_key, unseal
from huoshui.core.facts import api as facts
from huoshui.core.subscribers import XidRange
from huoshui.people.identity.owners import owners
from huoshui.people.relations import rules
from huoshui.people.relations.types import Mention

Q = sql.load("huoshui.people.relations")

READER = "relations"
_AGAIN = 2_000
_ALL = 1_000_000


def read() -> int:
    """Read what has settled since the last time. Returns how many relations are new."""
    with facts.since_last_read(READER) as span:
        made = _read(span)
        voided = sql.run(Q.void_withdrawn, low=str(span.low), high=str(span.high))
        made += _look_again(_AGAIN)
        if made or voided:
            facts.wake_readers()  # who wears a role by it
        return made


def look_for_all() -> int:
    """Look for everybody who was named and not known, however long ago. Returns how many were found."""
    with transaction.atomic():
        return _look_again(_ALL)


def rebuild() -> int:
    """Read all facts again, from the first. What people declared, and what they ended, stands. Returns how many relations
    were missing."""
    with transaction.atomic():
        sql.fetch(Q.lock_pairs)
        made = _read(XidRange(0, facts.horizon()))
        sql.run(Q.void_all_withdrawn)
        return made + _look_again(_ALL)


def _read(span: XidRange) -> int:
    bounds = {"low": str(span.low), "high": str(span.high)}
    told = sql.fetch_as(rules.Said, Q.told_by_facts, **bounds, names=list(rules.FACTS))
    told += sql.fetch_as(rules.Said, Q.told_by_lists, **bounds, traits=list(rules.REFERRER_TRAITS))
    return sum(facts.by_halves(told, _take, fact_of=lambda said: said.fact_id))


def _look_again(limit: int) -> int:
    told = sql.fetch_as(rules.Said, Q.told_again, limit=limit, traits=list(rules.REFERRER_TRAITS))
    return sum(facts.by_halves(told, _take, fact_of=lambda said: said.fact_id))


def _take(told: Sequence[rules.Said]) -> int:
    mentions = [m for said in told if (m := rules.mention(said, key=lookup_key, unseal=_open)) is not None]
    if not mentions:
        return 0
    whose = owners(sorted({name for m in mentions for name in m.names}))
    found = [(m, id_) for m in mentions if (id_ := next((whose[n] for n in m.names if n in whose), 0))]
    named = {m.fact_id for m, _ in found}
    missing = [m for m in mentions if m.fact_id not in named]
    sql.run(Q.drop_mentions, fact_ids=sorted(named))
    if missing:
        sql.run(
            Q.add_mentions,
            fact_ids=[m.fact_id for m in missing],
            person_ids=[m.to_person_id for m in missing],
        )
    return _add([(m, other) for m, other in found if other != m.to_person_id])


def _add(found: Sequence[tuple[Mention, int]]) -> int:
    if not found:
        return 0
    ends = [rules.ends(m.kind, other, m.to_person_id) for m, other in found]
    return sql.run(
        Q.add_told,
        kinds=[m.kind for m, _ in found],
        from_ids=[a for a, _ in ends],
        to_ids=[b for _, b in ends],
        sinces=[m.since for m, _ in found],
        origins=[m.origin for m, _ in found],
        fact_ids=[m.fact_id for m, _ in found],
        actors=[m.actor for m, _ in found],
    )


def _open(text: str) -> str | None:
    try:
        return unseal(base64.b64decode(text))
    except (ValueError, InvalidTag):
        return None
