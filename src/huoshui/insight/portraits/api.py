"""The door of portraits within the room; others come by `huoshui.insight.api`."""

from __future__ import annotations

from huoshui.core.actor import Actor
from huoshui.insight.lake import open_lake
from huoshui.insight.portraits import actions, reads
from huoshui.insight.portraits.actions import call_type, say_typical
from huoshui.insight.portraits.guarding import TooFew
from huoshui.insight.portraits.kinds import NoTypes
from huoshui.insight.portraits.reads import NobodyThere, SameSegment, may_see, may_see_people, shown
from huoshui.insight.portraits.types import Mark, Portrait, Trait, Type, Types, Typical

__all__ = [
    "Mark",
    "NoTypes",
    "NobodyThere",
    "Portrait",
    "SameSegment",
    "TooFew",
    "Trait",
    "Type",
    "Types",
    "Typical",
    "behind",
    "call_type",
    "count_behind",
    "find_types",
    "may_see",
    "may_see_people",
    "people_of_type",
    "portrait",
    "say_typical",
    "shown",
    "types",
    "typical",
]


def portrait(actor: Actor, segment_id: int, *, against: int | None = None, lang: str = "zh") -> Portrait:
    """See `reads.portrait`."""
    return reads.portrait(open_lake(), actor, segment_id, against=against, lang=lang)


def behind(
    actor: Actor, segment_id: int, attribute: str, value: str, *, limit: int = 50, after: int = 0
) -> list[int]:
    """See `reads.behind`."""
    return reads.behind(open_lake(), actor, segment_id, attribute, value, limit=limit, after=after)


def count_behind(actor: Actor, segment_id: int, attribute: str, value: str) -> int:
    return reads.count_behind(open_lake(), actor, segment_id, attribute, value)


def typical(actor: Actor, segment_id: int, *, lang: str = "zh") -> list[Typical]:
    """See `reads.typical_of`."""
    return reads.typical_of(open_lake(), actor, segment_id, lang=lang)


def types(actor: Actor, *, lang: str = "zh") -> Types | None:
    """See `reads.types`."""
    return reads.types(open_lake(), actor, lang=lang)


def people_of_type(actor: Actor, key: int, *, limit: int = 50, after: int = 0) -> list[int]:
    return reads.people_of_type(open_lake(), actor, key, limit=limit, after=after)


def find_types(*, actor: Actor) -> int:
    """See `actions.find_types`."""
    return actions.find_types(open_lake(), actor=actor)
