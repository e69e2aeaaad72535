"""Where a number comes from: the facts whose effects it is the sum of, and the source, file or key that told each."""

from __future__ import annotations

from datetime import date, timedelta

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.intake.trust.access import require, sees_all, units_for
from huoshui.intake.trust.types import Asked, FactOrigin, Lineage, LineageRow, Origin

Q = sql.load("huoshui.intake.trust")

PAGE = 50
_LAST = 2**62


def lineage(actor: Actor, asked: Asked, *, after: str = "", limit: int = PAGE) -> Lineage:
    """`amount` is the number to the cent: it and the rows are sums of the same effects the lake holds. Raises NotFound."""
    params = {
        "first": asked.first,
        "last": asked.last,
        "unit_ids": _units(actor, asked),
        "sku_ids": None if asked.sku_ids is None else list(asked.sku_ids),
        "source_id": asked.source_id,
        "run_id": asked.run_id,
        "is_unknown": asked.is_unknown,
    }
    origins = tuple(Origin(*row) for row in sql.fetch(Q.lineage_sum, **params))
    day, fact_id, of_id = _place(after, asked.last)
    found = sql.fetch_as(
        LineageRow,
        Q.lineage_rows,
        **params,
        after_day=day,
        after_fact_id=fact_id,
        after_of_id=of_id,
        limit=limit + 1,
    )
    shown = tuple(found[:limit])
    last = shown[-1] if len(found) > limit else None
    return Lineage(
        amount=sum(o.amount for o in origins),
        effects=sum(o.effects for o in origins),
        origins=origins,
        rows=shown,
        after=f"{last.business_day.isoformat()}.{last.fact_id}.{last.of_fact_id}" if last else "",
    )


def _units(actor: Actor, asked: Asked) -> list[int] | None:
    """What is asked for, and nothing outside of what the actor may see."""
    own = units_for(actor)
    if asked.unit_ids is None:
        return own
    require(own is None or set(asked.unit_ids) <= set(own))
    return list(asked.unit_ids)


def _place(after: str, last: date) -> tuple[date, int, int]:
    if not after:
        return last + timedelta(days=1), _LAST, _LAST
    try:
        day, fact_id, of_id = after.split(".")
        place = date.fromisoformat(day), int(fact_id), int(of_id)
    except ValueError:
        raise NotFound from None
    require(0 <= place[1] <= _LAST and 0 <= place[2] <= _LAST)
    return place


def origin_of(actor: Actor, fact_id: int) -> FactOrigin:
    """Raises NotFound, also for a fact of a store that is not the actor's."""
    own = units_for(actor)
    row = sql.fetch_one(Q.origin, fact_id=fact_id) if 0 < fact_id < _LAST else None
    if row is None or not (sees_all(actor) or (row.is_order and row.org_unit_id in set(own or ()))):
        raise NotFound
    return FactOrigin(**row._asdict() | {"replaces": tuple(row.replaces or ())})


def unit_of(code: str) -> int:
    """Raises NotFound."""
    found = brand.find_units([code])
    require(code in found)
    return found[code]


def sku_of(code: str) -> int:
    """Raises NotFound."""
    found = brand.find_skus([code])
    require(code in found)
    return found[code]
