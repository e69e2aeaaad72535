"""The door of the catalogue within the room; others come by `huoshui.insight.api`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from huoshui.insight.lake import Lake, open_lake
from huoshui.insight.metrics import asking, cuts
from huoshui.insight.metrics.asking import written
from huoshui.insight.metrics.besides import Beside
from huoshui.insight.metrics.catalogue import MEASURES, needs
from huoshui.insight.metrics.sources import may_cut
from huoshui.insight.metrics.types import Asked, Measure, Told
from huoshui.insight.types import Cell, Column

__all__ = [
    "MEASURES",
    "Asked",
    "Beside",
    "Measure",
    "Told",
    "ask",
    "count_people",
    "cuttable",
    "people",
    "written",
]

_DIMENSIONS = (*cuts.TIME, *cuts.PLACE, *cuts.PRODUCT, *cuts.LINE, "tier", "guide")


def ask(
    measures: Sequence[str],
    by: Sequence[str] = (),
    where: Mapping[str, Sequence[str]] | None = None,
    between: tuple[date | None, date | None] = (None, None),
    *,
    at: Collection[int] | None = None,
    beside: Mapping[str, Beside] | None = None,
    limit: int | None = None,
    lang: str = "zh",
) -> Told:
    """Measures of the business days `between`, both included. `at`: of these units alone, which is all that their dealer may
    be told of. `beside`: tables other rooms keep. Raises BadQuestion."""
    asked = _asked(measures, by, where, between, limit, lang)
    return asking.ask(_lake(at), asked, beside or {})


def people(
    measure: str,
    cell: Cell,
    where: Mapping[str, Sequence[str]] | None = None,
    between: tuple[date | None, date | None] = (None, None),
    *,
    at: Collection[int] | None = None,
    limit: int = 50,
    after: int | None = None,
) -> list[int]:
    """Canonical ids of the people behind a measure in a cell, ascending; `after` is the last id of the page before."""
    lake = _lake(at)
    found = asking.people(lake, _asked([measure], (), where, between, None, "zh"), measure, cell)
    if after is not None:
        found = found.filter(found.person_id > after)
    page = lake.run(found.order_by("person_id").limit(limit))
    return [int(person_id) for person_id in page.column("person_id").to_pylist()]


def count_people(
    measure: str,
    cell: Cell,
    where: Mapping[str, Sequence[str]] | None = None,
    between: tuple[date | None, date | None] = (None, None),
    *,
    at: Collection[int] | None = None,
) -> int:
    lake = _lake(at)
    found = asking.people(lake, _asked([measure], (), where, between, None, "zh"), measure, cell)
    return int(lake.run(found.agg(people=found.count())).column("people")[0].as_py())


def cuttable(measure: str) -> list[Column]:
    """What a measure may be cut by; beside these, where the buyer is one: `attr.…`, `tag.…`, `segment.…`."""
    parts = needs((measure,)).values()
    names = [name for name in _DIMENSIONS if all(may_cut(part, name) for part in parts)]
    return [cuts.columns_of([name])[0] for name in names]


def _asked(
    measures: Sequence[str],
    by: Sequence[str],
    where: Mapping[str, Sequence[str]] | None,
    between: tuple[date | None, date | None],
    limit: int | None,
    lang: str,
) -> Asked:
    values: Any = tuple((name, tuple(given)) for name, given in (where or {}).items())
    return Asked(tuple(dict.fromkeys(measures)), tuple(by), values, *between, limit=limit, lang=lang)


def _lake(at: Collection[int] | None) -> Lake:
    lake = open_lake()
    return lake if at is None else lake.at(at)
