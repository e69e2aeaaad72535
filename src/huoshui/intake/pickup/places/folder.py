"""A folder of the machine on which the workers run."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from huoshui.intake.pickup import addresses
from huoshui.intake.pickup.faults import Fault
from huoshui.intake.pickup.places.base import CHUNK, Seen, Sink, walk
from huoshui.intake.pickup.types import Entry


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise Fault("vanished") from None
    except PermissionError:
        raise Fault("denied") from None
    except OSError:
        raise Fault("failed") from None


class Folder:
    is_atomic = False
    host_key = ""

    def __init__(self, place: Mapping[str, str]) -> None:
        path = Path(place["path"])
        if path == addresses.inbox():
            path.mkdir(parents=True, exist_ok=True)
        self._root = addresses.within_allowed(path)
        if not self._root.is_dir():
            raise Fault("no_folder")

    def look(self, patterns: tuple[str, ...]) -> list[Entry]:
        with _told():
            return walk(self._list, patterns)

    def _list(self, folder: str) -> Iterator[Seen]:
        with os.scandir(self._root / folder) as things:
            for thing in things:
                try:
                    about = thing.stat(follow_symlinks=False)  # a link may lead out of what is allowed
                except FileNotFoundError:
                    continue
                kind = about.st_mode
                yield Seen(
                    thing.name,
                    stat.S_ISDIR(kind),
                    stat.S_ISREG(kind),
                    about.st_size,
                    _mark(about),
                    about.st_mtime,
                )

    def fetch(self, entry: Entry, target: Sink) -> None:
        with _told(), self._opened(entry) as file:
            if _mark(os.fstat(file.fileno())) != entry.mark:
                raise Fault("changed")
            taken = 0
            while chunk := file.read(CHUNK):
                taken += len(chunk)
                target.write(chunk)
            if taken != entry.size or _mark(os.fstat(file.fileno())) != entry.mark:
                raise Fault("changed")

    def _opened(self, entry: Entry) -> BinaryIO:
        path = self._path(entry.path)
        return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")

    def put_away(self, entry: Entry, target: str) -> None:
        with _told():
            source, goal = self._path(entry.path), self._path(target)
            if _mark(source.lstat()) != entry.mark:
                raise Fault("changed")
            goal.parent.mkdir(parents=True, exist_ok=True)
            os.link(source, goal)  # unlike a renaming it never takes another's place
            source.unlink()

    def _path(self, path: str) -> Path:
        """Folders on the way may have become links since they were listed."""
        whole = self._root / path
        if not whole.parent.resolve().is_relative_to(self._root):
            raise Fault("not_allowed_folder")
        return whole

    def close(self) -> None:
        pass


def _mark(about: os.stat_result) -> str:
    return f"{about.st_size}:{about.st_mtime_ns}"
