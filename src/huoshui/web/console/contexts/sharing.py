"""Of a person's identifiers: which of them many share, who said so, and who may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.people.api import Identifier, SaidShared
from huoshui.web.console.contexts import parties, rooms


@dataclass(frozen=True)
class Sharing:
    """`act`: what may be said of it, 'shared' or 'own'; '' where nothing."""

    act: str
    who: str = ""
    at: datetime | None = None
    reason: str = ""
    is_by_rule: bool = False
    error: str = ""
    said: str = ""


@dataclass(frozen=True)
class Failed:
    """What somebody wrote that could not stand, and why."""

    identifier_id: int
    error: str
    said: str


def of(
    actor: Actor, person_id: int, identifiers: Sequence[Identifier], failed: Failed | None
) -> dict[int, Sharing]:
    """Identifier → what may be said of it."""
    may = rooms.people.may_say_shared(actor)
    known = rooms.people.shared_of(actor, person_id) if any(i.is_guarded for i in identifiers) else {}
    found = {}
    for one in identifiers:
        told = known.get(one.id)
        wrong = failed if failed and failed.identifier_id == one.id else None
        found[one.id] = Sharing(
            act=_act(one, told) if may else "",
            who=parties.who(actor, told.actor) if told and told.actor else "",
            at=told.at if told else None,
            reason=told.reason if told else "",
            is_by_rule=bool(told and told.is_by_rule),
            error=wrong.error if wrong else "",
            said=wrong.said if wrong else "",
        )
    return found


def _act(one: Identifier, told: SaidShared | None) -> str:
    if one.ends_at is not None or (told is not None and told.is_by_rule):
        return ""
    return "own" if told else "shared"


def act(actor: Actor, person_id: int, identifier_id: int, said: Mapping[str, str]) -> None:
    """Raises NotFound, Refused."""
    what = {"shared": rooms.people.say_shared, "own": rooms.people.say_own}.get(said.get("act", ""))
    if what is None:
        raise NotFound
    reason = said.get("reason", "")
    if len(reason) > 300:
        raise Refused(_("原因请写短一些，三百字以内。"))
    what(actor, person_id, identifier_id=identifier_id, reason=reason)


def done(said: str) -> str:
    if said == "shared":
        return _("记下了，这个号码多人共用，不再用来认人。被它连成一个人的，一分钟内会重新判断。")
    if said == "own":
        return _("记下了，这个号码又用来认人。以前分开的不会自动合并，需要的话请手工合并。")
    return ""
