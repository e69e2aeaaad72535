"""Lists with one row per thing: customers, products, stores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import duckdb

from huoshui.intake.files import clean, phones, problems
from huoshui.intake.files.rows import Layout, typed
from huoshui.intake.files.types import RawTable

IDENTIFIERS: Final = ("unionid", "openid", "member_no", "card_no", "phone", "email")
"""Strongest first: the first that a customer has is his key."""

_NOT_ATTRIBUTES = frozenset({"原因", "怎么改"})
_LEVELS: Final = ("category_1", "category_2", "category_3", "category_4")


def stage(connection: duckdb.DuckDBPyConnection, layout: Layout) -> dict[str, int]:
    """Table `people`, `products` or `stores`, in the order of the files, and the problems of rows set aside."""
    kind = layout.kind.name
    phones.judge(connection, layout)
    extra = {table.source.file_no: _attributes(layout, table) for table in layout.tables} if kind == "people" else None
    connection.execute(f"create temp table typed as {typed(layout, extra)}")
    columns = _columns(layout)
    content = ", chr(31), ".join(f"coalesce({name}::varchar, '')" for name in columns)
    connection.execute(
        f"""create temp table entries as
        select *, md5(concat({content})) as content_hash, {_key(kind)} as client_key
        from (select file_no, row_no, bad, noted, {", ".join(f"{sql} as {name}" for name, sql in columns.items())} from typed)"""
    )
    problems.create(connection, layout)
    problems.collect_cells(connection, layout, "entries")
    _missing(connection, layout)
    same = _repeated(connection, layout)
    connection.execute(
        f"""create table {kind} as
        select file_no, row_no, {", ".join(columns)}, content_hash, client_key from entries e
        where (file_no, row_no) not in (select (file_no, row_no) from same)
            and (file_no, row_no) not in (select (file_no, row_no) from problems where not kept)
        order by file_no, row_no"""
    )
    return {kind: _count(connection, kind), "repeated": same}


def _columns(layout: Layout) -> Mapping[str, str]:
    """Column of the staged table → expression over the typed rows."""
    columns = {
        field.name: field.name if field.name in layout.fields else f"null::{clean.VALUE[field.type][1]}"
        for field in layout.kind.fields
        if not field.attribute and field.name not in _LEVELS
    }
    if layout.kind.name == "people":
        return {**columns, "attributes": "extra"}
    if layout.kind.name == "products":
        levels = [name for name in _LEVELS if name in layout.fields]
        joined = f"nullif(concat_ws('/', {', '.join(levels)}), '')" if levels else "null"
        folded = r"nullif(trim(regexp_replace(category, ' *[/>\\＞|»,，-]+ *', '/', 'g'), '/'), '')"
        path = f"coalesce({joined}, {folded})" if "category" in layout.fields else joined
        return {**columns, "category": f"{path}::varchar"}
    return columns


def _attributes(layout: Layout, table: RawTable) -> str:
    """SQL: JSON of every column that is no field of its own, under the canonical name or else its header."""
    cells = layout.of_file(table.source.file_no)
    fields = {cell.position: cell.field for cell in cells}
    named = []
    for position, header in enumerate(table.headers):
        field = fields.get(position)
        if header not in _NOT_ATTRIBUTES and (field is None or field.attribute):
            named.append((field.name if field else header, f"hs_text(c{position})"))
    if not named:
        return "null::varchar"
    pairs = ", ".join(f"{{'key': {problems.quoted(name)}, 'value': {sql}}}" for name, sql in sorted(named))
    return f"""(with e as (select list_filter([{pairs}], lambda x: x.value is not null) as l)
        select case when len(l) > 0 then to_json(map_from_entries(l))::varchar end from e)"""


def _key(kind: str) -> str:
    if kind == "people":
        tagged = ", ".join(f"'{name}:' || {name}" for name in IDENTIFIERS)
        return f"coalesce({tagged})"
    return "sku_code" if kind == "products" else "store_code"


def _missing(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    wanted = [(field.name, field.label, "missing") for field in layout.kind.fields if field.required]
    if layout.kind.name == "people":
        wanted = [("client_key", "", "no_identifier")]
    for field, label, code in wanted:
        problems.add(
            connection,
            f"""select file_no, row_no, {problems.header_of(layout, field)} as column_name, null as value,
                '{code}' as code, false as kept, null as other, 0 as found, 0 as wanted
            from entries where bad = 0 and {field} is null""",
            label,
        )


def _repeated(connection: duckdb.DuckDBPyConnection, layout: Layout) -> int:
    """Rows that say the same once more are dropped and counted. Another product or store under a code already taken
    is a problem; another row of the same customer is not: it is a later word about him.
    """
    connection.execute(
        """create temp table same as select file_no, row_no from entries where bad = 0 and client_key is not null
        qualify row_number() over (partition by client_key, content_hash order by file_no, row_no) > 1"""
    )
    if layout.kind.name != "people":
        key = layout.key
        problems.add(
            connection,
            f"""select file_no, row_no, {problems.header_of(layout, key)} as column_name, {key} as value,
                'duplicate_key' as code, false as kept, null as other, 0 as found, 0 as wanted
            from entries where bad = 0 and {key} is not null
                and (file_no, row_no) not in (select (file_no, row_no) from same)
            qualify row_number() over (partition by {key} order by file_no, row_no) > 1""",
            layout.kind.field(key).label,
        )
    return _count(connection, "same")


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    assert row is not None
    return int(row[0])
