"""Planted truths of what is bought: ① ② ③ ⑤ ⑥ ⑧ ⑪. Each takes a part of the world and says what it did to it.

None of them draws from another's randomness, and the world without one is the same world less what it did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.random import Generator

from huoshui.project.sample.suyu import catalogue as shelf
from huoshui.project.sample.suyu import orders as selling
from huoshui.project.sample.suyu.festivals import COUNTY
from huoshui.project.sample.suyu.orders import DAY, Orders, Visits
from huoshui.project.sample.suyu.people import MINI, STORE, People
from huoshui.project.sample.suyu.places import CENTRE, WUHAN_WAREHOUSE
from huoshui.project.sample.suyu.plan import Plan
from huoshui.project.sample.suyu.seeds import luck

Said = dict[str, Any]
"""What goes into the truth file."""

COUPON_RECALL, COUPON_NEW = 1, 2


@dataclass(frozen=True)
class Recall:
    """Whom the coupon of ① was sent to, and on whose orders it was used (places in the people and orders)."""

    treated: np.ndarray
    held_out: np.ndarray


def visits_at(
    random: Generator, people: People, person: np.ndarray, day: np.ndarray, store: np.ndarray | None = None
) -> Visits:
    """Visits of these people on those days; where they usually buy, unless a store is told."""
    if store is None:
        online = people.channel[person] == MINI
        channel = np.where(online, MINI, STORE).astype(np.int8)
        store = np.where(online, -1, people.store[person])
    else:
        channel = np.full(len(person), STORE, np.int8)
    seconds = selling.time_of_day(random, channel)
    return Visits(
        day.astype(np.int64) * DAY + seconds, person.astype(np.int32), channel, store.astype(np.int16)
    )


def only_of(part: Orders, sku: int) -> Orders:
    """One piece of one product in each."""
    count = len(part)
    part.order = np.arange(count, dtype=np.int64)
    part.sku, part.pieces = np.full(count, sku, np.int16), np.ones(count, np.int16)
    return part


# ---- ① -----------------------------------------------------------------------------------------------------------------

RECALL_LIFT, HOLDOUT, SILENT_DAYS, RECALL_DAYS, RECALL_OFF, RECALL_FROM = 0.08, 0.10, 60, 31, 1500, 5900


def recall(plan: Plan, random: Generator, people: People, base: Orders) -> tuple[Recall, Orders, Said]:
    """Members silent for sixty days get a coupon; those of them who do buy 8 % more orders than they would have."""
    start = plan.day(plan.womens_day)
    before = base.at < start * DAY
    last = np.full(len(people), -1, np.int64)
    np.maximum.at(last, base.person[before], base.at[before] // DAY)
    members = people.is_member & (last >= 0) & (last < start - SILENT_DAYS)
    asked = random.permutation(np.flatnonzero(members))
    held, treated = (
        np.sort(asked[: round(len(asked) * HOLDOUT)]),
        np.sort(asked[round(len(asked) * HOLDOUT) :]),
    )
    during = (base.at >= start * DAY) & (base.at < (start + RECALL_DAYS) * DAY)
    mine = during & np.isin(base.person, treated)
    count = round(int(mine.sum()) * RECALL_LIFT) if plan.has(1) else 0
    idle = treated[~np.isin(treated, base.person[mine])]
    who = np.sort(random.choice(idle, min(count, len(idle)), replace=False)) if count else idle[:0]
    made = visits_at(random, people, who, start + random.integers(0, 15, len(who)))
    extra = selling.compose(
        random, made, people, plan.places, plan.calendar, launch=plan.day(plan.launch), origin=1
    )
    extra.back_after[:] = 0
    said = {
        "planted": plan.has(1), "coupon": "女神节召回券", "from": str(plan.womens_day), "days": RECALL_DAYS,
        "lift": RECALL_LIFT, "holdout": HOLDOUT, "silent_days": SILENT_DAYS,
        "treated_people": len(treated), "held_out_people": len(held),
        "orders_without_coupon": int(mine.sum()), "orders_with_coupon": int(mine.sum()) + len(extra),
        "orders_of_held_out": int((during & np.isin(base.person, held)).sum()),
        "held_out": people.number[held].tolist(),
    }  # fmt: skip
    return Recall(treated, held), extra, said


def use_recall_coupons(plan: Plan, random: Generator, orders: Orders, of: Recall) -> None:
    """On each order it brought about, and on half of those that the treated would have made anyway."""
    start = plan.day(plan.womens_day)
    during = (orders.at >= start * DAY) & (orders.at < (start + RECALL_DAYS) * DAY)
    fits = during & np.isin(orders.person, of.treated) & np.isin(orders.channel, (STORE, MINI))
    luck = random.random(len(orders)) < 0.5
    places = np.flatnonzero(fits & (luck | (orders.origin == 1)))
    _, first = np.unique(orders.person[places], return_index=True)
    used = places[first]
    orders.coupon[used] = RECALL_OFF
    orders.coupon_no[used] = np.searchsorted(of.treated, orders.person[used])


# ---- ② ③ ⑤ -------------------------------------------------------------------------------------------------------------

CHURN_SHARE, CHURN_DAYS = 0.55, 42


def recipe(plan: Plan, random: Generator, people: People, base: Orders) -> tuple[Orders, Said]:
    """Of those in 华中 who mostly drink our tea, more than half stop within six weeks of the new recipe."""
    start = plan.day(plan.recipe)
    fans = (people.tastes.argmax(1) == shelf.TEA) & plan.places.in_region(CENTRE)[people.store]
    stops = fans & (random.random(len(people)) < CHURN_SHARE)
    until = np.where(stops, start + random.integers(0, CHURN_DAYS, len(people)), plan.calendar.days)
    gone = base.at // DAY >= until[base.person]
    after = base.at // DAY >= start + CHURN_DAYS
    of_fans = fans[base.person] & after
    said = {
        "planted": plan.has(2), "from": str(plan.recipe), "region": CENTRE, "category": "茶饮", "share": CHURN_SHARE,
        "within_days": CHURN_DAYS, "tea_lovers": int(fans.sum()), "people_who_stopped": int(stops.sum()),
        "orders_after_without": int(of_fans.sum()), "orders_after_with": int((of_fans & ~gone).sum()),
        "stopped": people.number[stops & people.is_known].tolist(),
    }  # fmt: skip
    return (selling.only(base, ~gone) if plan.has(2) else base), said


SHORT_DAYS, INSTEAD = 12, 0.35


def _luck(plan: Plan, orders: Orders, truth: int) -> np.ndarray:
    """Of each line."""
    return luck(plan.seed * 100 + truth, orders.at[orders.order], orders.person[orders.order], orders.sku)


def shortage(plan: Plan, orders: Orders) -> tuple[Orders, Said]:
    """No 每日坚果 in the stores that 武汉's warehouse supplies; a third take other nuts, the others nothing."""
    day = orders.at[orders.order] // DAY
    start = plan.day(plan.shortage)
    supplied = np.array([s.city in WUHAN_WAREHOUSE for s in plan.places.stores])
    store = orders.store[orders.order]
    hit = (
        np.isin(orders.sku, shelf.DAILY_NUTS)
        & (day >= start)
        & (day < start + SHORT_DAYS)
        & (store >= 0)
        & supplied[store]
    )
    instead = hit & (_luck(plan, orders, 3) < INSTEAD)
    said = {
        "planted": plan.has(3), "warehouse": "武汉仓", "cities": list(WUHAN_WAREHOUSE), "from": str(plan.shortage),
        "days": SHORT_DAYS, "products": [shelf.PRODUCTS[n].code for n in shelf.DAILY_NUTS],
        "stores": [s.code for s, mine in zip(plan.places.stores, supplied, strict=True) if mine],
        "lines_wanted": int(hit.sum()), "lines_of_other_nuts": int(instead.sum()), "lines_lost": int((hit & ~instead).sum()),
    }  # fmt: skip
    if not plan.has(3):
        return orders, said
    orders.sku[instead] = shelf.sku("夏威夷果")
    return selling.without_lines(orders, hit & ~instead), said


