"""An erased person is and was in no segment; and what she may ask to see of herself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.core import clock, sql
from huoshui.core.subscribers import Erased

Q = sql.load("huoshui.insight.segments")


def erase(erased: Erased) -> Mapping[str, int]:
    ids = list(erased.person_ids)
    sql.run(Q.erase_rechecks, person_ids=ids)
    sql.run(Q.erase_judged, person_ids=ids)
    return {"所在的人群": int(sql.fetch_one(Q.erase_spells, person_ids=ids).rows)}


def told_of(person_ids: list[int]) -> list[dict[str, Any]]:
    zone = clock.brand_zone()
    return [
        {
            "人群": row.name,
            "进入": row.since.astimezone(zone).isoformat(sep=" ", timespec="minutes"),
            "离开": row.until.astimezone(zone).isoformat(sep=" ", timespec="minutes") if row.until else "",
        }
        for row in sql.fetch(Q.spells_of, person_ids=person_ids)
    ]
