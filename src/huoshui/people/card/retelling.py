"""Another order of sources holds for everybody: the lake is told anew what stands, and cards take the name that stands."""

from __future__ import annotations

from django.db import transaction

from huoshui.core.facts import api as facts
from huoshui.people.card.actions import rewrite
from huoshui.people.identity import reads as identity
from huoshui.people.identity import undoing
from huoshui.people.profiles import actions as profiles

_PERSONS = 2_000


def retell(name: str, *, limit: int = _PERSONS) -> int:
    """Under a name of an attribute ('' for all). A stretch of persons a transaction, so that nobody waits for the whole of it;
    killed anywhere it may be run again. Returns how many stretches."""
    after, stretches = 0, 0
    while (last := _stretch(name, after, limit)) is not None:
        after, stretches = last, stretches + 1
    return stretches


def _stretch(name: str, after: int, limit: int) -> int | None:
    with transaction.atomic():
        done = profiles.touch(name, after=after, limit=limit)
        heads = set(identity.canonical_ids(done.renamed).values())
        if cards := sorted(undoing.living(sorted(heads))):
            rewrite(cards)
        if done.last is not None:
            facts.wake_readers()
    return done.last
