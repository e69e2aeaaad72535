"""Writes to the organisation."""

from __future__ import annotations

import pyarrow as pa

from huoshui.brand.org.moves import follow_places
from huoshui.brand.org.reads import find_units
from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.audit import record
from huoshui.core.facts import api as facts

Q = sql.load("huoshui.brand.org")


def ensure_headquarters(name: str) -> None:
    sql.run(Q.add_headquarters, name=name)


def unit_ids(codes: list[str]) -> dict[str, int]:
    """The id of each store code; a code nobody has described becomes an unlisted store."""
    if not codes:
        return {}
    known = find_units(codes)
    missing = [code for code in codes if code not in known]
    if missing:
        sql.run(Q.add_stubs, codes=missing)
        known |= {r.code: r.id for r in sql.fetch(Q.ids_by_code, codes=missing)}
    return known


def upsert_stores(stores: pa.Table, *, actor: Actor) -> int:
    """Stores from a file: columns store_code, name, region, dealer, city, address, opened_on, area_sqm (those that exist).

    Returns how many rows changed anything.
    """
    columns = {name: stores.column(name).to_pylist() for name in stores.column_names}
    blank = [""] * stores.num_rows
    none = [None] * stores.num_rows
    regions, dealers = columns.get("region", blank), columns.get("dealer", blank)
    _upsert_branches(regions, dealers)
    changed = sql.run(
        Q.upsert_stores,
        codes=columns["store_code"],
        names=[n or "" for n in columns.get("name", blank)],
        parents=[_branch(r, d) for r, d in zip(regions, dealers, strict=True)],
        cities=[c or "" for c in columns.get("city", blank)],
        addresses=[a or "" for a in columns.get("address", blank)],
        opened=columns.get("opened_on", none),
        areas=columns.get("area_sqm", none),
    )
    if changed:
        follow_places(actor=actor)
        record(actor, "stores.upserted", "org_unit", 0, changed=changed)
        facts.wake_readers()
    return changed


def upsert_branches(regions: list[str | None], dealers: list[str | None]) -> dict[str, int]:
    """Regions, and dealers under theirs; pairs in one order. Returns the unit of each dealer named."""
    _upsert_branches(regions, dealers)
    follow_places(actor=SYSTEM)
    codes = [f"dealer:{dealer}" for dealer in sorted({d for d in dealers if d})]
    return (
        {r.code.removeprefix("dealer:"): r.id for r in sql.fetch(Q.ids_by_code, codes=codes)} if codes else {}
    )


def _branch(region: str | None, dealer: str | None) -> str:
    if dealer:
        return f"dealer:{dealer}"
    return f"region:{region}" if region else ""


def _upsert_branches(regions: list[str | None], dealers: list[str | None]) -> None:
    named_regions = sorted({r for r in regions if r})
    region_of = dict(sorted((d, r or "") for d, r in zip(dealers, regions, strict=True) if d))
    # regions first, so that dealers find their parents
    for kind, rows in (("region", [(r, "") for r in named_regions]), ("dealer", list(region_of.items()))):
        if rows:
            sql.run(
                Q.upsert_branches,
                codes=[f"{kind}:{name}" for name, _ in rows],
                names=[name for name, _ in rows],
                kinds=[kind] * len(rows),
                parents=[f"region:{parent}" if parent else "" for _, parent in rows],
            )
