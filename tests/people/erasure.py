"""A dump of everything, as an inspector would make it: every table, every column of the lake, every file that was kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pyarrow.parquet as pq
from django.db import connection

from huoshui.lake import tables

_ALL = """
select table_schema || '.' || quote_ident(table_name) from information_schema.tables
where table_type = 'BASE TABLE' and table_schema in ('public', 'lake') order by 1"""


def dump() -> dict[str, str]:
    """Each table's rows as `pg_dump` writes them."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(_ALL)
        for (name,) in cursor.fetchall():
            with cursor.copy(f"copy (select * from {name}) to stdout") as rows:
                found[name] = b"".join(bytes(part) for part in rows).decode()
    return found


def columns() -> dict[str, str]:
    """Every Parquet file there is, named by a snapshot or not: its values, and its bytes."""
    return {
        str(path): path.read_bytes().decode("latin-1") + _values(path)
        for path in sorted(Path(tables.warehouse()).rglob("*.parquet"))
    }


def _values(path: Path) -> str:
    return "\n".join(str(list(row.values())) for row in pq.read_table(path).to_pylist())


def files(*roots: Path) -> dict[str, str]:
    return {
        str(p): p.read_bytes().decode("latin-1") for root in roots for p in root.rglob("*") if p.is_file()
    }


def hits(words: Iterable[str], places: Mapping[str, str]) -> list[tuple[str, str]]:
    """(word, place) of each word that stands anywhere, not as a part of a longer number."""
    found = []
    for word in words:
        spelt = re.compile(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])")
        found += [(word, place) for place, text in places.items() if spelt.search(text)]
    return found
