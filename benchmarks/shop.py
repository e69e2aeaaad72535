"""A shop to sell in: members who have points, each with coupons of 10.00 off out of one budget.

Django must be set up before this is imported.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from django.db import transaction

from benchmarks.wares import BATCH, COUPON, FIRST_PAID, PAID, POINTS, PRICE, PRODUCTS, STORES
from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.engage.campaigns import api as campaigns
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import CouponUse, Sale, SaleLine, Tender, Till

T = TypeVar("T")


@dataclass(frozen=True)
class Member:
    card: str
    person_id: int
    codes: tuple[str, ...]
    """His coupons, each for one sale."""


@dataclass(frozen=True)
class Shop:
    source_id: int
    template_id: int
    members: tuple[Member, ...]

    @property
    def till(self) -> Till:
        return Till(self.source_id, "till")

    def save(self, path: Path) -> None:
        told = [self.source_id, self.template_id, [[m.card, m.person_id, m.codes] for m in self.members]]
        path.write_text(json.dumps(told), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Shop:
        source_id, template_id, members = json.loads(path.read_text(encoding="utf-8"))
        return cls(source_id, template_id, tuple(Member(c, p, tuple(codes)) for c, p, codes in members))


def open_shop(*, members: int, coupons_each: int) -> Shop:
    """Members known by a first purchase, which gave them points; coupons in their hands, if they are to have any."""
    with transaction.atomic():
        brand.ensure_headquarters("总部")
        brand.unit_ids([store(n) for n in range(STORES)])
        source = facts.ensure_source(name="till:bench", label="bench", mode="live")
    till = Till(source.id, "till")
    cards = [f"M{n:07}" for n in range(members)]
    persons = [
        outcome.person_id or 0
        for part in chunks(range(members), BATCH)
        for outcome in tills.sell(till, [_first_purchase(n, cards[n]) for n in part])
    ]
    template_id, codes = 0, dict[int, list[str]]()
    if coupons_each:
        template_id = template(members * coupons_each, coupons_each)
        codes = _coupons(template_id, persons, coupons_each)
    known = zip(cards, persons, strict=True)
    return Shop(source.id, template_id, tuple(Member(c, p, tuple(codes.get(p, ()))) for c, p in known))


def _first_purchase(number: int, card: str) -> Sale:
    line = SaleLine("P0", 1000, FIRST_PAID[number % len(FIRST_PAID)])
    key = f"first-{number}"
    return Sale(key, key, store(number), datetime.now(UTC), (line,), (("card_no", card),), is_offline=True)


def template(total: int, per_person: int) -> int:
    rule = {
        "benefit": {"kind": "amount_off", "amount": COUPON},
        "threshold": {"amount": 10_000},
        "validity": {"days": 30},
        "per_person": per_person,
        "total_count": total,
        "has_budget": True,
    }
    with transaction.atomic():
        template_id = campaigns.create_template(title="满 100 减 10", rule=rule, actor=SYSTEM)
        campaigns.publish_template(template_id=template_id, actor=SYSTEM)
        campaigns.fund(template_id=template_id, amount=total * COUPON, key="all", actor=SYSTEM)
    return template_id


def _coupons(template_id: int, persons: Sequence[int], each: int) -> dict[int, list[str]]:
    codes: dict[int, list[str]] = {person_id: [] for person_id in persons}
    for number in range(each):
        for part in chunks(persons, 2_000):
            with transaction.atomic():
                given = campaigns.issue(
                    template_id=template_id, person_ids=part, key=str(number), actor=SYSTEM
                )
            for person_id, verdict in zip(part, given, strict=True):
                if not verdict.code:
                    raise AssertionError(verdict)
                codes[person_id].append(verdict.code)
    return codes


def store(number: int) -> str:
    return f"S{number % STORES}"


def sales(shop: Shop, numbers: Sequence[int], *, members: Sequence[int], are_asks: bool) -> list[Sale]:
    """Those with these numbers: two lines, a coupon, 100 points and cash, of the next member in turn."""
    return [_sale(shop, n, members[n % len(members)], n // len(members), are_asks) for n in numbers]


def requests(shop: Shop, numbers: Sequence[int]) -> list[tuple[str, dict[str, Any]]]:
    """The same sales as a till asks for them over HTTP, by all members in turn: (Idempotency-Key, body)."""
    asked = sales(shop, numbers, members=range(len(shop.members)), are_asks=True)
    return [(sale.key, {**sale.body, "customer": dict(sale.identifiers)}) for sale in asked]


def _sale(shop: Shop, number: int, place: int, turn: int, is_ask: bool) -> Sale:
    member = shop.members[place]
    key, at = f"{place}-{turn}", datetime.now(UTC)
    skus = (f"P{number % PRODUCTS}", f"P{(number * 7 + 1) % PRODUCTS}")
    coupons = (CouponUse(member.codes[turn], COUPON),) if member.codes else ()
    half = COUPON // 2
    by_coupon = half if coupons else 0
    lines = tuple(SaleLine(sku, 1000, PRICE - half, discount=half, coupon_discount=by_coupon) for sku in skus)
    tenders = (Tender("points", POINTS, POINTS), Tender("cash", PAID - POINTS))
    return Sale(
        key,
        f"O{key}",
        store(number),
        at,
        lines,
        (("card_no", member.card),),
        tenders,
        coupons,
        is_offline=not is_ask,
        body=_as_sent(key, at, number, skus, coupons),
    )


def _as_sent(
    key: str, at: datetime, number: int, skus: Sequence[str], coupons: Sequence[CouponUse]
) -> dict[str, Any]:
    """As the API keeps it."""
    half = COUPON // 2
    line = {"quantity": 1, "amount": PRICE - half, "discount": half, "coupon_discount": half}
    return {
        "order_key": f"O{key}",
        "store": store(number),
        "at": at.isoformat(),
        "lines": [{"sku": sku, **line} for sku in skus],
        "tenders": [
            {"kind": "points", "amount": POINTS, "points": POINTS},
            {"kind": "cash", "amount": PAID - POINTS},
        ],
        "coupons": [{"code": c.code, "amount": c.amount} for c in coupons],
    }


def chunks(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
