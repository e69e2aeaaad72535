"""Lists with one row per thing: customers, products, stores."""

from __future__ import annotations

import json
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
    extra = {table.source.file_no: _attributes(layout, table) for table in layout.tables}
    rows = typed(layout, extra if kind == "people" else None)
    columns = _columns(layout)
    content = ", chr(31), ".join(f"coalesce({name}::varchar, '')" for name in columns)
    connection.execute(
        f"""create temp table entries as
        select *, md5(concat({content})) as content_hash, {_key(kind)} as client_key
        from (select file_no, row_no, bad, noted, {_named(columns)} from ({rows}))"""
    )
    problems.create(connection, layout)
    problems.collect_cells(connection, layout, "entries")
    _missing(connection, layout)
    repeated = _repeated(connection, layout)
    connection.execute(
        f"""create table {kind} as
        select file_no, row_no, {_named(_shown(layout, columns))}, content_hash, client_key from entries
        where (file_no, row_no) not in (select (file_no, row_no) from same)
            and (file_no, row_no) not in (select (file_no, row_no) from problems where not kept)
        order by file_no, row_no"""
    )
    return {kind: _count(connection, kind), "repeated": repeated}


def _named(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{sql} as {name}" for name, sql in columns.items())


def _shown(layout: Layout, columns: Mapping[str, str]) -> Mapping[str, str]:
    """Attributes become a struct with a field per column of the files; NULL where a customer has none."""
    shown = {name: name for name in columns}
    if layout.kind.name == "people":
        names = sorted({name for table in layout.tables for name in _attribute_columns(layout, table)})
        structure = problems.quoted(json.dumps(dict.fromkeys(names, "VARCHAR"), ensure_ascii=False))
        shown["attributes"] = f"from_json(attributes, {structure})" if names else "null::varchar"
    return shown


def _columns(layout: Layout) -> Mapping[str, str]:
    """Column of the staged table → expression over the typed rows. The order is the table's."""
    columns = {
        field.name: _column(field.name, field.type, layout.fields)
        for field in layout.kind.fields
        if not field.attribute and field.name not in (*_LEVELS, "category")
    }
    if layout.kind.name == "people":
        return {**columns, "attributes": "extra"}
    if layout.kind.name == "products":
        return {**columns, **_categories(layout.fields)}
    return columns


def _column(name: str, field_type: str, has: frozenset[str]) -> str:
    sql_type = clean.VALUE[field_type][1]
    if name not in has:
        return f"null::{'date' if field_type == 'date' else 'double' if name == 'area_sqm' else sql_type}"
    if field_type == "date":
        return f"{name}::date"
    return f"({name} / 1000)::double" if name == "area_sqm" else name


def _categories(has: frozenset[str]) -> dict[str, str]:
    """Level columns if there are any, else the path split; what lies below the fourth level stays in the fourth."""
    if has & set(_LEVELS):
        return {name: name if name in has else "null::varchar" for name in _LEVELS}
    if "category" not in has:
        return dict.fromkeys(_LEVELS, "null::varchar")
    path = r"list_filter(string_split_regex(category, ' *[/>＞»\\|]+ *'), lambda level: level <> '')"
    columns = {name: f"{path}[{place}]" for place, name in enumerate(_LEVELS, start=1)}
    return {**columns, _LEVELS[-1]: f"nullif(array_to_string({path}[{len(_LEVELS)}:], '/'), '')"}


def _attribute_columns(layout: Layout, table: RawTable) -> dict[str, int]:
    """Every column that is no field of its own: the canonical name, or else its header, → position."""
    fields = {cell.position: cell.field for cell in layout.of_file(table.source.file_no)}
    columns = {}
    for position, header in enumerate(table.headers):
        field = fields.get(position)
        if header not in _NOT_ATTRIBUTES and (field is None or field.attribute):
            columns[field.name if field else header] = position
    return columns


def _attributes(layout: Layout, table: RawTable) -> str:
    """SQL: JSON without the blank ones and in one order, so that a customer told the same way has the same hash."""
    columns = sorted(_attribute_columns(layout, table).items())
    if not columns:
        return "null::varchar"
    entries = ", ".join(f"row({problems.quoted(name)}, hs_text(c{position}))" for name, position in columns)
    told = f"list_filter([{entries}], lambda entry: entry[2] is not null)"
    return f"nullif(to_json(map_from_entries({told}))::varchar, '{{}}')"


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
