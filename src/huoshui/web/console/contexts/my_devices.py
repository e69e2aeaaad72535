"""我的设备: where one need give no code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from huoshui.brand import api as brand
from huoshui.core.actor import Actor


@dataclass(frozen=True)
class DeviceRow:
    id: int
    name: str
    added_at: datetime
    used_at: datetime
    until_at: datetime
    is_this: bool


@dataclass(frozen=True)
class MyDevices:
    rows: list[DeviceRow]
    done: str


def page(actor: Actor, here: Any, done: str) -> MyDevices:
    return MyDevices(
        rows=[
            DeviceRow(
                d.id,
                d.browser or _("一台设备"),
                d.added_at,
                d.used_at,
                d.until_at,
                here is not None and here.device_id == d.id,
            )
            for d in brand.sessions.devices_of(actor.id)
        ],
        done=done,
    )
