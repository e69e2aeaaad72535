from __future__ import annotations

from collections.abc import Sequence

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record as audit
from huoshui.core.errors import NotFound, Refused

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


def set_priority(name: str, sources: Sequence[str], *, actor: Actor) -> list[int]:
    """Whose word stands under a name of an attribute ('' for all): the first of these sources that says anything. None: the
    latest word does, as it does among all others. Returns whose displayed name may be another now."""
    if len(set(sources)) < len(sources):
        raise Refused("同一个来源写了两次。请每个来源只写一次。")
    sql.run(Q.drop_priority, name=name)
    if sources and sql.run(Q.put_priority, name=name, sources=list(sources)) < len(sources):
        raise NotFound
    sql.run(Q.touch_disputed, name=name)
    audit(actor, "profile.priority", "attribute", 0, name=name, sources=list(sources))
    return [r.person_id for r in sql.fetch(Q.of_several_names)] if name in ("", "name") else []
