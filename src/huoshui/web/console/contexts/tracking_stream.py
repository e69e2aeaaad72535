"""实时行为: what comes in, as it comes; and what was set aside, to be mended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core import clock, unmet
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.facts.types import FACT_WITHDRAWN
from huoshui.core.phone import mask
from huoshui.intake.tracking.api import AsideView, Streamed
from huoshui.web.console import numbers
from huoshui.web.console import words as all_words
from huoshui.web.console.contexts import about_words, rooms
from huoshui.web.console.contexts import tracking_words as words
from huoshui.web.console.contexts.people import Choice
from huoshui.web.console.contexts.tracking_sources import may_act, may_see, require
from huoshui.web.console.markup import bold
from huoshui.web.console.retell import retell

PAGE = 50
EVERY_SECONDS = 2
ALL = "all"
_MOST_SHOWN = 120


@dataclass(frozen=True)
class EventRow:
    fact_id: int
    name: str
    source: str
    state: str
    is_settled: bool
    happened_at: datetime
    received_at: datetime
    ago: str
    person_url: str
    says: str
    body: str


@dataclass(frozen=True)
class AsideRow:
    url: str
    what: str
    source: str
    why: str
    place: str
    times: int
    ago: str


@dataclass(frozen=True)
class Stream:
    sentence: SafeString
    rows: list[EventRow]
    aside: int
    sources: tuple[Choice, ...]
    others: tuple[Choice, ...]
    """What comes by other doors: tills, files, devices."""
    is_all: bool
    is_open: bool
    names: tuple[tuple[str, str], ...]  # (as it is told, in words)
    name: str
    text: str
    rows_url: str
    here: str
    is_live: bool
    every: int


@dataclass(frozen=True)
class Asides:
    sentence: SafeString
    rows: list[AsideRow]
    kinds: list[tuple[str, str, int]]  # (address, sentence, how many)
    next_url: str
    done: str


@dataclass(frozen=True)
class AsideContext:
    url: str
    what: str
    source: str
    why: str
    place: str
    message_id: str
    times: int
    received_at: datetime
    state: str
    is_open: bool
    text: str
    may_read: bool
    may_act: bool
    error: str
    reason: str
    back: str = ""
    """Where it came from, if not the list of events."""


def stream(actor: Actor, query: Mapping[str, str]) -> Stream:
    require(may_see(actor))
    tracked = {one.source_id: one.label for one in rooms.tracking.list_sources()}
    labels = rooms.trust.source_labels() | tracked
    chosen, is_all = _chosen(query, labels), query.get("source") == ALL
    name, text = query.get("name", "").strip()[:200], query.get("text", "").strip()[:200]
    is_open = query.get("state") == "open"
    found = rooms.tracking.stream(
        [chosen] if chosen else sorted(labels if is_all else tracked),
        name=name,
        text=text,
        person_id=_number(query, "person"),
        is_open=is_open,
        limit=PAGE,
    )
    counts = rooms.tracking.aside_counts()
    kept = {k: v for k, v in query.items() if k in ("source", "name", "text", "person", "state") and v}
    here = reverse("console:stream")
    known = {one.fact for one in rooms.tracking.seen_names(chosen)} | {one.name for one in found} | {name}
    return Stream(
        sentence=_sentence(found),
        rows=[_row(one, labels) for one in found],
        aside=sum(items for source_id, _code, items, _times in counts if not chosen or source_id == chosen),
        sources=_choices(tracked, chosen),
        others=_choices({i: label for i, label in labels.items() if i not in tracked}, chosen),
        is_all=is_all,
        is_open=is_open,
        names=tuple((one, _name(one)) for one in sorted(known - {""})),
        name=name,
        text=text,
        rows_url=f"{reverse('console:stream-rows')}?{urlencode(kept)}",
        here=here,
        is_live=query.get("pause") != "1",
        every=EVERY_SECONDS,
    )


def _choices(labels: Mapping[int, str], chosen: int) -> tuple[Choice, ...]:
    return tuple(Choice(str(i), label, i == chosen) for i, label in sorted(labels.items()))


def _name(name: str) -> str:
    """As it is told: that is what engineers look for; in words behind it, where there are any."""
    said = all_words.DOINGS.get(name, ("", all_words.FACTS.get(name)))[1]
    return f"{name} · {said}" if said else name


def _chosen(query: Mapping[str, str], labels: Mapping[int, str]) -> int:
    number = _number(query, "source") or 0
    return number if number in labels else 0


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name, "")
    return int(text) if text.isdecimal() and len(text) <= 18 else None


def _row(one: Streamed, labels: Mapping[int, str]) -> EventRow:
    return EventRow(
        fact_id=one.fact_id,
        name=one.name,
        source=labels.get(one.source_id, ""),
        state=str(words.STATES.get(one.state, one.state)),
        is_settled=one.state == "settled",
        happened_at=one.occurred_at,
        received_at=one.received_at,
        ago=numbers.ago(clock.now() - one.received_at),
        person_url=reverse("console:person", args=[one.person_id]) if one.person_id else "",
        says=_says(one),
        body=json.dumps(_shown(one.body), ensure_ascii=False, indent=2),
    )


def _says(one: Streamed) -> str:
    """An order its number and money; what a site or app told as it told it; others what they are about."""
    if one.order_key:
        return f"{one.order_key}  {numbers.exact(one.amount)}"
    if one.name == FACT_WITHDRAWN:
        return _("撤回第 {id} 条").format(id=one.body.get("withdraws", ""))
    values = one.body.get("properties") or one.body.get("traits")
    return _told(values) if values else about_words.about(one.name, one.body) or _told(one.body)


def _told(values: Any) -> str:
    if not isinstance(values, dict):
        return ""
    told = "  ".join(f"{k}={json.dumps(_shown(v), ensure_ascii=False)}" for k, v in values.items())
    return told if len(told) <= _MOST_SHOWN else f"{told[:_MOST_SHOWN]}…"


def _shown(value: Any) -> Any:
    """As the body may be seen: of a sealed contact its last four."""
    if isinstance(value, dict):
        if value.keys() == {"sealed", "tail4"}:
            return mask(str(value["tail4"])) or "*******"
        return {name: _shown(one) for name, one in value.items()}
    return [_shown(one) for one in value] if isinstance(value, list) else value


def _sentence(found: list[Streamed]) -> SafeString:
    if not found:
        return format_html("{}", _("没有符合的。新发来的几秒内就会出现在这里。"))
    last = numbers.ago(clock.now() - found[0].received_at)
    return format_html(_("最近一条在 {ago}。"), ago=bold(last))


def asides(actor: Actor, query: Mapping[str, str], *, done: str = "") -> Asides:
    require(may_see(actor))
    labels = {one.source_id: one.label for one in rooms.tracking.list_sources()}
    code = query.get("code", "")[:60]
    found = rooms.tracking.set_aside(
        source_id=_chosen(query, labels), code=code, before=_number(query, "before"), limit=PAGE + 1
    )
    counts: dict[str, int] = {}
    for _source, kind, items, _times in rooms.tracking.aside_counts():
        counts[kind] = counts.get(kind, 0) + items
    here = reverse("console:asides")
    more = {"code": code, "before": str(found[PAGE - 1].id)} if len(found) > PAGE else {}
    return Asides(
        sentence=_aside_sentence(sum(counts.values())),
        rows=[_aside_row(one, labels) for one in found[:PAGE]],
        kinds=[
            (f"{here}?{urlencode({'code': kind})}", str(words.ASIDE.get(kind, kind)), items)
            for kind, items in sorted(counts.items(), key=lambda c: -c[1])
        ],
        next_url=f"{here}?{urlencode(more)}" if more else "",
        done=str(words.ASIDE_DONE.get(done, "")),
    )


def aside(
    actor: Actor, aside_id: int, *, text: str | None = None, error: str = "", reason: str = ""
) -> AsideContext:
    """Raises NotFound. The event itself may hold contacts: only who may see those reads and mends it."""
    require(may_see(actor))
    view = rooms.tracking.open_one(aside_id)
    labels = {one.source_id: one.label for one in rooms.tracking.list_sources()}
    may_read = actor.may_see_contacts
    if may_read:
        record(actor, "contact.read_aside", "tracked_aside", aside_id)
    return AsideContext(
        url=reverse("console:aside", args=[aside_id]),
        what=view.name or view.kind,
        source=labels.get(view.source_id, ""),
        why=_why(view),
        place=view.pointer,
        message_id=view.message_id,
        times=view.times,
        received_at=view.received_at,
        state=str(words.ASIDE_STATES[view.state]),
        is_open=view.state == "open",
        text=(text if text is not None else _pretty(view.text)) if may_read else "",
        may_read=may_read,
        may_act=may_act(actor),
        error=error,
        reason=reason,
    )


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text


def _aside_row(view: AsideView, labels: Mapping[int, str]) -> AsideRow:
    return AsideRow(
        url=reverse("console:aside", args=[view.id]),
        what=view.name or view.kind or _("看不出"),
        source=labels.get(view.source_id, ""),
        why=_why(view),
        place=view.pointer,
        times=view.times,
        ago=numbers.ago(clock.now() - view.received_at),
    )


def _why(view: AsideView) -> str:
    return retell(unmet.sentence(view.code, view.detail))


def _aside_sentence(items: int) -> SafeString:
    if not items:
        return format_html("{}", _("没有收不下的。读不懂、不合方案的会放在这里，改好以后可以重新导入。"))
    return format_html(
        _("{n} 条没有收下，都留着；改好以后重新导入，时间仍是原来的。"), n=bold(numbers.count(items))
    )
