"""Who was erased, beside the database: a restored backup does not know it any more, this file does.

One line for each mark (a keyed hash, see `identity.erasing`). It lies with the keys, without which it says nothing, and is
never put back from a backup: it only grows.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings


def place() -> Path:
    return Path(settings.HUOSHUI_KEYS).parent / "erased.jsonl"


def add(marks: Sequence[str], *, is_back: bool = False) -> None:
    """On the disk when this returns. `is_back`: they may come again."""
    if not marks:
        return
    word = "back" if is_back else "erased"
    lines = "".join(json.dumps({word: mark}) + "\n" for mark in marks)
    descriptor = os.open(place(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, lines.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def marks() -> set[str]:
    """Those that hold now."""
    found: set[str] = set()
    if place().exists():
        with place().open(encoding="utf-8") as file:
            for line in file:
                try:
                    said = json.loads(line)
                except ValueError:
                    continue  # the last line of a process that was killed while it wrote: it had not erased yet
                found.add(said["erased"]) if "erased" in said else found.discard(said["back"])
    return found
