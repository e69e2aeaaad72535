"""What sites and apps told is not kept for ever: the words of behaviour go, that it happened and to whom stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import transaction

from huoshui.core import sql
from huoshui.core.subscribers import Expiry
from huoshui.people import api as people

Q = sql.load("huoshui.intake.tracking")

_SLICE = 20_000
_BODIES = "行为记录的原文"
_ASIDE = "没收下的行为记录"
# Who somebody is and what he allowed is no behaviour: relations and the rights desk still show where it was said
_NO_BEHAVIOUR: Final = ["Identify", "Group", "Alias", "Segment Consent Preference Updated"]


def _count_bodies(before: datetime) -> Mapping[str, int]:
    row = sql.fetch_one(Q.count_old_bodies, before=before, others=_NO_BEHAVIOUR)
    return {_BODIES: int(row.bodies)}


def _take_bodies(before: datetime) -> Mapping[str, int]:
    """In slices, so that no writer waits long. The lake last, and also when no body was left: a try before this one may have
    been killed in between."""
    gone = 0
    while True:
        with transaction.atomic():
            rows = sql.fetch(Q.old_bodies, before=before, others=_NO_BEHAVIOUR, limit=_SLICE)
            if rows:
                people.erasing.redact_bodies([r.id for r in rows])
        gone += len(rows)
        if len(rows) < _SLICE:
            break
    source_ids = {r.source_id for r in sql.fetch(Q.tracking_sources)}
    return {_BODIES: gone, "数据仓里的行": _out_of_the_lake(source_ids, before)}


def _out_of_the_lake(source_ids: set[int], before: datetime) -> int:
    # The lake's libraries take seconds to load: only whoever needs them pays for them
    from huoshui.lake.api import drop_properties

    return drop_properties(source_ids, before=before, except_names=_NO_BEHAVIOUR)


def _count_aside(before: datetime) -> Mapping[str, int]:
    return {_ASIDE: int(sql.fetch_one(Q.count_old_asides, before=before).asides)}


def _take_aside(before: datetime) -> Mapping[str, int]:
    return {_ASIDE: sql.run(Q.drop_old_asides, before=before)}


BODIES = Expiry(
    label=_BODIES,
    why="两年里可以重算、可以查；再久只留发生过什么、什么时候、是谁的，去掉网页地址、搜索词这些内容。",
    days=730,
    count=_count_bodies,
    take=_take_bodies,
)
ASIDE = Expiry(
    label=_ASIDE,
    why="三个月没人补，多半不会再补了；里面可能有号码。",
    days=90,
    count=_count_aside,
    take=_take_aside,
)
