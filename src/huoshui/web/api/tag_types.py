"""What callers say of tags, and what they are answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta

from huoshui.web.api.answers import Answer
from huoshui.web.api.bodies import Given, Text
from huoshui.web.api.segment_types import Rule
from huoshui.web.api.versions import VersionView

Value = Annotated[str, Meta(min_length=1, max_length=30)]
Reason = Annotated[
    str, Meta(min_length=1, max_length=200, description="Why; whoever looks at the tag reads it.")
]
Kind = Literal["flag", "one", "several", "number"]
Values = Annotated[list[Value], Meta(max_length=40)]


class TagRule(Given, frozen=True, kw_only=True):
    """Whoever the rule means has the value. Of a tag of one value the first rule that holds counts."""

    value: Value
    rule: Rule


class TagSignal(Given, frozen=True, kw_only=True):
    """What speaks for a value: a rule, or a measure of at least `at_least`. `weight` is in points."""

    says: Annotated[str, Meta(max_length=100)] = ""
    weight: Annotated[int, Meta(ge=1, le=1000)]
    rule: Rule | None = None
    measure: Annotated[str, Meta(max_length=40)] = ""
    at_least: Annotated[float, Meta(ge=0, le=1)] = 0.0


class TagGuess(Given, frozen=True, kw_only=True):
    """The value is taken from `enough` points on."""

    value: Value
    enough: Annotated[int, Meta(ge=1, le=40_000)]
    signals: Annotated[list[TagSignal], Meta(min_length=1, max_length=40)]


class TagMeaning(Given, frozen=True, kw_only=True):
    """Rules or guesses or neither; hands, lists and models may speak of every tag."""

    meaning: Text = ""
    values: Values = []
    rules: Annotated[list[TagRule], Meta(max_length=40)] = []
    guesses: Annotated[list[TagGuess], Meta(max_length=40)] = []


class TagToDefine(Given, frozen=True, kw_only=True):
    """`sensitive`: inferred from health and the like. It is off until the owner or the privacy officer switches it on."""

    key: Annotated[str, Meta(min_length=1, max_length=40, pattern="^[a-z][a-z0-9_]*$")]
    name: Annotated[str, Meta(min_length=1, max_length=20)]
    kind: Kind
    category: Annotated[
        str, Meta(max_length=83, description="A path joined by /, of four steps at most.")
    ] = ""
    sensitive: bool = False
    lifetime_days: Annotated[int, Meta(ge=1, le=3660)] | None = None
    means: TagMeaning = TagMeaning()
    reason: Text = ""


class TagVersionToSave(Given, frozen=True, kw_only=True):
    """`version`: the one you have read; saved only if it is still the present one."""

    means: TagMeaning
    version: Annotated[int, Meta(ge=1)] | None = None
    reason: Text = ""


class TagToGive(Given, frozen=True, kw_only=True):
    """`value` is left out for a tag that one has or has not."""

    tag: Annotated[str, Meta(min_length=1, max_length=40, description="Its key.")]
    value: Value | None = None
    reason: Reason


class TagToEnd(Given, frozen=True, kw_only=True):
    reason: Reason


class TagView(Answer, frozen=True, kw_only=True):
    """`by`: rule, inference, or hand (hands, lists and models). `is_pending`: it is new and being worked out."""

    tag_id: int
    key: str
    name: str
    category: str
    kind: str
    by: str
    is_sensitive: bool
    state: str
    owner: str
    version: int
    lifetime_days: int | None
    sentence: str
    values: list[str]
    people: int
    is_pending: bool
    problem: str


class TagsAnswer(Answer, frozen=True, kw_only=True):
    tags: list[TagView]


class TagVersionView(VersionView, frozen=True, kw_only=True):
    means: dict[str, Any]


class TagAnswer(Answer, frozen=True, kw_only=True):
    """`people` by value; versions from the newest."""

    tag: TagView
    people: dict[str, int]
    versions: list[TagVersionView]


class TagMember(Answer, frozen=True, kw_only=True):
    customer_id: int
    value: str
    number: float | None
    source: str
    since: datetime
    until: datetime | None


class TagMembersAnswer(Answer, frozen=True, kw_only=True):
    """`until`, of a member: when it expires. `next`: the `after` of the next page; null on the last."""

    members: list[TagMember]
    next: int | None


class WornTag(Answer, frozen=True, kw_only=True):
    """`reason`: what whoever gave it said. `signals`: what spoke for it. `until`: when it expires."""

    record_id: int
    tag: str
    name: str
    category: str
    value: str
    number: float | None
    is_sensitive: bool
    source: str
    by: str
    reason: str
    sentence: str
    signals: list[dict[str, Any]]
    score: float | None
    since: datetime
    until: datetime | None


class CustomerTagsAnswer(Answer, frozen=True, kw_only=True):
    """What is believed of the customer now; a human before a list, a list before a machine."""

    customer_id: int
    tags: list[WornTag]


class TagGivenAnswer(Answer, frozen=True, kw_only=True):
    customer_id: int
    record_id: int
