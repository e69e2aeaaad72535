"""Keys: made, listed, revoked, and recognised."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core import clock, sql, tokens
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import api as facts
from huoshui.web.api.models import ApiKey
from huoshui.web.api.types import SCOPES, Caller, KeyView, NewKey

Q = sql.load("huoshui.web.api")

_FORM = tokens.Form("hs", 40)
_SLOTS = (1, 2)


def add_key(
    *,
    name: str,
    scopes: Sequence[str],
    store_codes: Sequence[str] = (),
    rate_per_minute: int = 600,
    actor: Actor,
) -> NewKey:
    """A key for the source `till:<name>`, which is made when new. A third living key of one source is refused."""
    _refuse_unknown(name, scopes, rate_per_minute)
    fresh = _FORM.fresh()
    with transaction.atomic():
        sql.fetch_one(Q.lock_keys)
        source = facts.ensure_source(name=f"till:{name}", label=name, mode="live")
        key = ApiKey.objects.create(
            prefix=fresh.prefix,
            secret_hash=fresh.secret_hash,
            source_id=source.id,
            slot=_free_slot(source.id),
            name=name,
            scopes=sorted(set(scopes)),
            store_codes=sorted(set(store_codes)),
            org_unit_ids=_units_of(sorted(set(store_codes))),
            rate_per_minute=rate_per_minute,
        )
        record(
            actor, "api_key.added", "api_key", key.id, name=name, scopes=key.scopes, stores=key.store_codes
        )
    return NewKey(key.id, fresh.prefix, fresh.token)


def _refuse_unknown(name: str, scopes: Sequence[str], rate_per_minute: int) -> None:
    if not re.fullmatch(r"[\w.-]{1,60}", name):
        raise Refused("名字请用 1 到 60 个字母、数字、汉字，或 . _ -。")
    if not scopes:
        raise Refused(f"请至少给一种权限：{'、'.join(SCOPES)}。")
    if unknown := sorted(set(scopes) - SCOPES.keys()):
        raise Refused(f"没有这种权限：{'、'.join(unknown)}。可以选：{'、'.join(SCOPES)}。")
    if not 1 <= rate_per_minute <= 1_000_000:
        raise Refused("每分钟的次数请写 1 到 1000000。")


def _units_of(store_codes: list[str]) -> list[int]:
    units = brand.org_units_table().to_pylist() if store_codes else []
    known = {u["code"]: u["org_unit_id"] for u in units if u["kind"] == "store"}
    if unknown := [code for code in store_codes if code not in known]:
        raise Refused(f"没有这些门店编码：{'、'.join(unknown)}。请先导入门店。")
    return [known[code] for code in store_codes]


def _free_slot(source_id: int) -> int:
    taken = set(ApiKey.objects.filter(source_id=source_id, revoked_at=None).values_list("slot", flat=True))
    free = [slot for slot in _SLOTS if slot not in taken]
    if not free:
        raise Refused("已经有两把在用的密钥。请先停用旧的一把：huoshui keys list、huoshui keys revoke。")
    return free[0]


def actor_of_source(source_id: int) -> Actor:
    """Who takes segments out under this source, by a key that is living now. Raises NotFound."""
    keys = ApiKey.objects.filter(source_id=source_id, revoked_at=None, store_codes=[])
    key = keys.filter(scopes__contains=["segments_export"]).order_by("id").first()
    if key is None:
        raise NotFound("这把密钥已经停用，或者不能导出人群。")
    return _caller(key).actor


def revoke_key(prefix: str, *, actor: Actor) -> None:
    """Raises NotFound for a key that is not there or was revoked before."""
    with transaction.atomic():
        key = ApiKey.objects.select_for_update().filter(prefix=prefix, revoked_at=None).first()
        if key is None:
            raise NotFound("没有这把在用的密钥。huoshui keys list 可以看到全部。")
        key.revoked_at = clock.now()
        key.save(update_fields=["revoked_at"])
        record(actor, "api_key.revoked", "api_key", key.id, name=key.name)
    forget()


def list_keys() -> list[KeyView]:
    return [
        KeyView(
            key_id=key.id,
            prefix=key.prefix,
            name=key.name,
            scopes=tuple(key.scopes),
            store_codes=tuple(key.store_codes),
            rate_per_minute=key.rate_per_minute,
            created_at=key.created_at,
            last_used_at=key.last_used_at,
            revoked_at=key.revoked_at,
        )
        for key in ApiKey.objects.order_by("name", "id")
    ]


def _living(prefixes: Sequence[str]) -> dict[str, tokens.Living[Caller]]:
    rows = sql.fetch(Q.living_keys, prefixes=list(prefixes))
    return {
        row.prefix: tokens.Living(
            row.secret_hash,
            _caller(row),
            row.is_use_unnoted,
        )
        for row in rows
    }


def _caller(row: ApiKey | sql.Row) -> Caller:
    return Caller(
        key_id=row.id,
        source_id=row.source_id,
        name=row.name,
        scopes=frozenset(row.scopes),
        store_codes=frozenset(row.store_codes),
        org_unit_ids=frozenset(row.org_unit_ids),
        rate_per_minute=row.rate_per_minute,
    )


def _note_use(callers: Sequence[Caller]) -> None:
    sql.run(Q.note_use, ids=sorted(caller.key_id for caller in callers))


_recognised = tokens.Recognised(_FORM, _living, _note_use)
caller_of = _recognised.holder_of
forget = _recognised.forget
