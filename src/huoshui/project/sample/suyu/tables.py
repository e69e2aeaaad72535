"""A shard as tables that SQL can read: everything in the words of the outside world."""

from __future__ import annotations

from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from huoshui.project.sample.suyu import catalogue as shelf
from huoshui.project.sample.suyu import names
from huoshui.project.sample.suyu.cards import Cards, device_name
from huoshui.project.sample.suyu.orders import Orders, money
from huoshui.project.sample.suyu.people import CHANNELS, DOUYIN, FLASH, MINI, STORE, People
from huoshui.project.sample.suyu.phones import phones
from huoshui.project.sample.suyu.plan import Plan
from huoshui.project.sample.suyu.seeds import generator
from huoshui.project.sample.suyu.world import Shard

PER_SHARD: Final = 100_000_000
"""Orders are numbered from the shard's number times this."""
PROFESSIONS: Final = ("健身教练", "营养师", "瑜伽馆主", "月嫂", "宝妈团长")
PROFESSIONALS = 0.003


def load(database: duckdb.DuckDBPyConnection, plan: Plan, shard: Shard) -> None:
    """Tables `o` (orders), `l` (lines), `m` (member cards), `p` (products), `s` (stores) and `g` (guides) of this shard."""
    first = np.datetime64(plan.first, "us")
    made = {
        "o": _orders(plan, shard, first),
        "l": _lines(shard.orders),
        "m": _members(plan, shard, first),
        "p": _products(),
        "s": _stores(plan),
        "g": pa.table(
            {"guide": np.arange(len(plan.places.guides)), "number": [g.number for g in plan.places.guides]}
        ),
    }
    for name, table in made.items():
        database.execute(f"drop table if exists {name}")
        database.register("given", table)
        database.execute(f"create table {name} as from given")
        database.unregister("given")


def card_numbers(people: People, person: np.ndarray, is_second: np.ndarray) -> np.ndarray:
    """8 and the person's number, a digit for a further card, and the check digit of Luhn."""
    body = 80_000_000_000 + people.number[person] * 10 + is_second
    total = np.zeros(len(body), np.int64)
    for place in range(12):
        digit = body // 10**place % 10
        doubled = digit * 2 if place % 2 == 0 else digit
        total += np.where(doubled > 9, doubled - 9, doubled)
    found: np.ndarray = body * 10 + (-total % 10)
    return found


def _at(first: np.datetime64, seconds: np.ndarray) -> np.ndarray:
    found: np.ndarray = first + seconds.astype("timedelta64[s]").astype("timedelta64[us]")
    return found


def _orders(plan: Plan, shard: Shard, first: np.datetime64) -> pa.Table:
    orders, people = shard.orders, shard.people
    named = people.is_member[orders.person]
    at_till = (orders.channel == STORE) | (np.isin(orders.channel, (DOUYIN, FLASH)) & named)
    return pa.table(
        {
            "id": shard.number * PER_SHARD + np.arange(len(orders)),
            "at": _at(first, orders.at),
            "back_at": pa.array(_at(first, orders.at + orders.back_after), mask=orders.back_after == 0),
            "channel": pa.DictionaryArray.from_arrays(orders.channel, list(CHANNELS)).cast(pa.string()),
            "person": people.number[orders.person],
            "card": pa.array(_cards_shown(shard), mask=~(named & at_till)),
            "store": orders.store,
            "guide": _guides(plan, shard),
            "discount": orders.discount,
            "coupon_no": orders.coupon_no,
            "origin": orders.origin,
            "at_till": at_till,
        }
    )


def _cards_shown(shard: Shard) -> np.ndarray:
    """The card that a till reads: the first, but the second one where that was opened for the occasion."""
    second = (shard.orders.origin == 4) & np.isin(
        shard.orders.person, shard.cards.person[shard.cards.is_second]
    )
    return card_numbers(shard.people, shard.orders.person, second)


