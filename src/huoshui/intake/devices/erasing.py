"""Whom nothing may lead to any more, and what somebody asks to have of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from huoshui.core import sql
from huoshui.core.blotting import pattern
from huoshui.core.crypto import unseal
from huoshui.core.subscribers import Erased
from huoshui.intake.devices.types import METRICS
from huoshui.people import api as people

Q = sql.load("huoshui.intake.devices")

_AT_ONCE = 1_000


def erase(erased: Erased) -> Mapping[str, int]:
    """In the transaction that cleans the tables. The device stays; whose it was does not."""
    ids = list(erased.person_ids)
    sql.run(Q.erase_follow_ups, person_ids=ids)
    told = [row.fact_id for row in sql.fetch(Q.facts_of_readings, person_ids=ids)]
    # What of their body was once told of somebody else, or of nobody, stands under that one
    people.erasing.redact_bodies(told_before(told))
    return {
        "身体读数": sql.run(Q.erase_readings, person_ids=ids),
        "设备绑定": sql.run(Q.erase_bindings, person_ids=ids),
        "设备提醒": sql.run(Q.erase_notices, person_ids=ids),
    }


def erase_asides(whom: Erased) -> Mapping[str, int]:
    """Before the tables, by plain values: what was set aside is sealed, and may name her where nobody looks for a name."""
    found = pattern(whom.words)
    gone, after = 0, 0
    while found and (rows := sql.fetch(Q.aside_bodies, after=after, limit=_AT_ONCE)):
        after = rows[-1].id
        hers = [r.id for r in rows if found.search(f"{unseal(bytes(r.body))} {r.told}".encode())]
        if hers:
            gone += sql.fetch_one(Q.drop_asides_of, ids=hers).gone
    return {"没收下的设备读数": gone}


def told_before(fact_ids: Sequence[int]) -> list[int]:
    """The facts that these were told again for, as far back as it goes."""
    return [row.fact_id for row in sql.fetch(Q.told_before, fact_ids=list(fact_ids))]


def readings_of(person_ids: list[int]) -> list[dict[str, Any]]:
    return [
        {
            "时间": row.at.isoformat(),
            "项目": METRICS[row.metric].label,
            "数值": row.value,
            "单位": METRICS[row.metric].unit,
        }
        for row in sql.fetch(Q.own_readings, person_ids=person_ids)
    ]
