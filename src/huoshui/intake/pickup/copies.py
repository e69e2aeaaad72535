"""Copies under way, under the home. Once whole, a copy goes to its import and is kept there as uploads are."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Final

from django.conf import settings

from huoshui.intake.pickup import rules
from huoshui.intake.pickup.faults import AT_MOST, Fault

_SPARE: Final = 512 << 20
"""Bytes of the disk that stay free for the rest of the house."""


def folder(pickup_id: int, item_id: int) -> Path:
    return Path(settings.HUOSHUI_HOME) / "pickups" / str(pickup_id) / str(item_id)


def fresh_folder(pickup_id: int, item_id: int) -> Path:
    """Empty: half of what a killed worker fetched is of no use."""
    place = folder(pickup_id, item_id)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    return place


def drop(pickup_id: int, item_id: int) -> None:
    shutil.rmtree(folder(pickup_id, item_id), ignore_errors=True)


class Copy:
    """A file under way: counted, hashed, and never larger than it may be."""

    def __init__(self, path: Path, *, size: int, largest: int = rules.LARGEST) -> None:
        if size > largest:
            raise Fault("too_large", AT_MOST.format(size=f"{largest >> 20:,}"))
        if shutil.disk_usage(path.parent).free < size + _SPARE:
            raise Fault("disk_full")
        self._file = path.open("wb")
        self._hash = hashlib.sha256()
        self._left = largest

    def __enter__(self) -> Copy:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, data: bytes, /) -> int:
        taken = memoryview(data)  # a chunk of obstore's is no bytes, but can be read as such
        self._left -= len(taken)
        if self._left < 0:
            raise Fault("too_large")
        self._hash.update(taken)
        try:
            self._file.write(taken)
        except OSError:
            raise Fault("disk_full") from None
        return len(taken)

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()
