from __future__ import annotations

from collections.abc import Sequence

from huoshui.core import sql

Q = sql.load("huoshui.people.profiles")


def record(fact_ids: Sequence[int]) -> int:
    """Write what these settled facts say of their persons. Returns how many values changed."""
    if not fact_ids:
        return 0
    return sql.run(Q.record, fact_ids=list(fact_ids))


def untell(person_ids: Sequence[int], *, by_fact_id: int) -> int:
    """Bring values that withdrawn facts gave these persons to what was said before; `by_fact_id`: a fact that withdrew them."""
    return sql.run(Q.untell, person_ids=list(person_ids), by_fact_id=by_fact_id)


def put(person_id: int, name: str, value: str, *, fact_id: int) -> None:
    """A value that was said here, by the fact that tells so."""
    sql.run(Q.put, person_id=person_id, name=name, value=value, fact_id=fact_id)


def forget(person_ids: Sequence[int]) -> int:
    """All that was ever said of these persons."""
    return sql.run(Q.forget, person_ids=list(person_ids))


def unsay(fact_ids: Sequence[int], names: Sequence[str]) -> int:
    """Values under these names that these facts gave: they tell of somebody who was erased."""
    return sql.run(Q.unsay, fact_ids=list(fact_ids), names=list(names))
