"""The CDNOW sample of Fader, Hardie and Lee (2005), as the package `lifetimes` carries it (ADR 0035)."""

from __future__ import annotations

import importlib.util
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np

from huoshui.insight.maths.bgnbd import Histories
from huoshui.insight.maths.fitting import Floats

WEEKS = 39
_END = date(1997, 9, 30)


class Cdnow(NamedTuple):
    """`mean` is that of repeat purchases; `held_out` and `spent` are what came in the 39 weeks after."""

    people: Histories
    held_out: Floats
    mean: Floats
    spent: Floats


def sample() -> Cdnow:
    """2,357 customers, 39 weeks to fit and 39 to hold against; days with two purchases are one. Weeks and dollars."""
    spec = importlib.util.find_spec("lifetimes")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    text = Path(spec.submodule_search_locations[0], "datasets", "CDNOW_sample.txt").read_text()
    spent: dict[str, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for _all_id, person, day, _units, amount in map(str.split, text.splitlines()):
        spent[person][date.fromisoformat(day)] += float(amount)
    x, t_x, T, held_out, mean, later = np.array(list(map(_row, spent.values())), dtype=np.float64).T
    return Cdnow(Histories(x, t_x, T), held_out, mean, later)


def _row(days: dict[date, float]) -> tuple[float, ...]:
    first = min(days)
    fitted = sorted(day for day in days if day <= _END)
    repeats = [days[day] for day in fitted[1:]]
    return (
        len(repeats),
        (fitted[-1] - first).days / 7,
        (_END - first).days / 7,
        len(days) - len(fitted),
        sum(repeats) / len(repeats) if repeats else 0.0,
        sum(amount for day, amount in days.items() if day > _END),
    )
