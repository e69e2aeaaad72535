"""What this room writes on a person's card."""

from __future__ import annotations

from huoshui.core import sql
from huoshui.people import api as people

Q = sql.load("huoshui.trade.sales")


def rewrite(canonical_ids: list[int]) -> None:
    members = people.members_of(canonical_ids)
    rows = sql.fetch(
        Q.card_figures,
        person_ids=[m for m, _ in members],
        canonical_ids=[c for _, c in members],
    )
    with_sales = {r.canonical_id for r in rows}
    people.write_card_sales(rows, without=[p for p in canonical_ids if p not in with_sales])
