"""What a basket would earn, before it is bought."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from huoshui.core import clock, sql
from huoshui.engage.loyalty import bonuses
from huoshui.engage.loyalty.rulebook import rulebook
from huoshui.engage.loyalty.standing import all_tiers
from huoshui.engage.loyalty.types import BasketLine, Occasion, Quote, Tier
from huoshui.people import api as people

Q = sql.load("huoshui.engage.loyalty")


def quote_earn(
    *,
    person_id: int | None,
    lines: Sequence[BasketLine],
    org_unit_id: int | None = None,
    day: date | None = None,
    by_points: int = 0,
) -> Quote:
    """Points these lines would earn a person now; `by_points` is the money of theirs that points will pay. Writes nothing."""
    book = rulebook()
    on = day or clock.today()
    return bonuses.quote(
        lines,
        Occasion(
            on,
            org_unit_id,
            rank=_ranks([person_id])[person_id] if person_id is not None and book.has_bonus else 0,
        ),
        person_id=person_id,
        rule=book.on(on),
        has_bonus=book.has_bonus,
        by_points=by_points,
    )


def tiers_of(person_ids: Sequence[int]) -> dict[int, Tier]:
    """The tier each of these has this moment, as his next sale will see it; whoever never bought has the lowest. Any ids of
    a human do."""
    levels = {t.rank: t for t in all_tiers()}
    return {p: levels[rank] for p, rank in _ranks(person_ids).items()}


def _ranks(person_ids: Sequence[int]) -> dict[int, int]:
    kin = people.kin_of(person_ids)
    every = sorted({m for ids in kin.values() for m in ids})
    rank = dict(sql.fetch_as(tuple, Q.ranks_of, person_ids=every))
    return {p: max(rank.get(m, 0) for m in ids) for p, ids in kin.items()}
