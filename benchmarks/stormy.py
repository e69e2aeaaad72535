"""The sales of a storm with what each must have come to, and the comparison afterwards. Django must be set up as the river."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import transaction

from benchmarks import counter
from benchmarks.counter import COUPON, Place
from benchmarks.result import Claims
from benchmarks.scratch import Home
from benchmarks.storm import Seen, Wanted
from huoshui.core.actor import SYSTEM
from huoshui.engage.campaigns import api as campaigns

MEMBERS, PAID = 2_000, 90_000  # who have 900 points each, and are short of the next tier
POINTS = 10
_BATCH = 2_000


class Expected(NamedTuple):
    """What a sale or a refund must have come to, once it is there. Points: of the fact alone."""

    key: str
    of_key: str
    """The sale that a refund takes back; of a sale itself."""
    amount: int
    earned: int
    spent: int
    code: str


def prepared(home: Home, sales: int, seed: int) -> tuple[Place, list[Wanted], list[Expected]]:
    """Of eight sales two have a coupon, two points and one both; one of ten is refunded as soon as it is acknowledged."""
    chance = random.Random(seed)
    place = counter.open_place(home, name="storm")
    cards = [f"M{n:05}" for n in range(MEMBERS)]
    persons = counter.customers(place, cards, paid=PAID)
    kinds = [chance.choice("ccppbxxx") for _ in range(sales)]
    who = [chance.randrange(MEMBERS) for _ in range(sales)]
    codes = _codes([persons[w] for w, kind in zip(who, kinds, strict=True) if kind in "cb"])
    wanted: list[Wanted] = []
    expected: list[Expected] = []
    for number, (kind, member) in enumerate(zip(kinds, who, strict=True)):
        code = codes.pop() if kind in "cb" else ""
        points = POINTS if kind in "pb" else 0
        amount, key = chance.randrange(500, 2_000), f"s{number}"
        ask = counter.sale(key, amount=amount, card=cards[member], code=code, points=points)
        paid = amount - (COUPON if code else 0)
        earned = (paid - points) // 100
        expected.append(Expected(key, key, paid, earned, points, code))
        then = None
        if chance.random() < 0.1:
            then = counter.refund(f"r{number}", f"O{key}")
            expected.append(Expected(then.key, key, -paid, -earned, -points, ""))
        wanted.append(Wanted(ask, then, is_patient=chance.random() >= 0.05))
    return place, wanted, expected


def _codes(persons: Sequence[int]) -> list[str]:
    """One coupon for each mention of a person, in reverse, so that `pop` gives them in order."""
    template_id = counter.template(budget=len(persons) * COUPON)
    out: list[str] = []
    for start in range(0, len(persons), _BATCH):
        part = persons[start : start + _BATCH]
        asked = [campaigns.Claim(template_id, p, f"storm:{start + n}") for n, p in enumerate(part)]
        with transaction.atomic():
            verdicts = campaigns.claim(asked, actor=SYSTEM)
        out += [verdict.code for verdict in verdicts]
    if not all(out):
        raise AssertionError("a coupon was refused")
    return out[::-1]


_FOUND = """
select f.client_key, count(*) over (partition by f.client_key) as facts, s.state, o.amount,
    coalesce(p.earned, 0)::bigint, coalesce(p.spent, 0)::bigint, coalesce(u.used, ''), coalesce(u.amount, 0)
from fact f
join settlement s on s.fact_id = f.id
join fact_order o on o.fact_id = f.id
left join lateral (
    select sum(case t.reason when 'earn' then amount when 'take_back' then -amount end) as earned,
        sum(case t.reason when 'spend' then amount when 'spend_back' then -amount end) as spent
    from transfer t where t.fact_id = f.id and t.unit = 'points') p on true
left join lateral (
    select string_agg(c.code, ',') as used, sum(r.amount) as amount
    from coupon_redemption r join coupon c on c.id = r.coupon_id where r.fact_id = f.id) u on true
where f.source_id = %s and (f.client_key like 's%%' or f.client_key like 'r%%')
"""
_COUPONS = """
select c.code, c.state, c.used, count(r.coupon_id) filter (where r.taken_back_at is null)
from coupon c left join coupon_redemption r on r.coupon_id = c.id group by c.id
"""
_ORDERS = "select order_key, amount, refunded from sale where source_id = %s"


def compared(
    home: Home, place: Place, expected: Sequence[Expected], seen: Seen, claims: Claims
) -> dict[str, Any]:
    """Every acknowledged one is there once with exactly its consequences; of whom nothing is known once or not at all."""
    rows = {row[0]: row[1:] for row in home.rows(_FOUND, place.source_id)}
    should = {one.key: one for one in expected}
    lost = [key for key in seen.acknowledged if key not in rows]
    claims.equal("acknowledged and lost", lost[:5], [])
    claims.equal("refused", dict(list(seen.refused.items())[:5]), {})
    claims.equal("there more than once", [k for k, row in rows.items() if row[0] > 1][:5], [])
    claims.equal("never settled", [k for k, row in rows.items() if row[1] != "settled"][:5], [])
    strangers = rows.keys() - seen.acknowledged.keys() - seen.unknown
    claims.equal("there though nobody told them", sorted(strangers)[:5], [])
    unknown_there = len(rows.keys() & seen.unknown)
    wrong = [(key, row, should[key]) for key, row in rows.items() if not _is_right(row, should[key])]
    claims.equal("with other consequences than theirs", wrong[:5], [])
    refunded = {should[key].of_key for key in rows if key.startswith("r")}
    _compare_coupons(home, rows, should, refunded, claims)
    _compare_orders(home, place, rows, should, refunded, claims)
    return {
        "sales acknowledged": sum(key.startswith("s") for key in seen.acknowledged),
        "refunds acknowledged": sum(key.startswith("r") for key in seen.acknowledged),
        "with a coupon": sum(bool(should[key].code) for key in seen.acknowledged),
        "with points": sum(should[key].spent > 0 for key in seen.acknowledged),
        "of whom nothing is known": {"told": len(seen.unknown), "there": unknown_there},
        "there": len(rows),
    }


def _is_right(row: tuple[Any, ...], one: Expected) -> bool:
    _, _, amount, earned, spent, code, off = row
    return (amount, earned, spent, code, off) == (
        one.amount,
        one.earned,
        one.spent,
        one.code,
        COUPON if one.code else 0,
    )


def _compare_coupons(
    home: Home, rows: dict[str, Any], should: dict[str, Expected], refunded: set[str], claims: Claims
) -> None:
    used = {should[key].code for key in rows if should[key].code}
    kept = {should[key].code for key in rows if should[key].code and key not in refunded}
    wrong = []
    for code, state, times, live in home.rows(_COUPONS):
        right = ("redeemed", 1, 1) if code in kept else ("issued", 0, 0)
        if (state, times, live) != right:
            wrong.append((code, state, times, live, right))
    claims.equal("coupons used by other sales than theirs", wrong[:5], [])
    claims.at_least("coupons used", len(used), 1)


def _compare_orders(
    home: Home,
    place: Place,
    rows: dict[str, Any],
    should: dict[str, Expected],
    refunded: set[str],
    claims: Claims,
) -> None:
    orders = {key: (amount, back) for key, amount, back in home.rows(_ORDERS, place.source_id)}
    sold = {key for key in rows if key.startswith("s")}
    wrong = [
        key
        for key in sold
        if orders.get(f"O{key}") != (should[key].amount, should[key].amount if key in refunded else 0)
    ]
    claims.equal("orders that stand otherwise than told", wrong[:5], [])
