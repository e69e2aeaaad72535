"""What callers ask of measures, and what they are answered."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from msgspec import Meta

from huoshui.web.api.answers import Answer
from huoshui.web.api.bodies import Given

Name = Annotated[str, Meta(min_length=1, max_length=80)]


class MetricsToAsk(Given, frozen=True, kw_only=True):
    """`by` empty: the whole in one row. `where`: by dimension, the values a row must have; an empty text is for none. `first`
    and `last` are business days, both included. `limit`: rows at most, the largest of the first measure."""

    measures: Annotated[list[Name], Meta(min_length=1, max_length=20)]
    by: Annotated[list[Name], Meta(max_length=4)] = []
    where: dict[
        Name, Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(min_length=1, max_length=200)]
    ] = {}
    first: date | None = None
    last: date | None = None
    limit: Annotated[int, Meta(ge=1, le=100_000)] = 10_000


class MetricView(Answer, frozen=True, kw_only=True):
    """`kind`: money is in minor units, share a part of one, ratio a plain number, days days. `adds_up`: whether parts sum to
    the whole (places: over stores, not over days). `by`: what it may be cut by."""

    name: str
    label: str
    says: str
    kind: str
    adds_up: str
    formula: str
    by: list[str]


class MetricsAnswer(Answer, frozen=True, kw_only=True):
    metrics: list[MetricView]


class MeasuredAnswer(Answer, frozen=True, kw_only=True):
    """`rows` by the names asked for; a dimension of which a row has none is null, and so is what cannot be divided. `whole`:
    the same of everything asked for. `fresh`: up to when each source is complete; null: it has nothing yet."""

    rows: list[dict[str, Any]]
    whole: dict[str, Any]
    left_off: int
    sentence: str
    fresh: dict[str, str | None]
