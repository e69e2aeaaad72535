"""What readers need after facts have settled: the lake, the cards, the labels."""

from __future__ import annotations

from huoshui.lake import api as lake
from huoshui.people import api as people


def after_settling() -> None:
    """Bring the lake and the cards up to date. May be run at will; each part starts where it last ended."""
    people.refresh_cards()
    lake.flush()
