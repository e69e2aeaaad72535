"""Who buys when, and what is in the basket: purchase cycles of each customer, bent by the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.random import Generator

from huoshui.project.sample.suyu import catalogue as shelf
from huoshui.project.sample.suyu.festivals import ONLINE, Calendar
from huoshui.project.sample.suyu.people import (
    DOUYIN,
    FLASH,
    MINI,
    ONE_OFF,
    REGULAR,
    STORE,
    People,
    popularity,
)
from huoshui.project.sample.suyu.places import Places

DAY: Final = 86_400
BASE: Final = 0
"""Origin of an order that no planted truth made; else the truth's number."""


@dataclass
class Visits:
    """One row each. `at`: seconds since the first day's midnight."""

    at: np.ndarray
    person: np.ndarray
    channel: np.ndarray
    store: np.ndarray
    """-1 where no store took part."""

    def __len__(self) -> int:
        return len(self.at)

    def where(self, keep: np.ndarray) -> Visits:
        return Visits(*(getattr(self, f.name)[keep] for f in fields(self)))


@dataclass
class Orders:
    """Orders and, beside them, their lines: `order` of a line is the place of its order."""

    at: np.ndarray
    person: np.ndarray
    channel: np.ndarray
    store: np.ndarray
    guide: np.ndarray
    discount: np.ndarray
    """‰ off each line"""
    coupon: np.ndarray
    """分 off the order; whose it was says `coupon_no`, -1 for none."""
    coupon_no: np.ndarray
    back_after: np.ndarray
    """Seconds until all of it came back; 0: it did not."""
    origin: np.ndarray
    order: np.ndarray
    sku: np.ndarray
    pieces: np.ndarray

    def __len__(self) -> int:
        return len(self.at)


_OF_ORDERS: Final = (
    "at", "person", "channel", "store", "guide", "discount", "coupon", "coupon_no", "back_after", "origin",
)  # fmt: skip


# ---- when ------------------------------------------------------------------------------------------------------------


def visits(random: Generator, people: People, places: Places, calendar: Calendar) -> Visits:
    """Gaps are gamma around each one's own pace, counted in days of normal trade: a day that sells double counts as two."""
    count = len(people)
    starts = _starts(random, people, calendar.days)
    lives = np.where(people.kind == REGULAR, random.exponential(900, count), random.exponential(600, count))
    ends = np.minimum(np.where(people.kind == ONE_OFF, starts, starts + lives), calendar.days)
    most = np.where(
        people.kind == ONE_OFF, 1, np.ceil(np.maximum(ends - np.maximum(starts, 0), 0) / people.gap * 1.6) + 4
    )
    most = most.astype(np.int64)
    who = np.repeat(np.arange(count), most)
    is_first = np.zeros(len(who), bool)
    is_first[np.cumsum(most) - most] = True
    gaps = random.gamma(3.0, 1 / 3.0, len(who)) * people.gap[who]
    gaps[is_first] = np.where(starts < 0, gaps[is_first] * random.random(count), 0)
    total = np.cumsum(gaps)
    total -= np.repeat(total[is_first] - gaps[is_first], most)
    when = total + np.maximum(starts, 0)[who]
    keep = when < ends[who] + 1e-9
    return _placed(random, people, places, calendar, who[keep], when[keep])


def _starts(random: Generator, people: People, days: int) -> np.ndarray:
    """Four in ten were customers before the first day; who buys once only does so within the two years."""
    old = (random.random(len(people)) < 0.42) & (people.kind != ONE_OFF)
    within = random.random(len(people)) * days
    return np.where(old, -1.0, within)


def _placed(
    random: Generator, people: People, places: Places, calendar: Calendar, who: np.ndarray, when: np.ndarray
) -> Visits:
    kinds = places.store_kind
    at_store = people.channel[who] == STORE
    place = np.where(at_store, kinds[people.store[who]], ONLINE)
    day = np.empty(len(when))
    for kind in range(len(calendar.times)):
        mine = place == kind
        clock = np.concatenate([[0.0], np.cumsum(calendar.times[kind])])
        clock *= calendar.days / clock[-1]
        day[mine] = np.interp(when[mine], clock, np.arange(calendar.days + 1))
    days = np.minimum(day.astype(np.int64), calendar.days - 1)
    channel, store = _where(random, people, places, who)
    seconds = time_of_day(random, channel)
    found = Visits(days * DAY + seconds, who.astype(np.int32), channel, store)
    return found.where(~_shut(random, places, calendar, days, store))


