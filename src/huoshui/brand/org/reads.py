from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

from huoshui.core import sql
from huoshui.core.remember import Remembered

Q = sql.load("huoshui.brand.org")


def units_table() -> pa.Table:
    """Every unit: org_unit_id, code, name, kind, region, dealer, store."""
    return sql.copy_out(Q.flat)


def unit_names(ids: list[int]) -> dict[int, str]:
    return {r.id: r.name for r in sql.fetch(Q.names, ids=ids)}


def unit_codes(ids: list[int]) -> dict[int, str]:
    return {r.id: r.code for r in sql.fetch(Q.codes, ids=ids)}


class Branch(NamedTuple):
    """Where a unit stands in the tree: itself and all above it, and the dealer among them."""

    path: tuple[int, ...]
    dealer_id: int | None


def branches_of(ids: list[int]) -> dict[int, Branch]:
    """As they were a second ago at the earliest."""
    return _branches.of(ids)


_branches = Remembered[int, Branch](
    lambda ids: {r.id: Branch(tuple(r.path), r.dealer_id) for r in sql.fetch(Q.branches, ids=ids)}, seconds=1
)


def find_units(codes: list[str]) -> dict[str, int]:
    """The units of those codes that exist; nothing is made."""
    return _units.of(codes)


_units = Remembered[str, int](
    lambda codes: {r.code: r.id for r in sql.fetch(Q.ids_by_code, codes=codes)}, seconds=1
)


def units_below(ids: list[int]) -> set[int]:
    """These units and all below them."""
    return {r.id for r in sql.fetch(Q.below, ids=ids)}


def unit_kinds(ids: list[int]) -> dict[int, str]:
    return {r.id: r.kind for r in sql.fetch(Q.unit_kinds, ids=ids)}


def version() -> str:
    return str(sql.fetch_one(Q.version).version)
