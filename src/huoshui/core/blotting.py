"""Words taken out of files where they stand: byte for byte, so that whoever has the file open, or appends, is not disturbed.

Ten thousand people have some hundred thousand spellings. So a text is parted into what a word could begin with, and that is
looked up: what it costs grows with the text and not with the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_ENCODINGS = ("utf-8", "gb18030", "utf-16-le")
_PARTING = frozenset(b',;\t|"\r\n\x00')
_RUN = re.compile(rb"[0-9A-Za-z_]+")
_IN_RUN = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
_HEAD = 2  # bytes by which a spelling is found that begins with no letter or digit of ASCII


@dataclass(frozen=True)
class Words:
    """Words as they may stand in a file, and not as a part of a longer number or name. `lengths`: what a spelling begins with
    (its letters and digits, or its first two bytes) → how long those that begin so are, the longest first."""

    spelt: frozenset[bytes]
    lengths: Mapping[bytes, Sequence[int]]
    heads: re.Pattern[bytes] | None

    def search(self, text: bytes) -> bool:
        return next(self._found(text), None) is not None

    def starred(self, text: bytes) -> bytes:
        """The text with stars over the words."""
        told = bytearray(text)
        for start, end in self._found(text):
            told[start:end] = b"*" * (end - start)
        return bytes(told)

    def _found(self, text: bytes) -> Iterator[tuple[int, int]]:
        """From the left, none within another."""
        end = 0
        for start in self._starts(text):
            if start < end:
                continue
            for length in self.lengths[self._key(text, start)]:
                after = start + length
                if after > len(text):
                    continue
                if text[start:after] in self.spelt and text[after : after + 1] not in _ENDS_WITHIN:
                    yield start, after
                    end = after
                    break

    def _starts(self, text: bytes) -> list[int]:
        runs: list[int] = []
        if not self.lengths.keys().isdisjoint(_RUN.findall(text)):
            runs = [run.start() for run in _RUN.finditer(text) if run.group() in self.lengths]
        others: list[int] = []
        if self.heads and not self.lengths.keys().isdisjoint(self.heads.findall(text)):
            others = [head.start() for head in self.heads.finditer(text) if head.group(1) in self.lengths]
        return sorted(runs + others)

    def _key(self, text: bytes, start: int) -> bytes:
        run = _RUN.match(text, start)
        return run.group() if run else text[start : start + _HEAD]


_ENDS_WITHIN = frozenset(bytes([sign]) for sign in _IN_RUN)


def pattern(words: Iterable[str]) -> Words | None:
    """These words in every spelling a file may have them in. None where there are none."""
    spelt = frozenset(
        form
        for word in words
        for encoding in _ENCODINGS
        for form in (word.encode(encoding), word.lower().encode(encoding))
        if len(form) >= _HEAD
    )
    if not spelt:
        return None
    lengths: dict[bytes, set[int]] = {}
    for form in spelt:
        run = _RUN.match(form)
        lengths.setdefault(run.group() if run else form[:_HEAD], set()).add(len(form))
    firsts = sorted({key[0] for key in lengths if key[0] not in _IN_RUN})
    heads = None
    if firsts:
        begins = b"".join(re.escape(bytes([first])) for first in firsts)
        heads = re.compile(rb"(?<![0-9A-Za-z_])(?=([" + begins + rb"].))", re.DOTALL)
    return Words(spelt, {key: sorted(many, reverse=True) for key, many in lengths.items()}, heads)


def blot(path: Path, found: Words, *, whole_line: bool) -> int:
    """Stars over each line that has one of the words, or over the word alone. Returns how many lines.

    What parts the fields of a line stays, so that the file can still be read.
    """
    hits = at = 0
    with path.open("rb") as lines, path.open("r+b") as file:
        for line in lines:
            if found.search(line):
                file.seek(at)
                file.write(_stars(line) if whole_line else found.starred(line))
                hits += 1
            at += len(line)
    return hits


def _stars(line: bytes) -> bytes:
    return bytes(sign if sign in _PARTING else 0x2A for sign in line)
