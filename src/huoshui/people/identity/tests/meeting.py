"""People as the river meets them: a fact with identifiers, resolved and settled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import IDENTIFY
from huoshui.core.tests.ground import NOON, Told, a_source, number, receive
from huoshui.people import api as people

Carried = tuple[str, str]


def new(kind: str = "card_no") -> Carried:
    """An identifier nobody has."""
    return kind, f"{kind}-{number()}"


def meet(*identifiers: Carried, **more: Any) -> int:
    """The person of one fact that carries these identifiers."""
    (person,) = meet_all([identifiers], **more)
    assert person is not None
    return person


def meet_all(carried: Sequence[Sequence[Carried]], **more: Any) -> list[int | None]:
    """The person of each fact; all of them in one batch."""
    times = more.get("times") or [more.get("at", NOON)] * len(carried)
    told = [
        Told(
            f"k{number()}",
            name=IDENTIFY,
            identifiers=tuple(c),
            at=at,
            traits=more.get("traits", ()),
        )
        for c, at in zip(carried, times, strict=True)
    ]
    with transaction.atomic():
        source = more.get("source") or a_source()
        fact_ids = receive(told, source).fact_ids
        persons = people.resolve(fact_ids, actor=SYSTEM)
        facts.mark_settled(fact_ids, persons)
        people.record_profiles(fact_ids)
    return [persons.get(fact_id) for fact_id in fact_ids]


def canonical(*person_ids: int) -> list[int]:
    return [people.canonical_id(p) for p in person_ids]


_LIVING = sql.Statement("living", "select person_a, person_b from link where unlinked_at is null")
_CLUSTERS = sql.Statement("clusters", "select person_id, canonical_id from person_cluster order by 1")
_PERSONS = sql.Statement("persons", "select id from person order by 1")
_IDENTIFIERS = sql.Statement(
    "identifiers", "select kind, scope, key, person_id, fact_id, is_guarded from identifier order by id"
)
_ATTRIBUTES = sql.Statement(
    "attributes", "select person_id, name, source_id, value, fact_id from attribute order by 1, 2, 3"
)


def links() -> list[tuple[int, int]]:
    return [tuple(r) for r in sql.fetch(_LIVING)]


def clusters() -> dict[int, int]:
    """Person → canonical id, of those whose canonical id is another's."""
    return {r.person_id: r.canonical_id for r in sql.fetch(_CLUSTERS)}


def persons() -> list[int]:
    return [r.id for r in sql.fetch(_PERSONS)]


def everything() -> dict[str, Any]:
    """All that is known about people now."""
    return {
        "persons": persons(),
        "identifiers": sql.fetch(_IDENTIFIERS),
        "links": sorted(links()),
        "clusters": clusters(),
        "attributes": sql.fetch(_ATTRIBUTES),
    }
