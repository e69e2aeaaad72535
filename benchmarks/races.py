"""What fifty want at once and only some can have, and how to count who had it. Django must be set up as the river."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from benchmarks import counter
from benchmarks.counter import Place
from benchmarks.crowd import Ask, Crowd
from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM
from huoshui.core.ledger.goods_types import GoodsLine
from huoshui.engage.campaigns import api as campaigns

CLIENTS = 50
STOCK = 3  # of the last items; the peers were raced for three, too
_POINTS = 100
_STRICT = "S-strict"


@dataclass(frozen=True)
class Round:
    asks: Sequence[Ask]
    there: int
    """How many can be had."""
    had: Callable[[], int]
    """How many were had, as the database tells."""


@dataclass(frozen=True)
class Kind:
    name: str
    about: str
    prepare: Callable[[Place, str], Round]
    """A round of its own, under a name that no other has."""
    last_defence: tuple[str, ...] = ()
    """What else stands in the way: dropped from the control's database, so that the lock alone is judged."""
    peers: str = ""


def open_crowd(place: Place) -> list[int]:
    """Fifty customers, each with his card."""
    return counter.customers(place, [f"crowd-{n}" for n in range(CLIENTS)])


def kinds(crowd: Sequence[int]) -> list[Kind]:
    def last_claim(place: Place, name: str) -> Round:
        template_id = counter.template(total_count=1)
        asks = [counter.claim(f"{name}-{n}", template_id, person_id) for n, person_id in enumerate(crowd)]
        count = "select count(*) from coupon where template_id = %s"
        return Round(asks, 1, lambda: place.count(count, template_id))

    return [
        Kind(
            "last claim",
            "fifty customers claim the only coupon of a template",
            last_claim,
            peers="yudao: batch claims pass a guard that ignores the batch; CRMEB: read, changed, written (read in code)",
        ),
        Kind(
            "last use",
            "one code that may be used once, in fifty orders",
            _last_use,
            peers="used, where once is allowed: Saleor 1 to 5 times of 6, Vendure 6 of 6, Odoo 4 of 4; django-oscar once",
        ),
        Kind(
            "last item",
            f"{STOCK} pieces on a strict shelf, and fifty tills sell one each",
            _last_item,
            ("alter table stock drop constraint if exists stock_check",),
            peers="3 pieces, 8 buyers: django-oscar, Saleor and Vendure each sold 8",
        ),
        Kind(
            "points",
            f"a customer's {_POINTS} points, all of them tendered in fifty sales",
            _points,
            ("alter table account drop constraint if exists account_check",),
            peers="yudao takes points without asking whether they are there, and logs what lacks (read in code)",
        ),
        Kind(
            "refund",
            "the only piece of an order, given back fifty times",
            _refund,
            peers="odoo PR#212922: refunding what points paid spends them again; PR#257854: earned points stay",
        ),
        Kind(
            "key",
            "one sale told fifty times under one Idempotency-Key",
            _key,
            (
                "alter table fact_key drop constraint if exists fact_key_pkey",
                "alter table fact drop constraint if exists fact_source_id_client_key_content_hash_occurred_at_key",
                "alter table sale drop constraint if exists sale_source_id_order_key_key",
            ),
            peers="odoo PR#222372: a retry confirms twice, points doubled; Antavo has no such key",
        ),
    ]


def _last_use(place: Place, name: str) -> Round:
    with transaction.atomic():
        (code,) = campaigns.print_codes(template_id=counter.template(), count=1, actor=SYSTEM)
    asks = [counter.sale(f"{name}-{n}", code=code) for n in range(CLIENTS)]
    count = "select count(*) from coupon_redemption r join coupon c on c.id = r.coupon_id where c.code = %s"
    return Round(asks, 1, lambda: place.count(count, code))


def _last_item(place: Place, name: str) -> Round:
    sku = f"P-{name.replace(' ', '-')}"
    unit_id = brand.unit_ids([_STRICT])[_STRICT]
    with transaction.atomic():
        sku_id = brand.find_or_add_skus({sku: ""})[sku].id
        brand.set_stock_policy(org_unit_id=unit_id, sku_id=sku_id, policy="strict", actor=SYSTEM)
        brand.receive_stock(
            key=name, org_unit_id=unit_id, lines=[GoodsLine(sku_id, STOCK * 1000)], actor=SYSTEM
        )
    asks = [counter.sale(f"{name}-{n}", sku=sku, store=_STRICT) for n in range(CLIENTS)]
    return Round(asks, STOCK, lambda: _settled(place, name))


def _points(place: Place, name: str) -> Round:
    card = f"rich-{name}"
    counter.customers(place, [card], paid=_POINTS * 100)
    asks = [counter.sale(f"{name}-{n}", amount=_POINTS, card=card, points=_POINTS) for n in range(CLIENTS)]
    return Round(asks, 1, lambda: _settled(place, name))


def _refund(place: Place, name: str) -> Round:
    card = f"back-{name}"
    counter.customers(place, [card], paid=10_000)
    order_key = f"first-{card}".replace(" ", "-")
    asks = [counter.refund(f"{name}-{n}", order_key) for n in range(CLIENTS)]
    return Round(asks, 1, lambda: _settled(place, name))


def _key(place: Place, name: str) -> Round:
    ask = counter.sale(f"{name}-0")
    return Round([ask] * CLIENTS, 1, lambda: _settled(place, name))


def _settled(place: Place, name: str) -> int:
    """Facts of this round that settled: each is a sale, or a refund, with all its consequences."""
    return place.count(
        "select count(*) from fact f join settlement s on s.fact_id = f.id"
        " where f.source_id = %s and s.state = 'settled' and f.client_key like %s",
        place.source_id,
        f"{name}-%",
    )


def raced(place: Place, kind: Kind, crowd: Crowd, name: str) -> dict[str, Any]:
    """One round: how many there were, how many were had, and what the fifty were told."""
    one = kind.prepare(place, name)
    answers = crowd.ask(one.asks)
    told: dict[str, int] = {}
    for answer in answers:
        # A claim's own `code` is a coupon
        done = "repeat" if answer.is_repeat else "done"
        what = str(answer.body.get("code", "")) if answer.status >= 400 else done
        told[f"{answer.status} {what}"] = told.get(f"{answer.status} {what}", 0) + 1
    return {
        "there": one.there,
        "had": one.had(),
        "acknowledged": sum(answer.is_done for answer in answers),
        "told": told,
    }
