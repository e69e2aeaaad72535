"""One text of one value, whoever writes it and when: what is hashed to know it again."""

from __future__ import annotations

import json
from typing import Any

import msgspec

_slow = json.JSONEncoder(sort_keys=True, ensure_ascii=False).encode
_fast = msgspec.json.Encoder(order="sorted").encode
_spaced = msgspec.json.format


def text(value: Any) -> str:
    """JSON of plain values (dict, list, str, int, float, bool, None), as `json.dumps(value, sort_keys=True,
    ensure_ascii=False)` writes it but for the exponents of very large and very small floats, in a quarter of its time."""
    try:
        return _spaced(_fast(value), indent=0).decode()
    except (OverflowError, UnicodeEncodeError):  # an integer of more than 64 bits; half a character
        return _slow(value)
