"""Raw tables of one kind as one relation of typed fields, with the cells that could not be read marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from huoshui.intake.files import clean
from huoshui.intake.files.formats.base import Format
from huoshui.intake.files.headers import Field, Kind
from huoshui.intake.files.types import RawTable

SUMMARY: Final = (
    r"^\s*(合\s*计|总\s*计|小\s*计|汇\s*总|累\s*计|本页合计|本页小计|总合计|[Tt]otal|TOTAL)([\s:：(（\d].*)?$"
)
REJECTED: Final = 1 << 62
"""Bit of `bad`: the row as a whole, see `rejects`. It still names its order, which is set aside with it."""


@dataclass(frozen=True)
class Cell:
    """One column of one file that serves a field. `bit` is its mark in `bad` and `noted`."""

    file_no: int
    bit: int
    field: Field
    header: str
    position: int

    @property
    def raw(self) -> str:
        return f"c{self.position}"

    @property
    def value(self) -> str:
        return f"v{self.bit}"

    @property
    def phone(self) -> str:
        return f"p{self.bit}"


@dataclass(frozen=True)
class Layout:
    """Which columns of which file serve which field."""

    kind: Kind
    tables: Sequence[RawTable]
    cells: tuple[Cell, ...]
    key: str
    """The field without which a row is nothing, unless it is a total."""
    format: Format | None = None

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(cell.field.name for cell in self.cells)

    def of_file(self, file_no: int) -> list[Cell]:
        return [cell for cell in self.cells if cell.file_no == file_no]


def lay_out(
    kind: Kind,
    tables: Sequence[RawTable],
    columns: Mapping[int, Mapping[str, tuple[int, ...]]],
    *,
    key: str,
    of: Format | None = None,
) -> Layout:
    """`columns`: file number → field → positions."""
    cells = []
    for table in tables:
        file_no = table.source.file_no
        places = [
            (field, at)
            for field in kind.fields
            for at in columns[file_no].get(field.name, ())[: None if field.sums else 1]
        ]
        cells += [Cell(file_no, bit, field, table.headers[at], at) for bit, (field, at) in enumerate(places)]
    return Layout(kind, tables, tuple(cells), key, of)


def typed(layout: Layout, extra: Mapping[int, str] | None = None) -> str:
    """SQL of all files' rows: file_no, row_no, a column per mapped field, `bad` and `noted` (bits of cells).

    Blank rows and totals are left out. `extra`: file number → an expression over the raw columns, as column `extra`.
    Files with the same headers go through one set of expressions: to plan these costs more than to read a month.
    """
    alike: dict[object, list[RawTable]] = {}
    for table in layout.tables:
        places = [(cell.field.name, cell.position) for cell in layout.of_file(table.source.file_no)]
        alike.setdefault((table.headers, tuple(places)), []).append(table)
    return "\nunion all\n".join(_typed_group(layout, tables, extra or {}) for tables in alike.values())


def _typed_group(layout: Layout, tables: Sequence[RawTable], extra: Mapping[int, str]) -> str:
    first = tables[0].source.file_no
    cells = layout.of_file(first)
    has_rejects = any(table.rejected for table in tables)
    fields = [field for field in layout.kind.fields if field.name in layout.fields]
    inner = [
        "raw.file_no",
        "raw.row_no",
        *(f"{_value(cell)} as {cell.value}" for cell in cells),
        *(f"{cell.phone}.fault as {cell.phone}" for cell in cells if cell.field.type == "phone"),
        *sorted({cell.raw for cell in cells}),
        *(["rejected.row_no is not null as rejected"] if has_rejects else []),
        *([f"{extra[first]} as extra"] if extra else []),
    ]
    outer = ["file_no", "row_no", *(f"{_field_value(field, cells)} as {field.name}" for field in fields)]
    outer += [
        f"{_bad(cells, has_rejects)} as bad",
        f"{_noted(cells)} as noted",
        *([f"{_phone_hint(cells)} as phone_hint"] if "phone" in layout.fields else []),
        *(["extra"] if extra else []),
    ]
    # Gathered first: a union of many files written straight on costs more than all that is done to its rows
    gathered = "materialized" if len(tables) > 1 else "not materialized"
    return f"""(with raw as {gathered} ({_raw(tables)})
        select {", ".join(outer)} from (
            select {", ".join(inner)} from raw {_joins(cells, has_rejects)}
            where {_is_data(tables[0], cells, layout.key)}))"""


def _raw(tables: Sequence[RawTable]) -> str:
    columns = ", ".join(f"c{position}" for position in range(len(tables[0].headers)))
    return " union all ".join(
        f"""select {table.source.file_no}::smallint as file_no, (rowid + {table.first_row})::integer as row_no, {columns}
        from {table.table}"""
        for table in tables
    )


def _value(cell: Cell) -> str:
    mended = clean.value(cell.field.type, cell.raw)
    return f"coalesce({mended}, {cell.phone}.number)" if cell.field.type == "phone" else mended


def _field_value(field: Field, cells: Iterable[Cell]) -> str:
    """A field without a column in this file is NULL there; one that several columns serve is their sum, or all their words."""
    serving = [cell.value for cell in cells if cell.field.name == field.name]
    if not serving:
        return f"null::{clean.VALUE[field.type][1]}"
    if len(serving) == 1:
        return serving[0]
    if field.type == "text":
        return f"nullif(concat_ws('、', {', '.join(serving)}), '')"
    total = " + ".join(f"coalesce(abs({value}), 0)" for value in serving)
    return f"(case when coalesce({', '.join(serving)}) is not null then {total} end)"


def _bad(cells: Sequence[Cell], has_rejects: bool) -> str:
    """The marks of a row; worked out one by one only where some value is missing, for whatever reason."""
    marks = [f"(case when {_unreadable(cell)} then {1 << cell.bit} else 0 end)" for cell in cells]
    all_there = " and ".join(f"{cell.value} is not null" for cell in cells)
    rejected = f" + case when rejected then {REJECTED} else 0 end" if has_rejects else ""
    return f"(case when {all_there} then 0 else {' + '.join(marks)} end{rejected})::ubigint"


def _unreadable(cell: Cell) -> str:
    if cell.field.type == "phone":
        return f"{cell.phone} = 'damaged'"
    return clean.unreadable(cell.field.type, cell.raw, cell.value)


def _noted(cells: Iterable[Cell]) -> str:
    """Contacts that are no contacts: the row is kept without them, and the user is told."""
    marks = [
        f"(case when {cell.phone} = 'invalid' then {1 << cell.bit} else 0 end)"
        for cell in cells
        if cell.field.type == "phone"
    ]
    marks += [
        f"(case when {cell.value} is null and hs_text({cell.raw}) is not null then {1 << cell.bit} else 0 end)"
        for cell in cells
        if cell.field.type == "email"
    ]
    return f"({' + '.join(marks) or '0'})::ubigint"


def _phone_hint(cells: Iterable[Cell]) -> str:
    """What can be seen of a masked number: a hint for a person's eyes, and nobody's key."""
    phone = next((cell for cell in cells if cell.field.name == "phone"), None)
    return f"case when {phone.value} is null then hs_hint({phone.raw}) end" if phone else "null::varchar"


def _joins(cells: Iterable[Cell], has_rejects: bool) -> str:
    phones = "".join(
        f" left join phones {cell.phone} on {cell.phone}.written = {cell.raw}"
        for cell in cells
        if cell.field.type == "phone"
    )
    rejected = """ left join (select distinct file_no, row_no from rejects) rejected
        on rejected.file_no = raw.file_no and rejected.row_no = raw.row_no"""
    return phones + (rejected if has_rejects else "")


def first_text(table: RawTable) -> str:
    """SQL: the first cell of a row that says anything; NULL for a blank row."""
    cells = ", ".join(f"nullif(trim(c{position}), '')" for position in range(len(table.headers)))
    return f"coalesce({cells}, null)"


def is_blank(table: RawTable) -> str:
    """SQL. Nearly every row says something in its first cell, and a comparison sees it."""
    return f"case when c0 >= '!' then false else {first_text(table)} is null end"


def _is_data(table: RawTable, cells: Iterable[Cell], key: str) -> str:
    """Not blank, and not a total: its key says so, or is missing while the row's first words do.

    A key that begins with a digit is no total; the comparison spares nearly all rows the rest.
    """
    raw = next((cell.raw for cell in cells if cell.field.name == key), "null::varchar")
    no_total = f"coalesce(not regexp_matches({first_text(table)}, '{SUMMARY}'), false)"
    return f"""case when {raw} >= '0' and {raw} < ':' then true
        when {raw} >= ':' and not regexp_matches({raw}, '{SUMMARY}') then true else {no_total} end"""
