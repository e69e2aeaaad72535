"""An erased person is and was in no segment; and what she may ask to see of herself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.core import clock, sql
from huoshui.core.subscribers import Erased

Q = sql.load("huoshui.insight.segments")

_LEFT = {
    "": "",
    "rule": "不再符合",
    "merged": "和另一个账号合为一人",
    "consent": "不要个性化推荐，或限制使用",
    "changed": "规则改了",
    "archived": "人群停用了",
}


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
            "依据": row.rule,
            "进入": row.since.astimezone(zone).isoformat(sep=" ", timespec="minutes"),
            "离开": row.until.astimezone(zone).isoformat(sep=" ", timespec="minutes") if row.until else "",
            "离开的原因": _LEFT[row.left_why],
        }
        for row in sql.fetch(Q.spells_of, person_ids=person_ids)
    ]
