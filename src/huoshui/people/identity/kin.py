"""All ids of one human."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from huoshui.core import sql

Q = sql.load("huoshui.people.identity")


class Kin:
    """Who is one with whom, of those it has been asked for: each is looked up once, and many together.

    As it was when it was asked. Who decides by it must notice, under a lock, when ids have moved meanwhile.
    """

    def __init__(self) -> None:
        self._asked: list[tuple[list[int], sql.Asked]] = []
        self._ids: dict[int, list[int]] = {}
        self._canonical: dict[int, int] = {}

    def ask(self, person_ids: Iterable[int]) -> None:
        """Look them up together with the next statement that is waited for."""
        wanted = set(person_ids) - self._ids.keys()
        for ids, _ in self._asked:
            wanted.difference_update(ids)
        if wanted:
            new = sorted(wanted)
            self._asked.append((new, sql.ask(Q.kin_of, person_ids=new)))

    def of(self, person_ids: Sequence[int]) -> dict[int, list[int]]:
        """Each person's ids, his own first."""
        self._look(person_ids)
        return {p: self._ids[p] for p in person_ids}

    def canonical(self, person_ids: Iterable[int]) -> dict[int, int]:
        """Each of these ids to that of its cluster."""
        wanted = list(person_ids)
        self._look(wanted)
        return {p: self._canonical[p] for p in wanted}

    def _look(self, person_ids: Iterable[int]) -> None:
        if all(p in self._ids for p in person_ids):
            return
        self.ask(person_ids)
        for ids, asked in self._asked:
            for p in ids:  # most persons are a cluster of their own, of which no row tells
                self._ids[p] = [p]
                self._canonical[p] = p
            for person_id, canonical_id, member in asked.rows(tuple):
                self._canonical[person_id] = canonical_id
                if member != person_id:
                    self._ids[person_id].append(member)
        self._asked = []


def kin_of(person_ids: Sequence[int]) -> dict[int, list[int]]:
    """Each person's ids, his own first."""
    return Kin().of(person_ids)
