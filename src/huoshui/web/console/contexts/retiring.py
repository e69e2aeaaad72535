"""A number of hers that somebody else has from a day on: saying so, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.people.api import Identifier
from huoshui.web.console.contexts import rooms


@dataclass(frozen=True)
class Failed:
    """What somebody wrote that could not stand, and why."""

    identifier_id: int
    error: str
    on: str
    reason: str


@dataclass(frozen=True)
class Retiring:
    """`act`: what may be said, 'retired' or 'not_retired'."""

    act: str
    latest: str
    on: str = ""
    reason: str = ""
    error: str = ""


def of(actor: Actor, one: Identifier, failed: Failed | None) -> Retiring | None:
    numbers = rooms.people.numbers
    if numbers.may_retire(actor, one):
        act = "retired"
    elif numbers.may_review(actor) and one.ends_at is not None and not one.is_guarded:
        act = "not_retired"
    else:
        return None
    wrong = failed if failed and failed.identifier_id == one.id else None
    latest = clock.today().isoformat()
    return Retiring(act, latest, wrong.on, wrong.reason, wrong.error) if wrong else Retiring(act, latest)


def act(actor: Actor, person_id: int, identifier_id: int, said: Mapping[str, str]) -> None:
    """Raises NotFound, Refused."""
    reason = said.get("reason", "")
    match said.get("act"):
        case "retired":
            on = _day(said.get("on", ""))
            rooms.people.numbers.retire(actor, person_id, identifier_id=identifier_id, on=on, reason=reason)
        case "not_retired":
            rooms.people.numbers.give_back(actor, person_id, identifier_id=identifier_id, reason=reason)
        case _unknown:
            raise NotFound


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise Refused(_("请填从哪天起换了人，写成 2026-03-01 这样。")) from error


def done(said: str) -> str:
    if said == "retired":
        return _("记下了。从那天起这个号码是新机主的；那天以后用它记的事，一分钟内会重新判断是谁的。")
    if said == "not_retired":
        return _("改回来了，号码又是她的；中间用它记的事，一分钟内会重新判断是谁的。")
    return ""
