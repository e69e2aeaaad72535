"""What is sensitive goes as it came: the value, what the fact said of it, and the raw words of the fact.

It goes when she takes back that it may be used (PIPL art. 47), and when it is past its time. The fact stays, with all else
that it told: it keeps its keys, so that it is not taken in a second time when its source sends it again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.audit import record as audit
from huoshui.core.facts import api as facts
from huoshui.core.subscribers import Expiry
from huoshui.people.consent.reads import withdrawn_from
from huoshui.people.consent.rules import SENSITIVE
from huoshui.people.profiles import actions as profiles
from huoshui.people.profiles import catalogue
from huoshui.people.profiles import reads as values

Q = sql.load("huoshui.people.rights")

_PERSONS, _FACTS = 5_000, 2_000
_VALUES, _BODIES = "敏感资料", "动态原文里的敏感内容"


def take_withdrawn() -> Mapping[str, int]:
    """Of all who have taken it back, outside of a transaction. Again at once, nothing goes."""
    return _take(sorted(withdrawn_from(SENSITIVE)), before=clock.now() + timedelta(days=1))


def _take(person_ids: Sequence[int], *, before: datetime) -> Mapping[str, int]:
    told = bodies = 0
    for start in range(0, len(person_ids), _PERSONS):
        some = person_ids[start : start + _PERSONS]
        with transaction.atomic():
            gone = profiles.forget_sensitive(some, before=before)
            gone += sql.run(
                Q.drop_sensitive_traits, person_ids=some, sensitive=catalogue.SENSITIVE, before=before
            )
        cleaned = _clean_bodies(some, before)
        if gone or cleaned:
            with transaction.atomic():
                audit(SYSTEM, "sensitive.cleaned", "person", 0, values=gone, bodies=cleaned)
        told, bodies = told + gone, bodies + cleaned
    return {_VALUES: told, _BODIES: bodies}


def _clean_bodies(person_ids: Sequence[int], before: datetime) -> int:
    """In slices, so that no writer waits long. Returns how many had any: the pattern also finds what only sounds so."""
    after = changed = 0
    while True:
        with transaction.atomic():
            rows = sql.fetch(
                Q.sensitive_bodies,
                person_ids=list(person_ids),
                sensitive=catalogue.SENSITIVE,
                before=before,
                after=after,
                limit=_FACTS,
            )
            told = [(r.fact_id, r.occurred_at, *cleaned(r.name, r.body)) for r in rows]
            changed += facts.put_bodies(
                [(fact_id, at, as_text(body)) for fact_id, at, body, is_new in told if is_new]
            )
        if len(rows) < _FACTS:
            return changed
        after = rows[-1].fact_id


def as_text(body: Any) -> str | None:
    return None if body is None else json.dumps(body, ensure_ascii=False)


def cleaned(name: str, body: Any) -> tuple[Any, bool]:
    """A fact's words without what is sensitive, and whether there was any. Of an event that is itself sensitive, nothing is
    left."""
    told = json.loads(body) if isinstance(body, str) else body
    left = None if catalogue.is_sensitive(name) else catalogue.without_sensitive(told)
    return left, left is None or left != told


def _count_old(before: datetime) -> Mapping[str, int]:
    return {_VALUES: values.count_sensitive(before)}


def _take_old(before: datetime) -> Mapping[str, int]:
    return _take(values.with_sensitive_before(before), before=before)


EXPIRY = Expiry(
    label=_VALUES,
    why="健康、证件、信仰这些资料，用得上的时间不长；到期把资料和当时收到的原文里的这几项一起去掉，其他的还在。",
    days=1_095,
    count=_count_old,
    take=_take_old,
)
