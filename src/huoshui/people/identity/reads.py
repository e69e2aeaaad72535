from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from huoshui.core import clock, sql
from huoshui.core.crypto import lookup_key
from huoshui.core.errors import NotFound
from huoshui.core.phone import NotAPhone
from huoshui.core.subscribers import XidRange
from huoshui.people.identity import clustering, rules
from huoshui.people.identity.kinds import FIXED
from huoshui.people.identity.types import Evidence, Identifier, Sealed

Q = sql.load("huoshui.people.identity")


def canonical_id(person_id: int) -> int:
    """The canonical id of any id of a cluster. Raises NotFound."""
    row = sql.fetch_one(Q.canonical, person_id=person_id)
    if row is None:
        raise NotFound
    return int(row.canonical_id)


def canonical_ids(person_ids: Sequence[int]) -> dict[int, int]:
    """Each of these ids to that of its cluster; most persons are a cluster of their own, of which no row tells."""
    own = dict(zip(person_ids, person_ids, strict=True))
    return own | dict(sql.fetch_as(tuple, Q.canonical_of, person_ids=list(own)))


def members(person_id: int) -> list[int]:
    """Every person id of the cluster that a person belongs to."""
    return [r.person_id for r in sql.fetch(Q.members, canonical_id=canonical_id(person_id))]


def _owners_of_phone(number: str) -> list[int]:
    """Of whom it was first told, also where many share it: who looks for a number wants to see that. Of one that changed hands
    all who had it. Raises NotAPhone."""
    return [int(r.person_id) for r in _ask_owners_of_phone(number).rows()]


def _ask_owners_of_phone(number: str) -> sql.Asked:
    return sql.ask(Q.find_by_key, kind="phone", key=lookup_key(rules.plain("phone", number)))


def _label(kind: str, scope: str, *, is_ended: bool) -> str:
    if (kind, scope) == ("phone", FIXED):
        return "固定电话（不用来认人）"
    return rules.KINDS[kind].ended if is_ended else rules.KINDS[kind].label


def identifiers(person_id: int, *, may_reveal: bool) -> list[Identifier]:
    """The identifiers of a cluster, contact values masked; `may_reveal` whether the reader may ask for whole ones."""
    return [
        Identifier(
            id=r.id,
            kind=r.kind,
            label=_label(r.kind, r.scope, is_ended=r.is_ended),
            masked=masked(r),
            since=r.created_at,
            source=r.source,
            is_guarded=r.is_guarded,
            can_reveal=may_reveal and r.is_sealed and not r.is_ended and rules.KINDS[r.kind].is_contact,
            ends_at=r.ends_at if rules.KINDS[r.kind].is_contact else None,
        )
        for r in _once(sql.fetch(Q.identifiers_of, person_ids=members(person_id)))
    ]


def _once(rows: Sequence[sql.Row]) -> list[sql.Row]:
    """Without the twins that contacts have while the keys are changed (`rekeying`), which are their like but for the hash."""
    seen = set()
    found = []
    for r in rows:
        like = (r.kind, r.scope, r.tail4, r.created_at) if r.is_sealed else r.id
        if like not in seen:
            seen.add(like)
            found.append(r)
    return found


def masked(row: sql.Row) -> str:
    if not rules.KINDS[row.kind].is_contact:
        return str(row.key)
    return f"•••• {row.tail4}" if row.tail4 else "••••"


def having(person_ids: Sequence[int], kind: str) -> list[int]:
    """Those of these persons (born ids) who have an identifier of this kind that nobody shares."""
    return [r.person_id for r in sql.fetch(Q.having, person_ids=list(person_ids), kind=kind)]


def presence(person_ids: Sequence[int]) -> dict[int, bool]:
    """Each of these ids that is a person's → whether that person was erased."""
    return {r.person_id: r.is_erased for r in sql.fetch(Q.presence, person_ids=list(person_ids))}


def sealed_contact(person_id: int, identifier_id: int) -> Sealed:
    """One contact of a person's cluster, still sealed. Raises NotFound, also for what is no contact or has no value."""
    row = sql.fetch_one(Q.sealed_of, identifier_id=identifier_id, person_ids=members(person_id))
    if row is None or not rules.KINDS[row.kind].is_contact:
        raise NotFound
    return Sealed(row.kind, bytes(row.sealed))


def why(person_a: int, person_b: int) -> list[Evidence]:
    """The path of evidence that makes two persons one; empty when they are not."""
    everyone = members(person_a)
    rows = {r.id: r for r in sql.fetch(Q.links_of, person_ids=everyone)}
    steps = rules.path(person_a, person_b, [(r.id, r.person_a, r.person_b) for r in rows.values()])
    return [_evidence(rows[step]) for step in steps]


