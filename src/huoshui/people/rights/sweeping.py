"""What is sensitive of whoever never agreed that it may be used does not stay in the raw words of what was received either.

It waits for some days, so that a consent that comes a little later still finds it; then it goes, for good. Each fact is looked
at once, in the order in which facts came; whoever takes a consent back later is `sensitive`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.audit import record as audit
from huoshui.core.facts import api as facts
from huoshui.people.consent.reads import unconsented, unguarded_children
from huoshui.people.consent.rules import SENSITIVE
from huoshui.people.profiles import catalogue
from huoshui.people.rights.sensitive import as_text, cleaned

Q = sql.load("huoshui.people.rights")

WAITS: Final = timedelta(days=7)
_FACTS: Final = 5_000
_SLICES: Final = 400
"""Of one night: two million facts. A house that is brought up to date takes some nights."""


def take_unconsented() -> Mapping[str, int]:
    """Of all facts that were received more than `WAITS` ago and have not been looked at yet; outside of a transaction."""
    before, bodies, values = clock.now() - WAITS, 0, 0
    for _ in range(_SLICES):
        with transaction.atomic():
            looked_at, some, others = _slice(before)
            if some or others:
                audit(SYSTEM, "sensitive.swept", "person", 0, values=others, bodies=some)
        bodies, values = bodies + some, values + others
        if looked_at < _FACTS:
            break
    return {"动态原文里的敏感内容": bodies, "敏感资料": values}


def _slice(before: datetime) -> tuple[int, int, int]:
    """The next so many: how many were looked at, how many words were cleaned, how many values went."""
    so_far = sql.fetch_one(Q.swept)
    after = so_far.upto if so_far else 0
    ripe = sql.fetch_one(Q.ripe, after=after, before=before, limit=_FACTS)
    if ripe.upto is None:
        return 0, 0, 0
    rows = sql.fetch(Q.ripe_sensitive, after=after, upto=ripe.upto, sensitive=catalogue.SENSITIVE)
    kept = _agreed({r.person_id for r in rows if r.person_id is not None})
    taken = [r for r in rows if r.person_id not in kept]
    told = [(r, *cleaned(r.name, r.body)) for r in taken if r.body is not None]
    bodies = facts.put_bodies(
        [(r.fact_id, r.occurred_at, as_text(body)) for r, body, is_new in told if is_new]
    )
    values = 0
    if taken:
        ids = [r.fact_id for r in taken]
        values = sql.run(Q.drop_traits_of, fact_ids=ids, sensitive=catalogue.SENSITIVE)
    sql.run(Q.put_swept, upto=ripe.upto)
    return int(ripe.facts), bodies, values


def _agreed(person_ids: set[int]) -> set[int]:
    """Those of these of whom it may be kept: nobody, where the house has not turned it on."""
    if not settings.HUOSHUI_SENSITIVE_ATTRIBUTES or not person_ids:
        return set()
    asked = sorted(person_ids)
    return person_ids - unconsented(asked, SENSITIVE) - unguarded_children(asked)
