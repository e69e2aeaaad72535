"""An erased person is nobody's example; and what she may ask to see of herself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.core import sql
from huoshui.core.subscribers import Erased

Q = sql.load("huoshui.insight.portraits")


def erase(erased: Erased) -> Mapping[str, int]:
    return {"作为典型顾客": sql.run(Q.erase, person_ids=list(erased.person_ids))}


def told_of(person_ids: list[int]) -> list[dict[str, Any]]:
    return [
        {"名字": row.called, "怎么照顾": row.treatment}
        for row in sql.fetch(Q.of_persons, person_ids=person_ids)
    ]
