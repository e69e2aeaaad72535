"""The form of a place that tables are fetched from: what was said, and what it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import Refused
from huoshui.intake.pickup.api import Asked, Pickup
from huoshui.web.console import words as console_words
from huoshui.web.console.contexts import pickup_words as words
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts.people import Choice

PLACE = {
    "folder": ("path",),
    "sftp": ("host", "port", "user", "path"),
    "s3": ("endpoint", "region", "bucket", "user", "path"),
    "sql": ("dialect", "host", "port", "user", "database"),
}
SECRET = ("password", "private_key", "passphrase")
DEFAULTS = {
    "pattern": "*",
    "look_back": "7",
    "complete": "stable",
    "when": "every",
    "every_minutes": "15",
    "daily_at": "06:00",
    "form": "auto",
    "mode": "live",
    "tolerance": "0",
    "overlap": "60",
    "dialect": "mysql",
}


@dataclass(frozen=True)
class PickupForm:
    """`said` never holds a secret: it is not shown again, not even to whoever has just typed it."""

    kind: str
    title: str
    icon: str
    means: str
    said: Mapping[str, str]
    sources: tuple[str, ...]
    forms: tuple[Choice, ...]
    formats: tuple[Choice, ...]
    modes: tuple[Choice, ...]
    completes: tuple[Choice, ...]
    dialects: tuple[Choice, ...]
    folders: tuple[str, ...]
    id: int
    name: str
    error: str


def form(
    actor: Actor,
    kind: str,
    said: Mapping[str, str] | None = None,
    *,
    known: Pickup | None = None,
    error: str = "",
) -> PickupForm:
    folders = tuple(str(folder) for folder in rooms.pickup.allowed_folders())
    told = {**DEFAULTS, **({"path": folders[0]} if kind == "folder" else {}), **(said or {})}
    told = {name: value for name, value in told.items() if name not in SECRET}
    chosen = told["form"]
    return PickupForm(
        kind=kind,
        title=str(words.KINDS[kind]),
        icon=words.ICONS[kind],
        means=str(words.KIND_MEANS[kind]),
        said=told,
        sources=tuple(rooms.imports.source_names(actor)),
        forms=(
            Choice("auto", _("自动认"), chosen == "auto"),
            *(Choice(name, str(label), name == chosen) for name, label in console_words.KINDS.items()),
        ),
        formats=tuple(Choice(f.name, _(f.label), f.name == chosen) for f in rooms.imports.FORMATS),
        modes=_choices(console_words.MODES, told["mode"]),
        completes=_choices(words.COMPLETE, told["complete"]),
        dialects=_choices(words.DIALECTS, told["dialect"]),
        folders=folders,
        id=known.id if known else 0,
        name=known.name if known else "",
        error=error,
    )


def _choices(labels: Mapping[str, object], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(name, str(label), name == chosen) for name, label in labels.items())


def said_of(known: Pickup) -> dict[str, str]:
    """A pickup as its form would have said it."""
    said = {
        "name": known.name,
        "source_name": known.source_name,
        "form": known.form,
        "mode": known.mode,
        "tolerance": str(known.tolerance),
        "when": "every" if known.every_minutes is not None else "daily",
        **dict(known.place),
    }
    if known.every_minutes is not None:
        said["every_minutes"] = str(known.every_minutes)
    if known.daily_at is not None:
        said["daily_at"] = f"{known.daily_at:%H:%M}"
    return said | {name: str(value) for name, value in known.what.items()}


def asked(kind: str, said: Mapping[str, str]) -> Asked:
    """Raises Refused where a number or a time is none."""
    is_daily = said.get("when") == "daily"
    secret = {name: said[name] for name in SECRET if said.get(name, "").strip()}
    return Asked(
        name=said.get("name", ""),
        kind=kind,
        place={name: said.get(name, "").strip() for name in PLACE[kind] if said.get(name, "").strip()},
        what=_query(said) if kind == "sql" else _files(said),
        every_minutes=None if is_daily else _number(said, "every_minutes", _("每隔几分钟")),
        daily_at=_time(said.get("daily_at", "")) if is_daily else None,
        source_name=said.get("source_name", ""),
        form=said.get("form", "auto"),
        mode=said.get("mode", "live"),
        tolerance=_number(said, "tolerance", _("每 1000 行允许几行读不懂")),
        secret=secret,
    )


def _files(said: Mapping[str, str]) -> dict[str, object]:
    return {
        "pattern": said.get("pattern", "").strip(),
        "look_back": _number(said, "look_back", _("往回看几天")),
        "complete": said.get("complete", "stable"),
        "done_folder": said.get("done_folder", "").strip().strip("/"),
    }


def _query(said: Mapping[str, str]) -> dict[str, object]:
    return {
        "text": said.get("text", "").replace("\r\n", "\n").strip(),
        "cursor_column": said.get("cursor_column", "").strip(),
        "key_column": said.get("key_column", "").strip(),
        "overlap": _number(said, "overlap", _("往回多读多少")),
    }


def _number(said: Mapping[str, str], name: str, label: str) -> int:
    text = said.get(name, "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Refused(_("“{label}”要是数字。").format(label=label))
    return int(text)


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text.strip())
    except ValueError:
        raise Refused(_("每天几点写成 06:00 这样。")) from None
