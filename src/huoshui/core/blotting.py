"""Words taken out of files where they stand: byte for byte, so that whoever has the file open, or appends, is not disturbed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

_ENCODINGS = ("utf-8", "gb18030", "utf-16-le")
_PARTING = frozenset(b',;\t|"\r\n\x00')


def pattern(words: Iterable[str]) -> re.Pattern[bytes] | None:
    """These words as they may stand in a file, and not as a part of a longer number or name. None where there are none."""
    spelt = {
        re.escape(form)
        for word in words
        for encoding in _ENCODINGS
        for form in (word.encode(encoding), word.lower().encode(encoding))
    }
    if not spelt:
        return None
    longest_first = sorted(spelt, key=len, reverse=True)
    return re.compile(rb"(?<![0-9A-Za-z_])(?:" + b"|".join(longest_first) + rb")(?![0-9A-Za-z_])")


def blot(path: Path, found: re.Pattern[bytes], *, whole_line: bool) -> int:
    """Stars over each line that has one of the words, or over the word alone. Returns how many lines.

    What parts the fields of a line stays, so that the file can still be read.
    """
    hits = at = 0
    with path.open("rb") as lines, path.open("r+b") as file:
        for line in lines:
            if found.search(line):
                file.seek(at)
                file.write(_stars(line) if whole_line else found.sub(_as_stars, line))
                hits += 1
            at += len(line)
    return hits


def _stars(line: bytes) -> bytes:
    return bytes(sign if sign in _PARTING else 0x2A for sign in line)


def _as_stars(match: re.Match[bytes]) -> bytes:
    return b"*" * len(match.group())
