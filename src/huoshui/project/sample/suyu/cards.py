"""Membership cards: when, where and on which device they were opened. Planted truths ④ ⑦ ⑨ ⑩ ⑫ lie in them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.random import Generator

from huoshui.project.sample.suyu import catalogue as shelf
from huoshui.project.sample.suyu import orders as selling
from huoshui.project.sample.suyu import people as crowd
from huoshui.project.sample.suyu.festivals import COMMUNITY
from huoshui.project.sample.suyu.orders import DAY, Orders, Visits
from huoshui.project.sample.suyu.people import MINI, STORE, People
from huoshui.project.sample.suyu.places import Places
from huoshui.project.sample.suyu.plan import Plan
from huoshui.project.sample.suyu.selling import Said, visits_at

OWN_PHONE, TABLET, CHEAT, WOOL, CROWDED = range(5)


@dataclass
class Cards:
    """One row each. `device`: (sort, number); `phone_of`: whose number stands on it; `brought_by`: a person, or -1."""

    person: np.ndarray
    opened: np.ndarray
    store: np.ndarray
    device_kind: np.ndarray
    device: np.ndarray
    phone_of: np.ndarray
    brought_by: np.ndarray
    is_second: np.ndarray

    def __len__(self) -> int:
        return len(self.person)

    @staticmethod
    def joined(parts: list[Cards]) -> Cards:
        return Cards(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Cards)))


def first_cards(random: Generator, people: People, orders: Orders) -> Cards:
    """Every member's own: opened before the first order, at home or at the store; old members years ago."""
    who = np.flatnonzero(people.is_member)
    first = np.full(len(people), np.iinfo(np.int64).max)
    np.minimum.at(first, orders.person, orders.at)
    first = first[who]
    never = first == np.iinfo(np.int64).max
    first[never] = random.integers(0, 600 * DAY, int(never.sum()))
    n = len(who)
    at_till = random.random(n) < 0.18
    before = np.where(at_till, random.integers(90, 590, n), random.integers(1800, 25 * DAY, n))
    opened = first - before
    old = first < 75 * DAY
    opened[old] = -random.integers(1 * DAY, 1100 * DAY, int(old.sum()))
    on_tablet = (random.random(n) < 0.1) & (people.channel[who] == STORE)
    kind = np.where(on_tablet, TABLET, OWN_PHONE)
    device = np.where(on_tablet, people.store[who], people.number[who])
    nobody = np.full(n, -1, np.int64)
    return Cards(
        who, opened, people.store[who].astype(np.int64), kind, device, who.copy(), nobody, np.zeros(n, bool)
    )


# ---- ⑦ -----------------------------------------------------------------------------------------------------------------

FEW_NEW_HANDS, CAPTURE_TIMES, TOOL_TIMES, TOOL_DAYS, TOOL_USES = 0.20, 0.5, 1 / 3, 28, 2.4


def capture(plan: Plan) -> np.ndarray:
    """Per store × the usual share of known customers: half where fewer than a fifth of the staff are new."""
    places = plan.places
    times = np.where((places.new_hands < FEW_NEW_HANDS) & plan.has(7), CAPTURE_TIMES, 1.0)
    found: np.ndarray = times / np.average(times, weights=places.weights)
    return found


def tool_uses(plan: Plan, random: Generator) -> tuple[np.ndarray, Said]:
    """guides × days: how often each opened the tool. A third where there are few new hands."""
    places = plan.places
    low = places.new_hands < FEW_NEW_HANDS
    at = np.array([g.store for g in places.guides])
    rate = TOOL_USES * np.where(low[at] & plan.has(7), TOOL_TIMES, 1.0)
    uses = random.poisson(rate[:, None], (len(at), TOOL_DAYS))
    said = {
        "planted": plan.has(7), "few_new_hands": FEW_NEW_HANDS, "capture_times": CAPTURE_TIMES,
        "tool_times": round(TOOL_TIMES, 4),
        "stores": [s.code for s, few in zip(places.stores, low, strict=True) if few],
        "new_hands": {s.code: s.new_hands for s in places.stores},
        "tool_uses_per_guide_low": round(float(uses[low[at]].sum(1).mean()), 2),
        "tool_uses_per_guide_others": round(float(uses[~low[at]].sum(1).mean()), 2),
    }  # fmt: skip
    return uses, said


