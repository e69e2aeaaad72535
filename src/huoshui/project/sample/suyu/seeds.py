"""Randomness by name: a part that is added or switched off shifts no other."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.random import Generator, Philox, SeedSequence


def generator(seed: int, *names: str | int) -> Generator:
    """The same seed and names give the same stream, whatever else is drawn."""
    digest = hashlib.sha256("/".join(map(str, names)).encode()).digest()
    return Generator(Philox(SeedSequence([seed, *np.frombuffer(digest, np.uint32).tolist()])))


def luck(seed: int, *keys: np.ndarray) -> np.ndarray:
    """Between 0 and 1 for each row, by what it is and not by where it stands: rows that come to it change no other's."""
    mixed = np.full(len(keys[0]), seed, np.uint64)
    for key in keys:
        mixed = (mixed ^ key.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    found: np.ndarray = (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53
    return found
