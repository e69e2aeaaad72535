"""Who did what to which object: append-only."""

from __future__ import annotations

import json
from typing import Any

from huoshui.core import sql
from huoshui.core.actor import Actor

ADD = sql.Statement(
    "add_audit_entry",
    "insert into audit_entry (actor, action, object_kind, object_id, detail)"
    " values (%(actor)s, %(action)s, %(object_kind)s, %(object_id)s, %(detail)s::jsonb)",
)


def record(actor: Actor, action: str, object_kind: str, object_id: int, **detail: Any) -> None:
    """Add an entry in the caller's transaction; `action` is noun.verb. What is done for a dealer says so."""
    if actor.acting_id is not None:
        detail["acting_id"] = actor.acting_id
    sql.run(
        ADD,
        actor=str(actor),
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        detail=json.dumps(detail, ensure_ascii=False, default=str),
    )
