"""What a fact says of a relation, and which of several count. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import combinations
from typing import Any, Final, NamedTuple

from huoshui.core.phone import NotAPhone
from huoshui.people.identity.live import is_blocked
from huoshui.people.identity.rules import KINDS as IDENTIFIERS
from huoshui.people.identity.rules import plain
from huoshui.people.relations.types import Kind, Mention, Name, Origin

KINDS: Final[Mapping[Kind, bool]] = {
    "brought": False,
    "household": True,
    "colleague": True,
    "serves": False,
    "partner": True,
}
"""Each kind, and whether it looks the same from both ends."""

REFERRED = "Person Referred"
DECLARED = "Relation Declared"
FACTS = (REFERRED, DECLARED)

REFERRER_TRAITS = (
    "referred_by",
    "推荐人",
    "介绍人",
    "推荐人会员号",
    "推荐人卡号",
    "推荐人手机",
    "推荐人手机号",
)
"""Columns of a member list that say by whom somebody was brought: a member or card number, or a phone."""

ADDRESS_TRAITS = ("address", "地址", "家庭地址", "收货地址")
MOST_IN_A_HOUSEHOLD = 4
MOST_DEEP = 12


class Said(NamedTuple):
    fact_id: int
    name: str
    person_id: int
    occurred_at: datetime
    run_id: int | None
    actor: str
    told: str | None


Key = Callable[[str], str]
"""A contact's plain value → the keyed hash it is looked up by."""
Open = Callable[[str], str | None]
"""A sealed value, base64 → plain; None for what we have not sealed."""


def mention(said: Said, *, key: Key, unseal: Open) -> Mention | None:
    """What one fact says, or None where it names nobody that could be looked up."""
    if said.name in FACTS:
        kind, names = _of_fact(said, key, unseal)
    else:
        kind, names = "brought", _of_list(said.told or "", key)
    if kind is None or not names:
        return None
    origin: Origin = "import" if said.run_id is not None else "fact"
    return Mention(said.fact_id, kind, said.person_id, said.occurred_at, names, origin, said.actor)


def _of_fact(said: Said, key: Key, unseal: Open) -> tuple[Kind | None, tuple[Name, ...]]:
    told = json.loads(said.told) if said.told else None
    if not isinstance(told, dict):
        return None, ()
    wanted = "brought" if said.name == REFERRED else told.get("relation")
    kind = next((k for k in KINDS if k == wanted), None)
    other = told.get("referrer" if said.name == REFERRED else "other")
    return kind, _names(other, key, unseal) if isinstance(other, dict) else ()


def _names(other: Mapping[str, Any], key: Key, unseal: Open) -> tuple[Name, ...]:
    """In the order of trust in which identity holds its kinds."""
    scope = other.get("scope")
    found = []
    for kind in IDENTIFIERS:
        value = other.get(kind)
        if IDENTIFIERS[kind].is_contact and isinstance(value, dict) and isinstance(value.get("sealed"), str):
            value = unseal(value["sealed"])
        if isinstance(value, str | int) and (name := _name(kind, str(value), key)):
            found.append((kind, scope if isinstance(scope, str) else "", name))
    return tuple(found)


def _of_list(value: str, key: Key) -> tuple[Name, ...]:
    return tuple(
        (kind, "", name) for kind in ("member_no", "card_no", "phone") if (name := _name(kind, value, key))
    )


def _name(kind: str, value: str, key: Key) -> str | None:
    if is_blocked(kind, value):
        return None
    try:
        own = plain(kind, value)
    except NotAPhone:
        return None
    return key(own) if IDENTIFIERS[kind].is_contact else own


def ends(kind: Kind, from_id: int, to_id: int) -> tuple[int, int]:
    """As the table keeps them."""
    return (min(from_id, to_id), max(from_id, to_id)) if KINDS[kind] else (from_id, to_id)


class Claim(NamedTuple):
    """That one person brought another; canonical ids."""

    from_id: int
    to_id: int
    since: datetime
    relation_id: int


def first_claims(claims: Iterable[Claim]) -> dict[int, Claim]:
    """Newcomer → who brought her. Of several the first; nobody brings himself."""
    found: dict[int, Claim] = {}
    for claim in claims:
        known = found.get(claim.to_id)
        if claim.from_id != claim.to_id and (
            known is None or (claim.since, claim.relation_id) < (known.since, known.relation_id)
        ):
            found[claim.to_id] = claim
    return found


def pairs(groups: Iterable[Iterable[int]], canonical: Mapping[int, int]) -> list[tuple[int, int]]:
    """Two and two of each group who are not one human, by the ids they were born with."""
    found: set[tuple[int, int]] = set()
    for group in groups:
        heads = {canonical[p]: p for p in sorted(group, reverse=True)}
        if 2 <= len(heads) <= MOST_IN_A_HOUSEHOLD:
            found.update(combinations(sorted(heads.values()), 2))
    return sorted(found)