TAKEN: Final = 0.22


def cannibal(plan: Plan, orders: Orders) -> Said:
    """From its launch on, 22 % of what 即食花胶 would have sold is the new product."""
    after = orders.at[orders.order] // DAY >= plan.day(plan.launch)
    wanted = np.flatnonzero((orders.sku == shelf.FISH_MAW) & after)
    taken = wanted[np.argsort(_luck(plan, orders, 5)[wanted])[: round(len(wanted) * TAKEN)]]
    own = int(((orders.sku == shelf.BIRDS_NEST) & after).sum())
    if plan.has(5):
        orders.sku[taken] = shelf.BIRDS_NEST
        orders.pieces[taken] = 1
    return {
        "planted": plan.has(5), "from": str(plan.launch), "share": TAKEN, "product": shelf.PRODUCTS[shelf.BIRDS_NEST].code,
        "loses": shelf.PRODUCTS[shelf.FISH_MAW].code, "lines_wanted": len(wanted), "lines_taken": len(taken),
        "lines_of_its_own": own,
    }  # fmt: skip


# ---- ⑥ ⑪ ---------------------------------------------------------------------------------------------------------------

HOME_SHARE: Final = 0.09


def homecoming(plan: Plan, random: Generator, people: People, base: Orders) -> tuple[Orders, Said]:
    """9 % of the members of city stores buy in a county store of another dealer around 春节."""
    kinds, dealers = plan.places.store_kind, plan.places.store_dealer
    city = people.is_member & (people.channel == STORE) & (kinds[people.store] != COUNTY)
    candidates = np.flatnonzero(city)
    who = (
        np.sort(random.permutation(candidates)[: round(len(candidates) * HOME_SHARE)])
        if plan.has(6)
        else candidates[:0]
    )
    counties = np.flatnonzero(kinds == COUNTY)
    store = random.choice(counties, len(who))
    same = dealers[store] == dealers[people.store[who]]
    others = np.roll(counties, 1)
    store[same] = np.array(
        [next(c for c in others if dealers[c] != d) for d in dealers[people.store[who[same]]]], np.int64
    )
    day = plan.day(plan.spring) + random.integers(-5, 7, len(who))
    made = visits_at(random, people, who, day, store)
    extra = selling.compose(
        random, made, people, plan.places, plan.calendar, launch=plan.day(plan.launch), origin=6
    )
    said = {
        "planted": plan.has(6), "spring_festival": str(plan.spring), "days": [-5, 6], "share": HOME_SHARE,
        "city_members": len(candidates), "people": len(who), "members": people.number[who].tolist(),
    }  # fmt: skip
    return extra, said


