"""设备: which machines tell us things, whether they still do, and what of it could not be taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.intake.devices.api import AsideView, Binding, DeviceView, Taken
from huoshui.web.console import numbers
from huoshui.web.console.contexts import cards, device_terms, rooms
from huoshui.web.console.contexts import device_words as words
from huoshui.web.console.contexts.people import Choice
from huoshui.web.console.contexts.tracking_sources import may_act, may_see, require
from huoshui.web.console.markup import bold
from huoshui.web.console.retell import retell

QUIET = timedelta(days=1)


@dataclass(frozen=True)
class DeviceRow:
    url: str
    name: str
    kind: str
    code: str
    store: str
    persons: int
    taken: int
    ago: str
    is_quiet: bool
    is_on: bool
    troubles: tuple[str, ...]


@dataclass(frozen=True)
class Devices:
    sentence: SafeString
    rows: list[DeviceRow]
    kinds: tuple[Choice, ...]
    said: Mapping[str, str]
    may_act: bool
    error: str


@dataclass(frozen=True)
class BindingRow:
    id: int
    url: str
    device: str
    device_url: str
    person: str
    person_url: str
    member: str
    since: datetime
    used: str
    readings: int
    state: str
    is_worrying: bool


@dataclass(frozen=True)
class AsideRow:
    url: str
    why: str
    place: str
    message_id: str
    times: int
    ago: str


@dataclass(frozen=True)
class Device:
    """`token` is a key that was made just now, shown this once."""

    id: int
    url: str
    view: DeviceView
    kind: str
    told: str
    store: str
    seen: str
    clock: str
    is_scale: bool
    bindings: list[BindingRow]
    former: list[device_terms.TermRow]
    asides: list[AsideRow]
    address: str
    topic: str
    example: str
    token: str
    said: Mapping[str, str]
    done: str
    error: str
    may_act: bool


def devices(actor: Actor, said: Mapping[str, str] | None = None, *, error: str = "") -> Devices:
    require(may_see(actor))
    found = rooms.devices.list_devices()
    stores = rooms.brand.unit_names(sorted({d.org_unit_id for d in found if d.org_unit_id}))
    said = said or {}
    now = clock.now()
    return Devices(
        sentence=_sentence(found, now),
        rows=[_row(one, stores, now) for one in found],
        kinds=tuple(
            Choice(kind, str(label), kind == said.get("kind", "scale")) for kind, label in words.KINDS.items()
        ),
        said=said,
        may_act=may_act(actor),
        error=error,
    )


def _is_quiet(view: DeviceView, now: datetime) -> bool:
    return view.is_on and (view.last_seen_at is None or now - view.last_seen_at > QUIET)


def _row(view: DeviceView, stores: Mapping[int, str], now: datetime) -> DeviceRow:
    return DeviceRow(
        url=reverse("console:device", args=[view.id]),
        name=view.name,
        kind=str(words.KINDS[view.kind]),
        code=view.code,
        store=stores.get(view.org_unit_id or 0, view.store_code),
        persons=view.persons,
        taken=view.taken,
        ago=numbers.ago(now - view.last_seen_at) if view.last_seen_at else "",
        is_quiet=_is_quiet(view, now),
        is_on=view.is_on,
        troubles=tuple(_troubles(view)),
    )


def _troubles(view: DeviceView) -> list[str]:
    found = []
    if view.offset:
        found.append(_clock(view))
    if view.aside:
        found.append(ngettext("{n} 条没收下", "{n} 条没收下", view.aside).format(n=numbers.count(view.aside)))
    if view.dropped:
        said = ngettext("太快，丢了 {n} 条", "太快，丢了 {n} 条", view.dropped)
        found.append(said.format(n=numbers.count(view.dropped)))
    return found


def _clock(view: DeviceView) -> str:
    if view.offset is None:
        return ""
    words_of = _("时钟快 {span}") if view.offset > timedelta() else _("时钟慢 {span}")
    return words_of.format(span=_span(abs(view.offset)))


def _span(gone: timedelta) -> str:
    minutes = round(gone.total_seconds() / 60)
    for size, one, many in (
        (1440, "{n} 天", "{n} 天"),
        (60, "{n} 小时", "{n} 小时"),
        (1, "{n} 分钟", "{n} 分钟"),
    ):
        if minutes >= size:
            n = round(minutes / size)
            return ngettext(one, many, n).format(n=n)
    return ngettext("{n} 分钟", "{n} 分钟", 1).format(n=1)


def _sentence(found: Sequence[DeviceView], now: datetime) -> SafeString:
    if not found:
        return format_html(
            "{}", _("还没有设备。体脂秤、派样机、客流计数器、门店屏幕各登记一台，读数就会记到顾客和门店上。")
        )
    quiet = [one for one in found if _is_quiet(one, now)]
    count = ngettext("{n} 台设备", "{n} 台设备", len(found)).format(n=len(found))
    if not quiet:
        return format_html(_("{devices}，一天之内都有消息。"), devices=bold(count))
    silent = ngettext("{n} 台", "{n} 台", len(quiet)).format(n=len(quiet))
    return format_html(
        _("{devices}，其中 {quiet}一天没有消息，看看是不是没电或没连上。"),
        devices=bold(count),
        quiet=bold(silent, "bad"),
    )


def device(
    actor: Actor,
    device_id: int,
    address: str,
    said: Mapping[str, str] | None = None,
    *,
    token: str = "",
    done: str = "",
    error: str = "",
) -> Device:
    """Raises NotFound."""
    require(may_see(actor))
    view = rooms.devices.device_view(device_id)
    now = clock.now()
    store = rooms.brand.unit_names([view.org_unit_id]) if view.org_unit_id else {}
    is_scale = view.kind == "scale"
    return Device(
        id=view.id,
        url=reverse("console:device", args=[device_id]),
        view=view,
        kind=str(words.KINDS[view.kind]),
        told=str(words.TOLD[view.kind]),
        store=store.get(view.org_unit_id or 0, view.store_code),
        seen=numbers.ago(now - view.last_seen_at) if view.last_seen_at else "",
        clock=_clock(view),
        is_scale=is_scale,
        bindings=binding_rows(actor, rooms.devices.bindings(device_id)) if is_scale else [],
        former=device_terms.of_device(actor, device_id) if is_scale else [],
        asides=[_aside(one, now) for one in rooms.devices.asides(device_id)],
        address=f"{address}/v1/devices/readings",
        topic=f"huoshui/devices/{view.code}/readings",
        example=EXAMPLES[view.kind],
        token=token,
        said=said or {},
        done=done,
        error=error,
        may_act=may_act(actor),
    )


def file_taken(taken: Taken) -> str:
    """What became of the readings of a file; of what was not taken the first rows, with why."""
    said = [ngettext("收下 {n} 次读数", "收下 {n} 次读数", taken.accepted).format(n=taken.accepted)]
    if taken.known:
        said.append(ngettext("{n} 次早就有了", "{n} 次早就有了", taken.known).format(n=taken.known))
    if taken.refused:
        said.append(ngettext("{n} 次没有收下", "{n} 次没有收下", taken.refused).format(n=taken.refused))
    rows = [_("第 {row} 行：{why}").format(row=row, why=retell(why)) for row, why in taken.wrong]
    return _("，").join(said) + (_("。") + _("；").join(rows) if rows else "")


def _aside(one: AsideView, now: datetime) -> AsideRow:
    return AsideRow(
        url=reverse("console:device-aside", args=[one.id]),
        why=retell(one.sentence),
        place=one.pointer,
        message_id=one.message_id,
        times=one.times,
        ago=numbers.ago(now - one.received_at),
    )


def binding_rows(actor: Actor, found: Sequence[Binding]) -> list[BindingRow]:
    canonical = rooms.people.canonical_ids([b.person_id for b in found])
    known = {card.person_id: card for card in rooms.people.cards_for(actor, sorted(set(canonical.values())))}
    now = clock.now()
    rows = []
    for one in found:
        card = known.get(canonical[one.person_id])
        state, is_worrying = _use(one, now)
        rows.append(
            BindingRow(
                id=one.id,
                url=reverse("console:device-term", args=[one.device_id, one.id]),
                device=one.device,
                device_url=reverse("console:device", args=[one.device_id]),
                person=cards.name_of(card) if card else "—",
                person_url=reverse("console:person", args=[card.person_id]) if card else "",
                member=one.member,
                since=one.since,
                used=numbers.ago(now - one.last_at) if one.last_at else "",
                readings=one.readings,
                state=state,
                is_worrying=is_worrying,
            )
        )
    return rows


def _use(one: Binding, now: datetime) -> tuple[str, bool]:
    """How somebody uses the scale, and whether that wants a look."""
    if one.last_at is None:
        return (_("刚拿到"), False) if now - one.since < timedelta(days=7) else (_("没用过"), True)
    if now - one.last_at > timedelta(days=14):
        return _("停用了"), True
    return _("在用"), False


EXAMPLES = {
    "scale": '{"sentAt": "2026-11-26T08:00:05+08:00", "readings": [\n'
    '  {"type": "body", "messageId": "7c1f", "at": "2026-11-26T07:58:00+08:00", "member": "1",\n'
    '   "metrics": {"weight_kg": 60.2, "body_fat_percent": 24.1}}]}',
    "dispenser": '{"readings": [\n  {"type": "claim", "messageId": "a1", "code": "7KQ2M9XWPA", "person": {"phone": "…"}},\n'
    '  {"type": "dispense", "messageId": "a2", "code": "7KQ2M9XWPA", "result": "out"}]}',
    "counter": '{"readings": [\n  {"type": "visitors", "messageId": "c1", "in": 12, "out": 9,\n'
    '   "from": "2026-11-26T10:00:00+08:00", "to": "2026-11-26T10:15:00+08:00"}]}',
    "screen": '{"readings": [\n  {"type": "shown", "messageId": "s1", "content": "春茶上新", "seconds": 15},\n'
    '  {"type": "touched", "messageId": "s2", "content": "春茶上新"}]}',
}
