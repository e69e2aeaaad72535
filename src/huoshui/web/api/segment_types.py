"""What callers say of segments, and what they are answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta

from huoshui.web.api.answers import Answer
from huoshui.web.api.bodies import Given, Text

Rule = Annotated[
    dict[str, Any] | str,
    Meta(description="A rule as its JSON document, or in its text form; see docs/rules."),
]


class RuleToTry(Given, frozen=True, kw_only=True):
    """Whom would it mean?"""

    rule: Rule


class SegmentToSave(Given, frozen=True, kw_only=True):
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    rule: Rule
    reason: Text = ""


class VersionToSave(Given, frozen=True, kw_only=True):
    """`version`: the one you have read; saved only if it is still the present one."""

    rule: Rule
    version: Annotated[int, Meta(ge=1)] | None = None
    reason: Text = ""


class SegmentView(Answer, frozen=True, kw_only=True):
    """`change` in people over seven days, null while there is no such past. `is_pending`: its rule is new and being counted."""

    segment_id: int
    name: str
    state: str
    owner: str
    version: int
    sentence: str
    people: int
    change: int | None
    is_pending: bool
    is_incremental: bool
    refreshed_at: datetime | None
    problem: str


class SegmentsAnswer(Answer, frozen=True, kw_only=True):
    segments: list[SegmentView]


class SegmentVersion(Answer, frozen=True, kw_only=True):
    version: int
    rule: dict[str, Any]
    text: str
    sentence: str
    by: str
    reason: str
    saved_at: datetime


class SegmentAnswer(Answer, frozen=True, kw_only=True):
    """Versions from the newest."""

    segment: SegmentView
    versions: list[SegmentVersion]


class SegmentMember(Answer, frozen=True, kw_only=True):
    """`recheck_at`: when time alone may change it."""

    customer_id: int
    since: datetime
    recheck_at: datetime | None


class SegmentMembersAnswer(Answer, frozen=True, kw_only=True):
    """`next`: the `after` of the next page; null on the last."""

    members: list[SegmentMember]
    next: int | None


class SegmentPreviewAnswer(Answer, frozen=True, kw_only=True):
    """`files` and `rows`: what was there to be read at most."""

    people: int
    sample: list[int]
    sentence: str
    text: str
    is_incremental: bool
    files: int
    rows: int
    seconds: float
