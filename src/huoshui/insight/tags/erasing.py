"""Of an erased person nothing is and was said; and what she may ask to see of herself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.core import clock, sql
from huoshui.core.subscribers import Erased
from huoshui.insight.tags.types import BELIEVED

Q = sql.load("huoshui.insight.tags")

_SOURCES = {"hand": "人工", "import": "名单", "model": "模型", "inference": "信号推算", "rule": "规则"}


def erase(erased: Erased) -> Mapping[str, int]:
    ids = list(erased.person_ids)
    sql.run(Q.erase_staged, person_ids=ids)
    return {"标签": int(sql.fetch_one(Q.erase, person_ids=ids).rows)}


def told_of(person_ids: list[int]) -> list[dict[str, Any]]:
    zone = clock.brand_zone()
    return [
        {
            "标签": row.name,
            "值": row.value,
            "由谁给": _SOURCES[row.source],
            "依据": row.reason or row.whole,
            "开始": row.since.astimezone(zone).isoformat(sep=" ", timespec="minutes"),
            "结束": row.until.astimezone(zone).isoformat(sep=" ", timespec="minutes") if row.until else "",
        }
        for row in sql.fetch(Q.of_persons, person_ids=person_ids, tag_id=None, order=list(BELIEVED))
    ]
