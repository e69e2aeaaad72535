"""What could not be taken as it stands: which row, which column, why, and how the user mends it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import duckdb

from huoshui.intake.files.rows import REJECTED, Cell, Layout, is_blank
from huoshui.intake.files.types import Staged

_REASON_HEADER, _REMEDY_HEADER = "原因", "怎么改"

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # code → (reason, remedy); {column} and {label} name the column, {found} and {wanted} count cells
    "damaged": (
        "号码被 Excel 改成了科学计数法或小数，后面的数字已经丢失",
        "在 Excel 里把该列（{column}）设为文本后，从原系统重新导出",
    ),
    "bad_date": ("日期或时间认不出来", "改成 2025-03-08 14:30:00 这样的写法"),
    "no_such_day": ("没有这一天或这个时刻", "查一下原单据，改成正确的日期"),
    "bad_money": ("金额认不出来", "改成 89.00 这样的数字"),
    "money_fraction": ("金额多于两位小数", "改成两位小数，精确到分"),
    "bad_quantity": ("数量认不出来", "改成 2 或 0.5 这样的数字"),
    "bad_count": ("“{label}”要是不小于 0 的整数", "改成 36 这样的整数"),
    "bad_hour": ("“{label}”认不出来", "写 0 到 23 的整点，例如 10 或者 10:00"),
    "bad_number": ("数字认不出来", "改成 12.5 这样的数字"),
    "bad_period": ("期间认不出来", "改成 2026-03、2026Q1、2026年 或 2026-03-08 这样的写法"),
    "foreign_currency": ("这一单不是人民币", "目前只收人民币的订单；请换算成人民币，或不导入这一单"),
    "unknown_status": (
        "不认识这个订单状态，先按已付款算（同样状态的行都一样）；这一行已经收下",
        "若它的意思是没付款或已取消，请改成「待付款」或「已取消」再导入一次",
    ),
    "sibling_first": ("这份表没有下单时间，系统里也还没有这一单", "先导入同一时期的订单表，再导入这一份"),
    "missing": ("没有填{label}", "补上{label}后重新导入"),
    "no_identifier": ("没有会员卡号、手机号等任何一种联系方式", "至少补上一种后重新导入"),
    "duplicate_key": ("{label}和前面的行重复，内容却不同", "留下正确的一行"),
    "long_row": (
        "这一行多出了格子：表头 {wanted} 列，这一行 {found} 格",
        "多半是内容里有逗号或引号，请在 Excel 里打开核对后另存",
    ),
    "short_row": ("这一行少了格子：表头 {wanted} 列，这一行 {found} 格", "把空着的格子补齐"),
    "formula": ("第 {found} 列是公式，但没有算好的结果", "在 Excel 里打开，等算完后保存，再导入"),
    "invalid_phone": (
        "手机号认不出来，没有采用；这一行的其他内容已经收下",
        "改成 11 位手机号后可以再导入一次",
    ),
    "invalid_email": ("邮箱认不出来，没有采用；这一行的其他内容已经收下", "改成正确的邮箱后可以再导入一次"),
    "differs": (
        "同一个单号，{other}的{label}和这一行不同",
        "若是两张单，请改成不同的单号；若是一张单，请改成一致",
    ),
    "held": ("同一单里有别的行要改（{other}），整单先放在一边", "改好那一行，和这一行一起重新导入"),
}


def create(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """Table `problems`, and `files` to name them by."""
    connection.execute(
        """create table problems (file_no smallint, file_name varchar, row_no integer, column_name varchar,
            value varchar, code varchar, reason varchar, remedy varchar, kept boolean)"""
    )
    connection.execute("create table files (file_no smallint, name varchar, headers varchar[])")
    for table in layout.tables:
        connection.execute(
            f"insert into files values ({table.source.file_no}, {quoted(table.source.name)}, [{names(table.headers)}])"
        )


def names(texts: Sequence[str]) -> str:
    return ", ".join(quoted(text) for text in texts)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def collect_cells(connection: duckdb.DuckDBPyConnection, layout: Layout, rows: str) -> None:
    """One problem per marked cell of temp table `rows` (file_no, row_no, bad, noted), and one per rejected row."""
    for table in layout.tables:
        file_no = table.source.file_no
        marked = connection.execute(
            f"select coalesce(bit_or(bad), 0), coalesce(bit_or(noted), 0) from {rows} where file_no = {file_no}"
        ).fetchone()
        assert marked is not None
        for cell in _each_column_once(layout.of_file(file_no)):
            for mask, marks in ((marked[0], "bad"), (marked[1], "noted")):
                if mask & (1 << cell.bit):
                    connection.execute(_cell_problems(cell, table.table, table.first_row, rows, marks))
        if marked[0] & REJECTED:
            connection.execute(_rejected(file_no, len(table.headers), rows))


def _each_column_once(cells: Sequence[Cell]) -> list[Cell]:
    """A time may serve as when it was ordered and when it was paid; what is wrong with it is said once."""
    return list({(cell.position, cell.field.type): cell for cell in reversed(cells)}.values())[::-1]


def _cell_problems(cell: Cell, raw: str, first_row: int, rows: str, marks: str) -> str:
    code = _code(cell.field.type, cell.raw) if marks == "bad" else f"'invalid_{cell.field.type}'"
    return _insert(
        f"""select r.file_no, r.row_no, {quoted(cell.header)} as column_name, {cell.raw} as value, {code} as code,
            {str(marks == "noted").lower()} as kept, null as other, 0 as found, 0 as wanted
        from {rows} r join {raw} on {raw}.rowid + {first_row} = r.row_no
        where r.file_no = {cell.file_no} and r.{marks} & {1 << cell.bit} > 0""",
        cell.field.label,
    )


_OF_TYPE: Final = {
    "quantity": "bad_quantity",
    "number": "bad_number",
    "count": "bad_count",
    "hour": "bad_hour",
    "currency": "foreign_currency",
}


def _code(field_type: str, raw: str) -> str:
    if field_type in {"id", "identifier", "token", "phone"}:
        return "'damaged'"
    if field_type == "money":
        return f"case when hs_money_micro({raw}) is null then 'bad_money' else 'money_fraction' end"
    if field_type in _OF_TYPE:
        return f"'{_OF_TYPE[field_type]}'"
    looks_like_a_day = rf"regexp_matches(hs_narrow({raw}), '^\d{{4}} ?[年./-] ?\d{{1,2}} ?[月./-] ?\d')"
    return f"case when {looks_like_a_day} then 'no_such_day' else 'bad_date' end"


def _rejected(file_no: int, width: int, rows: str) -> str:
    """Only of rows that are rows: a total may be short, or a formula, and is dropped all the same."""
    return _insert(
        f"""select file_no, row_no, null as column_name, nullif(array_to_string(cells[{width + 1}:], '，'), '') as value, code,
            false as kept, null as other, found, {width} as wanted
        from rejects where file_no = {file_no}
            and row_no in (select row_no from {rows} where file_no = {file_no} and bad & {REJECTED} > 0)""",
        "",
    )


def add(connection: duckdb.DuckDBPyConnection, found: str, label: str) -> None:
    """`found`: a query of file_no, row_no, column_name, value, code, kept, other, found, wanted."""
    connection.execute(_insert(found, label))


def _insert(found: str, label: str) -> str:
    texts = ", ".join(
        f"({quoted(code)}, {quoted(reason)}, {quoted(remedy)})" for code, (reason, remedy) in TEXTS.items()
    )
    filled = """replace(replace(replace(replace(replace({text}, '{{column}}', coalesce(p.column_name::varchar, '')),
        '{{label}}', {label}), '{{found}}', p.found::varchar), '{{wanted}}', p.wanted::varchar),
        '{{other}}', coalesce(p.other::varchar, ''))"""
    return f"""insert into problems
        select p.file_no, f.name, p.row_no, p.column_name, p.value::varchar, p.code,
            {filled.format(text="t.reason", label=quoted(label))}, {filled.format(text="t.remedy", label=quoted(label))}, p.kept
        from ({found}) p join files f using (file_no)
            join (values {texts}) t(code, reason, remedy) on t.code = p.code"""


def keep_rows(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """Table `set_aside`: the cells of every row that was not taken, as the file has them."""
    connection.execute("create table set_aside (file_no smallint, row_no integer, cells varchar[])")
    if layout.format and layout.format.borrows_time:
        _keep_untimed(connection, layout)
    for table in layout.tables:
        cells = ", ".join(f"c{i}" for i in range(len(table.headers)))
        connection.execute(
            f"""insert into set_aside select file_no, row_no, [{cells}]
            from (select distinct file_no, row_no from problems where not kept and file_no = {table.source.file_no}) p
                join {table.table} on {table.table}.rowid + {table.first_row} = p.row_no
            order by row_no"""
        )


def _keep_untimed(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """Table `untimed`: the cells of orders that tell no time, for whoever finds that nobody else has told it either."""
    connection.execute("create table untimed (file_no smallint, row_no integer, cells varchar[])")
    for table in layout.tables:
        cells = ", ".join(f"c{i}" for i in range(len(table.headers)))
        connection.execute(
            f"""insert into untimed select l.file_no, l.row_no, [{cells}]
            from lines l join orders o using (order_no)
                join {table.table} on {table.table}.rowid + {table.first_row} = l.row_no
            where o.ordered_at is null and l.file_no = {table.source.file_no}"""
        )


def counts(connection: duckdb.DuckDBPyConnection, layout: Layout) -> dict[str, int]:
    """Every row of the files is in exactly one of: staged, set aside, repeated, blank, totals."""
    blank = sum(
        _one(connection, f"select count(*) from {table.table} where {is_blank(table)}")
        for table in layout.tables
    )
    rows = sum(table.rows for table in layout.tables)
    kept = _one(
        connection, f"select count(*) from {'sale_rows' if layout.kind.name == 'sales' else 'entries'}"
    )
    return {
        "rows": rows,
        "blank": blank,
        "totals": rows - blank - kept,
        "set_aside": _one(connection, "select count(*) from set_aside"),
        "problems": _one(connection, "select count(*) from problems"),
        "masked_phones": _one(connection, "select count(*) from phones where fault = 'masked'"),
    }


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def write_problem_rows(staged: Staged, path: Path) -> int:
    """The rows set aside, in their own columns, with why and how to mend them; mended, the file imports as it is.

    Cells that a spreadsheet would run as a formula get a leading quote, which the import takes off again. Returns
    the number of rows.
    """
    with duckdb.connect(str(staged.database), read_only=True) as connection:
        headers = _union_of_headers(connection)
        rows = connection.execute(
            """select s.cells, f.headers, string_agg(distinct p.reason, '；' order by p.reason),
                string_agg(distinct p.remedy, '；' order by p.remedy)
            from set_aside s join files f using (file_no) join problems p using (file_no, row_no)
            where not p.kept group by s.file_no, s.row_no, s.cells, f.headers order by s.file_no, s.row_no"""
        )
        return _write(path, headers, rows)


def _union_of_headers(connection: duckdb.DuckDBPyConnection) -> list[str]:
    lists = connection.execute("select headers from files order by file_no").fetchall()
    return list(dict.fromkeys(header for (each,) in lists for header in each))


def _write(path: Path, headers: Sequence[str], rows: duckdb.DuckDBPyConnection) -> int:
    written = 0
    own = [header for header in headers if header not in (_REASON_HEADER, _REMEDY_HEADER)]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*(_safe(header) for header in own), _REASON_HEADER, _REMEDY_HEADER])
        while batch := rows.fetchmany(10_000):
            for cells, names_, reason, remedy in batch:
                by_name = dict(zip(names_, cells, strict=True))
                writer.writerow([*(_safe(by_name.get(header) or "") for header in own), reason, remedy])
            written += len(batch)
    return written


def _safe(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠") else cell


def header_of(layout: Layout, field: str, file_no: str = "file_no") -> str:
    """SQL: the header that serves the field in the row's file."""
    headers = {cell.file_no: cell.header for cell in layout.cells if cell.field.name == field}
    cases = " ".join(f"when {number} then {quoted(header)}" for number, header in headers.items())
    return f"case {file_no} {cases} end" if cases else "null::varchar"


def place_of(place: str, here: str) -> str:
    """SQL: 「第 12 行」, with the file's name when it is another one. `place` is a (file_no, row_no) pair."""
    return f"""(case when {place}[1] <> {here} then (select name from files where file_no = {place}[1]) || ' ' else '' end
        || '第 ' || {place}[2] || ' 行')"""
