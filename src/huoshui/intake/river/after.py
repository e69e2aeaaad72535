"""What readers need after facts have settled: cards, the lake, and what its analyses call each person."""

from __future__ import annotations

from django.db import transaction

from huoshui.insight import api as insight
from huoshui.lake import api as lake
from huoshui.people import api as people


def after_settling() -> None:
    """Bring cards, lake and labels up to date. May be run at will; each part starts where it last ended."""
    people.refresh_cards()
    if lake.flush().changed:
        label_cards()


def label_cards() -> int:
    """Write grade and group on the cards. Returns how many changed."""
    labels = insight.person_labels()
    with transaction.atomic():
        return people.write_card_labels(labels)
