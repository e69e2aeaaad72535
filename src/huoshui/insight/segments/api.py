"""The door of segments within the room; others come by `huoshui.insight.api`."""

from __future__ import annotations

from huoshui.insight.segments.actions import (
    SegmentKeyReused,
    SegmentNameTaken,
    SegmentRing,
    SegmentVersionOld,
    create,
    may_export,
    may_see,
    may_write,
    rename,
    save_version,
    set_state,
    users_of,
)
from huoshui.insight.segments.exports import export
from huoshui.insight.segments.jobs import refresh_soon
from huoshui.insight.segments.judging import BadRule, as_document
from huoshui.insight.segments.judging import text_of as as_text
from huoshui.insight.segments.preview import TooLong, call_off, preview
from huoshui.insight.segments.reads import (
    days,
    find,
    lately,
    listed,
    listed_for_figures,
    members,
    name_and_members,
    of_person,
    overlap,
    overlaps,
    segments_of,
    versions,
)
from huoshui.insight.segments.refreshing import refresh
from huoshui.insight.segments.types import (
    Cost,
    Day,
    Member,
    Membership,
    Overlap,
    Passage,
    Preview,
    Refreshed,
    Saved,
    Segment,
    Version,
)

__all__ = [
    "BadRule",
    "Cost",
    "Day",
    "Member",
    "Membership",
    "Overlap",
    "Passage",
    "Preview",
    "Refreshed",
    "Saved",
    "Segment",
    "SegmentKeyReused",
    "SegmentNameTaken",
    "SegmentRing",
    "SegmentVersionOld",
    "TooLong",
    "Version",
    "as_document",
    "as_text",
    "call_off",
    "create",
    "days",
    "export",
    "find",
    "lately",
    "listed",
    "listed_for_figures",
    "may_export",
    "may_see",
    "may_write",
    "members",
    "name_and_members",
    "of_person",
    "overlap",
    "overlaps",
    "preview",
    "refresh",
    "refresh_soon",
    "rename",
    "save_version",
    "segments_of",
    "set_state",
    "users_of",
    "versions",
]
