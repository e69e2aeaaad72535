"""Values that live for some days: the ids WeCom lends a customer whom nobody has added yet live for ninety.

While it lives it names its person as any certain value does, so that the real id, when it comes beside it, is the same human's.
After that WeCom may mean anything by it: it names nobody on what happens then, and stays with whom it named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from huoshui.core import sql
from huoshui.people.identity.kinds import DELIVERED
from huoshui.people.identity.types import Seen

Q = sql.load("huoshui.people.identity")

DAYS: dict[str, int] = {
    name: kind.lives_days for name, kind in DELIVERED.items() if kind.lives_days is not None
}

Name = tuple[str, str, str]  # kind, scope, key


def is_any_mortal(seen: Sequence[Seen]) -> bool:
    return any(s.kind in DAYS for s in seen)


def without_ended(seen: Sequence[Seen]) -> list[Seen]:
    """The same without values that had ended when the fact that carries them happened. One lives from the first fact, as
    they happened, that carries it: one that happened before the others and is told of after them makes its life end sooner."""
    fact_ids = sorted({s.fact_id for s in seen if s.kind in DAYS})
    rows = sql.fetch(Q.lives_of, fact_ids=fact_ids, kinds=list(DAYS))
    ends: dict[Name, datetime] = {}
    sooner: dict[Name, datetime] = {}
    gone: set[tuple[int, Name]] = set()
    for r in sorted(rows, key=lambda r: (r.occurred_at, r.fact_id)):
        name, whole = (r.kind, r.scope, r.key), r.occurred_at + timedelta(days=DAYS[r.kind])
        end = ends.setdefault(name, min(whole, r.ends_at or whole))
        if r.ends_at is not None and end < r.ends_at:
            sooner[name] = end
        if r.occurred_at > end:
            gone.add((r.fact_id, name))
    if sooner:
        _end(sooner)
    return [s for s in seen if (s.fact_id, s.name) not in gone]


def _end(sooner: Mapping[Name, datetime]) -> None:
    sql.run(
        Q.end_sooner,
        kinds=[n[0] for n in sooner],
        scopes=[n[1] for n in sooner],
        keys=[n[2] for n in sooner],
        ends=list(sooner.values()),
    )


def give(new: Mapping[Name, int]) -> None:
    """Let these live from the fact that each was first known by."""
    mortal = [name for name in new if name[0] in DAYS]
    if mortal:
        sql.run(
            Q.give_life,
            kinds=[n[0] for n in mortal],
            scopes=[n[1] for n in mortal],
            keys=[n[2] for n in mortal],
            fact_ids=[new[n] for n in mortal],
            days=[DAYS[n[0]] for n in mortal],
        )
