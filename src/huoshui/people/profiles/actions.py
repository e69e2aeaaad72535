from __future__ import annotations

from collections.abc import Sequence

from huoshui.core import sql

Q = sql.load("huoshui.people.profiles")


def record(fact_ids: Sequence[int]) -> int:
    """Write what these settled facts say of their persons. Returns how many values changed."""
    if not fact_ids:
        return 0
    return sql.run(Q.record, fact_ids=list(fact_ids))
