"""What a dealer's words open to head office: no database, no clock (ADR 0047)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

COUNTS, BEHAVIOUR, CONTACT = "counts", "behaviour", "contact"
SCOPES: Final = (COUNTS, BEHAVIOUR, CONTACT)
"""The narrower first: who opens one opens those before it, who takes one back takes back those after it."""


def opened(said: Mapping[str, bool], *, must_ask: bool) -> frozenset[str]:
    """`said`: the last word on each scope that anything was said of. `must_ask`: nothing said is a no."""
    found = []
    for place, scope in enumerate(SCOPES):
        wider = any(said.get(other, False) for other in SCOPES[place + 1 :])
        if not said.get(scope, wider or not must_ask):
            break
        found.append(scope)
    return frozenset(found)


def following(said: Mapping[str, bool], scope: str, *, is_given: bool) -> list[str]:
    """The scopes to say yes or no of, so that this one is open or closed whatever the house's rule; none where all was said."""
    place = SCOPES.index(scope)
    if is_given:
        return [s for s in SCOPES[: place + 1] if said.get(s) is not True]
    return [s for s in SCOPES[place:] if said.get(s) is not False]
