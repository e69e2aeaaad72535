"""Who is erased has scanned nothing, and recommends nobody any more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.core import clock, sql
from huoshui.core.subscribers import Erased

Q = sql.load("huoshui.trade.codes")


def erase(erased: Erased) -> Mapping[str, int]:
    ids = list(erased.person_ids)
    sql.run(Q.erase_codes, person_ids=ids)
    return {"扫码记录": sql.run(Q.erase_scans, person_ids=ids)}


def told_of(person_ids: list[int]) -> list[dict[str, Any]]:
    return [
        {"码": r.title, "日期": str(clock.business_day(r.at))}
        for r in sql.fetch(Q.scans_of, person_ids=person_ids)
    ]


def own_codes(person_ids: list[int]) -> list[dict[str, Any]]:
    return [
        {
            "码": r.title,
            "编号": r.handle,
            "从": str(clock.business_day(r.made_at)),
            "还能用吗": "能" if r.state == "live" else "不能",
        }
        for r in sql.fetch(Q.codes_of, person_ids=person_ids)
    ]
