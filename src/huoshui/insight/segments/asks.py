"""Programs ask under keys of their own, and may ask again. Callers hold the transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, NamedTuple

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.errors import Refused
from huoshui.insight.segments.actions import SegmentKeyReused

Q = sql.load("huoshui.insight.segments")


class Outcome(NamedTuple):
    id: int
    is_repeat: bool


def once(
    write: Callable[[], int],
    *,
    key: str,
    content: Any,
    actor: Actor,
    kept: Any = Q,
    reused: type[Refused] = SegmentKeyReused,
) -> Outcome:
    """What `write` makes, or made when it was asked with this key before. Refused, the key is free again, since its row
    goes with the transaction. `content` is JSON. `kept`: the statements of whoever keeps the asks. Raises `reused`."""
    said = json.dumps(content, sort_keys=True, ensure_ascii=False)
    digest = hashlib.md5(said.encode(), usedforsecurity=False).hexdigest()
    whose = {"actor": str(actor), "client_key": key}
    if sql.fetch_one(kept.ask, **whose, content_hash=digest) is None:
        before = sql.fetch_one(kept.asked_before, **whose)
        if before.content_hash != digest:
            raise reused
        return Outcome(int(before.outcome_id), True)
    made = write()
    sql.run(kept.put_outcome, **whose, outcome_id=made)
    return Outcome(made, False)
