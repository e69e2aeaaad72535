"""Of whom a fact is, where it brings no news: asked of the very rules that decide when it does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from datetime import datetime
from functools import partial

from huoshui.core import clock, sql
from huoshui.core.crypto import lookup_key
from huoshui.people.identity import actions, eras, live, rules
from huoshui.people.identity.kinds import DEVICES
from huoshui.people.identity.lines import scope_of
from huoshui.people.identity.reads import canonical_id
from huoshui.people.identity.ruleset import Ruleset
from huoshui.people.identity.types import Seen

Q = sql.load("huoshui.people.identity")

NEWS = -1
"""The identifiers say something that is not known yet: only `resolve` may decide."""

Name = tuple[str, str, str]  # kind, scope, key
Then = tuple[Name, datetime | None]  # a device's with the time at which it is asked for


def recognise(carried: Sequence[tuple[Name, ...]], times: Sequence[datetime]) -> list[int | None]:
    """For each set of identifiers the person to whom a fact with exactly these would be born; None: nobody; NEWS."""
    told = [_then(names, at) for names, at in zip(carried, times, strict=True)]
    distinct = list(dict.fromkeys(told))
    names = list(dict.fromkeys(one for then in distinct for one in then))
    if not names:
        return [None] * len(carried)
    known = _known(names)
    if handed := eras.changed_hands(name for name, _ in names):
        known = {then: seen for then, seen in known.items() if (then[0][0], then[0][2]) not in handed}
    by = live.known()
    if known and (version := next(iter(known.values())).rules_version) != by.version:
        by = live.adopt(version)
    rows = [[known.get(one) for one in then] for then in distinct]
    visitors = actions.visitors(_perhaps(rows, by), by)
    found = {then: _person(seen, visitors, by) for then, seen in zip(distinct, rows, strict=True)}
    # Who is news on a device may have it from now on: what is told beside that on the device alone is not known either
    waiting = {
        name
        for then, person_id in found.items()
        if person_id == NEWS
        for name, _ in then
        if by.kinds[name[0]].is_handed_on
    }
    return [NEWS if waiting and _waits(then, waiting, by) else found[then] for then in told]


def _then(names: tuple[Name, ...], at: datetime) -> tuple[Then, ...]:
    return tuple([(name, at if name[0] in DEVICES else None) for name in names])


def _waits(then: Iterable[Then], waiting: Set[Name], by: Ruleset) -> bool:
    is_certain = any(by.kinds[name[0]].is_certain(name[1]) for name, _ in then)
    return not is_certain and any(name in waiting for name, _ in then)


def find(kind: str, value: str) -> int | None:
    """The canonical person whom a fact with this plain value alone would be about; None: nobody. Raises NotAPhone."""
    return find_by([(kind, value)])


def find_by(identifiers: Iterable[tuple[str, str]]) -> int | None:
    """The canonical person, as far as he is known, whom one fact with all these would be about now. Nobody is made.

    `identifiers` are (kind or kind@scope, plain value). Raises NotAPhone."""
    by = live.known()
    told = {_name(kind, value): (kind.partition("@")[0], value) for kind, value in identifiers}
    names = _then(tuple(sorted(told)), clock.now())
    known = {row.name: row for row in _known(names).values()} if names else {}
    if known and (version := next(iter(known.values())).rules_version) != by.version:
        by = live.adopt(version)
    rows = [
        known.get(name, Seen(0, *name, None, None, None, 0, is_guarded=False))
        for name, plain in told.items()
        if not by.is_blocked(*plain)
    ]
    found = actions.decide(rows, frozenset(), by)
    person = found.person_of_fact.get(0)
    if person is not None and any(person in (row.own_person_id, row.holder_id) for row in rows):
        return canonical_id(person)
    if person is not None and person < 0:  # one more account of somebody's, or nobody's yet
        ends = {x.person_a: x.person_b for x in found.links}
        person = ends.get(person)
    return next((row.canonical_id for row in rows if person is not None and row.person_id == person), None)


def _name(told: str, value: str) -> Name:
    kind, _, scope = told.partition("@")
    plain = rules.plain(kind, value)
    scope = scope_of(kind, plain, scope)
    return kind, scope, lookup_key(plain) if rules.KINDS[kind].is_contact else plain


def _perhaps(rows: Iterable[Sequence[Seen | None]], by: Ruleset) -> set[int]:
    found: set[int] = set()
    for seen in rows:
        if len(seen) > 1:
            found |= rules.perhaps_visitors([one for one in seen if one is not None], by)
    return found


_seen = partial(tuple.__new__, Seen)  # of all its fields at once, made in C


def _known(told: Sequence[Then]) -> dict[Then, Seen]:
    kinds, scopes, keys = map(list, zip(*(name for name, _ in told), strict=True))
    ats = [at for _, at in told]
    rows = sql.fetch_as(tuple, Q.known_then, kinds=kinds, scopes=scopes, keys=keys, ats=ats)
    found = {}
    for place, *known, version, own_id, holder_id, held_since in rows:
        (kind, scope, key), at = one = told[place - 1]
        found[one] = _seen((0, kind, scope, key, *known, False, version, own_id, at, holder_id, held_since))
    return found


def _person(
    seen: Iterable[Seen | None], visitors: Set[int] = frozenset(), by: Ruleset = rules.AS_DELIVERED
) -> int | None:
    rows = []
    may_find = True
    for one in seen:
        if one is None:
            return NEWS
        may_find = may_find and not one.is_guarded and by.kinds[one.kind].finds(one.scope)
        rows.append(one)
    if not rows:
        return None
    if may_find and (len(rows) == 1 or len({one.canonical_id for one in rows}) == 1):
        # All are one human's, whom nothing here joins to anybody
        first = _first_of(rows, by)
        if not by.kinds[first.kind].is_certain(first.scope):
            last = rules.holder(first, by)
            return first.person_id if last is None else last[1]
        return NEWS if any(_is_handed_on(one, first, by) for one in rows) else first.person_id
    found = rules.assign(rows, {}, visitors, by)
    if (
        found.born
        or found.new_identifiers
        or found.links
        or found.newly_guarded
        or found.conflicts
        or found.held
    ):
        return NEWS
    return found.person_of_fact.get(rows[0].fact_id)


def _is_handed_on(one: Seen, to: Seen, by: Ruleset) -> bool:
    if one.at is None or to.person_id is None or not by.kinds[one.kind].is_handed_on:
        return False
    return not rules.is_visiting(rules.holder(one, by), to.person_id, one.at)


def _first_of(rows: Sequence[Seen], by: Ruleset) -> Seen:
    """The one that is trusted most: a weak one only where nothing strong is there."""
    if len(rows) == 1:
        return rows[0]
    return min(rows, key=lambda s: (not by.kinds[s.kind].is_certain(s.scope), by.trust[s.kind]))