CHAIN_SHARE, CHAIN_AGES, CHAIN_DAYS = 0.03, (24, 38), (155, 420)


def motherhood(plan: Plan, random: Generator, people: People) -> tuple[Orders, Said]:
    """3 % of the women of 24 to 38: 叶酸, then 孕期坚果, then 米饼 five to fourteen months after the first."""
    fit = np.flatnonzero(
        people.is_member & people.is_woman & (people.age >= CHAIN_AGES[0]) & (people.age <= CHAIN_AGES[1])
    )
    who = np.sort(random.permutation(fit)[: round(len(fit) * CHAIN_SHARE)]) if plan.has(11) else fit[:0]
    start = random.integers(5, plan.calendar.days - CHAIN_DAYS[1] - 1, len(who))
    end = start + random.integers(CHAIN_DAYS[0], CHAIN_DAYS[1], len(who))
    middle = start + ((end - start) * random.uniform(0.25, 0.6, len(who))).astype(np.int64)
    steps = []
    for day, sku in ((start, shelf.FOLIC), (middle, shelf.PREGNANCY_NUTS), (end, shelf.RICE_CAKE)):
        made = visits_at(random, people, who, day)
        part = selling.compose(
            random, made, people, plan.places, plan.calendar, launch=plan.day(plan.launch), origin=11
        )
        part.back_after[:] = 0
        steps.append(only_of(part, sku))
    said = {
        "planted": plan.has(11), "share": CHAIN_SHARE, "ages": list(CHAIN_AGES), "days": list(CHAIN_DAYS), "women": len(fit),
        "people": len(who), "members": people.number[who].tolist(),
        "products": [shelf.PRODUCTS[n].code for n in (shelf.FOLIC, shelf.PREGNANCY_NUTS, shelf.RICE_CAKE)],
    }  # fmt: skip
    return selling.joined(steps), said
