"""定时取数: every place, what came of it last, and what waits for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.intake.pickup.api import Item, Latest, Pickup, Trial
from huoshui.web.console import numbers
from huoshui.web.console.contexts import pickup_words as words
from huoshui.web.console.contexts import rooms
from huoshui.web.console.markup import bold
from huoshui.web.console.retell import retell

UNDER_WAY = ("fetching", "trying", "importing")


@dataclass(frozen=True)
class Row:
    url: str
    name: str
    icon: str
    kind: str
    where: str
    often: str
    next: str
    state: str
    tone: str
    came: str
    came_url: str
    ago: str


@dataclass(frozen=True)
class NewKind:
    url: str
    icon: str
    label: str
    means: str


@dataclass(frozen=True)
class Pickups:
    sentence: SafeString
    rows: list[Row]
    kinds: tuple[NewKind, ...]


@dataclass(frozen=True)
class ItemRow:
    id: int
    name: str
    size: str
    state: str
    tone: str
    said: str
    rows: int
    problems: int
    url: str
    at: datetime
    is_waiting: bool
    put_away: str


@dataclass(frozen=True)
class TrialView:
    """What a trial saw; `is_asked`: a worker is on its way."""

    url: str
    is_asked: bool
    is_late: bool
    trial: Trial | None
    said: str
    fingerprint: str
    files: tuple[tuple[str, str, datetime], ...]
    notes: tuple[str, ...]
    label: str


@dataclass(frozen=True)
class PickupView:
    id: int
    name: str
    icon: str
    sentence: SafeString
    facts: tuple[tuple[str, str], ...]
    items: list[ItemRow]
    trial: TrialView
    is_enabled: bool
    is_other_server: bool
    may_mind: bool
    may_set_up: bool
    done: str
    error: str


def pickups(actor: Actor) -> Pickups:
    """Raises NotFound for an actor who may not see them."""
    found = rooms.pickup.pickups(actor)
    kinds = rooms.pickup.KINDS if rooms.pickup.may_set_up(actor) else ()
    return Pickups(
        sentence=_all_said(found),
        rows=[_row(one, latest) for one, latest in found],
        kinds=tuple(
            NewKind(
                reverse("console:pickup-new", args=[kind]),
                words.ICONS[kind],
                str(words.KINDS[kind]),
                str(words.KIND_MEANS[kind]),
            )
            for kind in kinds
        ),
    )


def _all_said(found: Sequence[tuple[Pickup, Latest]]) -> SafeString:
    if not found:
        return format_html("{}", _("还没有定时取数。设好一处，表格就按时自己进来，读不懂的才等您看。"))
    on = sum(one.is_enabled for one, _latest in found)
    waiting = sum(latest.waiting for _one, latest in found)
    failing = sum(one.is_enabled and bool(one.fault) for one, _latest in found)
    if waiting:
        said = ngettext(
            "{n} 份表格等您看一眼；其余的照常自己进来。",
            "{n} 份表格等您看一眼；其余的照常自己进来。",
            waiting,
        )
        return format_html(said, n=bold(numbers.count(waiting), "bad"))
    if failing:
        said = ngettext(
            "{n} 处现在取不到，会自动再试；没有丢东西。",
            "{n} 处现在取不到，会自动再试；没有丢东西。",
            failing,
        )
        return format_html(said, n=bold(numbers.count(failing), "bad"))
    said = ngettext("{n} 处在按时取，都正常。", "{n} 处在按时取，都正常。", on)
    return format_html(said, n=bold(numbers.count(on)))


def _row(one: Pickup, latest: Latest) -> Row:
    state, tone = _state(one, latest)
    now = clock.now()
    return Row(
        url=reverse("console:pickup", args=[one.id]),
        name=one.name,
        icon=words.ICONS[one.kind],
        kind=str(words.KINDS[one.kind]),
        where=where(one),
        often=often(one),
        next=_soon(one.next_at, now) if one.is_enabled else "—",
        state=state,
        tone=tone,
        came=_came(latest),
        came_url=reverse("console:import", args=[latest.run_id]) if latest.run_id else "",
        ago=numbers.ago(now - latest.settled_at) if latest.settled_at else "",
    )


def _state(one: Pickup, latest: Latest) -> tuple[str, str]:
    if latest.waiting:
        return _("{n} 份等您看").format(n=numbers.count(latest.waiting)), "clay"
    if not one.is_enabled:
        return _("已暂停"), ""
    return (_("取不到"), "clay") if one.fault else (_("正常"), "water")


def _came(latest: Latest) -> str:
    if latest.settled_at is None or latest.path is None:
        return _("还没有取到")
    rows = numbers.count(latest.rows or 0)
    if latest.problems:
        return _("{file}：{rows} 行，{problems} 处读不懂").format(
            file=_(latest.path), rows=rows, problems=numbers.count(latest.problems)
        )
    return _("{file}：{rows} 行").format(file=_(latest.path), rows=rows)


def where(one: Pickup) -> str:
    """The place in a line, as one would say it."""
    place = one.place
    if one.kind == "folder":
        return place["path"]
    if one.kind == "sftp":
        port = "" if place.get("port", "22") == "22" else f":{place['port']}"
        return f"{place['user']}@{place['host']}{port}/{place.get('path', '').lstrip('/')}"
    if one.kind == "s3":
        return f"{place['bucket']}/{place.get('path', '').strip('/')}".rstrip("/")
    if place["dialect"] == "sqlite":
        return place["database"]
    return f"{words.DIALECTS[place['dialect']]} · {place['host']}/{place['database']}"


def often(one: Pickup) -> str:
    if one.daily_at is not None:
        return _("每天 {time}").format(time=f"{one.daily_at:%H:%M}")
    minutes = one.every_minutes or 0
    if minutes % 1440 == 0:
        return ngettext("每 {n} 天", "每 {n} 天", minutes // 1440).format(n=minutes // 1440)
    if minutes % 60 == 0:
        return ngettext("每 {n} 小时", "每 {n} 小时", minutes // 60).format(n=minutes // 60)
    return ngettext("每 {n} 分钟", "每 {n} 分钟", minutes).format(n=minutes)


def _soon(at: datetime, now: datetime) -> str:
    if at <= now:
        return _("马上")
    here = at.astimezone(clock.brand_zone())
    if here.date() == now.astimezone(clock.brand_zone()).date():
        return f"{here:%H:%M}"
    return f"{numbers.short_day(at)} {here:%H:%M}"


def pickup(actor: Actor, pickup_id: int, *, done: str = "", error: str = "") -> PickupView:
    """Raises NotFound."""
    one = rooms.pickup.pickup_for(actor, pickup_id)
    items = rooms.pickup.items(actor, pickup_id)
    may_import = rooms.imports.may_import(actor)
    return PickupView(
        id=one.id,
        name=one.name,
        icon=words.ICONS[one.kind],
        sentence=_said(one, items),
        facts=_facts(one),
        items=[_item(item, may_import) for item in items],
        trial=_trial(actor, one),
        is_enabled=one.is_enabled,
        is_other_server=one.fault == "host_key_changed",
        may_mind=rooms.pickup.may_import(actor),
        may_set_up=rooms.pickup.may_set_up(actor),
        done=str(words.DONE.get(done, "")),
        error=error,
    )


def _said(one: Pickup, items: Sequence[Item]) -> SafeString:
    waiting = sum(item.state == "waiting" for item in items)
    if one.fault:
        return format_html("{}{}", bold(_("没有取到："), "bad"), retell(one.said))
    if waiting:
        said = ngettext(
            "{n} 份表格等您看一眼，看过就接着走。", "{n} 份表格等您看一眼，看过就接着走。", waiting
        )
        return format_html(said, n=bold(numbers.count(waiting), "bad"))
    if not one.is_enabled:
        return format_html("{}", _("还没有启用。先试一下，看到的是您要的表格，再启用。"))
    done = [item for item in items if item.state == "done"]
    if not done:
        return format_html(
            _("{often}去取，下一次：{at}。还没有取到表格。"),
            often=bold(often(one)),
            at=bold(_soon(one.next_at, clock.now())),
        )
    return format_html(
        _("{often}去取，下一次：{at}。最近一份 {rows} 行，已入账。"),
        often=bold(often(one)),
        at=bold(_soon(one.next_at, clock.now())),
        rows=bold(numbers.count(done[0].rows)),
    )


def _facts(one: Pickup) -> tuple[tuple[str, str], ...]:
    facts = [
        (_("从哪里"), f"{words.KINDS[one.kind]} · {where(one)}"),
        (_("多久一次"), often(one)),
        (_("来源"), one.source_name),
    ]
    if one.kind == "sql":
        cursor = one.query.cursor_column
        facts.append((_("游标列"), cursor or _("没有，每次都取全部")))
        if one.cursor:
            facts.append((_("取到"), one.cursor["value"].replace("T", " ")))
    else:
        facts += [
            (_("文件名"), one.files.pattern),
            (_("怎样算传完"), str(words.COMPLETE[one.files.complete])),
            (
                _("取完后"),
                _("移到 {folder}").format(folder=one.files.done_folder)
                if one.files.done_folder
                else _("留在原处"),
            ),
        ]
    if one.host_key:
        facts.append((_("服务器身份"), rooms.pickup.fingerprint(one.host_key)))
    if one.looked_at:
        facts.append((_("上次去看"), numbers.ago(clock.now() - one.looked_at)))
    return tuple(facts)


def _item(item: Item, may_import: bool) -> ItemRow:
    state, tone = words.STATES[item.state]
    return ItemRow(
        id=item.id,
        name=_(item.path),
        size=size(item.size) if item.size else "—",
        state=str(state),
        tone=tone,
        said=retell(item.said),
        rows=item.rows,
        problems=item.problems,
        url=reverse("console:import", args=[item.run_id]) if item.run_id and may_import else "",
        at=item.settled_at or item.seen_at,
        is_waiting=item.state == "waiting",
        put_away="" if item.put_away in ("", "-") else item.put_away,
    )


def size(count: int) -> str:
    if count < 1 << 20:
        return f"{max(1, count >> 10):,} KB"
    return f"{count / (1 << 20):,.1f} MB"


def trial(actor: Actor, pickup_id: int) -> TrialView:
    """For the panel that asks again until there is an answer."""
    if not rooms.pickup.may_set_up(actor):
        raise NotFound
    return _trial(actor, rooms.pickup.pickup_for(actor, pickup_id))


def _trial(actor: Actor, one: Pickup) -> TrialView:
    seen = rooms.pickup.trial(actor, one.id)
    asked = one.trial_asked_at
    return TrialView(
        url=reverse("console:pickup-trial", args=[one.id]),
        is_asked=asked is not None,
        is_late=asked is not None and (clock.now() - asked).total_seconds() > 30,
        trial=seen,
        said=retell(seen.said) if seen else "",
        fingerprint=rooms.pickup.fingerprint(seen.host_key) if seen and seen.host_key else "",
        files=tuple((name, size(count), datetime.fromisoformat(at)) for name, count, at in seen.files)
        if seen
        else (),
        notes=tuple(map(retell, seen.notes)) if seen else (),
        label=_(seen.label) if seen and seen.label else "",
    )