def captured(plan: Plan, people: People, orders: Orders) -> Said:
    """What share of store orders names somebody, where few of the staff are new and elsewhere."""
    low = (plan.places.new_hands < FEW_NEW_HANDS)[np.maximum(orders.store, 0)]
    mine = (orders.channel == STORE) & (orders.origin == selling.BASE)
    named = people.is_known[orders.person]
    return {
        "captured_low": round(float(named[mine & low].mean()), 4),
        "captured_others": round(float(named[mine & ~low].mean()), 4),
    }


# ---- ④ -----------------------------------------------------------------------------------------------------------------

OLD_SHARE, WITHIN_MINUTES, CHEAT_DAYS, CHEATED = 0.38, 10, 180, 0.012


def cheater(places: Places, seed_of: Generator) -> int:
    """One dealer that has at least two community stores."""
    owned = [
        sum(s.dealer == n and s.kind == COMMUNITY for s in places.stores) for n in range(len(places.dealers))
    ]
    return int(seed_of.choice([n for n, count in enumerate(owned) if count >= 2]))


def rebinding(
    plan: Plan, random: Generator, people: People, base: Orders, fresh: np.ndarray
) -> tuple[Orders, Cards, Said]:
    """A dealer opens new cards at the till on one phone, minutes before payment; 38 % of these customers had long bought
    elsewhere. `fresh`: people who appear nowhere else, the other 62 %."""
    places = plan.places
    dealer = cheater(places, random)
    stores = np.flatnonzero(places.store_dealer == dealer)
    old = round(len(fresh) / (1 - OLD_SHARE) * OLD_SHARE)
    start = plan.calendar.days - CHEAT_DAYS
    bought = np.unique(base.person[base.at < start * DAY])
    others = bought[
        people.is_member[bought]
        & (people.channel[bought] == STORE)
        & (places.store_dealer[people.store[bought]] != dealer)
    ]
    who = np.concatenate([random.permutation(others)[:old], fresh])
    count = len(who)
    made = visits_at(
        random, people, who, start + random.integers(0, CHEAT_DAYS - 2, count), random.choice(stores, count)
    )
    part = selling.compose(
        random, made, people, places, plan.calendar, launch=plan.day(plan.launch), origin=4
    )
    opened = made.at - random.integers(40, WITHIN_MINUTES * 60 - 20, count)
    is_old = np.arange(count) < min(old, len(others))
    cards = Cards(
        who, opened, made.store.astype(np.int64), np.full(count, CHEAT), np.full(count, dealer), who.copy(),
        np.full(count, -1, np.int64), is_old,
    )  # fmt: skip
    said = {
        "planted": plan.has(4), "dealer": places.dealers[dealer].code, "stores": [places.stores[s].code for s in stores],
        "device": device_name(CHEAT, dealer), "within_minutes": WITHIN_MINUTES, "share_of_old": OLD_SHARE,
        "cards": count, "of_old_customers": int(is_old.sum()), "members": people.number[who].tolist(),
    }  # fmt: skip
    return part, cards, said


def device_name(kind: int, number: int) -> str:
    words = {OWN_PHONE: "APP", TABLET: "PAD-S", CHEAT: "DEV-D", WOOL: "DEV-X", CROWDED: "PAD-C"}
    return f"{words[kind]}{int(number) + 1:08}"


# ---- ⑨ -----------------------------------------------------------------------------------------------------------------

WOOL_ACCOUNTS, WOOL_DEVICES, WOOL_DAYS, WOOL_OFF = 120, 9, 4, 2500


def wool(plan: Plan, random: Generator, people: People, who: np.ndarray) -> tuple[Orders, Cards, Said]:
    """120 accounts of nine devices sign up within days, take the newcomers' coupon and buy what it pays for."""
    start = plan.calendar.days - 96
    count = len(who)
    device = np.arange(count) % WOOL_DEVICES
    opened = start * DAY + random.integers(0, WOOL_DAYS * DAY, count)
    at = opened + random.integers(120, 2400, count)
    made = Visits(at, who.astype(np.int32), np.full(count, MINI, np.int8), np.full(count, -1, np.int16))
    part = selling.compose(
        random, made, people, plan.places, plan.calendar, launch=plan.day(plan.launch), origin=9
    )
    part = only_of_wool(part)
    nobody = np.full(count, -1, np.int64)
    cards = Cards(
        who,
        opened,
        people.store[who].astype(np.int64),
        np.full(count, WOOL),
        device,
        who.copy(),
        nobody,
        np.zeros(count, bool),
    )
    said = {
        "planted": plan.has(9), "accounts": count, "devices": [device_name(WOOL, n) for n in range(WOOL_DEVICES)],
        "from_day": start, "days": WOOL_DAYS, "coupon_off": WOOL_OFF, "members": people.number[who].tolist(),
    }  # fmt: skip
    return part, cards, said