def _guides(plan: Plan, shard: Shard) -> np.ndarray:
    """In the mini program, the guide who has the customer in WeCom."""
    orders, people = shard.orders, shard.people
    at = np.array([g.store for g in plan.places.guides])
    home = people.store[orders.person]
    staff = np.array([s.staff for s in plan.places.stores])[home]
    of_wecom = np.searchsorted(at, home) + people.number[orders.person] % staff
    return np.where(orders.channel == MINI, of_wecom, orders.guide)


def _lines(orders: Orders) -> pa.Table:
    paid = money(orders)
    first = np.searchsorted(orders.order, np.arange(len(orders)))
    return pa.table(
        {
            "place": orders.order,
            "line_no": np.arange(len(orders.order)) - first[orders.order] + 1,
            "sku": orders.sku,
            "pieces": orders.pieces,
            "listed": paid.listed,
            "discount": paid.discount,
            "coupon": paid.coupon,
            "paid": paid.paid,
        }
    )


def _members(plan: Plan, shard: Shard, first: np.datetime64) -> pa.Table:
    cards, people = shard.cards, shard.people
    random = generator(plan.seed, "names", shard.number)
    surnames = names.SURNAMES[names.surnames(random, len(people))]
    age = people.age.astype(np.int64)
    born = plan.last.year - age
    days = random.integers(0, 365, len(people))
    given = names.given(random, born, people.is_woman)
    in_mini = np.zeros(len(people), bool)
    in_mini[shard.orders.person[shard.orders.channel == MINI]] = True
    who = cards.person
    profession = np.where(
        random.random(len(people)) < PROFESSIONALS, random.integers(0, len(PROFESSIONS), len(people)), -1
    )
    return pa.table(
        {
            "card": card_numbers(people, who, cards.is_second),
            "person": people.number[who],
            "phone": phones(people.number[cards.phone_of]),
            "name": pa.array(surnames.astype(object)[who] + given[who], pa.string()),
            "is_woman": people.is_woman[who],
            "born": ((born - 1970).astype("datetime64[Y]").astype("datetime64[D]") + days)[who],
            "opened": _at(first, cards.opened),
            "store": cards.store,
            "device": _devices(cards),
            "brought_by": _brought(people, cards),
            "wecom": in_mini[who],
            "profession": pa.array(np.array([*PROFESSIONS, ""], object)[profession][who], pa.string()),
            "agrees": random.random(len(people))[who] < 0.86,
        }
    )


def _devices(cards: Cards) -> pa.Array:
    pairs = zip(cards.device_kind.tolist(), cards.device.tolist(), strict=True)
    return pa.array([device_name(kind, number) for kind, number in pairs], pa.string())


def _brought(people: People, cards: Cards) -> pa.Array:
    by = np.maximum(cards.brought_by, 0)
    return pa.array(card_numbers(people, by, np.zeros(len(by), bool)), mask=cards.brought_by < 0)


def _products() -> pa.Table:
    rows = [
        {
            "sku": n, "code": p.code, "name": p.name, "full": f"{p.name} {p.spec}", "spec": p.spec, "department": p.department,
            "category": p.category, "price": p.price, "dealer_price": p.price * p.dealer_permille // 1000,
            "margin": p.margin_permille, "cycle": p.cycle_days,
        }
        for n, p in enumerate(shelf.PRODUCTS)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)


def _stores(plan: Plan) -> pa.Table:
    dealers = plan.places.dealers
    rows = [
        {
            "store": n, "code": s.code, "name": s.name, "kind": s.kind_name, "city": s.city, "region": s.region,
            "dealer": dealers[s.dealer].name if s.dealer >= 0 else "",
            "dealer_code": dealers[s.dealer].code if s.dealer >= 0 else "",
            "area": s.area, "opened": s.opened, "staff": s.staff, "new_hands": s.new_hands,
        }
        for n, s in enumerate(plan.places.stores)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)
