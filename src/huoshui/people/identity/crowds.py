"""Values that stand beside more accounts of one kind than one human has, whatever else had made their owners one before.

The rules count what a value joins as it comes. Where two values are shared by the same people (a guide's phone and a staff
card), each joins only whom the other had not, and neither would ever have joined too many. So what stands on the facts of
large clusters is counted as well, beside the river: few clusters have so many ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from huoshui.core import sql
from huoshui.people.identity import live, rules
from huoshui.people.identity.actions import guard
from huoshui.people.identity.ruleset import Ruleset

Q = sql.load("huoshui.people.identity")

NOTHING_READ = "0"
_AT_ONCE = 500  # clusters


class Beside(NamedTuple):
    """How many values of one kind stand beside a value, and the last fact that carries one of them."""

    kind: str
    scope: str
    key: str
    beside_kind: str
    beside_scope: str
    values: int
    fact_id: int


def guard_crowds() -> int:
    """Guard what is shared by too many in clusters that were told of since the last call. Returns how many values those were.

    The caller holds the transaction."""
    by = live.now()
    least = min(kind.most_links for kind in by.kinds.values() if kind.is_strong) + 2
    span = sql.fetch_one(Q.read_until)
    # Each account of one kind under one value is somebody's own id, so that a crowd has as many ids
    found = _among(_large(span.low, least - 1), least, by)
    if found:
        guard(list(found.items()))
        columns = (list(column) for column in zip(*found, strict=True))
        sql.run(Q.decide_again, **dict(zip(("kinds", "scopes", "keys"), columns, strict=True)))
    sql.run(Q.read_to, xid=span.until)
    return len(found)


def _large(low: str, others: int) -> list[int]:
    if low == NOTHING_READ:
        return [r.canonical_id for r in sql.fetch(Q.every_large_cluster, others=others)]
    return [r.canonical_id for r in sql.fetch(Q.large_clusters, low=low, others=others)]


def _among(large: Sequence[int], least: int, by: Ruleset) -> dict[rules.Name, int]:
    """Looked for without the clusters' lock, a stretch at a time, for others link meanwhile; what is found is looked at once
    more under it."""
    perhaps: list[int] = []
    for start in range(0, len(large), _AT_ONCE):
        some = large[start : start + _AT_ONCE]
        if _crowded_in(some, least, by):
            perhaps += some
    if not perhaps:
        return {}
    sql.fetch(Q.lock_clusters)
    return _crowded_in(perhaps, least, by)


def _crowded_in(canonical_ids: Sequence[int], least: int, by: Ruleset) -> dict[rules.Name, int]:
    return crowded(sql.fetch_as(Beside, Q.beside, canonical_ids=list(canonical_ids), values=least), by)


def crowded(told: Iterable[Beside], by: Ruleset) -> dict[rules.Name, int]:
    """Those that are shared, each with the fact that shows it. Pure."""
    found: dict[rules.Name, int] = {}
    for one in told:
        kind, other = by.kinds[one.kind], by.kinds[one.beside_kind]
        is_certain = kind.is_certain(one.scope) and other.is_certain(one.beside_scope)
        # One human is lent a new one every so many days
        if is_certain and other.lives_days is None and one.values > kind.most_links + 1:
            found.setdefault((one.kind, one.scope, one.key), one.fact_id)
    return found
