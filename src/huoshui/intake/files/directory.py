"""Lists with one row per thing: customers, products, stores, and whatever else is not an order."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

import duckdb

from huoshui.intake.files import clean, phones, problems, survey
from huoshui.intake.files.kinds import WAYS
from huoshui.intake.files.names import normalise
from huoshui.intake.files.periods import days_of
from huoshui.intake.files.rows import Layout, typed
from huoshui.intake.files.types import RawTable

IDENTIFIERS: Final = (
    *("unionid", "openid", "external_userid", "member_no", "card_no", "phone", "email", "account"),
)
"""Strongest first: the first that a customer has is his key."""

_NOT_ATTRIBUTES = frozenset({"原因", "怎么改"})
_LEVELS: Final = ("category_1", "category_2", "category_3", "category_4")


def stage(connection: duckdb.DuckDBPyConnection, layout: Layout) -> dict[str, int]:
    """A table in the order of the files, named as the kind (a survey's answers as `people`), and the problems of rows set
    aside.
    """
    kind = layout.kind.name
    phones.judge(connection, layout)
    is_people = WAYS[kind] == "people"
    extra = {table.source.file_no: _extra(layout, table) for table in layout.tables}
    rows = typed(layout, extra if is_people else None)
    columns = _columns(layout)
    # A list without tags has the hash it had before there was such a column
    told = [name for name in columns if name != "tags" or name in layout.fields]
    content = ", chr(31), ".join(f"coalesce({name}::varchar, '')" for name in told)
    connection.execute(
        f"""create temp table entries as
        select *, md5(concat({content})) as content_hash, {_key(layout)} as client_key
        from (select file_no, row_no, bad, noted, {_named(columns)} from ({rows}))"""
    )
    if layout.kind.repeats:
        _tell_repeats_apart(connection)
    problems.create(connection, layout)
    problems.collect_cells(connection, layout, "entries")
    _missing(connection, layout)
    if "period" in layout.fields:
        _no_periods(connection, layout)
    repeated = 0 if survey.is_long(layout) else _repeated(connection, layout)
    target = "people" if is_people else kind
    taken = """(file_no, row_no) not in (select (file_no, row_no) from problems where not kept)"""
    if survey.is_long(layout):
        repeated = survey.fold(connection, layout, taken)
    else:
        connection.execute(
            f"""create table {target} as
            select file_no, row_no, {_named(_shown(layout, columns))}, content_hash, client_key from entries
            where (file_no, row_no) not in (select (file_no, row_no) from same) and {taken}
            order by file_no, row_no"""
        )
    return {target: _count(connection, target), "repeated": repeated}


def _tell_repeats_apart(connection: duckdb.DuckDBPyConnection) -> None:
    """Two rows of one key are both meant: the first and the second, whatever their order in the file."""
    connection.execute(
        """create or replace temp table entries as select * replace (
            client_key || '#' || row_number() over (partition by client_key order by content_hash, file_no, row_no)
            as client_key) from entries"""
    )


def _named(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{sql} as {name}" for name, sql in columns.items())


def _shown(layout: Layout, columns: Mapping[str, str]) -> Mapping[str, str]:
    """Attributes become a struct with a field per column of the files; NULL where a customer has none."""
    shown = {name: name for name in columns}
    if WAYS[layout.kind.name] == "people":
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
    if WAYS[layout.kind.name] == "people":
        hint = {"phone_hint": "phone_hint"} if "phone" in layout.fields else {}
        aliased = {"alias": "extra.alias"} if layout.format and layout.format.alias else {}
        return {**columns, **hint, **aliased, "attributes": "extra.attributes"}
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
        if header not in _NOT_ATTRIBUTES and (field is None or field.attribute or field.beside):
            name = field.name if field and field.attribute else _renamed(layout, header)
            columns[header if name in columns else name] = position
    return columns


def _renamed(layout: Layout, header: str) -> str:
    for pattern, replacement in layout.format.renames if layout.format else ():
        header = re.sub(pattern, replacement, header)
    return header


def _extra(layout: Layout, table: RawTable) -> str:
    return f"struct_pack(attributes := {_attributes(layout, table)}, alias := {_alias(layout, table)})"


def _alias(layout: Layout, table: RawTable) -> str:
    """SQL: what tells a person apart who has nothing better; NULL unless the first of its headers says something."""
    places = {normalise(header): at for at, header in reversed(list(enumerate(table.headers)))}
    of = layout.format
    cells = [f"hs_text(c{places[n]})" for h in (of.alias if of else ()) if (n := normalise(h)) in places]
    if not cells:
        return "null::varchar"
    return f"case when {cells[0]} is not null then concat_ws(' · ', {', '.join(cells)}) end"


def _attributes(layout: Layout, table: RawTable) -> str:
    """SQL: JSON without the blank ones and in one order, so that a customer told the same way has the same hash."""
    columns = sorted(_attribute_columns(layout, table).items())
    if not columns:
        return "null::varchar"
    entries = ", ".join(f"row({problems.quoted(name)}, hs_text(c{position}))" for name, position in columns)
    told = f"list_filter([{entries}], lambda entry: entry[2] is not null)"
    return f"nullif(to_json(map_from_entries({told}))::varchar, '{{}}')"


def _key(layout: Layout) -> str:
    if WAYS[layout.kind.name] == "people":
        has = [name for name in IDENTIFIERS if name in layout.fields]
        tagged = [f"'{name}:' || {name}" for name in has]
        tagged += ["'alias:' || alias"] if layout.format and layout.format.alias else []
        return f"coalesce({', '.join(tagged)}, null::varchar)"
    if len(layout.kind.key) == 1:
        return layout.kind.key[0]
    return (
        f"concat_ws(chr(31), {', '.join(f'coalesce({name}::varchar, chr(45))' for name in layout.kind.key)})"
    )


def _missing(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    wanted = [(field.name, field.label, "missing") for field in layout.kind.fields if field.required]
    if WAYS[layout.kind.name] == "people":
        wanted += [("client_key", "", "no_identifier")]
    for field, label, code in wanted:
        problems.add(
            connection,
            f"""select file_no, row_no, {problems.header_of(layout, field)} as column_name, null as value,
                '{code}' as code, false as kept, null as other, 0 as found, 0 as wanted
            from entries where bad = 0 and {field} is null""",
            label,
        )


def _no_periods(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    said = connection.execute("select distinct period from entries where period is not null").fetchall()
    wrong = [period for (period,) in said if days_of(period) is None]
    if wrong:
        problems.add(
            connection,
            f"""select file_no, row_no, {problems.header_of(layout, "period")} as column_name, period as value,
                'bad_period' as code, false as kept, null as other, 0 as found, 0 as wanted
            from entries where period in ({problems.names(wrong)})""",
            layout.kind.field("period").label,
        )


def _repeated(connection: duckdb.DuckDBPyConnection, layout: Layout) -> int:
    """Rows that say the same once more are dropped and counted. Another product or store under a code already taken
    is a problem; another row of the same customer is not: it is a later word about him.
    """
    connection.execute(
        """create temp table same as select file_no, row_no from entries where bad = 0 and client_key is not null
        qualify row_number() over (partition by client_key, content_hash order by file_no, row_no) > 1"""
    )
    if WAYS[layout.kind.name] != "people":
        key = layout.key
        problems.add(
            connection,
            f"""select file_no, row_no, {problems.header_of(layout, key)} as column_name, {key}::varchar as value,
                'duplicate_key' as code, false as kept, null as other, 0 as found, 0 as wanted
            from entries where bad = 0 and {key} is not null
                and (file_no, row_no) not in (select (file_no, row_no) from same)
            qualify row_number() over (partition by client_key order by file_no, row_no) > 1""",
            "、".join(layout.kind.field(name).label for name in layout.kind.key),
        )
    return _count(connection, "same")


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    assert row is not None
    return int(row[0])
