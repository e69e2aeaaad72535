"""Phone numbers that look valid and come from here alone. They may belong to real people: nothing is ever sent to them."""

from __future__ import annotations

from typing import Final

import numpy as np

_PREFIXES: Final = np.array(
    [130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 150, 151, 152, 155, 156, 157, 158, 159, 180, 181, 182, 183, 185,
     186, 187, 188, 189],
    np.int64,
)  # fmt: skip
_STEP, _SHIFT, _RANGE = 48_271_009, 27_182_818, 100_000_000


def phones(places: np.ndarray) -> np.ndarray:
    """The number of each place below 10⁸, as whole numbers; no two have the same, and neighbours have nothing in common."""
    where = places.astype(np.int64)
    found: np.ndarray = (
        _PREFIXES[(where * 11 + where // 27) % len(_PREFIXES)] * _RANGE + (where * _STEP + _SHIFT) % _RANGE
    )
    return found


def phone(place: int) -> str:
    return str(int(phones(np.array([place]))[0]))
