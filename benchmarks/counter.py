"""A shop to race in, over the API: its customers, its key, and what it asks for. Django must be set up as the river."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from benchmarks.crowd import Ask
from benchmarks.machine import REPOSITORY
from benchmarks.scratch import Home
from benchmarks.services import free_port, wait_until_up
from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.engage.campaigns import api as campaigns
from huoshui.intake.river import api as river
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import Sale, SaleLine, Till

STORE, SKU = "S0", "P0"
COUPON = 300
_PATIENCE = 60.0
_BATCH = 500


@dataclass(frozen=True)
class Place:
    home: Home
    source_id: int
    token: str

    def count(self, query: str, *values: Any) -> int:
        return int(self.home.row(query, *values)[0])

    @property
    def till(self) -> Till:
        return Till(self.source_id, "till")


def open_place(home: Home, *, name: str = "races") -> Place:
    scopes = ("sell", "refund", "claim", "bulk", "read", "quote")
    wanted = [part for scope in scopes for part in ("--scope", scope)]
    token = home.told("keys", "add", name, *wanted, "--rate", "1000000", "--json")["token"]
    with transaction.atomic():
        brand.ensure_headquarters("总部")
        brand.unit_ids([STORE])
        source = facts.ensure_source(name=f"till:{name}", label=name, mode="live")
    return Place(home, source.id, token)


def customers(place: Place, cards: Sequence[str], *, paid: int = 0) -> list[int]:
    """Persons of these cards, known by a first purchase of `paid`; their cards are written, as the worker would."""
    persons = []
    for start in range(0, len(cards), _BATCH):
        sales = [_first_purchase(card, paid) for card in cards[start : start + _BATCH]]
        persons += [outcome.person_id or 0 for outcome in tills.sell(place.till, sales)]
    river.after_settling()
    return persons


def _first_purchase(card: str, paid: int) -> Sale:
    key = f"first-{card}"
    line = SaleLine(SKU, 1000, paid)
    return Sale(key, key, STORE, datetime.now(UTC), (line,), (("card_no", card),), is_offline=True)


def template(*, total_count: int | None = None, per_person: int | None = None, budget: int = 10**9) -> int:
    rule = {
        "benefit": {"kind": "amount_off", "amount": COUPON},
        "threshold": {"amount": COUPON},
        "validity": {"days": 30},
        "has_budget": True,
        **({"total_count": total_count} if total_count else {}),
        **({"per_person": per_person} if per_person else {}),
    }
    with transaction.atomic():
        template_id = campaigns.create_template(title="满 3 减 3", rule=rule, actor=SYSTEM)
        campaigns.publish_template(template_id=template_id, actor=SYSTEM)
        campaigns.fund(template_id=template_id, amount=budget, key="all", actor=SYSTEM)
    return template_id


def sale(
    key: str,
    *,
    amount: int = 1000,
    card: str | None = None,
    code: str = "",
    points: int = 0,
    sku: str = SKU,
    store: str = STORE,
    quantity: int = 1,
    order_key: str = "",
) -> Ask:
    """One line for `amount`, less what the coupon gives; so many points pay part of it, a cent each."""
    off = COUPON if code else 0
    line: dict[str, Any] = {"sku": sku, "quantity": quantity, "amount": amount - off}
    if code:
        line |= {"discount": off, "coupon_discount": off}
    body: dict[str, Any] = {
        "order_key": order_key or f"O{key}",
        "store": store,
        "at": now(),
        "lines": [line],
    }
    if card:
        body["customer"] = {"card_no": card}
    if code:
        body["coupons"] = [{"code": code, "amount": off}]
    if points:
        cash = amount - off - points
        body["tenders"] = [{"kind": "points", "amount": points, "points": points}]
        body["tenders"] += [{"kind": "cash", "amount": cash}] if cash else []
    return Ask("/api/v1/sales", key, body)


def refund(key: str, order_key: str, **more: Any) -> Ask:
    return Ask(f"/api/v1/sales/{order_key}/refunds", key, {"at": now(), **more})


def claim(key: str, template_id: int, person_id: int) -> Ask:
    return Ask(f"/api/v1/coupons/{template_id}/claims", key, {"customer_id": person_id})


def now() -> str:
    return datetime.now(UTC).isoformat()


@contextmanager
def serving(home: Home, *, workers: int, broken: str = "") -> Iterator[int]:
    """The port on which `huoshui serve` answers; with a lock taken out, where that is said."""
    port = free_port()
    log = home.path / f"serve-{broken.replace(' ', '-') or 'whole'}.log"
    start = (sys.executable, "-m", "benchmarks.broken", broken) if broken else (str(home.huoshui), "serve")
    with log.open("ab") as file:
        server = subprocess.Popen(
            [*start, "--port", str(port), "--workers", str(workers)],
            env=home.environment,
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until_up(port, server, log)
        yield port
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(_PATIENCE)
