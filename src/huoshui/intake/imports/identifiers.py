"""Identifier columns of a staged table → the rows a fact carries."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from huoshui.core.errors import Refused
from huoshui.intake.river.api import identifier_row
from huoshui.people import api as people

_FIELDS = ("ref", "kind", "scope", "key", "sealed", "tail4")


def identifier_table(rows: pa.Table) -> pa.Table | None:
    """One row for each non-blank identifier cell. `rows` has `ref`, a column per kind it carries, and `<kind>_scope` where the
    kind's values are some platform's own.
    """
    parts = [_kind(rows, kind) for kind in people.KINDS if kind in rows.column_names]
    parts = [part for part in parts if part.num_rows]
    return pa.concat_tables(parts) if parts else None


def _kind(rows: pa.Table, kind: str) -> pa.Table:
    column = rows.column(kind)
    given = pc.and_kleene(pc.is_valid(column), pc.not_equal(column, ""))
    refs, values = rows.column("ref").filter(given), column.filter(given).combine_chunks().dictionary_encode()
    # Each distinct value is checked, hashed and sealed once, however often it stands in the file.
    distinct = values.dictionary.to_pylist()
    known = [_row(kind, value) for value in distinct]
    scopes = pa.array([people.scope_of(kind, value) for value in distinct], pa.string())
    place = values.indices
    table = pa.table(
        {
            "ref": refs,
            "kind": pa.repeat(kind, len(refs)),
            "scope": _scopes(rows, kind, given)
            if f"{kind}_scope" in rows.column_names
            else scopes.take(place),
            "key": pa.array([k[0] for k in known], pa.string()).take(place),
            "sealed": pa.array([k[1] for k in known], pa.string()).take(place),
            "tail4": pa.array([k[2] for k in known], pa.string()).take(place),
        }
    )
    return table.filter(pc.is_valid(table.column("key"))).select(list(_FIELDS))


def _scopes(rows: pa.Table, kind: str, given: pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    return rows.column(f"{kind}_scope").filter(given).fill_null("")


def _row(kind: str, value: str) -> tuple[str | None, str | None, str | None]:
    try:
        return identifier_row(kind, value) or (None, None, None)
    except Refused:
        # The stage has already set unreadable numbers aside; a masked one (138****1234) names nobody here.
        return None, None, None
