"""The lake's rows once more, by person: what a few people did is found without reading what everybody did.

Data files lie by day, as nearly every question asks. Ten thousand people of five million are in all of them. So each worker
keeps books on its own disk, below HUOSHUI_HOME: plain columns sorted by person, each book the copy of some data files.
Data files never change, so neither do books; one whose files the lake no longer has (merged, written anew without somebody
who was erased) is thrown away. Nothing is lost with a book but the time to write it again.

What is known of people (`state_now`) is written anew key by key, many keys with each flush: a file of it gets its book when
it is asked for a second time, and is read as it lies until then.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import mmap
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from huoshui.lake import tables
from huoshui.lake.engines.base import Shelf

# What rules ask of people's rows; a column that is not here cannot be asked for by mistake, since the tables lack it.
COLUMNS = {
    "facts": ("fact_id", "name", "person_id", "org_unit_id", "occurred_at", "business_day", "amount"),
    "order_lines": (
        "order_id", "kind", "is_reversal", "person_id", "org_unit_id", "sku_id", "occurred_at",
        "business_day", "channel", "quantity", "amount", "discount", "flags",
    ),
}  # fmt: skip
STATE = "state_now"
_STATE_COLUMNS = ("person_id", "key", "value", "number", "at", "seq", "source_id")
WORTH_IT = 2_000_000
"""Rows. Fewer are read whole in the time it takes to look in a book."""
_BOOK_ROWS = 16_000_000
_SMALL_BOOK = 1_000_000
_SMALL_BOOKS = 8
"""So many small ones, as a flush a minute makes them, are written into one."""
_AT_ONCE = 500_000
_STATE_WORTH_IT = 250_000
_HELD_BYTES = 32_000_000
_MOST_WORDS = 100_000
"""A column of more different texts, names or addresses, is read as it lies."""

Ints = npt.NDArray[np.int64]
Ask = Callable[[Sequence[str], str], Any]
"""Rows of these data files, by an SQL text in which {rows} stands for them, as a DuckDB result."""


@dataclass(frozen=True)
class _Kept:
    """How a column lies in a book: numbers of one width, text as the place in a list of words."""

    arrow: pa.DataType

    @property
    def numbers(self) -> Any:
        if pa.types.is_string(self.arrow):
            return np.dtype("int32")
        if pa.types.is_boolean(self.arrow):
            return np.dtype("uint8")
        if pa.types.is_floating(self.arrow):
            return np.dtype("float64")
        return np.dtype(f"int{self.arrow.bit_width}")

    def put(self, column: pa.Array, words: list[str]) -> npt.NDArray[Any]:
        if pa.types.is_string(self.arrow):
            column = pc.index_in(column, pa.array(words, pa.string()))
        plain = column.cast(pa.from_numpy_dtype(self.numbers)).fill_null(0)
        values: npt.NDArray[Any] = plain.to_numpy(zero_copy_only=False)
        return values

    def take(self, values: npt.NDArray[Any], is_null: npt.NDArray[Any] | None, words: list[str]) -> pa.Array:
        made = pa.array(values, mask=is_null)
        if pa.types.is_string(self.arrow):
            return pa.array(words, pa.string()).take(made)
        return made.cast(self.arrow)


class Book:
    """Some data files' rows of known people."""

    def __init__(self, folder: Path, name: str) -> None:
        told = json.loads((folder / "book.json").read_text(encoding="utf-8"))
        self.folder, self.files, self.rows = folder, frozenset(told["files"]), int(told["rows"])
        self._kept = _kept(name)
        self._words: dict[str, list[str]] = told["words"]
        self._persons = _mapped(folder / "persons", np.dtype("int64"))
        self._starts = _mapped(folder / "starts", np.dtype("int64"))
        self._columns = {c: _mapped(folder / c, kept.numbers) for c, kept in self._kept.items()}
        self._nulls = {
            c: _mapped(folder / f"{c}.null", np.dtype("bool")) for c in self._kept if c in told["nullable"]
        }

    def of(self, person_ids: Ints) -> pa.Table:
        """Ids ascending."""
        at = self._places(person_ids)
        return pa.table(
            {
                column: kept.take(
                    _at(self._columns[column], at),
                    _at(self._nulls[column], at) if column in self._nulls else None,
                    self._words.get(column, []),
                )
                for column, kept in self._kept.items()
            }
        )

    def _places(self, person_ids: Ints) -> Ints:
        found = np.searchsorted(self._persons, person_ids)
        found = found[found < len(self._persons)]
        found = found[np.isin(self._persons[found], person_ids)]
        found = np.unique(found)
        first = self._starts[found]
        count = self._starts[found + 1] - first
        places: Ints = np.repeat(first - (np.cumsum(count) - count), count) + np.arange(count.sum())
        return places


