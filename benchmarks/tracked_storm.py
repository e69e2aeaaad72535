"""Events told in a storm with what each must have come to, and the comparison afterwards. Django must be set up before."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from benchmarks import exactly_once
from benchmarks.counter import SKU, STORE, now
from benchmarks.crowd import Ask
from benchmarks.result import Claims
from benchmarks.scratch import Home
from benchmarks.storm import Seen, Wanted
from benchmarks.tracked import events, open_source
from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM
from huoshui.intake.tracking import api as tracking

NAME = "storm"
VISITORS = 4_000
BATCH = 25
DECLARED = "sku"
_SALE, _REFUND, _VIEW, _WHO = "sale", "refund", "view", "who"


@dataclass
class Shop:
    """What is told, and by message what it must have come to."""

    token: str
    wanted: list[Wanted] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    amounts: dict[str, int] = field(default_factory=dict)
    messages: dict[str, list[str]] = field(default_factory=dict)
    """By request."""


def prepared(home: Home, requests: int, seed: int) -> Shop:
    """Of ten requests four are single views, three batches, two orders and one says who somebody is. Every tenth order is
    given back and every fifth batch told once more in another cut, once acknowledged."""
    with transaction.atomic():
        brand.ensure_headquarters("总部")
        brand.unit_ids([STORE])
    tracking.declare(fact="Product Viewed", name=DECLARED, type="string", klass="behaviour", actor=SYSTEM)
    chance, shop = random.Random(seed), Shop(open_source(home, NAME))
    views = events(requests * BATCH, seed=seed, visitors=VISITORS)
    for number in range(requests):
        make = chance.choices((_single, _batch, _order, _identify), (4, 3, 2, 1))[0]
        ask, then = make(shop, number, views, chance)
        shop.wanted.append(Wanted(ask, then, is_patient=chance.random() >= 0.05))
    return shop


Views = Iterator[dict[str, Any]]
Made = tuple[Ask, Ask | None]


def _single(shop: Shop, number: int, views: Views, chance: random.Random) -> Made:
    return _told(shop, f"t{number}", _VIEW, next(views)), None


def _batch(shop: Shop, number: int, views: Views, chance: random.Random) -> Made:
    some = [next(views) for _ in range(chance.randint(2, BATCH))]
    if chance.random() < 0.3:  # a shop's server sends its orders among the rest
        some.insert(chance.randrange(len(some)), _sale_event(shop, f"bo{number}", chance))
    ask = _batched(shop, f"b{number}", some)
    then = _batched(shop, f"again{number}", some[::-2]) if chance.random() < 0.2 else None
    return ask, then


def _order(shop: Shop, number: int, views: Views, chance: random.Random) -> Made:
    key = f"o{number}"
    ask = _told(shop, key, _SALE, _sale_event(shop, key, chance))
    if chance.random() >= 0.1:
        return ask, None
    back = {
        "type": "track",
        "event": "Order Refunded",
        "messageId": f"r{number}",
        "timestamp": now(),
        "userId": shop.users[key],
        "properties": {"order_id": f"O{key}"},
    }
    shop.amounts[f"r{number}"] = -shop.amounts[key]
    return ask, _told(shop, f"r{number}", _REFUND, back)


def _identify(shop: Shop, number: int, views: Views, chance: random.Random) -> Made:
    who = chance.randrange(VISITORS)
    told = {
        "type": "identify",
        "messageId": f"i{number}",
        "timestamp": now(),
        "userId": f"u{who}",
        "traits": {"city": chance.choice(("上海", "杭州")), "email": f"u{who}@example.com"},
    }
    return _told(shop, f"i{number}", _WHO, told), None


def _sale_event(shop: Shop, key: str, chance: random.Random) -> dict[str, Any]:
    amount = chance.randrange(500, 2_000)
    shop.amounts[key] = amount
    return {
        "type": "track",
        "event": "Order Completed",
        "messageId": key,
        "timestamp": now(),
        "userId": f"u{chance.randrange(VISITORS)}",
        "properties": {
            "order_id": f"O{key}",
            "store_code": STORE,
            "products": [{"sku": SKU, "price": f"{amount // 100}.{amount % 100:02}", "quantity": 1}],
        },
    }


def _told(shop: Shop, key: str, kind: str, event: dict[str, Any]) -> Ask:
    path = "identify" if kind == _WHO else "track"
    shop.messages[key] = [_noted(shop, event)]
    return Ask(f"/v1/{path}", key, {**event, "writeKey": shop.token, "sentAt": event["timestamp"]})


def _batched(shop: Shop, key: str, some: list[dict[str, Any]]) -> Ask:
    shop.messages[key] = [_noted(shop, event) for event in some]
    return Ask("/v1/batch", key, {"writeKey": shop.token, "sentAt": now(), "batch": some})


def _noted(shop: Shop, event: dict[str, Any]) -> str:
    message = str(event["messageId"])
    names = {"Order Completed": _SALE, "Order Refunded": _REFUND, "Product Viewed": _VIEW}
    shop.kinds[message] = names.get(event.get("event", ""), _WHO)
    if user := event.get("userId"):
        shop.users[message] = user
    return message


_FOUND = """
select f.client_key, count(*) over (partition by f.client_key), s.state, f.name, o.amount,
    coalesce((select sum(case t.reason when 'earn' then amount when 'take_back' then -amount end)
        from transfer t where t.fact_id = f.id and t.unit = 'points'), 0)::bigint,
    s.person_id, coalesce(c.canonical_id, s.person_id)
