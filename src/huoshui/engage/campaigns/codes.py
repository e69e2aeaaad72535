"""Codes of coupons: sixty bits of chance in Crockford's base 32, and a check character that finds a slip of the hand.

https://www.crockford.com/base32.html; the check is its value modulo 37, and codes whose check would be one of the five
signs that no keyboard likes are not used.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from functools import lru_cache

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {sign: value for value, sign in enumerate(ALPHABET)}
_DIGITS = 12
_MODULUS = 37
_SAME = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


@lru_cache(maxsize=4096)  # a sale asks for its code at every turn
def key(code: str) -> str:
    """What a code comes to, however it was typed."""
    return code.strip().upper().translate(_SAME)


def new_codes(count: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        found.update(dict.fromkeys(_some(count - len(found))))
    return list(found)[:count]


def _some(count: int) -> Iterator[str]:
    chance = secrets.token_bytes(8 * count)
    for place in range(0, len(chance), 8):
        value = int.from_bytes(chance[place : place + 8]) >> 4
        if (check := value % _MODULUS) < len(ALPHABET):
            yield _written(value) + ALPHABET[check]


def _written(value: int) -> str:
    return "".join(ALPHABET[value >> shift & 31] for shift in range(5 * (_DIGITS - 1), -1, -5))


def is_well_formed(code: str) -> bool:
    """Whether one of ours could read so: every single wrong sign and every swap of neighbours is found."""
    signs = key(code)
    if len(signs) != _DIGITS + 1 or any(sign not in _VALUE for sign in signs):
        return False
    value = 0
    for sign in signs[:-1]:
        value = value * 32 + _VALUE[sign]
    return value % _MODULUS == _VALUE[signs[-1]]
