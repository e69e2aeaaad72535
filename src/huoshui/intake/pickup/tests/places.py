"""A shop whose tables are fetched: what is asked for, how time goes on, what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.intake.pickup import api as pickup

Q = sql.load("huoshui.intake.pickup")

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def folder(path: Path, **files: Any) -> pickup.Asked:
    return asked("folder", {"path": str(path)}, files=files)


def asked(
    kind: str, place: Mapping[str, str], *, files: Mapping[str, Any] | None = None, **more: Any
) -> pickup.Asked:
    what = {"pattern": "*.csv", "look_back": 7, "complete": "stable", "done_folder": ""} | dict(files or {})
    told = pickup.Asked("日报", kind, place, what, 5, None, "收银系统")
    return replace(told, **more)


def query(
    place: Mapping[str, str], text: str, *, cursor: str = "", key: str = "", overlap: int = 60, **more: Any
) -> pickup.Asked:
    what = {"text": text, "cursor_column": cursor, "key_column": key, "overlap": overlap}
    return replace(asked("sql", place), what=what, **more)


def begun(told: pickup.Asked) -> int:
    pickup_id = pickup.add(told, actor=SYSTEM)
    pickup.switch(pickup_id, is_on=True, actor=SYSTEM)
    return pickup_id


def look(pickup_id: int) -> list[pickup.Item]:
    """Now, whatever the clock says, with imports carried out at once."""
    pickup.look_now(pickup_id, actor=SYSTEM)
    assert pickup.attend(pickup_id, at_once=True)
    pickup.follow()
    return items(pickup_id)


def items(pickup_id: int) -> list[pickup.Item]:
    return sorted(pickup.items(SYSTEM, pickup_id), key=lambda item: item.id)


def states(pickup_id: int) -> list[tuple[str, str]]:
    return [(item.path, item.state) for item in items(pickup_id)]


def settled(pickup_id: int, travel: Any) -> list[pickup.Item]:
    """Two looks with the time between them that a file needs to be whole."""
    look(pickup_id)
    travel.shift(timedelta(seconds=40))
    return look(pickup_id)


def fault(pickup_id: int) -> str:
    return pickup.pickup_for(SYSTEM, pickup_id).fault