def _where(
    random: Generator, people: People, places: Places, who: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mostly where one always buys. Members go from store to mini program and back; some go to another store in town."""
    luck = random.random(len(who))
    channel = people.channel[who].copy()
    known = people.is_known[who]
    to_mini = (channel == STORE) & known & (luck < 0.03)
    to_store = (channel == MINI) & (luck < 0.15)
    channel[to_mini], channel[to_store] = MINI, STORE
    store = people.store[who].copy()
    elsewhere = (random.random(len(who)) < 0.06) & (channel == STORE)
    store[elsewhere] = _neighbour(random, places)[store[elsewhere]]
    # Vouchers and orders that a till took itself have its store; of the others no store knows
    tilled = (channel == STORE) | (np.isin(channel, (DOUYIN, FLASH)) & known) | (channel == FLASH)
    return channel, np.where(tilled, store, -1).astype(np.int16)


def _neighbour(random: Generator, places: Places) -> np.ndarray:
    """For each store another one of its city, or itself."""
    cities = np.array([s.city for s in places.stores])
    found = np.arange(len(cities))
    for city in sorted(set(cities.tolist())):
        mine = np.flatnonzero(cities == city)
        found[mine] = np.roll(mine, 1)
    return found


def time_of_day(random: Generator, channel: np.ndarray) -> np.ndarray:
    """Stores from nine to half past nine in the evening, with noon and after work; online until midnight."""
    n = len(channel)
    peak = random.random(n)
    hour = np.where(
        peak < 0.35,
        random.normal(11.8, 1.3, n),
        np.where(peak < 0.8, random.normal(18.3, 1.5, n), random.normal(15, 2, n)),
    )
    online = np.where(peak < 0.6, random.normal(21, 1.4, n), random.normal(13, 3, n))
    hour = np.where(channel == STORE, np.clip(hour, 9.02, 21.48), np.clip(online, 0.02, 23.95))
    return (hour * 3600).astype(np.int64)


def _shut(
    random: Generator, places: Places, calendar: Calendar, days: np.ndarray, store: np.ndarray
) -> np.ndarray:
    """Four stores in ten rest from the first to the third day of the year."""
    resting = random.random(len(places.stores)) < 0.4
    rest = np.zeros(calendar.days, bool)
    for season in calendar.seasons:
        if season.name == "春节":
            start = calendar.index(season.first) + 1
            rest[max(start, 0) : max(start + 3, 0)] = True
    found: np.ndarray = (store >= 0) & resting[store] & rest[days]
    return found


# ---- what ------------------------------------------------------------------------------------------------------------


def compose(
    random: Generator,
    made: Visits,
    people: People,
    places: Places,
    calendar: Calendar,
    *,
    launch: int,
    origin: int = BASE,
) -> Orders:
    """A basket for each visit, its discount, who served, and whether it came back. `launch`: the new product's first day."""
    count = len(made)
    days = made.at // DAY
    sizes = 1 + random.poisson(0.95, count)
    sizes = np.minimum(sizes, 6)
    order = np.repeat(np.arange(count, dtype=np.int64), sizes)
    sku = _skus(random, made.person[order], days[order], people, calendar, launch)
    boxed = random.random(count) < calendar.boxes[days]
    first = np.cumsum(sizes) - sizes
    box = np.where(calendar.box[days] >= 0, calendar.box[days], shelf.FILIAL_BOX)
    sku[first[boxed]] = box[boxed]
    pieces = 1 + (random.random(len(order)) < 0.13) + (random.random(len(order)) < 0.03)
    pieces = np.where(shelf.PRICES[sku] > 40_000, 1, pieces)
    return Orders(
        made.at, made.person, made.channel, made.store, _guides(random, made, places),
        _discounts(random, made, people, calendar, days), np.zeros(count, np.int32), np.full(count, -1, np.int64),
        _returns(random, made, calendar, days), np.full(count, origin, np.int8),
        order, sku.astype(np.int16), pieces.astype(np.int16),
    )  # fmt: skip


def _skus(
    random: Generator, who: np.ndarray, day: np.ndarray, people: People, calendar: Calendar, launch: int
) -> np.ndarray:
    """A category by taste and season, then the favourite or something else of it."""
    weights = people.tastes[who] * calendar.tastes[day].astype(np.float32)
    edges = np.cumsum(weights, axis=1)
    luck = random.random(len(who), dtype=np.float32) * edges[:, -1]
    category = np.minimum((edges < luck[:, None]).sum(1), len(shelf.CATEGORIES) - 1)
    sku = people.favourite[who, category].astype(np.int64)
    other = random.random(len(who)) < 0.38
    luck = random.random(len(who))
    for at in range(len(shelf.CATEGORIES)):
        mine = np.flatnonzero(other & (category == at))
        sold = np.flatnonzero(at == shelf.CATEGORY_OF)
        sku[mine] = sold[
            np.minimum(np.searchsorted(np.cumsum(popularity(len(sold))), luck[mine]), len(sold) - 1)
        ]
    sku[(sku == shelf.BIRDS_NEST) & (day < launch)] = shelf.sku("银耳羹")
    season = ((np.datetime64(calendar.first) + day).astype("M8[M]").astype(np.int64)) % 12 + 1
    sku[(sku == shelf.SOUR_PLUM) & ((season < 5) | (season > 9))] = shelf.sku("菊花枸杞茶")
    out_of_season = (shelf.CATEGORY_OF[sku] == shelf.GIFTS) & (sku != shelf.FILIAL_BOX)
    return np.where(out_of_season, shelf.FILIAL_BOX, sku)


def _guides(random: Generator, made: Visits, places: Places) -> np.ndarray:
    """Whoever of the store was there; -1 online. In the mini program it is whoever has the customer in WeCom."""
    at = np.array([g.store for g in places.guides])
    first = np.searchsorted(at, np.arange(len(places.stores)))
    staff = np.array([s.staff for s in places.stores])
    served = np.where(made.channel == STORE, made.store, -1)
    pick = (random.random(len(made)) * staff[served]).astype(np.int64)
    return np.where(served >= 0, first[served] + pick, -1).astype(np.int16)


def _discounts(
    random: Generator, made: Visits, people: People, calendar: Calendar, days: np.ndarray
) -> np.ndarray:
    """Members have 5 % off in stores; sales days online cut prices by 10 to 20 %; now and then the counter gives 10 %."""
    member = people.is_member[made.person] & np.isin(made.channel, (STORE, MINI))
    off = np.where(member, 50, 0)
    off = np.where(random.random(len(made)) < 0.06, 100, off)
    online = np.isin(made.channel, (STORE,), invert=True)
    off = np.where(online & calendar.is_sale[days], random.choice([100, 150, 200], len(made)), off)
    return off.astype(np.int16)


def _returns(random: Generator, made: Visits, calendar: Calendar, days: np.ndarray) -> np.ndarray:
    rate = np.where(made.channel == STORE, 0.012, 0.042 * calendar.refunds[days])
    back = random.random(len(made)) < rate
    after = (random.integers(1, 8, len(made)) * DAY).astype(np.int64)
    return np.where(back & (made.at + after < calendar.days * DAY), after, 0)


# ---- together --------------------------------------------------------------------------------------------------------


def joined(parts: Sequence[Orders]) -> Orders:
    """One after another; lines keep to their orders."""
    shifts = np.cumsum([0, *(len(part) for part in parts[:-1])])
    columns = {name: np.concatenate([getattr(p, name) for p in parts]) for name in _OF_ORDERS}
    order = np.concatenate([p.order + shift for p, shift in zip(parts, shifts, strict=True)])
    sku, pieces = (np.concatenate([getattr(p, name) for p in parts]) for name in ("sku", "pieces"))
    return Orders(**columns, order=order, sku=sku, pieces=pieces)


def only(orders: Orders, keep: np.ndarray) -> Orders:
    """Those orders, with their lines."""
    place = np.cumsum(keep) - 1
    lines = keep[orders.order]
    columns = {name: getattr(orders, name)[keep] for name in _OF_ORDERS}
    return Orders(
        **columns, order=place[orders.order[lines]], sku=orders.sku[lines], pieces=orders.pieces[lines]
    )


def without_lines(orders: Orders, gone: np.ndarray) -> Orders:
    """Less those lines, and less the orders that have none left."""
    kept = ~gone
    has = np.bincount(orders.order[kept], minlength=len(orders)) > 0
    columns = {name: getattr(orders, name) for name in _OF_ORDERS}
    less = Orders(**columns, order=orders.order[kept], sku=orders.sku[kept], pieces=orders.pieces[kept])
    return only(less, has)


def in_order(orders: Orders) -> Orders:
    """By time. Lines stand together by order."""
    rank = np.argsort(orders.at, kind="stable")
    place = np.empty(len(orders), np.int64)
    place[rank] = np.arange(len(orders))
    order = place[orders.order]
    lines = np.argsort(order, kind="stable")
    columns = {name: getattr(orders, name)[rank] for name in _OF_ORDERS}
    return Orders(**columns, order=order[lines], sku=orders.sku[lines], pieces=orders.pieces[lines])


@dataclass(frozen=True)
class Money:
    """Of each line, in 分: what it is worth by the list, what was taken off, and what was paid. They add up to the cent."""

    listed: np.ndarray
    discount: np.ndarray
    coupon: np.ndarray
    paid: np.ndarray


def money(orders: Orders) -> Money:
    """Coupons are shared out by what the lines came to; what is left of a cent goes to an order's last line."""
    listed = shelf.PRICES[orders.sku] * orders.pieces
    discount = listed * orders.discount[orders.order] // 1000
    due = listed - discount
    total = np.bincount(orders.order, due, len(orders)).astype(np.int64)
    most = np.minimum(orders.coupon, np.maximum(total - 10, 0))[orders.order]
    coupon = due * most // np.maximum(total[orders.order], 1)
    left = np.minimum(orders.coupon, np.maximum(total - 10, 0)) - np.bincount(
        orders.order, coupon, len(orders)
    ).astype(np.int64)
    last = np.zeros(len(orders), np.int64)
    last[orders.order] = np.arange(len(orders.order))
    used = np.flatnonzero(left > 0)
    coupon[last[used]] += left[used]
    return Money(listed, discount, coupon, due - coupon)
