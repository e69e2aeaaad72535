"""What sites, apps and servers track: taken in, looked at, planned."""

from __future__ import annotations

from huoshui.core import clock
from huoshui.intake.tracking import keys as _keys
from huoshui.intake.tracking import plan as _plan
from huoshui.intake.tracking.actions import Told, take, take_one
from huoshui.intake.tracking.cleaning import seal_stored
from huoshui.intake.tracking.contacts import is_plain
from huoshui.intake.tracking.keys import (
    KEY_SECONDS,
    KeyView,
    NewKey,
    SourceView,
    add_key,
    add_source,
    all_origins,
    change_source,
    end_key,
    list_sources,
    rotate_key,
    source_view,
    writer_of,
)
from huoshui.intake.tracking.mending import AsideView, drop, open_one, replay
from huoshui.intake.tracking.plan import CLASSES, LAKE_CLASSES, TYPE_WORDS
from huoshui.intake.tracking.planning import FactView, PropertyView, declare, declared, take_back
from huoshui.intake.tracking.reading import instant, is_too_deep
from huoshui.intake.tracking.reads import (
    SeenName,
    Streamed,
    activity,
    aside_counts,
    repeated,
    seen_names,
    set_aside,
    stream,
)
from huoshui.intake.tracking.settling import MOST_WAITING, settler
from huoshui.intake.tracking.types import (
    ACCEPTED,
    DUPLICATE,
    KINDS,
    REJECTED,
    SCOPES,
    Fault,
    Frame,
    Verdict,
    Warned,
    Writer,
)

__all__ = [
    "ACCEPTED",
    "CLASSES",
    "DUPLICATE",
    "KEY_SECONDS",
    "KINDS",
    "LAKE_CLASSES",
    "MOST_WAITING",
    "REJECTED",
    "SCOPES",
    "TYPE_WORDS",
    "AsideView",
    "FactView",
    "Fault",
    "Frame",
    "KeyView",
    "NewKey",
    "PropertyView",
    "SeenName",
    "SourceView",
    "Streamed",
    "Told",
    "Verdict",
    "Warned",
    "Writer",
    "activity",
    "add_key",
    "add_source",
    "all_origins",
    "aside_counts",
    "change_source",
    "declare",
    "declared",
    "drop",
    "end_key",
    "forget",
    "instant",
    "is_plain",
    "is_too_deep",
    "list_sources",
    "open_one",
    "repeated",
    "replay",
    "rotate_key",
    "seal_stored",
    "seen_names",
    "set_aside",
    "settler",
    "source_view",
    "stream",
    "take",
    "take_back",
    "take_one",
    "write_counts",
    "writer_of",
]


def forget() -> None:
    """What this process remembers of keys and plan for some seconds: for whoever has changed them elsewhere."""
    _keys.forget()
    _plan.forget()


def write_counts() -> None:
    """What this process has seen and not written yet."""
    _plan.seen.write(clock.now())
