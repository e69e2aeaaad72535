"""Facts: receive them, settle them, read them."""

from __future__ import annotations

from huoshui.core.facts.actions import (
    claim,
    ensure_source,
    forget_readers,
    mark_settled,
    mark_waiting,
    raise_exceptions,
    receive,
    receive_once,
    take_back,
    tend_waiting,
    wake_readers,
)
from huoshui.core.facts.derived import derive, note
from huoshui.core.facts.reads import (
    exceptions_of,
    head,
    horizon,
    is_behind,
    lines_of,
    mark_read,
    open_counts,
    open_exceptions,
    pending,
    pending_children,
    settled_persons,
    since_last_read,
    waiting_of_run,
)

__all__ = [
    "claim",
    "derive",
    "ensure_source",
    "exceptions_of",
    "forget_readers",
    "head",
    "horizon",
    "is_behind",
    "lines_of",
    "mark_read",
    "mark_settled",
    "mark_waiting",
    "note",
    "open_counts",
    "open_exceptions",
    "pending",
    "pending_children",
    "raise_exceptions",
    "receive",
    "receive_once",
    "settled_persons",
    "since_last_read",
    "take_back",
    "tend_waiting",
    "waiting_of_run",
    "wake_readers",
]
