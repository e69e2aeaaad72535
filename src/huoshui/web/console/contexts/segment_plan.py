"""By the clock: when a slow segment is counted anew, and files of its members."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from huoshui.core.actor import Actor
from huoshui.core.errors import Refused
from huoshui.insight.api import segments as kinds
from huoshui.web.console import words
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts.people import Choice
from huoshui.web.console.retell import retell

AS_IT_COMES, AT_HOUR = "", "hour"
DAYS = (gettext_lazy("每一天"), *words.WEEKDAYS)


@dataclass(frozen=True)
class FileRow:
    url: str
    file: kinds.File


@dataclass(frozen=True)
class PlanContext:
    """`beats` is empty where the segment follows within seconds; `says` tells when it is counted."""

    url: str
    says: str
    beats: tuple[Choice, ...]
    beat_hours: tuple[Choice, ...]
    may_write: bool
    may_export: bool
    plan: kinds.Plan | None
    plan_says: str
    plan_error: str
    weekdays: tuple[Choice, ...]
    hours: tuple[Choice, ...]
    files: list[FileRow]
    is_archived: bool
    error: str
    done: bool


def plan(actor: Actor, segment_id: int, *, error: str = "", done: bool = False) -> PlanContext:
    """Raises NotFound."""
    api = rooms.insight.segments
    one, beat, may_export = api.find(actor, segment_id), api.beat_of(actor, segment_id), api.may_export(actor)
    planned = api.plan_of(actor, segment_id) if may_export else None
    chosen = str(beat.minutes) if beat.minutes else AT_HOUR if beat.hour is not None else AS_IT_COMES
    return PlanContext(
        url=reverse("console:segment-plan", args=[segment_id]),
        says=_beat_says(beat),
        beats=() if beat.is_incremental else tuple(_beats(chosen)),
        beat_hours=_hours(beat.hour if beat.hour is not None else 6),
        may_write=api.may_write(actor),
        may_export=may_export,
        plan=planned,
        plan_says=_plan_says(planned) if planned else "",
        plan_error=retell(planned.error) if planned else "",
        weekdays=tuple(
            Choice(str(n), str(label), n == ((planned and planned.weekday) or 0))
            for n, label in enumerate(DAYS)
        ),
        hours=_hours(planned.hour if planned else 8),
        files=[
            FileRow(reverse("console:segment-file", args=[segment_id, f.id]), f)
            for f in (api.files(actor, segment_id) if may_export else [])
        ],
        is_archived=one.state == "archived",
        error=error,
        done=done,
    )


def save(actor: Actor, segment_id: int, posted: Mapping[str, str]) -> None:
    """Raises NotFound, Refused."""
    api = rooms.insight.segments
    match posted.get("act", ""):
        case "beat":
            said = posted.get("beat", "")
            hour = _number(posted.get("beat_hour", "")) if said == AT_HOUR else None
            minutes = _number(said) if said not in (AS_IT_COMES, AT_HOUR) else None
            api.set_beat(segment_id, minutes=minutes, hour=hour, actor=actor)
        case "plan":
            weekday = _number(posted.get("weekday", ""))
            api.plan(segment_id, hour=_number(posted.get("hour", "")), weekday=weekday or None, actor=actor)
        case "unplan":
            api.unplan(segment_id, actor=actor)
        case _:
            raise Refused(_("没有这个操作。"))


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 4:
        raise Refused(_("请从列表里选。"))
    return int(text)


def _beats(chosen: str) -> list[Choice]:
    found = [Choice(AS_IT_COMES, _("有新数据就算，最快 5 分钟一次"), chosen == AS_IT_COMES)]
    found += [Choice(str(n), _every(n), chosen == str(n)) for n in kinds.BEATS]
    return [*found, Choice(AT_HOUR, _("每天一次，在"), chosen == AT_HOUR)]


def _every(minutes: int) -> str:
    if minutes < 60:
        return ngettext("每 {n} 分钟", "每 {n} 分钟", minutes).format(n=minutes)
    return ngettext("每 {n} 小时", "每 {n} 小时", minutes // 60).format(n=minutes // 60)


def _hours(chosen: int) -> tuple[Choice, ...]:
    return tuple(Choice(str(n), f"{n:02d}:00", n == chosen) for n in range(24))


def _beat_says(beat: kinds.Beat) -> str:
    if beat.is_incremental:
        return _("这条规则几秒之内就跟上，不用定时。")
    if beat.hour is not None:
        return _("每天 {hour} 整体重算一次。").format(hour=f"{beat.hour:02d}:00")
    if beat.minutes is not None:
        return _("{every}整体重算一次。").format(every=_every(beat.minutes))
    return _("这条规则要看所有人，有新数据时每隔几分钟整体重算一次。")


def _plan_says(planned: kinds.Plan) -> str:
    return _("{day} {hour} 按 {who} 的权限导出一份。").format(
        day=DAYS[planned.weekday or 0], hour=f"{planned.hour:02d}:00", who=planned.staff_name
    )
