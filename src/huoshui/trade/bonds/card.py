"""What this room writes on a person's card."""

from __future__ import annotations

from huoshui.people import api as people
from huoshui.trade.bonds import fold


def rewrite(canonical_ids: list[int]) -> None:
    people.write_card_bonds(fold.owners_now(canonical_ids))
