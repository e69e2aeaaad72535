"""What callers say of segments, and what they are answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta

from huoshui.web.api.answers import Answer
from huoshui.web.api.bodies import Given, Text
from huoshui.web.api.versions import VersionView

Rule = Annotated[
    dict[str, Any] | str,
    Meta(description="A rule as its JSON document, or in its text form; see docs/rules."),
]


Token = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,64}$")]


class RuleToTry(Given, frozen=True, kw_only=True):
    """Whom would it mean? With a token of your choosing, the count is called off under it, and by counting anew."""

    rule: Rule
    token: Token | None = None


class RuleToEstimate(Given, frozen=True, kw_only=True):
    rule: Rule


class CountToCallOff(Given, frozen=True, kw_only=True):
    token: Token


class SegmentToSave(Given, frozen=True, kw_only=True):
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    rule: Rule
    reason: Text = ""


class VersionToSave(Given, frozen=True, kw_only=True):
    """`version`: the one you have read; saved only if it is still the present one."""

    rule: Rule
    version: Annotated[int, Meta(ge=1)] | None = None
    reason: Text = ""


class ScheduleToSet(Given, frozen=True, kw_only=True):
    """When a rule that needs everyone is judged again: every so many minutes, or at one hour of the brand's day. Neither: as
    new records come, every five minutes at most."""

    every_minutes: Literal[5, 15, 30, 60, 120, 360, 720, 1440] | None = None
    at_hour: Annotated[int, Meta(ge=0, le=23)] | None = None


class ExportToPlan(Given, frozen=True, kw_only=True):
    """A file at this hour of the brand's day, each day or on one day of the week (1 is Monday). `hour` null: no more files;
    those that were made stay for their time."""

    hour: Annotated[int, Meta(ge=0, le=23)] | None
    weekday: Annotated[int, Meta(ge=1, le=7)] | None = None


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


class SegmentVersion(VersionView, frozen=True, kw_only=True):
    rule: dict[str, Any]
    text: str


class SegmentSchedule(Answer, frozen=True, kw_only=True):
    """Both null: as new records come. An incremental segment has no other."""

    every_minutes: int | None
    at_hour: int | None


class SegmentAnswer(Answer, frozen=True, kw_only=True):
    """Versions from the newest."""

    segment: SegmentView
    schedule: SegmentSchedule
    versions: list[SegmentVersion]


class ExportPlan(Answer, frozen=True, kw_only=True):
    """`by`: by whose rights. `problem`: why there was no file the last time."""

    hour: int
    weekday: int | None
    by: str
    set_at: datetime
    last_at: datetime | None
    problem: str


class ExportFile(Answer, frozen=True, kw_only=True):
    file_id: int
    made_at: datetime
    people: int
    by: str


class SegmentExports(Answer, frozen=True, kw_only=True):
    """Files from the newest; each is kept for 14 days, and all go when somebody is erased."""

    segment_id: int
    plan: ExportPlan | None
    files: list[ExportFile]


class SegmentMember(Answer, frozen=True, kw_only=True):
    """`recheck_at`: when time alone may change it."""

    customer_id: int
    since: datetime
    recheck_at: datetime | None


class SegmentMembersAnswer(Answer, frozen=True, kw_only=True):
    """`next`: the `after` of the next page; null on the last."""

    members: list[SegmentMember]
    next: int | None


class SegmentEstimateAnswer(Answer, frozen=True, kw_only=True):
    """`files`, `rows` and `bytes`: what there is to be read at most."""

    sentence: str
    text: str
    is_incremental: bool
    files: int
    rows: int
    bytes: int


class CountCalledOff(Answer, frozen=True, kw_only=True):
    token: str


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
