"""What every place of files can do, and the walk through its folders."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple, Protocol

from huoshui.intake.pickup import rules
from huoshui.intake.pickup.faults import Fault
from huoshui.intake.pickup.types import Entry

MOST: Final = 10_000
CHUNK: Final = 1 << 20


class Sink(Protocol):
    def write(self, data: bytes, /) -> object: ...


class Place(Protocol):
    """Raises Fault, and nothing else that could be expected."""

    is_atomic: bool
    """Whether it shows only files that are whole."""
    host_key: str

    def look(self, patterns: tuple[str, ...]) -> list[Entry]: ...

    def fetch(self, entry: Entry, target: Sink) -> None:
        """Its bytes as the entry tells of them: Fault 'changed' where it is another by now."""
        ...

    def put_away(self, entry: Entry, target: str) -> None:
        """Give it another name within the place. Fault 'changed' where it is another by now, 'exists' never overwrites."""
        ...

    def close(self) -> None: ...


class Seen(NamedTuple):
    """One thing in a folder."""

    name: str
    is_folder: bool
    is_file: bool
    size: int
    mark: str
    modified: float


def walk(list_folder: Callable[[str], Iterable[Seen]], patterns: tuple[str, ...]) -> list[Entry]:
    """All files that match; folders are entered only where a match may lie."""
    wanted, deepest = rules.matcher(patterns), rules.depth(patterns)
    found: list[Entry] = []
    names: set[str] = set()
    looked = 0
    folders = [("", 0)]
    while folders:
        folder, level = folders.pop()
        for seen in list_folder(folder):
            looked += 1
            if looked > MOST:
                raise Fault("too_many_files")
            entry = entry_of(folder, seen)
            names.add(entry.path)
            if seen.is_folder and entry.is_fit and level < deepest and rules.may_lead(entry.path, patterns):
                folders.append((entry.path, level + 1))
            elif seen.is_file and _is_wanted(seen.name, entry, wanted.fullmatch(entry.path) is not None):
                found.append(entry)
    return rules.with_markers(found, frozenset(names))


def _is_wanted(name: str, entry: Entry, is_matching: bool) -> bool:
    # One with an unfit name is told of where a table might have been meant, whatever the pattern
    return is_matching and not rules.is_unfinished(name) if entry.is_fit else _looks_like_a_table(name)


def _looks_like_a_table(name: str) -> bool:
    return name.lower().endswith((".csv", ".xlsx", ".xls", ".zip", ".txt", ".parquet"))


def entry_of(folder: str, seen: Seen, *, tag: str = "") -> Entry:
    is_fit = rules.is_fit_name(seen.name)
    name = seen.name if is_fit else rules.shown(seen.name)
    path = f"{folder}/{name}" if folder else name
    return Entry(path, seen.size, seen.mark, seen.modified, is_fit=is_fit, tag=tag)
