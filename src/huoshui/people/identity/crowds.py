"""Values that stand beside more accounts of one kind than one human has, whatever else had made their owners one before.

The rules count what a value joins as it comes. Where two values are shared by the same people (a guide's phone and a staff
card), each joins only whom the other had not, and neither would ever have joined too many. So what stands on the facts of
large clusters is counted as well, beside the river: few clusters have so many ids.

A dealer may tell of dozens by names and birthdays under his own number, without any account. So who was told of under a number
is counted too (`humans`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from itertools import groupby
from typing import NamedTuple

from huoshui.core import sql
from huoshui.people.identity import live, rules
from huoshui.people.identity.actions import guard
from huoshui.people.identity.ruleset import OTHERS, Ruleset, narrow

Q = sql.load("huoshui.people.identity")

NOTHING_READ = "0"
_TITLE = re.compile(r"(先生|女士|小姐|太太|阿姨|叔叔|老师|老板|总|姐|哥)$")
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


class Named(NamedTuple):
    """A name and a birthday ('' where none) told under a value, and the last fact that told them."""

    kind: str
    scope: str
    key: str
    name: str
    birthday: str
    fact_id: int


def guard_crowds() -> int:
    """Guard what is shared by too many in clusters that were told of since the last call. Returns how many values those were.

    The caller holds the transaction."""
    by = live.now()
    least = min(kind.most_links for kind in by.kinds.values() if kind.is_strong) + 2
    span = sql.fetch_one(Q.read_until)
    # Each account of one kind under one value is somebody's own id, so that a crowd has as many ids
    found = _among(_large(span.low, least - 1), lambda some: _crowded_in(some, least, by))
    names = min((by.kinds[kind].most_links for kind in _typed(by)), default=0) + 2
    if _typed(by):
        many = [r.canonical_id for r in sql.fetch(Q.many_names, low=span.low, names=names)]
        found |= _among(many, lambda some: _named_in(some, by))
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


Find = Callable[[Sequence[int]], dict[rules.Name, int]]


def _typed(by: Ruleset) -> list[str]:
    """Kinds that somebody gives by word: whoever asks is given one, and it may be anybody's."""
    return [name for name, kind in by.kinds.items() if kind.is_typed and kind.is_strong]


def _among(large: Sequence[int], find: Find) -> dict[rules.Name, int]:
    """Looked for without the clusters' lock, a stretch at a time, for others link meanwhile; what is found is looked at once
    more under it."""
    perhaps: list[int] = []
    for start in range(0, len(large), _AT_ONCE):
        some = large[start : start + _AT_ONCE]
        if find(some):
            perhaps += some
    if not perhaps:
        return {}
    sql.fetch(Q.lock_clusters)
    return find(perhaps)


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


def _named_in(canonical_ids: Sequence[int], by: Ruleset) -> dict[rules.Name, int]:
    told = sql.fetch_as(Named, Q.named_under, canonical_ids=list(canonical_ids), kinds=_typed(by))
    return with_many_names(told, by)


def with_many_names(told: Iterable[Named], by: Ruleset) -> dict[rules.Name, int]:
    """Values under which more humans were told of than one value may have, each with the fact that shows it. `told` in order of
    the values. Pure."""
    found: dict[rules.Name, int] = {}
    for value, rows in groupby(told, key=lambda one: (one.kind, one.scope, one.key)):
        of_value, kind = list(rows), by.kinds[value[0]]
        born: dict[str, set[str]] = {}
        for one in of_value:
            if (name := called(one.name)) and not by.is_blocked(OTHERS, name):
                born.setdefault(name, set()).update({one.birthday} - {""})
        if kind.is_certain(value[1]) and humans(born, kind.most_links + 1) > kind.most_links + 1:
            found[value] = max(one.fact_id for one in of_value)
    return found


def called(name: str) -> str:
    """As it is compared; '' for what is no name: 王女士 may be any of them, and so may 张**."""
    name = "".join(narrow(name).casefold().split())
    bare = _TITLE.sub("", name)
    return "" if "*" in name or len(bare) < 2 else bare


def humans(born: Mapping[str, Set[str]], enough: int) -> int:
    """How many these are at least, by the birthdays told of each name; counted no further than one more than `enough`.

    Two of one name, or of one birthday, may be one human whose other was mistyped, so that both must differ: it is as many as
    names can each be given a birthday of their own. Of whom no birthday was told the name alone counts."""
    count = sum(1 for days in born.values() if not days)
    whose: dict[str, str] = {}

    def give(name: str, tried: set[str]) -> bool:
        for day in sorted(born[name] - tried):
            tried.add(day)
            if day not in whose or give(whose[day], tried):
                whose[day] = name
                return True
        return False

    for name in born:
        if count + len(whose) > enough:
            break
        give(name, set())
    return min(count + len(whose), enough + 1)
