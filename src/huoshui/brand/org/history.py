"""Who was whose when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from huoshui.brand.org.reads import Q
from huoshui.brand.org.types import Moved, Owners, Place, Planned
from huoshui.core import sql


def places_of(unit_ids: Sequence[int]) -> dict[int, list[Place]]:
    """Under whom these units stood, the latest first."""
    found: dict[int, list[Place]] = {unit_id: [] for unit_id in unit_ids}
    for row in sql.fetch(Q.places_of, ids=list(unit_ids)):
        found[row.org_unit_id].append(Place(*row._replace(parent_name=row.parent_name or "")))
    return found


def recent_moves(limit: int = 30) -> list[Moved]:
    return [
        Moved(*r._replace(parent_name=r.parent_name or "", before_name=r.before_name or ""))
        for r in sql.fetch(Q.recent_moves, limit=limit)
    ]


def moves_ahead() -> list[Planned]:
    return [Planned(*r) for r in sql.fetch(Q.moves_ahead)]


def owners_on(asked: Sequence[tuple[int, date]]) -> list[Owners]:
    """Whose each (unit, day) was, in the order asked: one statement for any number."""
    found = {
        r.n: Owners(r.dealer_id, r.region_id)
        for r in sql.fetch(Q.dealers_on, ids=[unit for unit, _ in asked], days=[day for _, day in asked])
    }
    return [found.get(n, Owners(None, None)) for n in range(1, len(asked) + 1)]
