"""Sources that track, and their write keys: made, rotated, ended, and recognised."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import transaction

from huoshui.core import clock, sql, tokens
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Source
from huoshui.intake.tracking.models import TrackingSource, WriteKey
from huoshui.intake.tracking.types import KINDS, SCOPES, Writer
from huoshui.people import api as people

Q = sql.load("huoshui.intake.tracking")

KEY_SECONDS = tokens.KNOWN_SECONDS
"""For so long a process believes what it knows of keys and origins."""

_FORM = tokens.Form("hsw", 24)
_NAME = re.compile(r"[\w.-]{1,60}")


@dataclass(frozen=True)
class NewKey:
    prefix: str
    token: str


@dataclass(frozen=True)
class KeyView:
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    ends_at: datetime | None

    def has_ended(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= now


@dataclass(frozen=True)
class SourceView:
    source_id: int
    name: str
    label: str
    kind: str
    user_scope: str
    user_id_kind: str
    store_code: str
    origins: tuple[str, ...]
    rate_per_minute: int
    is_enabled: bool
    keys: tuple[KeyView, ...]


def add_source(
    *,
    name: str,
    label: str,
    kind: str,
    user_scope: str = "",
    user_id_kind: str = "account",
    store_code: str = "",
    origins: Sequence[str] = (),
    rate_per_minute: int = 60_000,
    mode: str = "live",
    actor: Actor,
) -> SourceView:
    """The source `track:<name>`. `user_scope` is its own name unless it shares its users with another."""
    if not _NAME.fullmatch(name):
        raise Refused("名字请用 1 到 60 个字母、数字、汉字，或 . _ -。")
    _refuse_unfit(kind, user_id_kind, rate_per_minute)
    with transaction.atomic():
        if TrackingSource.objects.filter(name=name).exists():
            raise Refused(f"已经有叫“{name}”的来源了。")
        source = facts.ensure_source(name=f"track:{name}", label=label.strip() or name, mode=mode)
        TrackingSource.objects.create(
            source_id=source.id,
            name=name,
            label=source.label,
            kind=kind,
            user_scope=user_scope.strip() or name,
            user_id_kind=user_id_kind,
            store_code=store_code.strip(),
            origins=_origins(origins),
            rate_per_minute=rate_per_minute,
        )
        record(actor, "tracking_source.added", "source", source.id, name=name, kind=kind)
    return source_view(source.id)


def change_source(
    source_id: int,
    *,
    store_code: str,
    origins: Sequence[str],
    rate_per_minute: int,
    is_enabled: bool,
    actor: Actor,
) -> None:
    """What ids mean cannot be changed: facts that came under the old meaning would stay behind."""
    with transaction.atomic():
        row = TrackingSource.objects.select_for_update().filter(source_id=source_id).first()
        if row is None:
            raise NotFound
        _refuse_unfit(row.kind, row.user_id_kind, rate_per_minute)
        row.store_code, row.origins = store_code.strip(), _origins(origins)
        row.rate_per_minute, row.is_enabled = rate_per_minute, is_enabled
        row.save(update_fields=["store_code", "origins", "rate_per_minute", "is_enabled"])
        record(
            actor,
            "tracking_source.changed",
            "source",
            source_id,
            origins=row.origins,
            is_enabled=is_enabled,
            store_code=row.store_code,
            rate_per_minute=rate_per_minute,
        )
    _recognised.forget()


def _refuse_unfit(kind: str, user_id_kind: str, rate_per_minute: int) -> None:
    if kind not in KINDS:
        raise Refused(f"没有这种来源：{kind}。")
    if user_id_kind not in people.KINDS:
        raise Refused(f"userId 不能是“{user_id_kind}”。")
    if not 1 <= rate_per_minute <= 10_000_000:
        raise Refused("每分钟的请求数请写 1 到 10000000。")


def _origins(given: Sequence[str]) -> list[str]:
    found = []
    for text in given:
        if not (text := text.strip().rstrip("/").lower()):
            continue
        parts = urlsplit(text)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or "@" in parts.netloc:
            raise Refused(f"网址要写成 https://shop.example.com 这样，没有路径：{text}")
        found.append(text)
    return sorted(set(found))


def add_key(source_id: int, *, scopes: Sequence[str], actor: Actor) -> NewKey:
    """A further key of a source. Its token is not kept and cannot be shown again."""
    if not scopes or set(scopes) - SCOPES.keys():
        raise Refused(f"请选择权限：{'、'.join(SCOPES.values())}。")
    fresh = _FORM.fresh()
    with transaction.atomic():
        if not TrackingSource.objects.filter(source_id=source_id).exists():
            raise NotFound
        WriteKey.objects.create(
            source_id=source_id,
            prefix=fresh.prefix,
            secret_hash=fresh.secret_hash,
            scopes=sorted(set(scopes)),
        )
        record(actor, "write_key.added", "source", source_id, prefix=fresh.prefix, scopes=sorted(set(scopes)))
    return NewKey(fresh.prefix, fresh.token)


def rotate_key(prefix: str, *, grace: timedelta, actor: Actor) -> NewKey:
    """A new key that may do the same; the old one ends when its days of grace are over."""
    with transaction.atomic():
        old = _living(prefix)
        made = add_key(old.source_id, scopes=old.scopes, actor=actor)
        old.ends_at = clock.now() + grace
        old.save(update_fields=["ends_at"])
        record(
            actor,
            "write_key.rotated",
            "source",
            old.source_id,
            prefix=prefix,
            new=made.prefix,
            ends_at=old.ends_at,
        )
    return made


def end_key(prefix: str, *, actor: Actor) -> None:
    """At once; a process may believe in it for some seconds more."""
    with transaction.atomic():
        key = _living(prefix)
        key.ends_at = clock.now()
        key.save(update_fields=["ends_at"])
        record(actor, "write_key.ended", "source", key.source_id, prefix=prefix)
    _recognised.forget()


def _living(prefix: str) -> WriteKey:
    key = WriteKey.objects.select_for_update().filter(prefix=prefix).first()
    if key is None or (key.ends_at is not None and key.ends_at <= clock.now()):
        raise NotFound("没有这把在用的密钥。")
    return key


def source_view(source_id: int) -> SourceView:
    """Raises NotFound."""
    found = [one for one in list_sources() if one.source_id == source_id]
    if not found:
        raise NotFound
    return found[0]


def list_sources() -> list[SourceView]:
    return [
        SourceView(
            source_id=row.source_id,
            name=row.name,
            label=row.label,
            kind=row.kind,
            user_scope=row.user_scope,
            user_id_kind=row.user_id_kind,
            store_code=row.store_code,
            origins=tuple(row.origins),
            rate_per_minute=row.rate_per_minute,
            is_enabled=row.is_enabled,
            keys=tuple(
                KeyView(k.prefix, tuple(k.scopes), k.created_at, k.last_used_at, k.ends_at)
                for k in sorted(row.keys.all(), key=lambda k: k.id, reverse=True)
            ),
        )
        for row in TrackingSource.objects.prefetch_related("keys").order_by("name")
    ]


def forget() -> None:
    """What this process remembers of keys."""
    global _origins_known
    _recognised.forget()
    _origins_known = (float("-inf"), frozenset())


def writer_for(source_id: int, scopes: Sequence[str]) -> Writer:
    """The source as one who may do so much, for a replay. Raises NotFound."""
    row = TrackingSource.objects.filter(source_id=source_id).first()
    if row is None:
        raise NotFound
    return Writer(
        key_id=0,
        source=facts.source_of(source_id),
        scopes=frozenset(scopes),
        user_scope=row.user_scope,
        user_id_kind=row.user_id_kind,
        store_code=row.store_code,
    )


def _living_keys(prefixes: Sequence[str]) -> dict[str, tokens.Living[Writer]]:
    rows = sql.fetch(Q.living_keys, prefixes=list(prefixes))
    return {row.prefix: tokens.Living(row.secret_hash, _writer(row), row.is_use_unnoted) for row in rows}


def _writer(row: sql.Row) -> Writer:
    return Writer(
        key_id=row.id,
        source=Source(row.source_id, f"track:{row.name}", row.label, row.mode),
        scopes=frozenset(row.scopes),
        user_scope=row.user_scope,
        user_id_kind=row.user_id_kind,
        store_code=row.store_code,
        origins=frozenset(row.origins),
        rate_per_minute=row.rate_per_minute,
        is_enabled=row.is_enabled,
    )


def _note_use(writers: Sequence[Writer]) -> None:
    sql.run(Q.note_use, ids=sorted(writer.key_id for writer in writers))


_recognised = tokens.Recognised(_FORM, _living_keys, _note_use)
writer_of = _recognised.holder_of

_origins_known: tuple[float, frozenset[str]] = (float("-inf"), frozenset())


def all_origins() -> frozenset[str]:
    """Origins of any source: a browser that asks beforehand does not say with which key it will come."""
    global _origins_known
    if time.monotonic() - _origins_known[0] > KEY_SECONDS:
        _origins_known = (time.monotonic(), frozenset(r.origin for r in sql.fetch(Q.all_origins)))
    return _origins_known[1]
