"""An erased human leaves the counts as they were, and nobody behind them; and what she may ask to see of herself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.core import clock, sql
from huoshui.core.subscribers import Erased

Q = sql.load("huoshui.intake.visitors")

WORDS = {"basket": "购物车没付款", "scan": "扫了商品没买"}


def erase(erased: Erased) -> Mapping[str, int]:
    ids = list(erased.person_ids)
    return {
        "进店没买的记录": sql.run(Q.erase_visits, person_ids=ids),
        "购物车和扫码": sql.run(Q.erase_baskets, person_ids=ids),
    }


def told_of(person_ids: list[int]) -> list[dict[str, Any]]:
    return [
        {
            "时间": row.at.astimezone(clock.brand_zone()).isoformat(sep=" ", timespec="minutes"),
            "发生了什么": WORDS.get(row.what, "进店没买"),
            "原因": row.reason,
            "写下的话": row.note,
        }
        for row in sql.fetch(Q.told_of, person_ids=person_ids)
    ]
