"""Devices and their keys: registered, changed, switched off, recognised."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.core.retry import LOST
from huoshui.intake.devices.broker import password_hash
from huoshui.intake.devices.models import Device
from huoshui.intake.devices.storing import source_of
from huoshui.intake.devices.types import COUNTER, DISPENSER, DISPLAY, KINDS, SCALE, Known

Q = sql.load("huoshui.intake.devices")

KEY_SECONDS = 3.0
"""For so long a process believes what it knows of a device: one that is switched off works as much longer."""

RATES = {SCALE: 60, DISPENSER: 120, COUNTER: 60, DISPLAY: 600}
"""Readings a minute of one device, unless said otherwise."""

_ALPHABET = string.ascii_letters + string.digits
_TOKEN = re.compile(r"hsd_([a-z]+-[0-9a-f]{8})_([0-9A-Za-z]{24})")
_NOBODY = hashlib.sha256(b"").hexdigest()
_MOST_REMEMBERED = 10_000


@dataclass(frozen=True)
class NewKey:
    """`token` is shown once: the HTTP key, and the password at the broker, where `code` is the user."""

    device_id: int
    code: str
    token: str


def register(
    *, kind: str, name: str, store_code: str = "", rate_per_minute: int | None = None, actor: Actor
) -> NewKey:
    """A new device and its key. Its code is random: whoever sees one knows of no other."""
    if kind not in KINDS:
        raise Refused("请选择是哪种设备。")
    rate = RATES[kind] if rate_per_minute is None else rate_per_minute
    name, store_code = _fit(name, store_code, rate)
    code, secret = f"{kind}-{secrets.token_hex(4)}", _secret()
    token = f"hsd_{code}_{secret}"
    with transaction.atomic():
        source_of(kind)
        row = Device.objects.create(
            code=code,
            kind=kind,
            name=name,
            store_code=store_code,
            org_unit_id=_unit(store_code),
            secret_hash=_hashed(secret),
            broker_hash=password_hash(token),
            rate_per_minute=rate,
        )
        sql.run(Q.add_state, device_id=row.id)
        record(actor, "device.registered", "device", row.id, code=code, kind=kind, store_code=store_code)
    return NewKey(row.id, code, token)


def change(
    device_id: int, *, name: str, store_code: str, rate_per_minute: int, is_on: bool, actor: Actor
) -> None:
    name, store_code = _fit(name, store_code, rate_per_minute)
    with transaction.atomic():
        row = _locked(device_id)
        row.name, row.store_code, row.org_unit_id = name, store_code, _unit(store_code)
        row.rate_per_minute, row.is_on = rate_per_minute, is_on
        row.save(update_fields=["name", "store_code", "org_unit_id", "rate_per_minute", "is_on"])
        record(
            actor,
            "device.changed",
            "device",
            device_id,
            name=name,
            store_code=store_code,
            rate_per_minute=rate_per_minute,
            is_on=is_on,
        )
    forget()


def rotate_key(device_id: int, *, actor: Actor) -> NewKey:
    """A new key; the old one ends within seconds."""
    secret = _secret()
    with transaction.atomic():
        row = _locked(device_id)
        token = f"hsd_{row.code}_{secret}"
        row.secret_hash, row.broker_hash, row.key_made_at = _hashed(secret), password_hash(token), clock.now()
        row.save(update_fields=["secret_hash", "broker_hash", "key_made_at"])
        record(actor, "device.key_rotated", "device", device_id, code=row.code)
    forget()
    return NewKey(device_id, row.code, token)


def _locked(device_id: int) -> Device:
    row = Device.objects.select_for_update().filter(id=device_id).first()
    if row is None:
        raise NotFound
    return row


def _fit(name: str, store_code: str, rate: int) -> tuple[str, str]:
    name, store_code = name.strip(), store_code.strip()
    if not name or len(name) > 60:
        raise Refused("请给设备起个名字，最多 60 个字。")
    if not 1 <= rate <= 100_000:
        raise Refused("每分钟的读数请写 1 到 100000。")
    return name, store_code


def _unit(store_code: str) -> int | None:
    if not store_code:
        return None
    found = brand.find_units([store_code]).get(store_code)
    if found is None:
        raise Refused(f"没有编码是“{store_code}”的门店。")
    return found


def _secret() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(24))


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class _Remembered:
    device: Known
    secret_hash: str


_remembered: dict[str, tuple[float, _Remembered | None]] = {}


def forget() -> None:
    """What this process remembers of devices."""
    _remembered.clear()


def holder_of(token: str) -> Known | None:
    """The device whose key this is; None for a wrong one. As it was at most some seconds ago."""
    match = _TOKEN.fullmatch(token)
    found = _known([match[1]])[match[1]] if match else None
    is_right = hmac.compare_digest(
        _hashed(match[2] if match else ""), found.secret_hash if found else _NOBODY
    )
    return found.device if found and is_right else None


def known(codes: Sequence[str]) -> dict[str, Known]:
    """Of these codes the devices there are, for a door that knows who speaks (a broker)."""
    return {code: one.device for code, one in _known(codes).items() if one}


def _known(codes: Sequence[str]) -> dict[str, _Remembered | None]:
    now = time.monotonic()
    fresh = {c: m[1] for c in codes if (m := _remembered.get(c)) and now - m[0] < KEY_SECONDS}
    if missing := sorted(set(codes) - fresh.keys()):
        rows = {row.code: row for row in _rows(missing)}
        if len(_remembered) > _MOST_REMEMBERED:
            _remembered.clear()  # tried codes must not fill the memory
        for code in missing:
            row = rows.get(code)
            fresh[code] = _Remembered(Known(*row[:-1]), row.secret_hash) if row else None
            _remembered[code] = (now, fresh[code])
    return fresh


def _rows(codes: list[str]) -> list[sql.Row]:
    try:
        return sql.fetch(Q.known_devices, codes=codes)
    except LOST:
        # The database was started anew since this thread last spoke to it
        if connection.in_atomic_block:
            raise
        connection.close()
        return sql.fetch(Q.known_devices, codes=codes)
