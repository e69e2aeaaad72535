"""What was kept before contacts were found under whatever name is gone through once, and they are sealed where they stand."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction

from huoshui.core import sql
from huoshui.core.facts import api as facts
from huoshui.intake.tracking import contacts
from huoshui.people import api as people

Q = sql.load("huoshui.intake.tracking")

DONE = "tracking contacts"
_SLICE = 5_000


def seal_stored() -> int:
    """In slices, each in a transaction of its own. May be killed and run again; once through, it does nothing any more.
    Returns how many bodies are others now."""
    if sql.fetch_one(Q.is_clean, reader=DONE).is_done:
        return 0
    high, after, changed = facts.horizon(), 0, 0
    while True:
        with transaction.atomic():
            rows = sql.fetch(Q.stored_bodies, after=after, limit=_SLICE)
            new = [(row.id, row.occurred_at, body) for row in rows if (body := _cleaned(row)) is not None]
            changed += facts.put_bodies(new)
        if len(rows) < _SLICE:
            break
        after = rows[-1].id
    with transaction.atomic():
        facts.mark_read(DONE, high)
    return changed


def _cleaned(row: sql.Row) -> str | None:
    """None where there is nothing to seal."""
    by_contact = people.KINDS[row.user_id_kind].is_contact
    if not by_contact and not contacts.may_be_in(row.body.encode()):
        return None
    before = json.loads(row.body)
    after: Any = contacts.sealed(before, by_us=True)
    for name in ("userId", "previousId") if by_contact and isinstance(after, dict) else ():
        if isinstance(after.get(name), str | int):
            after[name] = contacts.sealed_one(after[name])
    return None if after == before else json.dumps(after, ensure_ascii=False)