class ByPerson:
    """Books of the shelves of one engine."""

    def __init__(self) -> None:
        self._open: dict[str, dict[Path, Book]] = {}
        self._asked: set[str] = set()
        self._wordy: set[str] = set()

    def rows(self, shelf: Shelf, person_ids: Sequence[int], ask: Ask) -> pa.Table:
        return _found(shelf.name, self._books(shelf, shelf.files, ask), person_ids)

    def state(
        self, shelf: Shelf, person_ids: Sequence[int], keys: Sequence[str], ask: Ask
    ) -> tuple[pa.Table, list[str]]:
        """What is known of them as far as there are books of it, and the files that are to be read beside. Keys may be how
        keys begin."""
        wanted = {
            file
            for file, part, rows in zip(shelf.files, shelf.parts, shelf.rows, strict=True)
            if rows >= _STATE_WORTH_IT and _is_asked(part, keys)
        }
        if not wanted:
            return _found(shelf.name, [], person_ids), list(shelf.files)
        again = sorted(wanted & self._asked - self._wordy)
        self._asked = self._asked.intersection(shelf.files) | wanted
        self._wordy.intersection_update(shelf.files)
        books = [book for book in self._books(shelf, again, ask) if book.files <= wanted]
        read = frozenset[str]().union(*(book.files for book in books))
        return _found(shelf.name, books, person_ids), [file for file in shelf.files if file not in read]

    def _books(self, shelf: Shelf, files: Sequence[str], ask: Ask) -> list[Book]:
        """That have each of these files of the shelf once, and maybe others; what is missing is written now."""
        root = _root() / shelf.name
        root.mkdir(parents=True, exist_ok=True)
        with _alone(root):
            known = self._open.get(shelf.name, {})
            found = {
                path.parent: known.get(path.parent) or Book(path.parent, shelf.name)
                for path in sorted(root.glob("*/book.json"))
            }
            kept = self._fitting(found, shelf)
            covered = frozenset[str]().union(*(book.files for book in kept.values()))
            rows = dict(zip(shelf.files, shelf.rows, strict=True))
            missing = [(file, rows[file]) for file in files if file not in covered]
            for pile in _piles(missing, alone=shelf.name == STATE):
                if shelf.name == STATE and _is_wordy(pile, ask):
                    self._wordy.update(pile)
                    continue
                folder = _write(root, shelf.name, pile, ask)
                kept[folder] = Book(folder, shelf.name)
            self._open[shelf.name] = kept
        return list(kept.values())

    def _fitting(self, found: dict[Path, Book], shelf: Shelf) -> dict[Path, Book]:
        files = set(shelf.files)
        kept = {path: book for path, book in found.items() if book.files <= files}
        small = [path for path, book in kept.items() if book.rows < _SMALL_BOOK and shelf.name != STATE]
        if len(small) >= _SMALL_BOOKS and len(files) > sum(len(kept[path].files) for path in kept):
            kept = {path: book for path, book in kept.items() if path not in small}
        for path in found.keys() - kept.keys():
            shutil.rmtree(path)
        return kept


def forget() -> None:
    """Throw all books of this machine away: somebody is erased, and their files are not the lake's to sweep."""
    if _root().exists():
        for root in _root().iterdir():
            with _alone(root):
                for path in root.glob("*/"):
                    shutil.rmtree(path)


def _root() -> Path:
    """Of this lake: a process may come to see another one, in tests."""
    place = hashlib.sha256(f"{settings.HUOSHUI_DATABASE_URL} {tables.warehouse()}".encode()).hexdigest()[:12]
    return Path(settings.HUOSHUI_HOME) / "by_person" / place


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _kept(name: str) -> dict[str, _Kept]:
    schema = tables.arrow_schema(name)
    columns = _STATE_COLUMNS if name == STATE else COLUMNS[name]
    return {column: _Kept(schema.field(column).type) for column in columns}


