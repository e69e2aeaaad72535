"""Who is erased was brought by nobody and brings nobody; of what was paid the bare id stays in the books."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.core import sql
from huoshui.core.subscribers import Erased

Q = sql.load("huoshui.trade.commission")


def erase(erased: Erased) -> Mapping[str, int]:
    return {"推荐关系": sql.run(Q.forget_recommended, person_ids=list(erased.person_ids))}


def told_of(person_ids: list[int]) -> list[dict[str, Any]]:
    people = sql.fetch_one(Q.recommended_by, person_ids=person_ids).people
    return [{"推荐来的顾客": people}] if people else []
