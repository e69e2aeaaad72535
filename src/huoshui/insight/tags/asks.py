"""Programs ask under keys of their own, as they do of segments. Callers hold the transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.insight.segments import asks
from huoshui.insight.segments.asks import Outcome as Outcome
from huoshui.insight.tags.refusals import TagKeyReused

Q = sql.load("huoshui.insight.tags")


def once(write: Callable[[], int], *, key: str, content: Any, actor: Actor) -> Outcome:
    """What `write` makes, or made when it was asked with this key before. Raises TagKeyReused."""
    return asks.once(write, key=key, content=content, actor=actor, kept=Q, reused=TagKeyReused)
