"""Of whom a fact is, where it brings no news: asked of the very rules that decide when it does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from huoshui.core import sql
from huoshui.people.identity import actions, live, rules
from huoshui.people.identity.ruleset import Ruleset
from huoshui.people.identity.types import Seen

Q = sql.load("huoshui.people.identity")

NEWS = -1
"""The identifiers say something that is not known yet: only `resolve` may decide."""

Name = tuple[str, str, str]  # kind, scope, key


def recognise(carried: Sequence[tuple[Name, ...]]) -> list[int | None]:
    """For each set of identifiers the person to whom a fact with exactly these would be born; None: nobody; NEWS."""
    names = sorted({name for names in carried for name in names})
    if not names:
        return [None] * len(carried)
    known = _known(names)
    by = live.known()
    if known and (version := next(iter(known.values())).rules_version) != by.version:
        by = live.adopt(version)
    rows = [[known.get(name) for name in names] for names in carried]
    visitors = actions.visitors(_perhaps(rows, by), by)
    return [_person(seen, visitors, by) for seen in rows]


def _perhaps(rows: Iterable[Sequence[Seen | None]], by: Ruleset) -> set[int]:
    found: set[int] = set()
    for seen in rows:
        if len(seen) > 1:
            found |= rules.perhaps_visitors([one for one in seen if one is not None], by)
    return found


def _known(names: Sequence[Name]) -> dict[Name, Seen]:
    kinds, scopes, keys = map(list, zip(*names, strict=True))
    rows = sql.fetch_as(Seen, Q.known_names, kinds=kinds, scopes=scopes, keys=keys)
    return {row.name: row for row in rows}


def _person(
    seen: Iterable[Seen | None], visitors: Set[int] = frozenset(), by: Ruleset = rules.AS_DELIVERED
) -> int | None:
    rows = []
    for one in seen:
        if one is None:
            return NEWS
        rows.append(one)
    if not rows:
        return None
    may_find = not any(one.is_guarded or not by.kinds[one.kind].finds for one in rows)
    if may_find and len({one.canonical_id for one in rows}) == 1:
        return _first_of(rows, by).person_id  # all are one human's, whom nothing here joins to anybody
    found = rules.assign(rows, {}, visitors, by)
    if found.born or found.new_identifiers or found.links or found.newly_guarded or found.conflicts:
        return NEWS
    return found.person_of_fact.get(rows[0].fact_id)


def _first_of(rows: Sequence[Seen], by: Ruleset) -> Seen:
    """The one that is trusted most: a weak one only where nothing strong is there."""
    return min(rows, key=lambda s: (not by.kinds[s.kind].is_certain(s.scope), by.trust[s.kind]))
