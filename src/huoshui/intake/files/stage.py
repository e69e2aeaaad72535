"""From the files a user gave to tables that the river can take: read, recognise, clean, group, set aside.

The tables are told in docs/adr/0003.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from huoshui.intake.files import clean, directory, headers, problems, read, sales
from huoshui.intake.files.decode import decode
from huoshui.intake.files.errors import MissingColumns, MixedKinds, UnknownKind
from huoshui.intake.files.rows import lay_out
from huoshui.intake.files.types import Head, Mapped, Preview, Progress, Source, Staged

DATABASE = "staged.duckdb"
_KEYS = {"sales": "order_no", "people": "", "products": "sku_code", "stores": "store_code"}


def stage(
    files: Sequence[Path],
    *,
    kind: str | None,
    mapping: Mapped | None,
    workdir: Path,
    on_progress: Progress,
) -> Staged:
    """`kind` and `mapping` are what the user said; None lets the headers tell. Raises FileRefused."""
    opened = _open(files, kind=kind, mapping=mapping, workdir=workdir, on_progress=on_progress)
    seen = opened.preview
    _insist(seen)
    assert seen.kind is not None
    database = workdir / DATABASE
    database.unlink(missing_ok=True)
    with read.connect(database, workdir / "scratch") as connection:
        clean.prepare(connection)
        counts = _fill(connection, opened, headers.kind(seen.kind), workdir, on_progress)
    on_progress("完成", 1.0)
    return Staged(
        kind=seen.kind,
        mapping=seen.mapping,
        headers=seen.headers,
        confidence=seen.confidence,
        samples=seen.samples,
        counts=counts,
        problems=counts["problems"],
        database=database,
    )


def _fill(
    connection: duckdb.DuckDBPyConnection, opened: _Opened, kind: headers.Kind, workdir: Path, on_progress: Progress
) -> dict[str, int]:
    tables = []
    for source, head in zip(opened.sources, opened.heads, strict=True):
        on_progress(f"读取 {source.name}", 0.1 + 0.4 * source.file_no / len(opened.sources))
        tables.append(read.load(connection, source, head, workdir))
    on_progress("整理每一行", 0.5)
    layout = lay_out(kind, tables, opened.columns, key=_KEYS[kind.name])
    counts = sales.stage(connection, layout) if kind.name == "sales" else directory.stage(connection, layout)
    problems.keep_rows(connection, layout)
    return {**counts, **problems.counts(connection, layout)}


def preview(
    files: Sequence[Path], *, kind: str | None = None, mapping: Mapped | None = None, workdir: Path
) -> Preview:
    """What the files seem to be, for the user to confirm or correct. Raises FileRefused when they cannot be read."""
    return _open(files, kind=kind, mapping=mapping, workdir=workdir, on_progress=lambda step, share: None).preview


@dataclass(frozen=True)
class _Opened:
    sources: Sequence[Source]
    heads: Sequence[Head]
    columns: Mapping[int, Mapping[str, tuple[int, ...]]]
    preview: Preview


def _open(
    files: Sequence[Path], *, kind: str | None, mapping: Mapped | None, workdir: Path, on_progress: Progress
) -> _Opened:
    workdir.mkdir(parents=True, exist_ok=True)
    sources = []
    for file_no, path in enumerate(files):
        on_progress(f"检查 {path.name}", 0.1 * file_no / len(files))
        decoded = decode(path, workdir)
        sources.append(Source(file_no, path.name, decoded.path, "text", decoded.lines))
    wanted = _as_tuples(mapping)
    known = [header for names in wanted.values() for header in names]
    heads = [read.look(source, kind, known) for source in sources]
    kind = kind or _common_kind(sources, heads)
    matches = [headers.match(head.headers, kind) for head in heads]
    columns = {
        source.file_no: _columns(head, match, wanted if mapping is not None else None)
        for source, head, match in zip(sources, heads, matches, strict=True)
    }
    first = heads[0]
    missing = {label for each in columns.values() for label in headers.missing(headers.kind(kind), each)}
    return _Opened(
        sources,
        heads,
        columns,
        Preview(
            kind=kind,
            mapping=_named(first, columns[0]),
            headers=first.headers,
            confidence=min(match.confidence for match in matches),
            samples=first.samples,
            missing=tuple(sorted(missing)),
        ),
    )


def _common_kind(sources: Sequence[Source], heads: Sequence[Head]) -> str:
    kinds = [headers.recognise(head.headers).kind.name for head in heads]
    if len(set(kinds)) > 1:
        other = next(i for i, name in enumerate(kinds) if name != kinds[0])
        raise MixedKinds(
            f"{sources[0].name} 像是{headers.kind(kinds[0]).label}表，{sources[other].name} 像是"
            f"{headers.kind(kinds[other]).label}表。请分开导入。"
        )
    return kinds[0]


def _as_tuples(mapping: Mapped | None) -> dict[str, tuple[str, ...]]:
    return {
        field: (names,) if isinstance(names, str) else tuple(names) for field, names in (mapping or {}).items() if names
    }


def _columns(
    head: Head, match: headers.Match, wanted: Mapping[str, tuple[str, ...]] | None
) -> dict[str, tuple[int, ...]]:
    """What the user said; where this file lacks the header he named, what its own headers say."""
    if wanted is None:
        return dict(match.columns)
    places = {headers.normalise(header): at for at, header in reversed(list(enumerate(head.headers)))}
    columns = {}
    for field, names in wanted.items():
        at = tuple(places[headers.normalise(name)] for name in names if headers.normalise(name) in places)
        if at or field in match.columns:
            columns[field] = at or match.columns[field]
    return columns


def _named(head: Head, columns: Mapping[str, tuple[int, ...]]) -> dict[str, str | tuple[str, ...]]:
    return {
        field: head.headers[at[0]] if len(at) == 1 else tuple(head.headers[i] for i in at)
        for field, at in columns.items()
    }


def _insist(seen: Preview) -> None:
    if seen.confidence < 0.6 and not seen.mapping:
        raise UnknownKind
    if seen.missing:
        raise MissingColumns(f"缺少必需的列：{'、'.join(seen.missing)}。请在「表头对应」里指定。")
