"""A number of hers that is wrong: who may put it right, and what came of trying."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.people.api import Identifier
from huoshui.web.console.contexts import rooms


@dataclass(frozen=True)
class Correcting:
    """`takes_value`: another may stand in its place; what a platform gives is only taken away."""

    takes_value: bool
    error: str = ""
    value: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Failed:
    """What somebody wrote that could not stand, and why."""

    identifier_id: int
    error: str
    value: str
    reason: str


def of(
    actor: Actor, identifiers: Sequence[Identifier], failed: Failed | None = None
) -> dict[int, Correcting]:
    """Identifier → how it may be put right. What many share is none of hers to correct."""
    if not rooms.people.rights_reads.may_handle(actor):
        return {}
    return {
        one.id: Correcting(
            one.kind in rooms.people.correcting.REPLACEABLE,
            *(
                (failed.error, failed.value, failed.reason)
                if failed and failed.identifier_id == one.id
                else ()
            ),
        )
        for one in identifiers
        if not one.is_guarded and one.ends_at is None
    }


def done(said: str) -> str:
    if said == "corrected":
        return _("改好了。旧号码不再用来认人，也不再往上面发消息；只靠它连成一个人的，一分钟内会重新判断。")
    return ""
