"""来源与密钥: who may send what happened, with which keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.intake.tracking.api import KeyView, NewKey, SourceView
from huoshui.people.api import KINDS as ID_KINDS
from huoshui.web.console import numbers
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts import tracking_words as words
from huoshui.web.console.contexts.people import Choice
from huoshui.web.console.markup import bold

ACT = frozenset({"boss", "operator"})
SEE = ACT | {"analyst", "auditor"}
GRACE = timedelta(days=7)


def may_see(actor: Actor) -> bool:
    return actor.sees_whole_brand and bool(actor.roles & SEE)


def may_act(actor: Actor) -> bool:
    return actor.sees_whole_brand and bool(actor.roles & ACT)


def require(allowed: bool) -> None:
    """Absent and forbidden look alike."""
    if not allowed:
        raise NotFound


@dataclass(frozen=True)
class SourceRow:
    url: str
    label: str
    name: str
    kind: str
    users: str
    keys: int
    times: int
    ago: str
    is_enabled: bool


@dataclass(frozen=True)
class Sources:
    sentence: SafeString
    rows: list[SourceRow]
    kinds: tuple[Choice, ...]
    scopes: tuple[Choice, ...]
    id_kinds: tuple[Choice, ...]
    said: Mapping[str, str]
    may_act: bool
    error: str


@dataclass(frozen=True)
class KeyRow:
    prefix: str
    scopes: str
    made_at: datetime
    used: str
    state: str
    has_ended: bool
    may_rotate: bool


@dataclass(frozen=True)
class Source:
    """`token` is a key that was made just now, shown this once."""

    url: str
    label: str
    name: str
    kind: str
    users: str
    id_kind: str
    keys: list[KeyRow]
    scopes: tuple[Choice, ...]
    store_code: str
    origins: str
    rate: int
    is_enabled: bool
    stream_url: str
    address: str
    token: str
    done: str
    error: str
    may_act: bool


def sources(actor: Actor, said: Mapping[str, str] | None = None, *, error: str = "") -> Sources:
    require(may_see(actor))
    found = rooms.tracking.list_sources()
    activity = rooms.tracking.activity()
    said = said or {}
    scopes = said.get("scopes", "events people").split()
    return Sources(
        sentence=_sentence(found, activity),
        rows=[_row(one, activity.get(one.source_id)) for one in found],
        kinds=tuple(
            Choice(kind, str(label), kind == said.get("kind", "web")) for kind, label in words.TRACKED.items()
        ),
        scopes=_scopes(scopes),
        id_kinds=tuple(
            Choice(kind, _(known.label), kind == said.get("user_id_kind", "account"))
            for kind, known in ID_KINDS.items()
            if known.is_strong
        ),
        said=said,
        may_act=may_act(actor),
        error=error,
    )


def source(
    actor: Actor, source_id: int, address: str, *, made: NewKey | None = None, done: str = "", error: str = ""
) -> Source:
    """Raises NotFound."""
    require(may_see(actor))
    view = rooms.tracking.source_view(source_id)
    now = clock.now()
    return Source(
        url=reverse("console:source", args=[source_id]),
        label=view.label,
        name=view.name,
        kind=str(words.TRACKED[view.kind]),
        users=view.user_scope,
        id_kind=_(ID_KINDS[view.user_id_kind].label),
        keys=[_key_row(key, now) for key in view.keys],
        scopes=_scopes(["events", "people"]),
        store_code=view.store_code,
        origins="\n".join(view.origins),
        rate=view.rate_per_minute,
        is_enabled=view.is_enabled,
        stream_url=f"{reverse('console:stream')}?source={source_id}",
        address=address,
        token=made.token if made else "",
        done=done,
        error=error,
        may_act=may_act(actor),
    )


def _scopes(chosen: Sequence[str]) -> tuple[Choice, ...]:
    return tuple(Choice(name, str(label), name in chosen) for name, label in words.TRACK_SCOPES.items())


def _row(view: SourceView, activity: tuple[int, datetime] | None) -> SourceRow:
    now = clock.now()
    return SourceRow(
        url=reverse("console:source", args=[view.source_id]),
        label=view.label,
        name=view.name,
        kind=str(words.TRACKED[view.kind]),
        users=view.user_scope,
        keys=sum(not key.has_ended(now) for key in view.keys),
        times=activity[0] if activity else 0,
        ago=numbers.ago(now - activity[1]) if activity else "",
        is_enabled=view.is_enabled,
    )


def _key_row(key: KeyView, now: datetime) -> KeyRow:
    ended = key.has_ended(now)
    if ended:
        state = _("已停用")
    elif key.ends_at:
        state = _("{day} 停用").format(day=numbers.short_day(key.ends_at))
    else:
        state = _("在用")
    return KeyRow(
        prefix=f"hsw_{key.prefix}_…",
        scopes=_("、").join(str(words.TRACK_SCOPES[scope]) for scope in key.scopes),
        made_at=key.created_at,
        used=numbers.ago(now - key.last_used_at) if key.last_used_at else _("还没用过"),
        state=state,
        has_ended=ended,
        may_rotate=not ended and key.ends_at is None,
    )


def _sentence(found: Sequence[SourceView], activity: Mapping[int, tuple[int, datetime]]) -> SafeString:
    if not found:
        return format_html("{}", _("还没有来源。网站、小程序、应用和服务器各建一个，就能把发生的事发过来。"))
    return format_html(
        _("{n} 个来源，一共发来 {times} 条。"),
        n=bold(numbers.count(len(found))),
        times=bold(numbers.count(sum(times for times, _at in activity.values()))),
    )
