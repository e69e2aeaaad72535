"""Tags on a person's page: what is said of her, by whom and why, and saying something by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import Refused
from huoshui.insight.api import tags as kinds
from huoshui.web.console import numbers
from huoshui.web.console.contexts import cards, rooms
from huoshui.web.console.contexts.parties import by_name
from huoshui.web.console.contexts.segments import language
from huoshui.web.console.contexts.tags import ENDED, SOURCES

_PAST = 12


@dataclass(frozen=True)
class Reason:
    source: str
    says: str
    points: list[tuple[str, int, str]]
    """What spoke for it: words, points, and the share it rests on."""


@dataclass(frozen=True)
class Chip:
    id: str
    given_id: int
    url: str
    name: str
    value: str
    since: datetime
    expires_at: datetime | None
    is_sensitive: bool
    is_hand: bool
    can_end: bool
    reasons: list[Reason]


@dataclass(frozen=True)
class Past:
    name: str
    value: str
    since: datetime
    until: datetime
    why: str


@dataclass(frozen=True)
class TagsPanel:
    person_id: int
    name: str
    chips: list[Chip]
    past: list[Past]
    choices: list[tuple[int, str, str]]
    """(tag, name, the values it may have)."""
    error: str
    said: Mapping[str, str]


def panel(
    actor: Actor, person_id: int, *, error: str = "", said: Mapping[str, str] | None = None
) -> TagsPanel:
    """Raises NotFound for a person who is absent or not the actor's to see."""
    api = rooms.insight.tags
    card = rooms.people.card_for(actor, person_id)
    worn = api.of_person(actor, card.person_id)
    all_of_it = api.history(actor, card.person_id)
    return TagsPanel(
        person_id=card.person_id,
        name=cards.name_of(card),
        chips=[_chip(actor, place, one, all_of_it) for place, one in enumerate(worn)],
        past=[Past(w.name, _value(w), w.since, w.until, _why_ended(w)) for w in _ended(all_of_it) if w.until],
        choices=[(t.id, t.name, "、".join(kinds.all_values(t.definition))) for t in api.to_give(actor)],
        error=error,
        said=said or {},
    )


def _ended(all_of_it: list[kinds.Worn]) -> list[kinds.Worn]:
    """The latest first. That somebody became one with another is told elsewhere."""
    over = [(w.until, w) for w in all_of_it if w.until and w.ended_why != "merged"]
    return [w for _until, w in sorted(over, key=lambda o: o[0], reverse=True)[:_PAST]]


def _value(one: kinds.Worn) -> str:
    return "" if one.kind == "flag" else one.value


def _chip(actor: Actor, place: int, one: kinds.Worn, all_of_it: list[kinds.Worn]) -> Chip:
    also = [w for w in all_of_it if w.tag_id == one.tag_id and w.until is None and w.value == one.value]
    return Chip(
        id=f"tag-{place}",
        given_id=one.id,
        url=reverse("console:tag", args=[one.tag_id]) if rooms.insight.tags.may_see(actor) else "",
        name=one.name,
        value=_value(one),
        since=one.since,
        expires_at=one.expires_at,
        is_sensitive=one.is_sensitive,
        is_hand=one.source == "hand",
        can_end=one.source in ("hand", "import", "model"),
        reasons=[_reason(w) for w in also],
    )


def _reason(one: kinds.Worn) -> Reason:
    points = [
        (str(w["says"]), int(w["weight"]), numbers.percent(w["share"]) if "share" in w else "")
        for w in one.why
        if "says" in w and "weight" in w
    ]
    return Reason(str(SOURCES[one.source]), _said(one, bool(points)), points)


def _said(one: kinds.Worn, has_points: bool) -> str:
    match one.source:
        case "hand":
            return _("{who}写的：{reason}").format(who=by_name(one.actor_name), reason=one.reason)
        case "import":
            return _("名单里写的：{origin}").format(origin=one.origin)
        case "model":
            score = "" if one.score is None else f"{one.score:.2f}"
            return _("模型 {name} 给的，把握 {score}").format(name=one.origin, score=score)
        case "inference" if has_points:
            return _("几个信号合起来，第 {n} 版").format(n=one.version_no)
        case _:
            return _("第 {n} 版规则：{says}").format(n=one.version_no, says=one.says(language()))


def _why_ended(one: kinds.Worn) -> str:
    why = str(ENDED.get(one.ended_why, ""))
    if one.ended_reason:
        return _("{who}拿掉：{reason}").format(who=one.ended_by, reason=one.ended_reason)
    return why


def act(actor: Actor, person_id: int, said: Mapping[str, str]) -> None:
    """Raises Refused with what to mend; NotFound. In the caller's transaction."""
    card: Any = rooms.people.card_for(actor, person_id)
    reason = said.get("reason", "")
    match said.get("act"):
        case "give":
            rooms.insight.tags.give(
                person_id=card.person_id,
                tag_id=_number(said.get("tag")),
                value=said.get("value", ""),
                reason=reason,
                actor=actor,
            )
        case "end":
            rooms.insight.tags.end(_number(said.get("id")), reason=reason, actor=actor)
        case _:
            raise Refused(_("请选一个标签。"))


def _number(text: str | None) -> int:
    if not text or not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Refused(_("请选一个标签。"))
    return int(text)
