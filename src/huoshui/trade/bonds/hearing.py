"""From facts to touches: which dealer, store and guide each fact is of, as it was when it was heard.

A store that moves to another dealer later takes nothing with it from the past: what was heard is kept, and never asked again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.facts import api as facts
from huoshui.core.facts.names import HOUSE, OWN_SOURCES
from huoshui.trade.bonds.types import DECISIONS, OF_FACTS, Touch

Q = sql.load("huoshui.trade.bonds")


def hear(fact_ids: Sequence[int]) -> list[int]:
    """Keep what these facts tell. Returns the persons (born ids) they are of. What cannot be heard is set aside."""
    if not fact_ids:
        return []
    rows = [r for r in sql.fetch(Q.told, fact_ids=list(fact_ids)) if _may_say(r)]
    return sorted({p for heard in facts.by_halves(rows, _hear, fact_of=lambda r: r.fact_id) for p in heard})


def _may_say(row: sql.Row) -> bool:
    """A decision is made here and nowhere else, whatever name an outer door once let pass."""
    return OF_FACTS[row.name] not in DECISIONS or row.source == HOUSE


def _hear(rows: Sequence[sql.Row]) -> list[int]:
    said = {r.fact_id: facts.said(r.told) for r in rows}
    stores = brand.find_units(sorted({s for one in said.values() if (s := _word(one, "store"))}))
    staff = brand.find_staff(sorted({g for one in said.values() if (g := _word(one, "guide"))}))
    placed = [_placed(r, said[r.fact_id], stores, staff) for r in rows]
    branches = brand.branches_of(sorted({p["store_id"] for p in placed if p["store_id"] is not None}))
    touches = [
        _touch(r, said[r.fact_id], place, branches)
        for r, place in zip(rows, placed, strict=True)
        # Money that goes back is heard wherever it is given
        if place["store_id"] in branches or r.name == "Order Refunded" or OF_FACTS[r.name] in DECISIONS
    ]
    if touches:
        _keep(touches)
    return [t.person_id for t in touches]


def _word(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    return value.strip() if isinstance(value, str) else ""


def _placed(
    row: sql.Row, said: Mapping[str, Any], stores: Mapping[str, int], staff: Mapping[str, int]
) -> dict[str, int | None]:
    if OF_FACTS[row.name] in DECISIONS:
        return {name: facts.id_in(said, name) for name in ("store_id", "guide_id")}
    if row.business_day is not None:
        return {"store_id": row.org_unit_id, "guide_id": row.staff_id}
    # Facts of our own codes name places by id; nobody else knows our ids
    own = said if row.source in OWN_SOURCES else {}
    return {
        "store_id": facts.id_in(own, "store_id") or stores.get(_word(said, "store")),
        "guide_id": facts.id_in(own, "guide_id") or staff.get(_word(said, "guide")),
    }


def _touch(
    row: sql.Row, said: Mapping[str, Any], place: Mapping[str, int | None], branches: Mapping[int, Any]
) -> Touch:
    kind = OF_FACTS[row.name]
    is_said = kind in DECISIONS
    branch = branches.get(place["store_id"] or 0)
    return Touch(
        fact_id=row.fact_id,
        person_id=row.person_id,
        position=row.position,
        heard_at=row.heard_at,
        at=row.at,
        day=row.business_day or clock.business_day(row.at),
        kind=kind,
        dealer_id=facts.id_in(said, "dealer_id") if is_said else branch.dealer_id if branch else None,
        store_id=place["store_id"],
        guide_id=place["guide_id"],
        order_id=row.order_id if row.business_day is not None else None,
        amount=row.amount,
        run_id=row.run_id,
        actor=row.actor or "system:0",
        reason=str(said.get("reason", "")) if is_said else "",
    )


def _keep(touches: Sequence[Touch]) -> None:
    sql.run(
        Q.add_touches,
        fact_ids=[t.fact_id for t in touches],
        person_ids=[t.person_id for t in touches],
        positions=[t.position for t in touches],
        heards=[t.heard_at for t in touches],
        times=[t.at for t in touches],
        days=[t.day for t in touches],
        kinds=[t.kind for t in touches],
        dealers=[t.dealer_id for t in touches],
        stores=[t.store_id for t in touches],
        guides=[t.guide_id for t in touches],
        orders=[t.order_id for t in touches],
        amounts=[t.amount for t in touches],
        runs=[t.run_id for t in touches],
        actors=[t.actor for t in touches],
        reasons=[t.reason for t in touches],
    )