def _found(name: str, books: Sequence[Book], person_ids: Sequence[int]) -> pa.Table:
    wanted = np.unique(np.asarray(person_ids, dtype=np.int64))
    empty = pa.schema([(c, kept.arrow) for c, kept in _kept(name).items()]).empty_table()
    return pa.concat_tables([empty, *(book.of(wanted) for book in books)])


def _is_asked(key: object, keys: Sequence[str]) -> bool:
    return any(str(key) == asked or str(key).startswith(f"{asked}.") for asked in keys)


def _is_wordy(files: Sequence[str], ask: Ask) -> bool:
    (many,) = ask(files, "select approx_count_distinct(value) from {rows}").fetchone()
    return int(many) > _MOST_WORDS


def _mapped(path: Path, numbers: Any) -> npt.NDArray[Any]:
    if not path.stat().st_size:
        return np.empty(0, numbers)
    return np.memmap(path, numbers, mode="r")


def _at(column: npt.NDArray[Any], places: Ints) -> npt.NDArray[Any]:
    """Of a large column, what was looked at is not held: ten thousand people touch most pages of it, and of a lake of a
    hundred million facts all columns together are six gigabytes."""
    values: npt.NDArray[Any] = column[places]
    if column.nbytes > _HELD_BYTES and isinstance(column, np.memmap):
        column._mmap.madvise(mmap.MADV_DONTNEED)  # type: ignore[attr-defined]  # NumPy shows it to nobody else
    return values


def _piles(files: list[tuple[str, int]], *, alone: bool = False) -> Iterator[list[str]]:
    pile: list[str] = []
    rows = 0
    for file, many in files:
        if pile and (alone or rows + many > _BOOK_ROWS):
            yield pile
            pile, rows = [], 0
        pile.append(file)
        rows += many
    if pile:
        yield pile


def _write(root: Path, name: str, files: list[str], ask: Ask) -> Path:
    key = hashlib.sha256("\n".join(sorted(files)).encode()).hexdigest()[:24]
    folder, making = root / key, root / f"{key}.making"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir()
    kept = _kept(name)
    every = 'select distinct "{column}" from {{rows}} where "{column}" is not null'
    words = {
        column: [row[0] for row in ask(files, every.format(column=column)).fetchall()]
        for column, each in kept.items()
        if pa.types.is_string(each.arrow)
    }
    columns = ", ".join(f'"{column}"' for column in kept)
    rows = ask(files, f"select {columns} from {{rows}} where person_id is not null order by person_id")
    pages = _Pages(making, kept, words)
    with pages.open():
        for batch in rows.to_arrow_reader(_AT_ONCE):
            pages.add(batch)
    for column in kept.keys() - pages.nullable:
        (making / f"{column}.null").unlink()
    told = {"files": sorted(files), "rows": pages.rows, "words": words, "nullable": sorted(pages.nullable)}
    (making / "book.json").write_text(json.dumps(told), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    making.rename(folder)
    return folder


class _Pages:
    """A book being written, from rows by person."""

    def __init__(self, folder: Path, kept: dict[str, _Kept], words: dict[str, list[str]]) -> None:
        self._folder, self._kept, self._words = folder, kept, words
        self._out: dict[str, IO[bytes]] = {}
        self._last: int | None = None
        self.rows = 0
        self.nullable: set[str] = set()

    @contextmanager
    def open(self) -> Iterator[None]:
        names = [*self._kept, *(f"{c}.null" for c in self._kept), "persons", "starts"]
        self._out = {name: (self._folder / name).open("wb") for name in names}
        try:
            yield
            np.array([self.rows], np.int64).tofile(self._out["starts"])
        finally:
            for file in self._out.values():
                file.close()

    def add(self, batch: pa.RecordBatch) -> None:
        for column, kept in self._kept.items():
            values = batch[column].cast(kept.arrow)
            kept.put(values, self._words.get(column, [])).tofile(self._out[column])
            values.is_null().to_numpy(zero_copy_only=False).tofile(self._out[f"{column}.null"])
            if values.null_count:
                self.nullable.add(column)
        persons = batch["person_id"].to_numpy()
        is_new = np.ones(len(persons), dtype=bool)
        is_new[1:] = persons[1:] != persons[:-1]
        is_new[:1] = persons[:1] != self._last
        at = np.flatnonzero(is_new)
        persons[at].tofile(self._out["persons"])
        (at + self.rows).astype(np.int64).tofile(self._out["starts"])
        self._last = int(persons[-1]) if len(persons) else self._last
        self.rows += len(persons)
