"""Questions to insight, asked again only when the lake has moved on."""

from __future__ import annotations

import hashlib

from django.core.cache import cache

from huoshui.insight.api import Answer, At
from huoshui.web.console.contexts import rooms

_SECONDS = 3600


def ask(name: str, at: At | None = None, /, **params: str | int) -> Answer:
    """The answer of this state of the lake. It is the whole brand's, so that everyone may share one, or of what the
    units `at` sold alone (`own.own_units`)."""
    state = f"{rooms.lake.engine().fresh_at()} {name} {at} {sorted(params.items())}"
    key = f"console.answer.{hashlib.sha256(state.encode()).hexdigest()}"
    known: Answer | None = cache.get(key)
    if known is None:
        known = rooms.insight.ask(name, **params) if at is None else rooms.insight.ask(name, at, **params)
        cache.set(key, known, _SECONDS)
    return known
