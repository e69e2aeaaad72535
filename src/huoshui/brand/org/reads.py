from __future__ import annotations

import pyarrow as pa

from huoshui.core import sql

Q = sql.load("huoshui.brand.org")


def units_table() -> pa.Table:
    """Every unit: org_unit_id, code, name, kind, region, dealer, store."""
    return sql.copy_out(Q.flat)


def unit_names(ids: list[int]) -> dict[int, str]:
    return {r.id: r.name for r in sql.fetch(Q.names, ids=ids)}


def version() -> str:
    return str(sql.fetch_one(Q.version).version)
