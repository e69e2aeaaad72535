"""Persons without what an import told of them (ADR 0017). Callers hold the transaction."""

from __future__ import annotations

from collections.abc import Sequence

from huoshui.people.card import actions as _cards
from huoshui.people.consent.actions import unsay as unsay_consents
from huoshui.people.identity import undoing as _identity
from huoshui.people.identity.undoing import Regrouped, known_by, living, regroup_without
from huoshui.people.profiles.actions import untell as untell_profiles

__all__ = [
    "Regrouped",
    "bury_untold",
    "known_by",
    "living",
    "regroup_without",
    "unsay_consents",
    "untell_profiles",
]


def bury_untold(person_ids: Sequence[int]) -> list[int]:
    """Of these, those of whom nothing tells any more: they are no persons, and have no card. Returns them.

    Their ids stay in the books: what was once theirs has been taken back there.
    """
    gone = _identity.bury_untold(person_ids)
    if gone:
        _cards.drop(gone)
    return gone
