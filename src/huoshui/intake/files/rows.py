"""Raw tables of one kind as one relation of typed fields, with the cells that could not be read marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from huoshui.intake.files import clean
from huoshui.intake.files.headers import Field, Kind
from huoshui.intake.files.types import RawTable

SUMMARY = "^[#`]*(合计|总计|小计|汇总|累计|本页合计|总合计|合  计|total|Total|TOTAL|总交易单数|#)"


@dataclass(frozen=True)
class Cell:
    """One column of one file that serves a field. `bit` marks it in `bad`."""

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


@dataclass(frozen=True)
class Layout:
    """Which columns of which file serve which field."""

    kind: Kind
    tables: Sequence[RawTable]
    cells: tuple[Cell, ...]

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(cell.field.name for cell in self.cells)

    def of_file(self, file_no: int) -> list[Cell]:
        return [cell for cell in self.cells if cell.file_no == file_no]


def lay_out(kind: Kind, tables: Sequence[RawTable], columns: Mapping[int, Mapping[str, tuple[int, ...]]]) -> Layout:
    """`columns`: file number → field → positions."""
    cells = []
    for table in tables:
        file_no = table.source.file_no
        places = [(field, at) for field in kind.fields for at in columns[file_no].get(field.name, ())]
        cells += [Cell(file_no, bit, field, table.headers[at], at) for bit, (field, at) in enumerate(places)]
    return Layout(kind, tables, tuple(cells))


def typed(layout: Layout, key: str, extra: Mapping[int, str] | None = None) -> str:
    """SQL of all files' rows: file_no, row_no, a column per mapped field, bad (bits). Blank and summary rows are left
    out. `extra`: file number → one more expression over the raw columns, as `extra`.
    """
    return "\nunion all\n".join(_typed_file(layout, table, key, extra or {}) for table in layout.tables)


def _typed_file(layout: Layout, table: RawTable, key: str, extra: Mapping[int, str]) -> str:
    cells = layout.of_file(table.source.file_no)
    values = [f"{clean.value(cell.field.type, cell.raw)} as {cell.value}" for cell in cells]
    raw = sorted({cell.raw for cell in cells})
    outer = [f"{_field_value(field, cells)} as {field.name}" for field in layout.kind.fields if field.name in layout.fields]
    bad = " + ".join(
        f"(case when {clean.unreadable(cell.field.type, cell.raw, cell.value)} then {1 << cell.bit} else 0 end)"
        for cell in cells
    )
    more = f", {extra[table.source.file_no]} as extra" if table.source.file_no in extra else ""
    return f"""select file_no, row_no, {", ".join(outer)}, ({bad})::ubigint as bad{", extra" if more else ""}
from (
    select {table.source.file_no}::smallint as file_no, (rowid + {table.first_row})::integer as row_no,
        {", ".join(values)}, {", ".join(raw)}{more}
    from {table.table}
    where {_is_data(table, _key_column(cells, key))}
)"""


def _field_value(field: Field, cells: Iterable[Cell]) -> str:
    """A field without a column in this file is NULL there; one that several columns serve is their sum."""
    serving = [cell.value for cell in cells if cell.field.name == field.name]
    if not serving:
        return f"null::{clean.VALUE[field.type][1]}"
    if len(serving) == 1:
        return serving[0]
    total = " + ".join(f"coalesce(abs({value}), 0)" for value in serving)
    return f"(case when coalesce({', '.join(serving)}) is not null then {total} end)"


def _key_column(cells: Iterable[Cell], key: str) -> str:
    return next((cell.raw for cell in cells if cell.field.name == key), "null::varchar")


def first_text(table: RawTable) -> str:
    return f"coalesce({', '.join(f'c{i}' for i in range(len(table.headers)))}, null)"


def is_blank(table: RawTable) -> str:
    return f"{first_text(table)} is null"


def _is_data(table: RawTable, key: str) -> str:
    """Neither blank, nor a total (its key says so, or is blank while the row's first word does), nor rejected."""
    total = f"""case when {key} is null or regexp_matches({key}, '{SUMMARY}')
        then not regexp_matches({first_text(table)}, '{SUMMARY}') else true end"""
    fits = (
        f""" and rowid + {table.first_row} not in
        (select row_no from rejects where file_no = {table.source.file_no})"""
        if table.rejected
        else ""
    )
    return f"({total}) is true and not ({is_blank(table)}){fits}"
