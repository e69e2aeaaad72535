"""From the files a user gave to tables that the river can take: read, recognise, clean, group, set aside.

The tables are told in docs/adr/0003.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from huoshui.intake.files import clean, directory, guess, headers, problems, read, sales, shape, sources
from huoshui.intake.files.errors import FileRefused, MissingColumns, MixedKinds, UnknownField, UnknownKind
from huoshui.intake.files.formats.base import Format
from huoshui.intake.files.formats.registry import BY_NAME
from huoshui.intake.files.kinds import WAYS
from huoshui.intake.files.rows import lay_out
from huoshui.intake.files.types import Head, Mapped, Preview, Progress, Source, Staged

DATABASE: Final = "staged.duckdb"
AUTO, OWN = "auto", "own"
"""Formats one may ask for beside those by name: whichever the header bears; none, the table is one's own."""
_HALF_SURE: Final = 0.25
"""Half of the columns are known ones: worth saying which one is missing."""


def stage(
    files: Sequence[Path],
    *,
    kind: str | None,
    mapping: Mapped | None,
    workdir: Path,
    on_progress: Progress,
    sheet: str = "",
    form: str = AUTO,
    zone: str = "Asia/Shanghai",
) -> Staged:
    """`kind`, `mapping`, `sheet` and `form` (a format's name) are what the user said; None, '' and AUTO let the files tell.

    `zone` is the brand's: times that tell their own are moved to it. Raises FileRefused.
    """
    said = _Said(kind, mapping, sheet, form)
    opened = _open(files, said, workdir=workdir, on_progress=on_progress)
    seen = opened.preview
    _insist(seen, is_told=kind is not None or mapping is not None)
    database = workdir / DATABASE
    for left_over in (database, database.with_suffix(".duckdb.wal")):
        left_over.unlink(missing_ok=True)
    with read.connect(database, workdir / "scratch") as connection:
        clean.prepare(connection, zone=zone)
        counts = _fill(connection, opened, workdir, on_progress)
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
        format=seen.format,
    )


def preview(
    files: Sequence[Path],
    *,
    kind: str | None = None,
    mapping: Mapped | None = None,
    workdir: Path,
    sheet: str = "",
    form: str = AUTO,
) -> Preview:
    """What the files seem to be, for the user to confirm or correct. Raises FileRefused when they cannot be read.

    Columns of a file nobody knows are guessed here, and only here: what is guessed is never imported unseen.
    """
    said = _Said(kind, mapping, sheet, form)
    opened = _open(files, said, workdir=workdir, on_progress=_quiet)
    return (
        opened.preview if mapping is not None else guess.complete(opened.preview, opened.heads[0], said.kind)
    )


def _insist(seen: Preview, *, is_told: bool) -> None:
    if not seen.missing:
        return
    if not is_told and seen.confidence < _HALF_SURE:
        raise UnknownKind
    label = headers.kind(seen.kind).label
    raise MissingColumns(f"{label}表缺少必需的列：{'、'.join(seen.missing)}。请在「表头对应」里指定。")


@dataclass(frozen=True)
class _Said:
    """What the user said of the files."""

    kind: str | None
    mapping: Mapped | None
    sheet: str
    form: str

    @property
    def told(self) -> Format | None:
        return BY_NAME.get(self.form)


def _quiet(step: str, share: float) -> None:
    pass


@dataclass(frozen=True)
class _Opened:
    sources: Sequence[Source]
    heads: Sequence[Head]
    columns: Mapping[int, Mapping[str, tuple[int, ...]]]
    """File number → field → positions."""
    preview: Preview
    format: Format | None


