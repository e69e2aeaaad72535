"""Forgetting people, and not letting them come back unasked.

What an erased person was known by is kept as marks: keyed hashes, under another name than those by which the living are
found, so that an old dump and a new one cannot be laid side by side. Every door's facts pass `without_erased` before they
bear anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from huoshui.core import crypto, sql
from huoshui.core.crypto import unseal
from huoshui.people.identity.kinds import FIXED
from huoshui.people.identity.rules import KINDS
from huoshui.people.identity.types import Seen

Q = sql.load("huoshui.people.identity")

Name = tuple[str, str, str]  # kind, scope, key
_STRETCH = 50_000


class Known(NamedTuple):
    """What a person is known by; `word` is the plain value, '' where nobody can tell it."""

    kind: str
    scope: str
    key: str
    word: str

    @property
    def mark(self) -> str:
        return mark(self.kind, self.scope, lasting(self.kind, self.key, self.word))


def mark(kind: str, scope: str, key: str) -> str:
    """Of an identifier as it is kept; of a contact, the hash that outlasts a change of keys (`crypto.digest`): once she is
    erased nobody can make her mark anew."""
    # A landline told of before there were such was kept as any number
    scope = "" if (kind, scope) == ("phone", FIXED) else scope
    return crypto.digest(f"erased\x1f{kind}\x1f{scope}\x1f{key}")


def lasting(kind: str, key: str, word: str) -> str:
    """What a mark is made of. Until the keys are changed for the first time it is the key itself."""
    return crypto.digest(word) if word and KINDS[kind].is_contact and crypto.is_turned() else key


def known_by(person_ids: Sequence[int]) -> list[Known]:
    rows = sql.fetch(Q.names_of, person_ids=list(person_ids))
    return [_known(r) for r in rows]


def shared_by(person_ids: Sequence[int]) -> list[Known]:
    """Guarded values that these persons carried: hers to read, and words of hers where they stand in a log, but no marks, for
    others of her household are known by them still."""
    found = {}
    for row in sql.fetch(Q.shared_values_of, person_ids=list(person_ids)):
        known = _known(row)
        if known.word or (known.kind, known.scope, known.key) not in found:
            found[known.kind, known.scope, known.key] = known
    return [found[name] for name in sorted(found)]


def marks_of(person_ids: Sequence[int]) -> set[str]:
    """By which these persons must not come back."""
    since = [_known(r) for r in sql.fetch(Q.eras_of_nobody_since, person_ids=list(person_ids))]
    return {k.mark for k in (*known_by(person_ids), *since)}


def _known(row: sql.Row) -> Known:
    return Known(row.kind, row.scope, row.key, _word(row))


def _word(row: sql.Row) -> str:
    if not KINDS[row.kind].is_contact:
        return str(row.key)
    return unseal(bytes(row.sealed)) if row.sealed is not None else ""


def suppress(marks: Sequence[str], case_ids: Sequence[int]) -> None:
    sql.run(Q.add_marks, marks=list(marks), case_ids=list(case_ids))


def welcome_back(marks: Sequence[str]) -> int:
    """These may come again: she asked for it herself."""
    return sql.run(Q.drop_marks, marks=list(marks))


def marks() -> set[str]:
    return {r.mark for r in sql.fetch(Q.all_marks)}


def is_any_erased() -> bool:
    return bool(sql.fetch_one(Q.is_any_erased).is_any)


def is_erased(names: Iterable[Name]) -> set[Name]:
    """Those of these that stand for somebody erased. A contact is told by its lasting hash."""
    by_mark = {mark(*name): name for name in names}
    if not by_mark:
        return set()
    return {by_mark[r.mark] for r in sql.fetch(Q.erased_of, marks=sorted(by_mark))}


def forget(person_ids: Sequence[int], case_ids: Sequence[int]) -> dict[str, int]:
    """In the caller's transaction: names, links and clusters of these persons (whole clusters). The bare ids stay."""
    ids = list(person_ids)
    sql.run(Q.forget_evidence, person_ids=ids)
    links = sql.run(Q.forget_links, person_ids=ids)
    sql.run(Q.forget_clusters, person_ids=ids)
    sql.run(Q.forget_changes, person_ids=ids)
    sql.run(Q.forget_guarded, person_ids=ids)
    sql.run(Q.forget_holders, person_ids=ids)
    sql.run(Q.forget_as_staff, person_ids=ids)
    sql.run(Q.keep_eras_of_the_erased, person_ids=ids)
    names = sql.run(Q.forget_identifiers, person_ids=ids)
    sql.run(Q.add_erased, person_ids=ids, case_ids=list(case_ids))
    return {"账号与联系方式": names, "合并依据": links}


def returned(known: set[str]) -> Iterator[int]:
    """Persons who bear an identifier that stands for somebody erased: a backup brought them back. Reads every identifier."""
    after = 0
    while rows := sql.fetch(Q.every_identifier, after=after, limit=_STRETCH):
        after = rows[-1].id
        yield from (r.person_id for r in rows if _known(r).mark in known)


def without_erased(seen: Sequence[Seen]) -> list[Seen]:
    """The same without what stands for the erased. A fact that is otherwise nobody's is theirs, and forgets of whom it was; any
    that carries them forgets what it said. A guarded value beside them makes it nobody else's.

    Asked only where somebody was erased, and only of names that nobody bears: a living person's cannot be among them.
    """
    unseen = {s.name for s in seen if s.identifier_id is None}
    gone = _gone(unseen, [s.fact_id for s in seen if s.identifier_id is None])
    if not gone:
        return list(seen)
    touched = {s.fact_id for s in seen if s.name in gone}
    others = {s.fact_id for s in seen if s.fact_id in touched and _names_somebody(s)}
    whole = touched - others
    strip = [s for s in seen if s.fact_id in others and s.name in gone]
    sql.run(
        Q.strip_names,
        fact_ids=[s.fact_id for s in strip],
        kinds=[s.kind for s in strip],
        scopes=[s.scope for s in strip],
        keys=[s.key for s in strip],
    )
    sql.run(Q.strip_facts, whole=sorted(whole), fact_ids=sorted(touched))
    return [s for s in seen if s.fact_id not in whole and s.name not in gone]


def _names_somebody(seen: Seen) -> bool:
    return seen.identifier_id is not None and (not seen.is_guarded or seen.own_person_id is not None)


def _gone(names: set[Name], fact_ids: Sequence[int]) -> set[Name]:
    """`is_erased`, of names as the facts carry them."""
    if not crypto.is_turned():
        return is_erased(names)
    carried = sql.fetch(Q.carried_by, fact_ids=list(fact_ids))
    words = {(r.kind, r.scope, r.key): _word(r) for r in carried}
    by_lasting = {
        (kind, scope, lasting(kind, key, words.get((kind, scope, key), ""))): (kind, scope, key)
        for kind, scope, key in names
    }
    return {by_lasting[name] for name in is_erased(by_lasting)}
