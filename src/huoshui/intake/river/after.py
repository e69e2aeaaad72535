"""What readers need after facts have settled: sums of stock, cards, the lake, segments, and what analyses call each person."""

from __future__ import annotations

from django.db import transaction

from huoshui.core.facts import api as facts
from huoshui.core.ledger import api as ledger
from huoshui.people import api as people
from huoshui.trade.bonds import api as bonds
from huoshui.trade.codes import api as codes
from huoshui.trade.commission import api as commission

READERS = "readers"


def after_settling() -> None:
    """Bring stock, cards, lake and labels up to date. May be run at will; each part starts where it last ended."""
    if not facts.is_behind(READERS):
        return
    # The lake's libraries take seconds to load: only whoever has something to write pays for them.
    from huoshui.insight import api as insight
    from huoshui.lake import api as lake

    high = facts.horizon()
    ledger.fold_goods()
    codes.read()
    bonds.read()  # before the cards, which say whose she is
    commission.read()  # after codes and bonds, by which orders are credited
    people.refresh_cards()
    lake.flush()
    insight.segments.refresh_soon()
    label_cards()
    facts.mark_read(READERS, high)


def label_cards() -> int:
    """Write grade and group on the cards. Returns how many changed."""
    from huoshui.insight import api as insight

    labels = insight.person_labels()
    with transaction.atomic():
        return people.write_card_labels(labels)
