"""The one door of the room: what the facts mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from types import ModuleType

import pyarrow as pa

from huoshui.insight.context.actions import record_events, record_figures
from huoshui.insight.context.foreseeing import expected as expected_days
from huoshui.insight.context.goals import Goal, Goals, month_goals
from huoshui.insight.context.reads import events, figures
from huoshui.insight.context.types import Event, Figure
from huoshui.insight.context.types_expected import ExpectedDay
from huoshui.insight.expectation import Expected, expect, like_days
from huoshui.insight.given import BadQuestion, Strings, require
from huoshui.insight.lake import AllBut, At, Lake, open_lake
from huoshui.insight.metrics import api as metrics
from huoshui.insight.portraits import api as portraits
from huoshui.insight.questions import (
    alive,
    away,
    effect,
    grade,
    groups,
    known,
    next_product,
    portrait,
    rfm,
    sales,
    today,
    why,
)
from huoshui.insight.rhythm import Rhythm, person_summary
from huoshui.insight.said import SAID
from huoshui.insight.segments import api as segments
from huoshui.insight.tags import api as tags
from huoshui.insight.types import Answer, Cell, Column, Grid, Money

__all__ = [
    "QUESTIONS",
    "SAID",
    "AllBut",
    "Answer",
    "At",
    "BadQuestion",
    "Column",
    "Event",
    "Expected",
    "ExpectedDay",
    "Figure",
    "Goal",
    "Goals",
    "Grid",
    "Money",
    "Rhythm",
    "ask",
    "count_people",
    "events",
    "expect",
    "expected_days",
    "figures",
    "like_days",
    "metrics",
    "month_goals",
    "people",
    "person_labels",
    "person_rhythm",
    "portraits",
    "record_events",
    "record_figures",
    "segments",
    "tags",
]

Given = str | int | date | Iterable[str] | None

QUESTIONS: Mapping[str, ModuleType] = {
    module.NAME: module
    for module in (sales, today, why, rfm, groups, grade, alive, next_product, portrait, effect, away, known)
}
LABELS = {name: module.LABEL_ZH for name, module in QUESTIONS.items()}


def ask(name: str, at: At | None = None, /, **params: Given) -> Answer:
    """A Python keyword takes an underscore: `ask("sales", by="day", from_="2017-01-01")`. `at`: of what these units
    sold alone, which is all that their dealer may be told of."""
    question = _question(name)
    answer: Answer = question.result(_lake(at), question.Params.parse(_strings(params)))
    return answer


def people(
    name: str,
    params: Mapping[str, Given],
    cell: Cell,
    limit: int = 50,
    after: int | None = None,
    at: At | None = None,
) -> list[int]:
    """Canonical ids of the people in a cell, ascending; `after` is the last id of the page before. `at` as in `ask`."""
    lake, question = _lake(at), _question(name)
    found = question.people(lake, question.Params.parse(_strings(params)), cell)
    if after is not None:
        found = found.filter(found.person_id > after)
    page = lake.run(found.order_by("person_id").limit(limit))
    return [int(person_id) for person_id in page.column("person_id").to_pylist()]


def count_people(name: str, params: Mapping[str, Given], cell: Cell, at: At | None = None) -> int:
    lake, question = _lake(at), _question(name)
    found = question.people(lake, question.Params.parse(_strings(params)), cell)
    return int(lake.run(found.agg(people=found.count())).column("people")[0].as_py())


def person_rhythm(person_id: int) -> list[Rhythm]:
    """One person's rhythm by category, whichever of their ids is given."""
    return person_summary(open_lake(), [person_id])


def person_labels() -> pa.Table:
    """person_id, grade, frequency, ticket of everyone who bought in the newest twelve months."""
    lake = open_lake()
    day = lake.newest_day()
    grades, cells = grade.person_grades(lake, day), groups.person_cells(lake, day)
    return lake.run(grades.inner_join(cells, "person_id").order_by("person_id"))


def _lake(at: At | None) -> Lake:
    lake = open_lake()
    return lake if at is None else lake.at(at)


def _question(name: str) -> ModuleType:
    require(name, LABELS, "问题")
    return QUESTIONS[name]


def _strings(params: Mapping[str, Given]) -> Strings:
    return {name.rstrip("_"): _string(value) for name, value in params.items() if value is not None}


def _string(value: str | int | date | Iterable[str]) -> str | list[str]:
    if isinstance(value, (str, int, date)):
        return str(value)
    return [str(item) for item in value]
