from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM
from huoshui.intake.devices import api as devices
from huoshui.intake.river import api as river

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)


class Machine:
    """A device, and what it tells."""

    def __init__(self, key: devices.NewKey) -> None:
        self.id, self.code, self.token = key.device_id, key.code, key.token

    @property
    def known(self) -> devices.Known:
        devices.forget()
        return devices.known([self.code])[self.code]

    def post(self, *readings: Any, **how: Any) -> devices.Post:
        raws = tuple(one if isinstance(one, bytes) else json.dumps(one).encode() for one in readings)
        return devices.Post(self.known, raws, **({"received_at": NOW} | how))

    def tell(self, *readings: Any, **how: Any) -> list[devices.Verdict]:
        return devices.take([self.post(*readings, **how)])[0]


Register = Callable[..., Machine]


@pytest.fixture
def register(db: None) -> Register:
    brand.ensure_headquarters("总部")
    brand.unit_ids(["S1", "S2"])

    def make(kind: str = devices.SCALE, store: str = "S1", **how: Any) -> Machine:
        return Machine(devices.register(kind=kind, name=f"一台{kind}", store_code=store, actor=SYSTEM, **how))

    return make


@pytest.fixture
def person(db: None) -> Callable[[str], int]:
    """Somebody who is known by a phone."""

    def make(phone: str) -> int:
        item = river.Item(
            name="Identify", client_key=f"who:{phone}", occurred_at=NOW, identifiers=(("phone", phone),)
        )
        from huoshui.core.facts import api as facts

        source = facts.ensure_source(name="test", label="test", mode="live")
        river.submit([item], source=source, actor=SYSTEM)
        found = devices.find_person(phone)
        assert found is not None
        return found

    return make


def body(at: datetime, message: str = "", **metrics: float) -> dict[str, Any]:
    told: dict[str, Any] = {"type": "body", "at": at.isoformat(), "metrics": metrics}
    return told | ({"messageId": message} if message else {})


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)
