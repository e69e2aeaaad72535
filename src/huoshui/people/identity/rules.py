"""Who a fact is about: pure decisions over one batch, no database, no clock.

Strong identifiers name one human and link at once. Weak ones (a device) only find somebody when nothing strong is
there, and never join two known people. A guarded value (a shop's tablet, a guide's own phone, 13800138000) names nobody.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from huoshui.people.identity.types import Assignment, NewLink, Seen


@dataclass(frozen=True)
class Kind:
    label: str
    is_strong: bool = True
    is_contact: bool = False  # kept sealed, found by keyed hash
    most_links: int = 5  # a value that joins more people than this is shared, and guarded


# In order of trust: a fact that carries several is born to the person of the first known one.
KINDS: dict[str, Kind] = {
    "unionid": Kind("微信 UnionID"),
    "phone": Kind("手机号", is_contact=True),
    "member_no": Kind("会员号"),
    "card_no": Kind("会员卡号"),
    "openid": Kind("微信 OpenID"),
    "external_userid": Kind("企微客户"),
    "account": Kind("平台账号"),
    "email": Kind("邮箱", is_contact=True),
    "device_id": Kind("设备", is_strong=False),
}
_TRUST = {kind: place for place, kind in enumerate(KINDS)}

# Numbers people type when they will not give their own
_BLOCKED_PHONE = re.compile(r"^(\+86)?(13800138000|1(\d)\3{9}|12345678\d*|13[0-9]0{8}|1?3123456789)$")
_BLOCKED_VALUES = frozenset({"0", "00", "000", "0000", "00000000", "null", "none", "无", "test"})

Name = tuple[str, str, str]


def is_blocked(kind: str, value: str) -> bool:
    """Whether a plain value names nobody. Asked by the doors, before the value is hashed."""
    if kind == "phone":
        return bool(_BLOCKED_PHONE.match(value))
    return value.strip().lower() in _BLOCKED_VALUES


def assign(seen: Sequence[Seen]) -> Assignment:
    """Decide persons, new identifiers and links for a batch of facts, in the order of `seen` (by fact id)."""
    batch = _Batch(seen)
    for fact_id, rows in groupby(seen, key=lambda s: s.fact_id):
        batch.decide(fact_id, sorted(rows, key=lambda s: _TRUST.get(s.kind, len(_TRUST))))
    return batch.out


class _Batch:
    def __init__(self, seen: Sequence[Seen]) -> None:
        self.out = Assignment()
        self._person: dict[Name, int | None] = {s.name: s.person_id for s in seen if s.identifier_id}
        self._guarded: set[Name] = {s.name for s in seen if s.is_guarded}
        self._links_made: dict[Name, int] = {s.name: s.links_made for s in seen}
        self._root: dict[int, int] = {}
        self._linked: set[tuple[int, int]] = set()
        for s in seen:
            if s.person_id is not None and s.canonical_id is not None:
                self._join(s.person_id, s.canonical_id)

    def decide(self, fact_id: int, rows: list[Seen]) -> None:
        usable = [s for s in rows if s.name not in self._guarded]
        strong = [s for s in usable if KINDS[s.kind].is_strong]
        person = self._first_known(strong) if strong else self._first_known(usable)
        if person is None and usable:
            person = -1 - len(self.out.born)
            self.out.born[person] = fact_id
        if person is None:
            return
        self.out.person_of_fact[fact_id] = person
        for s in usable:
            if s.name not in self._person:
                self._person[s.name] = person
                self.out.new_identifiers[s.name] = (person, fact_id)
        self._link(person, strong, fact_id)

    def _first_known(self, rows: Iterable[Seen]) -> int | None:
        for s in rows:
            person = self._person.get(s.name)
            if person is not None:
                return person
        return None

    def _link(self, person: int, strong: list[Seen], fact_id: int) -> None:
        for s in strong:
            other = self._person[s.name]
            if other is None or self._find(other) == self._find(person):
                continue
            # The evidence is that both values stood on one fact; the less trusted of the two is charged with it.
            via = s.name
            if self._links_made.get(via, 0) >= KINDS[s.kind].most_links:
                self._guarded.add(via)
                self.out.newly_guarded.append((via, fact_id))
                continue
            self._links_made[via] = self._links_made.get(via, 0) + 1
            self._join(person, other)
            self.out.links.append(NewLink(person, other, via, fact_id))

    def _find(self, person: int) -> int:
        while self._root.get(person, person) != person:
            person = self._root[person]
        return person

    def _join(self, one: int, other: int) -> None:
        a, b = self._find(one), self._find(other)
        if a != b:
            self._root[max(a, b)] = min(a, b)


def clusters(persons: Iterable[int], links: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Person → canonical id (the smallest of the cluster) over living links; pure, so that a rebuild equals the present."""
    root: dict[int, int] = {p: p for p in persons}

    def find(person: int) -> int:
        while root[person] != person:
            root[person] = root[root[person]]
            person = root[person]
        return person

    for a, b in links:
        ra, rb = find(a), find(b)
        root[max(ra, rb)] = min(ra, rb)
    return {p: find(p) for p in root}


def path(start: int, goal: int, links: Iterable[tuple[int, int, int]]) -> list[int]:
    """The ids of the links on a shortest path from one person to another; empty when none leads there."""
    next_to: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for link_id, a, b in links:
        next_to[a].append((b, link_id))
        next_to[b].append((a, link_id))
    came: dict[int, tuple[int, int]] = {start: (start, 0)}
    front = [start]
    while front and goal not in came:
        front = [
            other
            for person in front
            for other, link_id in next_to[person]
            if came.setdefault(other, (person, link_id)) == (person, link_id) and other != start
        ]
    steps: list[int] = []
    while goal in came and goal != start:
        goal, link_id = came[goal]
        steps.append(link_id)
    return steps[::-1]
