"""Perhaps a household: who shares an address or a phone. A guess for somebody to look at; identity takes no notice of it.

Of whoever does not want to be profiled nothing is guessed."""

from __future__ import annotations

from django.db import transaction

from huoshui.core import sql
from huoshui.people.consent.reads import everyone_unprofiled
from huoshui.people.identity import reads as identity
from huoshui.people.relations import rules

Q = sql.load("huoshui.people.relations")


def propose() -> int:
    """Look through what was told of everybody, for the night. Returns how many guesses are new."""
    with transaction.atomic():
        made, refused = 0, everyone_unprofiled()
        for ground, rows in (
            (
                "address",
                sql.fetch(
                    Q.same_address, names=list(rules.ADDRESS_TRAITS), most=rules.MOST_IN_A_HOUSEHOLD * 2
                ),
            ),
            ("phone", sql.fetch(Q.same_phone, most=rules.MOST_IN_A_HOUSEHOLD * 2)),
        ):
            groups = [row.person_ids for row in rows]
            canonical = identity.canonical_ids(sorted({p for group in groups for p in group}))
            groups = [[p for p in group if canonical[p] not in refused] for group in groups]
            if found := rules.pairs(groups, canonical):
                made += sql.run(
                    Q.add_proposals, ground=ground, a=[a for a, _ in found], b=[b for _, b in found]
                )
        return made
