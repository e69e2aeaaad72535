"""A guide's customers, the most urgent first. Set-based: as many statements for a hundred thousand as for one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.engage.campaigns import api as campaigns
from huoshui.people import api as people
from huoshui.trade.service import rules
from huoshui.trade.service.reads import bought
from huoshui.trade.service.types import Mine, Purchase

PAGE = 30


def mine(actor: Actor, *, page: int = 0, now: datetime | None = None) -> tuple[list[Mine], bool]:
    """One page, counted from 0, and whether more follow."""
    now = now or clock.now()
    day = clock.business_day(now)
    ending = campaigns.ask_ending(now, now + timedelta(days=rules.COUPON_DAYS))
    born = people.ask_born_on(rules.birthdays_of(day))
    rows = people.leaning(
        actor.id,
        rules.BOUNDS,
        today=day,
        coupons=_heads([row.person_id for row in ending.rows()]),
        birthdays=_heads([row.person_id for row in born.rows()]),
        limit=PAGE + 1,
        offset=page * PAGE,
    )
    shown = rows[:PAGE]
    kin = people.kin_of([row.person_id for row in shown])
    cards = {card.person_id: card for card in people.cards_for(actor, list(kin))}
    taken, unprofiled = bought(kin) if kin else {}, people.unprofiled_kin(kin) if kin else set()
    found = []
    for row in shown:
        if row.person_id in cards:
            kind = rules.reason_of(row, is_profiled=row.person_id not in unprofiled)
            sku_id = _about(kind, taken[row.person_id], day)
            found.append(Mine(cards[row.person_id], kind, row.gone, row.every, sku_id))
    return found, len(rows) > PAGE


def _about(kind: str, taken: Sequence[Purchase], day: date) -> int | None:
    """The product that is nearly used up; of a word of care what she took last."""
    if kind == "due":
        return next((one.sku_id for one in rules.due(taken) if rules.is_near(one, day)), None)
    return taken[0].sku_id if kind == "care" and taken else None


def _heads(person_ids: list[int]) -> list[int]:
    return sorted(set(people.canonical_ids(person_ids).values())) if person_ids else []
