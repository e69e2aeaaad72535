"""A decoded file into DuckDB: every cell VARCHAR, every row under the number a person sees for it in the file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from huoshui.intake.files import headers as header_names
from huoshui.intake.files.errors import BrokenQuotes, EmptyFile, FileTooLarge, NoHeader
from huoshui.intake.files.types import Head, RawTable, Source

_LOOKED_AT = 20
_SAMPLES = 200
_DELIMITERS = (",", "\t", ";", "|")
_WIDEST = 2000
_LONGEST_CELL = 1 << 20


def connect(database: Path, scratch: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        str(database), config={"memory_limit": "600MB", "threads": 2, "temp_directory": str(scratch)}
    )
    # Staged tables are read once and thrown away; trying every compression took longer than writing them.
    connection.execute("pragma force_compression = 'uncompressed'")
    connection.execute(
        "create table rejects (file_no smallint, row_no integer, cells varchar[], code varchar, found integer)"
    )
    return connection


def look(source: Source, kind: str | None = None, known: Sequence[str] = ()) -> Head:
    """The header row, found among the first 20, and the rows that follow it. `known`: headers the user mapped."""
    if source.format == "parquet":
        return _look_parquet(source)
    beginning = _beginning(source.path)
    wanted = {header_names.normalise(header) for header in known}
    best: tuple[tuple[int, int, bool, int, int], str, int, list[list[str]]] | None = None
    for delimiter in _DELIMITERS:
        rows = _parse(beginning, delimiter)
        for index, row in enumerate(rows[:_LOOKED_AT]):
            names = {header_names.normalise(cell) for cell in row}
            filled = len(names - {""})
            score = (len(names & wanted), header_names.hits(row, kind), filled > 1, -index, filled)
            if best is None or score > best[0]:
                best = (score, delimiter, index, rows)
    if best is None or not any(cell.strip() for row in best[3] for cell in row):
        raise EmptyFile
    _, delimiter, index, rows = best
    return _head(rows, index, delimiter, single_line=_is_single_line(beginning, delimiter, index))


def _head(rows: list[list[str]], index: int, delimiter: str, *, single_line: bool) -> Head:
    header = rows[index]
    while header and not header[-1].strip():
        header = header[:-1]
    if not header:
        raise NoHeader
    if len(header) > _WIDEST:
        raise FileTooLarge(f"表头有 {len(header)} 列，最多能读 {_WIDEST} 列。请删掉空白列后再导入。")
    width = len(header)
    samples = [tuple((row + [""] * width)[:width]) for row in rows[index + 1 :] if any(row)]
    return Head(
        headers=header_names.disambiguate(header),
        header_row=index + 1,
        delimiter=delimiter,
        width=len(rows[index]),
        samples=tuple(samples[:_SAMPLES]),
        single_line=single_line,
    )


def _look_parquet(source: Source) -> Head:
    with duckdb.connect() as connection:
        relation = connection.execute(
            f"select columns(*)::varchar from read_parquet({_literal(source.path)}) limit {_SAMPLES}"
        )
        names = [column[0] for column in relation.description or ()]
        rows = relation.fetchall()
    samples = tuple(tuple(cell or "" for cell in row) for row in rows)
    return Head(header_names.disambiguate(names), 1, "", len(names), samples, single_line=True)


def _beginning(path: Path) -> str:
    """Enough for the rows that are looked at; the last, perhaps cut one is dropped."""
    with path.open("rb") as file:
        data = file.read(1 << 20)
        cut = len(data) == 1 << 20
    text = data.decode("utf-8-sig", errors="ignore" if cut else "strict")
    return text[: text.rfind("\n") + 1] if cut and "\n" in text else text


def _parse(beginning: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(beginning, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            rows.append(row)
            if len(rows) == _LOOKED_AT + _SAMPLES:
                break
    except csv.Error:
        pass  # what was read before the bad quote is enough to find the header; the full reading names the row
    return rows


def _is_single_line(beginning: str, delimiter: str, index: int) -> bool:
    """Whether each row down to the header is one physical line, so that DuckDB may skip lines to pass it."""
    reader = csv.reader(io.StringIO(beginning, newline=""), delimiter=delimiter)
    for _ in range(index + 1):
        next(reader)
    return reader.line_num == index + 1


@dataclass(frozen=True)
class _Shape:
    head: Head
    table: str

    @property
    def columns(self) -> str:
        return ", ".join(f"'c{i}': 'VARCHAR'" for i in range(self.head.width))


def load(
    connection: duckdb.DuckDBPyConnection, source: Source, head: Head, staging: Path, *, used: frozenset[int]
) -> RawTable:
    """Raises BrokenQuotes. Rows of a wrong width, or with a formula without result in a `used` column, go to
    `rejects` and keep their place in the table.
    """
    shape = _Shape(head, f"raw_{source.file_no}")
    if source.format == "parquet":
        connection.execute(
            f"create temp table {shape.table} as select columns(*)::varchar from read_parquet({_literal(source.path)})"
        )
        _rename(connection, shape)
    elif not (head.single_line and _load_quickly(connection, source, shape)):
        tidy = staging / f"{source.file_no}.tidy.csv"
        _tidy(connection, source, head, tidy)
        _read_csv(connection, tidy, shape, skip=0, delimiter=",")
    if head.width > len(head.headers):
        _reject_nameless(connection, source, shape)
    for row_no, position in source.uncomputed:
        if row_no > head.header_row and position in used:
            connection.execute(
                f"insert into rejects values ({source.file_no}, {row_no}, [], 'formula', {position + 1})"
            )
    rows = _one(connection, f"select count(*) from {shape.table}")
    rejected = _one(connection, f"select count(*) from rejects where file_no = {source.file_no}")
    return RawTable(source, shape.table, head.headers, head.header_row + 1, rows, rejected)


def _reject_nameless(connection: duckdb.DuckDBPyConnection, source: Source, shape: _Shape) -> None:
    """A cell beyond the last named column has nowhere to go, so the row is too long."""
    head = shape.head
    cells = ", ".join(f"c{position}" for position in range(head.width))
    beyond = ", ".join(f"nullif(trim(c{position}), '')" for position in range(len(head.headers), head.width))
    connection.execute(
        f"""insert into rejects
        select {source.file_no}, rowid + {head.header_row + 1}, [{cells}], 'long_row', {head.width}
        from {shape.table} where coalesce({beyond}, null) is not null"""
    )


def _rename(connection: duckdb.DuckDBPyConnection, shape: _Shape) -> None:
    names = [
        row[0]
        for row in connection.execute(f"select name from pragma_table_info('{shape.table}')").fetchall()
    ]
    for position, name in enumerate(names):
        quoted = name.replace('"', '""')
        connection.execute(f'alter table {shape.table} rename column "{quoted}" to c{position}')


def _load_quickly(connection: duckdb.DuckDBPyConnection, source: Source, shape: _Shape) -> bool:
    """DuckDB's own reader, where its row order is sure to give the row number; else nothing is loaded.

    It skips blank lines silently and counts a cell's inner line ends, so rows and lines must agree.
    """
    head = shape.head
    try:
        _read_csv(connection, source.path, shape, skip=head.header_row, delimiter=head.delimiter)
    except (duckdb.InvalidInputException, UnicodeDecodeError):
        # The second is the first, where its message quotes a line and cuts it within a character
        return False
    if _one(connection, f"select count(*) from {shape.table}") == source.lines - head.header_row:
        return True
    connection.execute(f"drop table {shape.table}")
    return False


def _read_csv(
    connection: duckdb.DuckDBPyConnection, path: Path, shape: _Shape, *, skip: int, delimiter: str
) -> None:
    connection.execute(
        f"""create temp table {shape.table} as select * from read_csv({_literal(path)}, header = false, auto_detect = false,
            columns = {{{shape.columns}}}, skip = {skip}, delim = '{delimiter}', quote = '"', escape = '"',
            strict_mode = true, max_line_size = {2 * _LONGEST_CELL})"""
    )


def _tidy(connection: duckdb.DuckDBPyConnection, source: Source, head: Head, target: Path) -> None:
    """Rewrite an irregular file: one record per row of its own, each of the same width, so that numbering holds."""
    rejects: list[tuple[int, int, list[str], str, int]] = []
    blank_rows = 0
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
        for row_no, row in _records(source.path, head):
            if not any(cell.strip() for cell in row):
                blank_rows += 1  # written only if something follows: those at the end are no rows
                continue
            writer.writerows([[""] * head.width] * blank_rows)
            blank_rows = 0
            fitted, code = _fit(row, head)
            if code:
                rejects.append((source.file_no, row_no, row, code, len(row)))
            writer.writerow(fitted)
    if rejects:
        connection.executemany("insert into rejects values (?, ?, ?, ?, ?)", rejects)


def _records(path: Path, head: Head) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells) after the header. Raises BrokenQuotes."""
    csv.field_size_limit(_LONGEST_CELL)
    row_no = 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=head.delimiter)
        try:
            for row_no, row in enumerate(reader, start=1):
                if row_no > head.header_row:
                    yield row_no, row
        except csv.Error as error:
            raise BrokenQuotes(
                f"第 {row_no + 1} 行的双引号没有成对，后面的内容连成了一格。"
                "请在 Excel 里打开并另存为「CSV UTF-8」后再导入。"
            ) from error


def _fit(row: list[str], head: Head) -> tuple[list[str], str]:
    """The row at the header's width, and why it does not belong there ('' when it does)."""
    names, width = len(head.headers), head.width
    if len(row) < names and any(cell.strip() for cell in row):
        return row + [""] * (width - len(row)), "short_row"
    code = "long_row" if any(cell.strip() for cell in row[width:]) else ""
    return (row + [""] * width)[:width], code


def _literal(path: Path) -> str:
    """The file of just this name: DuckDB would take 销售[1].csv for a pattern."""
    return "'" + re.sub(r"([\[*?])", r"[\1]", str(path)).replace("'", "''") + "'"


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])
