"""Staged lists: people become facts, products and stores go to the brand."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from huoshui.core import clock
from huoshui.core.crypto import lookup_key
from huoshui.core.facts.types import IDENTIFY, Batch
from huoshui.intake.imports.identifiers import identifier_table
from huoshui.people import api as people

CONTACT_KINDS = frozenset(kind for kind, known in people.KINDS.items() if known.is_contact)
_TRAITS = ("name", "gender", "birthday", "joined_at", "home_store", "level", "phone_hint", "answered_at")


def people_chunks(staged: duckdb.DuckDBPyConnection, *, size: int, scope: str = "") -> Iterator[Batch]:
    """Rows of a member list, about `size` at a time; all that it says of one customer comes together.

    `scope`: whose own ids its accounts and nicknames are.
    """
    staged.execute(_NUMBERED)
    (last,) = staged.execute("select coalesce(max(customer_no), 0) from numbered").fetchone() or (0,)
    for low in range(1, last + 1, size):
        rows = staged.execute(_ROWS, [low, low + size]).to_arrow_table()
        for kind in ("account", "alias"):
            if kind in rows.column_names:
                rows = rows.append_column(f"{kind}_scope", pa.repeat(scope, rows.num_rows))
        yield _people(rows.drop_columns(["customer_no", "first_row"]))


_NUMBERED = """
create or replace temp table numbered as
select *, row_number() over (order by first_row, place) as ref, dense_rank() over (order by first_row) as customer_no
from (select *, min(place) over (partition by client_key) as first_row
    from (select *, row_number() over (order by file_no, row_no) as place from people))
"""
_ROWS = "select * exclude (place) from numbered where customer_no >= ? and customer_no < ? order by ref"


def _people(rows: pa.Table) -> Batch:
    facts = pa.table(
        {
            "ref": rows.column("ref"),
            "name": pa.repeat(IDENTIFY, rows.num_rows),
            "client_key": pa.array(map(key_of, rows.column("client_key").to_pylist()), pa.string()),
            "content_hash": rows.column("content_hash"),
            "occurred_at": pa.repeat(pa.scalar(clock.now(), pa.timestamp("us", tz="UTC")), rows.num_rows),
        }
    )
    return Batch(facts=facts, identifiers=identifier_table(rows), traits=_traits(rows), is_timeless=True)


def key_of(client_key: str) -> str:
    """As facts have it: a key made of a phone number or address must not keep it in the clear."""
    kind, colon, value = client_key.partition(":")
    return f"{kind}:{lookup_key(value)}" if colon and kind in CONTACT_KINDS else client_key


def _traits(rows: pa.Table) -> pa.Table:
    parts = [_trait(rows, name) for name in _TRAITS if name in rows.column_names]
    refs = rows.column("ref").to_pylist()
    extra = [
        (ref, name, value)
        for ref, attributes in zip(refs, rows.column("attributes").to_pylist(), strict=True)
        for name, value in (attributes or {}).items()
        if value
    ]
    parts.append(
        pa.table(
            {
                "ref": pa.array([e[0] for e in extra], pa.int64()),
                "name": pa.array([e[1] for e in extra], pa.string()),
                "value": pa.array([e[2] for e in extra], pa.string()),
            }
        )
    )
    return pa.concat_tables(parts)


def _trait(rows: pa.Table, name: str) -> pa.Table:
    values = rows.column(name).cast(pa.string())
    given = pc.and_kleene(pc.is_valid(values), pc.not_equal(values, ""))
    values = values.filter(given)
    return pa.table(
        {"ref": rows.column("ref").filter(given), "name": pa.repeat(name, len(values)), "value": values}
    )


assert set(_TRAITS).isdisjoint(people.KINDS), "an identifier is never kept as a trait"
