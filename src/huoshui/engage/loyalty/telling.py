"""Facts of this room's own."""

from __future__ import annotations

from collections.abc import Sequence

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.facts.derived import note
from huoshui.core.facts.types import Note

Q = sql.load("huoshui.engage.loyalty")


def tell(notes: Sequence[Note], *, actor: Actor) -> dict[str, int]:
    """Write what happened here. Returns key → fact id of what was not told before.

    Their months must exist first: a fact in the default partition would be in the way when its month is made.
    """
    if not notes:
        return {}
    sql.fetch(Q.ensure_months, months=sorted({n.occurred_at.date().replace(day=1) for n in notes}))
    return note(notes, actor=actor)
