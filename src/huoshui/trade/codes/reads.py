from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.facts import api as facts
from huoshui.trade.codes import links
from huoshui.trade.codes.types import KINDS, Code, CodeView, LastScan

Q = sql.load("huoshui.trade.codes")

READER = "codes"
_MOST = 500
_ALL = 2**62
_LEADERS = frozenset({"dealer", "manager"})


def find(token: str) -> Code:
    """The code at this address, live or off. Raises NotFound; what was not signed here is looked up nowhere."""
    handle = links.handle_in(token)
    row = sql.fetch_one(Q.by_handle, handle=handle) if handle else None
    if row is None:
        raise NotFound
    return Code(*row)


def by_handles(handles: Sequence[str]) -> list[Code]:
    """Those there are, live or off; for whoever follows scans."""
    return sql.fetch_as(Code, Q.by_handles, handles=list(handles)) if handles else []


def codes(
    actor: Actor, *, code_ids: Sequence[int] | None = None, before: int = _ALL, limit: int = 100
) -> list[CodeView]:
    """The newest first. Head office sees all, a dealer and a store its own, a guide hers."""
    is_guide = not actor.sees_whole_brand and not actor.roles & _LEADERS
    rows = sql.fetch(
        Q.codes,
        code_ids=list(code_ids) if code_ids is not None else None,
        units=None if actor.sees_whole_brand else sorted(actor.org_unit_ids),
        guide_id=actor.id if is_guide else None,
        before=before,
        limit=min(limit, _MOST),
    )
    return [CodeView(Code(*r[:12]), r.scans, r.people, r.last_at) for r in rows]


def of(actor: Actor, code_id: int) -> CodeView:
    """Raises NotFound."""
    found = codes(actor, code_ids=[code_id])
    if not found:
        raise NotFound
    return found[0]


def read() -> int:
    """Hear what has been scanned since the last time."""
    with facts.since_last_read(READER) as span:
        bounds = {"low": str(span.low), "high": str(span.high)}
        scanned = [r.fact_id for r in sql.fetch(Q.scanned, **bounds)]
        heard = facts.by_halves(scanned, _hear, fact_of=lambda fact_id: fact_id)
        sql.run(Q.forget_withdrawn, **bounds)
        return sum(heard)


def _hear(fact_ids: Sequence[int]) -> int:
    return sql.run(Q.hear, fact_ids=list(fact_ids))


class Asked(NamedTuple):
    """Which code brought this born id, looked at from one moment back to another? `place` is the caller's."""

    place: int
    person_id: int
    since: datetime
    until: datetime


def last_scans(asked: Sequence[Asked], *, kinds: Sequence[str] = KINDS) -> list[LastScan]:
    """One statement for one and for a thousand; nothing for those who scanned none."""
    if not asked:
        return []
    places, persons, sinces, untils = map(list, zip(*asked, strict=True))
    return sql.fetch_as(
        LastScan,
        Q.last_scans,
        places=places,
        person_ids=persons,
        sinces=sinces,
        untils=untils,
        kinds=list(kinds),
    )