def links_within(person_id: int) -> list[Evidence]:
    """Every living link inside a person's cluster."""
    return [_evidence(r) for r in sql.fetch(Q.links_of, person_ids=members(person_id))]


def link(link_id: int) -> Evidence | None:
    """A living link."""
    row = sql.fetch_one(Q.link_by_id, link_id=link_id)
    return None if row is None else _evidence(row)


def links_among(person_ids: Sequence[int]) -> list[tuple[int, int, datetime]]:
    """(one, other, since when) of every living link between these, who must be whole clusters."""
    return sql.fetch_as(tuple, Q.joins_among, person_ids=list(person_ids))


def _evidence(row: sql.Row) -> Evidence:
    if row.rule == "by_hand":
        sentence = f"{row.actor} 手工合并：{row.reason}"
    else:
        kind = rules.KINDS[row.kind].label if row.kind else "账号"
        value = row.tail4 or (row.key if row.kind and not rules.KINDS[row.kind].is_contact else "")
        sentence = f"同一笔记录里同时出现了两边的账号（{kind} {value}）"
        if row.scope and row.ends_at is not None and rules.KINDS[row.kind].is_contact:
            day = row.ends_at.astimezone(clock.brand_zone()).date().isoformat()
            sentence = f"{day} 以前的同一笔记录里同时出现了两边的账号（{kind} {value}，之后换了人用）"
    return Evidence(row.id, row.person_a, row.person_b, row.rule, sentence, row.actor, row.linked_at)


def cluster_differences() -> list[clustering.Difference]:
    """Whose stored canonical id is not what all living links together say. Reads every link."""
    told = sql.copy_out(Q.links_and_clusters)
    is_link = told["is_link"]
    a, b = (told[name].filter(is_link).to_numpy() for name in ("one", "other"))
    stored = told.filter(pc.invert(is_link)).sort_by("one")
    return clustering.differences(
        (stored["one"].to_numpy(), stored["other"].to_numpy()), clustering.canonical(a, b)
    )


def cluster_changes(span: XidRange) -> pa.Table:
    return sql.copy_out(Q.cluster_changes, low=str(span.low), high=str(span.high))


def changed_persons(span: XidRange) -> list[int]:
    rows = sql.fetch(Q.changed_persons, low=str(span.low), high=str(span.high))
    return [r.person_id for r in rows]


def members_of(canonical: Sequence[int]) -> list[tuple[int, int]]:
    """(member, canonical) for every person of these clusters."""
    others = sql.fetch_as(tuple, Q.members_of, canonical_ids=list(canonical))
    return [*zip(canonical, canonical, strict=True), *others]


def newborn(person_ids: Sequence[int]) -> list[sql.Row]:
    """person_id, org_unit_id of those of these whose card is still to be written."""
    return sql.fetch(Q.newborn, person_ids=list(person_ids))


def card_identifiers(members: Sequence[tuple[int, int]]) -> list[sql.Row]:
    return sql.fetch(
        Q.card_identifiers, person_ids=[m for m, _ in members], canonical_ids=[c for _, c in members]
    )


def find_by_text(text: str, *, limit: int) -> list[int]:
    """Canonical persons behind what somebody typed: a whole phone, its tail, a card or member number's beginning. In one flight
    with whatever waits."""
    text = unicodedata.normalize("NFKC", text.replace("\x00", "")).strip()
    joined = text.replace(" ", "").replace("-", "")
    asked: list[sql.Asked] = []
    if joined.isdigit() and len(joined) == 4:
        asked.append(sql.ask(Q.find_by_tail, tail=joined, limit=limit))
    with suppress(NotAPhone):
        asked.append(_ask_owners_of_phone(joined))
    for start in {text, joined} - {""}:
        asked.append(sql.ask(Q.find_by_prefix, prefix=sql.starts_with(start), limit=limit))
    return sorted({int(row.person_id) for one in asked for row in one.rows()})


def known_among(kind: str, keys: Sequence[str]) -> dict[str, int]:
    """Of these keys (keyed hashes where the kind is a contact) those that are one person's alone, and who that is.

    Asks only: nobody is joined, nothing is kept.
    """
    same = len(keys)
    rows = sql.fetch(Q.known_names, kinds=[kind] * same, scopes=[""] * same, keys=list(keys))
    return {r.key: int(r.canonical_id) for r in rows if r.canonical_id is not None and not r.is_guarded}