def only_of_wool(part: Orders) -> Orders:
    count = len(part)
    part.order = np.arange(count, dtype=np.int64)
    part.sku, part.pieces = np.full(count, shelf.DAILY_NUTS[1], np.int16), np.ones(count, np.int16)
    part.discount[:], part.back_after[:] = 0, 0
    part.coupon[:], part.coupon_no[:] = WOOL_OFF, np.arange(count)
    return part


# ---- ⑩ ⑫ ---------------------------------------------------------------------------------------------------------------

SIGN_UPS, FAMILY_SHARE = 400, 0.02
SUPER_SHARE, BROUGHT, BROUGHT_BY_OTHERS = 0.07, 0.31, 0.08


def shared_devices(plan: Plan, random: Generator, people: People, cards: Cards) -> Said:
    """400 sign-ups on one shop's tablet, and families that give one phone."""
    city = plan.places.stores[int(np.argmax(plan.places.weights))].city
    store = int(np.argmax(plan.places.weights))
    in_city = np.array([s.city == city for s in plan.places.stores])
    near = np.flatnonzero((cards.device_kind == OWN_PHONE) & in_city[cards.store])
    far = np.flatnonzero((cards.device_kind == OWN_PHONE) & ~in_city[cards.store])
    most = min(SIGN_UPS, len(cards) // 10)
    chosen = np.concatenate([random.permutation(near), random.permutation(far)])[:most]
    pairs = random.permutation(np.setdiff1d(np.arange(len(cards)), chosen))[
        : round(len(cards) * FAMILY_SHARE) * 2
    ].reshape(-1, 2)
    if plan.has(10):
        cards.device_kind[chosen], cards.device[chosen], cards.store[chosen] = CROWDED, store, store
        cards.phone_of[pairs[:, 1]] = cards.person[pairs[:, 0]]
    return {
        "planted": plan.has(10), "store": plan.places.stores[store].code, "device": device_name(CROWDED, store),
        "sign_ups": len(chosen), "families": len(pairs), "family_share": FAMILY_SHARE,
        "members_on_tablet": people.number[cards.person[chosen]].tolist(),
        "families_of": people.number[cards.person[pairs]].tolist(),
    }  # fmt: skip


def super_members(plan: Plan, random: Generator, people: People, cards: Cards) -> Said:
    """7 % of the members brought 31 % of the new ones; a few were brought by somebody else."""
    new = np.flatnonzero(cards.opened > 60 * DAY)
    old = np.flatnonzero(cards.opened <= 0)
    supers = random.permutation(old)[: round(len(cards) * SUPER_SHARE)]
    shuffled = random.permutation(new)
    many, few = round(len(new) * BROUGHT), round(len(new) * BROUGHT_BY_OTHERS)
    weights = random.gamma(1.5, 1.0, len(supers))
    by_super = random.choice(supers, many, p=weights / weights.sum())
    ordinary = np.setdiff1d(old, supers)
    by_others = random.choice(ordinary, many + few)
    cards.brought_by[shuffled[:many]] = cards.person[by_super if plan.has(12) else by_others[:many]]
    cards.brought_by[shuffled[many : many + few]] = cards.person[by_others[many:]]
    return {
        "planted": plan.has(12), "share_of_members": SUPER_SHARE, "share_of_new": BROUGHT, "supers": len(supers),
        "new_members": len(new), "brought_by_supers": many, "brought_by_others": few,
        "members": people.number[cards.person[supers]].tolist(),
    }  # fmt: skip


def more_people(plan: Plan, name: str, count: int, first_number: int, channel: int) -> People:
    """People who are there for one truth only: known, and of one channel."""
    found = crowd.draw(plan.seed, name, count, first_number, plan.places, capture(plan))
    found.channel[:], found.is_known[:] = channel, True
    return found


CHEATED_PEOPLE: Final = 40
"""At least so many."""


def cheated(people: int) -> int:
    """How many fresh customers ④ has."""
    return max(CHEATED_PEOPLE, round(people * CHEATED / 4))
