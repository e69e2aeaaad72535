"""A world is made in shards of people, so that ten million fit into memory; the truths are planted in each, and counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from huoshui.project.sample.suyu import bodies, cards, selling
from huoshui.project.sample.suyu import orders as buying
from huoshui.project.sample.suyu import people as crowd
from huoshui.project.sample.suyu.cards import Cards
from huoshui.project.sample.suyu.orders import Orders
from huoshui.project.sample.suyu.people import MINI, STORE, People
from huoshui.project.sample.suyu.plan import Plan
from huoshui.project.sample.suyu.seeds import generator
from huoshui.project.sample.suyu.selling import Said

SHARD: Final = 200_000
"""People who can be told apart in each."""


@dataclass(frozen=True)
class Shard:
    number: int
    people: People
    orders: Orders
    cards: Cards
    recall: selling.Recall
    bodies: bodies.Bodies
    truths: dict[int, Said]


def shards(plan: Plan) -> Iterator[Shard]:
    """The parts of the world one after another; they share the brand and its places and nobody."""
    first = 0
    for number, start in enumerate(range(0, plan.people, SHARD)):
        told = min(SHARD, plan.people - start)
        count = round(told / crowd.PER_PERSON)
        shard = _shard(plan, number, told, count, first)
        first += len(shard.people)
        yield shard


def _shard(plan: Plan, number: int, told: int, count: int, first: int) -> Shard:
    def random(name: str) -> np.random.Generator:
        return generator(plan.seed, name, number)

    people = crowd.draw(plan.seed, number, count, first, plan.places, cards.capture(plan))
    made = buying.visits(random("visits"), people, plan.places, plan.calendar)
    base = buying.compose(
        random("baskets"), made, people, plan.places, plan.calendar, launch=plan.day(plan.launch)
    )
    truths: dict[int, Said] = {}
    base, truths[2] = selling.recipe(plan, random("recipe"), people, base)
    scales, base, shakes, truths[8] = bodies.scales(plan, random("scales"), people, base)
    own = cards.first_cards(random("cards"), people, base)
    asked, recalled, truths[1] = selling.recall(plan, random("recall"), people, base)
    home, truths[6] = selling.homecoming(plan, random("homecoming"), people, base)
    mothers, truths[11] = selling.motherhood(plan, random("motherhood"), people)
    _, truths[7] = cards.tool_uses(plan, generator(plan.seed, "tools"))
    people, few, more_cards = _few(plan, number, told, people, base, truths)
    all_cards = Cards.joined([own, *more_cards])
    truths[10] = cards.shared_devices(plan, random("devices"), people, all_cards)
    truths[12] = cards.super_members(plan, random("supers"), people, all_cards)
    orders = buying.in_order(buying.joined([base, shakes, recalled, home, mothers, *few]))
    selling.use_recall_coupons(plan, random("recall coupons"), orders, asked)
    orders, truths[3] = selling.shortage(plan, orders)
    truths[5] = selling.cannibal(plan, orders)
    truths[7] |= cards.captured(plan, people, orders)
    truths[13] = {"planted": plan.has(13), "month": f"{plan.flat:%Y-%m}"}
    return Shard(number, people, orders, all_cards, asked, scales, truths)


def _few(
    plan: Plan, number: int, told: int, people: People, base: Orders, truths: dict[int, Said]
) -> tuple[People, list[Orders], list[Cards]]:
    """④ and ⑨ have people of their own, in the first shard only, since their numbers do not grow with the world's."""
    begin = len(people)
    cheat = cards.cheated(told) if plan.has(4) and number == 0 else 0
    wool = min(cards.WOOL_ACCOUNTS, told // 8) if plan.has(9) and number == 0 else 0
    first = int(people.number[0])
    more = [people]
    if cheat:
        more.append(cards.more_people(plan, "cheated", cheat, first + begin, STORE))
    if wool:
        more.append(cards.more_people(plan, "wool", wool, first + begin + cheat, MINI))
    everybody = _together(more)
    orders, found = [], []
    truths[4], truths[9] = {"planted": plan.has(4)}, {"planted": plan.has(9)}
    if cheat:
        fresh = begin + np.arange(cheat)
        part, new, truths[4] = cards.rebinding(plan, generator(plan.seed, "cheat"), everybody, base, fresh)
        orders.append(part)
        found.append(new)
    if wool:
        part, new, truths[9] = cards.wool(
            plan, generator(plan.seed, "wool"), everybody, begin + cheat + np.arange(wool)
        )
        orders.append(part)
        found.append(new)
    return everybody, orders, found


def _together(parts: list[People]) -> People:
    if len(parts) == 1:
        return parts[0]
    return People(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(People)))
