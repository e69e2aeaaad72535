"""Frozen values of the catalogue: what is measured, and what a question to it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from ibis.common.deferred import Deferred

from huoshui.insight.types import Column, Grid, Kind

Source = Literal["sales", "first", "again", "follows", "footfall", "commission", "stock"]
Adding = Literal["sums", "no", "places"]
"""sums: parts add up to the whole. no: whoever bought at two stores is one customer of both. places: stores add up, days do
not (what lies on a shelf)."""


@dataclass(frozen=True)
class Measure:
    """`formula` aggregates the rows of its source (`metrics/sources`); a measure without one is the first of `parts` divided by
    the second, where both are measures of the catalogue. `kind` is unit and format at once: money is in minor units."""

    name: str
    label_zh: str
    label_en: str
    kind: Kind
    says_zh: str
    says_en: str
    source: Source | None = None
    formula: Deferred | None = None
    parts: tuple[str, str] | None = None
    adding: Adding = "sums"
    opens: bool = False

    @property
    def column(self) -> Column:
        return Column(self.name, self.label_zh, self.label_en, self.kind, self.opens)


@dataclass(frozen=True)
class Asked:
    """`by` empty: one row, the whole. `where`: values a row must have, by dimension; several of one are alternatives.
    `first` and `last` are business days, both included."""

    measures: tuple[str, ...]
    by: tuple[str, ...] = ()
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    first: date | None = None
    last: date | None = None
    limit: int | None = None
    lang: str = "zh"


@dataclass(frozen=True)
class Told(Grid):
    """`whole`: the same measures of everything asked for, which is not the sum of the rows where a measure does not add up.
    `left_off`: rows beyond `limit`. `fresh`: up to when each source is complete, ISO text; None while it has nothing."""

    sentence: str = ""
    whole: Mapping[str, Any] = field(default_factory=dict)
    left_off: int = 0
    fresh: Mapping[str, str | None] = field(default_factory=dict)

    def measures(self) -> Sequence[Column]:
        return tuple(c for c in self.columns if c.kind not in ("dimension", "text"))