from fact f join source c0 on c0.id = f.source_id join settlement s on s.fact_id = f.id
left join fact_order o on o.fact_id = f.id left join person_cluster c on c.person_id = s.person_id
where c0.name = %s"""
_ORDERS = """
select order_key, count(*), sum(amount), sum(refunded) from sale x join source c on c.id = x.source_id where c.name = %s
group by 1"""
_PROPERTIES = """
select count(*), count(distinct f.id) from fact f join settlement s on s.fact_id = f.id join source c on c.id = f.source_id
where c.name = %s and f.name = 'Product Viewed' and s.state = 'settled'"""

_NAMES = {
    _SALE: "Order Completed",
    _REFUND: "Order Refunded",
    _VIEW: "Product Viewed",
    _WHO: "Identify",
}


def compared(home: Home, shop: Shop, seen: Seen, claims: Claims) -> dict[str, Any]:
    """Every acknowledged message is there once, settled, with its consequences; of whom nothing is known once or not at all."""
    rows = {row[0]: row[1:] for row in home.rows(_FOUND, f"track:{NAME}")}
    acknowledged, statuses = _acknowledged(shop, seen, claims)
    unknown = {message for key in seen.unknown for message in shop.messages[key]} - acknowledged
    claims.equal("refused", dict(list(seen.refused.items())[:5]), {})
    claims.equal("acknowledged and lost", sorted(acknowledged - rows.keys())[:5], [])
    claims.equal("there more than once", [m for m, row in rows.items() if row[0] > 1][:5], [])
    claims.equal("never settled", [m for m, row in rows.items() if row[1] != "settled"][:5], [])
    claims.equal("there though nobody knows of them", sorted(rows.keys() - acknowledged - unknown)[:5], [])
    claims.equal(
        "under another name", [m for m, row in rows.items() if row[2] != _NAMES[shop.kinds[m]]][:5], []
    )
    _compare_people(rows, shop, claims)
    _compare_orders(home, rows, shop, claims)
    return {
        "messages acknowledged": Counter(shop.kinds[message] for message in acknowledged),
        "verdicts": statuses,
        "of whom nothing is known": {"told": len(unknown), "there": len(unknown & rows.keys())},
        "there": len(rows),
    }


def _acknowledged(shop: Shop, seen: Seen, claims: Claims) -> tuple[set[str], dict[str, int]]:
    """Message by message, as the verdicts say; what had been acknowledged before can only be a duplicate."""
    found: set[str] = set()
    statuses: Counter[str] = Counter()
    wrong: list[Any] = []
    for key, body in seen.acknowledged.items():
        verdicts: Any = body["verdicts"]
        is_late = key.startswith("again")
        statuses.update(verdict["status"] for verdict in verdicts)
        if not is_late:
            # Committed before, and the answer never came
            statuses["committed without an answer"] += sum(v["status"] == "duplicate" for v in verdicts)
        if [verdict["messageId"] for verdict in verdicts] != shop.messages[key]:
            wrong.append(key)
        for verdict in verdicts:
            if verdict["status"] not in (("duplicate",) if is_late else ("accepted", "duplicate")):
                wrong.append((key, verdict))
            else:
                found.add(verdict["messageId"])
    claims.equal("answered otherwise than told", wrong[:5], [])
    return found, dict(statuses)


def _compare_people(rows: dict[str, Any], shop: Shop, claims: Claims) -> None:
    """One user is one person, two are two."""
    by_user: dict[str, set[int | None]] = {}
    for message, row in rows.items():
        if message in shop.users:
            by_user.setdefault(shop.users[message], set()).add(row[6])
    claims.equal("users who are several", [u for u, found in by_user.items() if len(found) != 1][:5], [])
    persons = {person for found in by_user.values() for person in found}
    claims.equal("persons of users", len(persons), len(by_user))
    claims.equal("users nobody knows", None in persons, False)


def _compare_orders(home: Home, rows: dict[str, Any], shop: Shop, claims: Claims) -> None:
    wrong = [
        (message, rows[message], amount)
        for message, amount in shop.amounts.items()
        if message in rows and (rows[message][3], rows[message][4]) != (amount, int(amount / 100))
    ]
    claims.equal("orders with other consequences than theirs", wrong[:5], [])
    given_back = {f"Oo{m[1:]}" for m in rows if shop.kinds[m] == _REFUND}
    right = {
        f"O{m}": (1, shop.amounts[m], shop.amounts[m] if f"O{m}" in given_back else 0)
        for m in rows
        if shop.kinds[m] == _SALE
    }
    orders = {
        key: (n, int(amount), int(back)) for key, n, amount, back in home.rows(_ORDERS, f"track:{NAME}")
    }
    claims.equal("orders that stand otherwise than told", len(right.items() ^ orders.items()), 0)
    claims.at_least("orders", len(orders), 100)


def compared_with_lake(home: Home, claims: Claims) -> dict[str, Any]:
    """Each settled fact, line and declared property is in the files of the lake once."""
    from huoshui.lake import api as lake

    connection.close()  # it is from before the database died
    database = exactly_once.settled_in_lake(home, claims)
    engine = lake.engine()
    properties = engine.run(engine.tables().properties.select("fact_id", "property"))
    database.register("lake_properties", properties)
    found = exactly_once.one(database, "select count(*), count(distinct fact_id) from lake_properties")
    claims.equal("lake: declared properties", found, home.row(_PROPERTIES, f"track:{NAME}"))
    reconciled = home.told("lake", "reconcile")
    claims.equal("the lake agrees with the database", reconciled["agrees"], True)
    return {"rows": reconciled["rows"], "properties": found[0]}
