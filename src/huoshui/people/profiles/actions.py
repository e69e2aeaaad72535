from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record as audit
from huoshui.core.errors import NotFound, Refused
from huoshui.people.profiles import catalogue

Q = sql.load("huoshui.people.profiles")


def record(fact_ids: Sequence[int], *, sensitive_of: Sequence[int] = ()) -> int:
    """Write what these settled facts say of their persons; what is sensitive only of those facts whose persons allow it, and of
    others the fact forgets it too. Returns how many values changed."""
    if not fact_ids:
        return 0
    return sql.run(
        Q.record, fact_ids=list(fact_ids), sensitive=catalogue.SENSITIVE, sensitive_of=list(sensitive_of)
    )


def with_sensitive(fact_ids: Sequence[int]) -> dict[int, int]:
    """Fact → person, of those of these that tell anything sensitive."""
    rows = sql.fetch(Q.with_sensitive, fact_ids=list(fact_ids), sensitive=catalogue.SENSITIVE)
    return {r.fact_id: r.person_id for r in rows}


def untell(person_ids: Sequence[int], *, by_fact_id: int) -> int:
    """Bring values that withdrawn facts gave these persons to what was said before; `by_fact_id`: a fact that withdrew them."""
    return sql.run(Q.untell, person_ids=list(person_ids), by_fact_id=by_fact_id)


def put(person_id: int, name: str, value: str, *, fact_id: int) -> None:
    """A value that was said here, by the fact that tells so."""
    sql.run(Q.put, person_id=person_id, name=name, value=value, fact_id=fact_id)


def forget(person_ids: Sequence[int]) -> int:
    """All that was ever said of these persons."""
    return sql.run(Q.forget, person_ids=list(person_ids))


def forget_sensitive(person_ids: Sequence[int], *, before: datetime) -> int:
    """What is sensitive and was said of these persons (born ids) before then. The lake has none of it."""
    return sql.run(
        Q.forget_sensitive, person_ids=list(person_ids), sensitive=catalogue.SENSITIVE, before=before
    )


def unsay(fact_ids: Sequence[int], names: Sequence[str]) -> int:
    """Values under these names that these facts gave: they tell of somebody who was erased."""
    return sql.run(Q.unsay, fact_ids=list(fact_ids), names=list(names))


class Touched(NamedTuple):
    """A stretch of persons. `last`: whom the next begins after, None at the end; `renamed`: who of them go by several names."""

    last: int | None
    renamed: list[int]


def set_priority(name: str, sources: Sequence[str], *, actor: Actor, reason: str = "") -> None:
    """Whose word stands under a name of an attribute ('' for all): the first of these sources that says anything. None: the
    latest word does, as it does among all others. Whoever asks gets it at once; for readers it is told by `touch`.

    It holds for everybody, so staff say why."""
    if len(set(sources)) < len(sources):
        raise Refused("同一个来源写了两次。请每个来源只写一次。")
    if actor.kind == "staff" and not reason.strip():
        raise Refused("请写明为什么这样排，以后有人问起时要用。")
    sql.run(Q.drop_priority, name=name)
    if sources and sql.run(Q.put_priority, name=name, sources=list(sources)) < len(sources):
        raise NotFound
    said = reason.strip()[:500]
    audit(actor, "profile.priority", "attribute", 0, name=name, sources=list(sources), reason=said)


def touch(name: str, *, after: int, limit: int) -> Touched:
    """Tell readers anew what stands under a name ('' for all) of the next so many persons of whom sources differ."""
    row = sql.fetch_one(Q.touch_disputed, name=name, after=after, limit=limit)
    return Touched(row.last, list(row.renamed))


def touch_birthdays(person_ids: Sequence[int]) -> int:
    """Readers look at these persons (born ids) anew: what may be done with their data has changed with the day."""
    return sql.run(Q.touch_birthdays, person_ids=list(person_ids))