def _fill(
    connection: duckdb.DuckDBPyConnection, opened: _Opened, workdir: Path, on_progress: Progress
) -> dict[str, int]:
    kind, of = headers.kind(opened.preview.kind), opened.format
    tables = []
    for source, head in zip(opened.sources, opened.heads, strict=True):
        on_progress(f"读取 {source.name}", 0.1 + 0.4 * source.file_no / len(opened.sources))
        used = [at for places in opened.columns[source.file_no].values() for at in places]
        every = range(head.width) if WAYS[kind.name] == "people" else used
        tables.append(read.load(connection, source, head, workdir, used=frozenset(every)))
        if of:
            shape.shape(connection, tables[-1], of)
    on_progress("整理每一行", 0.5)
    layout = lay_out(kind, tables, opened.columns, key=_key(kind), of=of)
    counts = sales.stage(connection, layout) if kind.name == "sales" else directory.stage(connection, layout)
    on_progress("写下没有收下的行", 0.95)
    problems.keep_rows(connection, layout)
    return {**counts, **problems.counts(connection, layout)}


def _key(kind: headers.Kind) -> str:
    """The field without which a row is nothing."""
    return "order_no" if kind.name == "sales" else next(iter(kind.key), "")


def _open(files: Sequence[Path], said: _Said, *, workdir: Path, on_progress: Progress) -> _Opened:
    workdir.mkdir(parents=True, exist_ok=True)
    wanted = _as_tuples(said.mapping)
    known = [header for names in wanted.values() for header in names]
    ready, heads = [], []
    for file_no, path in enumerate(files):
        on_progress(f"检查 {path.name}", 0.1 * file_no / len(files))
        try:
            ready.append(sources.prepare(path, file_no, workdir, sheet=said.sheet))
            heads.append(read.look(ready[-1], said.kind, known))
        except FileRefused as error:
            raise type(error)(f"{path.name}：{error}") if len(files) > 1 else error from error
    matches = _matches(ready, heads, said)
    kind, of = matches[0].kind, matches[0].format
    if unknown := wanted.keys() - {field.name for field in kind.fields}:
        raise UnknownField(f"表头对应里有认不出的项目：{'、'.join(sorted(unknown))}。")
    columns = {
        source.file_no: dict(match.columns) if said.mapping is None else _columns(head, match, wanted)
        for source, head, match in zip(ready, heads, matches, strict=True)
    }
    confidence = min(match.confidence for match in matches)
    return _Opened(ready, heads, columns, _preview(kind, of, heads[0], columns, confidence), of)


def _preview(
    kind: headers.Kind,
    of: Format | None,
    first: Head,
    columns: Mapping[int, Mapping[str, tuple[int, ...]]],
    confidence: float,
) -> Preview:
    missing = {label for each in columns.values() for label in headers.missing(kind, each, of)}
    return Preview(
        kind=kind.name,
        mapping=_named(first, columns[0]),
        headers=first.headers,
        confidence=confidence,
        samples=first.samples,
        missing=tuple(sorted(missing)),
        format=of.name if of else "",
        label=of.label if of else kind.label,
        is_weak=bool(of and of.is_weak),
        note=of.note if of else "",
    )


def _matches(ready: Sequence[Source], heads: Sequence[Head], said: _Said) -> list[headers.Match]:
    """What each file is. Several files of one import are of one kind, and of one platform's format or of none."""
    own = said.form == OWN
    if said.kind is None and said.told is None:
        found = [headers.recognise(head.headers, own=own) for head in heads]
    else:
        kind = said.told.kind if said.told else said.kind or ""
        found = [headers.match(head.headers, kind, own=own, told=said.told) for head in heads]
    for source, match in zip(ready, found, strict=True):
        if (match.kind, match.format) != (found[0].kind, found[0].format):
            raise MixedKinds(
                f"{ready[0].name} 像是{_what(found[0])}，{source.name} 像是{_what(match)}。请分开导入。"
            )
    return found


def _what(match: headers.Match) -> str:
    return f"「{match.format.label}」" if match.format else f"{match.kind.label}表"


def _as_tuples(mapping: Mapped | None) -> dict[str, tuple[str, ...]]:
    return {
        field: (names,) if isinstance(names, str) else tuple(names)
        for field, names in (mapping or {}).items()
        if names
    }


def _columns(
    head: Head, match: headers.Match, wanted: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[int, ...]]:
    """What the user said; where this file lacks the header he named, what its own headers say."""
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
