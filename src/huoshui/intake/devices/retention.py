"""What scales and other devices told of bodies is not kept for ever, nor what nobody mended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from huoshui.core import sql
from huoshui.core.subscribers import Expiry
from huoshui.intake.devices.erasing import told_before
from huoshui.people import api as people

Q = sql.load("huoshui.intake.devices")

_SLICE = 20_000
_READINGS = "身体读数"
_ASIDE = "设备没收下的数据"


def _count_readings(before: datetime) -> Mapping[str, int]:
    return {_READINGS: int(sql.fetch_one(Q.count_old_readings, before=before).readings)}


def _take_readings(before: datetime) -> Mapping[str, int]:
    """The figures and the words of the fact that told them, together, in slices. The lake has neither."""
    gone = 0
    while True:
        with transaction.atomic():
            fact_ids = [r.fact_id for r in sql.fetch(Q.old_readings, before=before, limit=_SLICE)]
            if fact_ids:
                people.erasing.redact_bodies([*told_before(fact_ids), *fact_ids])
                gone += sql.run(Q.drop_readings, fact_ids=fact_ids)
        if len(fact_ids) < _SLICE:
            return {_READINGS: gone}


def _count_aside(before: datetime) -> Mapping[str, int]:
    return {_ASIDE: int(sql.fetch_one(Q.count_old_asides, before=before).asides)}


def _take_aside(before: datetime) -> Mapping[str, int]:
    return {_ASIDE: sql.run(Q.drop_old_asides, before=before)}


READINGS = Expiry(
    label=_READINGS,
    why="体重、体脂是敏感信息，看三年的变化够了。设备是谁的、上过秤这件事还在。",
    days=1_095,
    count=_count_readings,
    take=_take_readings,
)
ASIDE = Expiry(
    label=_ASIDE,
    why="三个月没人补，多半不会再补了；里面可能有身体数据。",
    days=90,
    count=_count_aside,
    take=_take_aside,
)
