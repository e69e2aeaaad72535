"""From settled orders to what each is owed. A reader, not a step of the sale: a till has no statement more (ADR 0038).

What settled is queued first, by one statement; then taken in chunks, each in a transaction of its own, so that an import of a
million orders holds no lock for long and may be interrupted anywhere.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Note
from huoshui.core.ledger import api as ledger
from huoshui.trade.commission import crediting, lead_fees, parties, rules
from huoshui.trade.commission.terms import BrandTerms, EmployerTerms
from huoshui.trade.commission.types import Credit, Due, Order, Party, Sold
from huoshui.trade.commission.versions import Versions

Q = sql.load("huoshui.trade.commission")

READER = "commission"
CORRECTED = "Commission Corrected"
_CHUNK = 2_000

Place = tuple[Party, str]


class Cause(NamedTuple):
    """Why an order is looked at: a fact of its own, or to look anew at who is credited."""

    fact_id: int
    is_rerun: bool
    because: str


class Change(NamedTuple):
    order_id: int
    due: Due
    amount: int
    base: int
    release_on: date


def read() -> int:
    """Follow what has settled since the last time. Returns how many orders were looked at."""
    with facts.since_last_read(READER) as span:
        sql.run(Q.queue_settled, low=str(span.low), high=str(span.high))
    return work_off()


def work_off() -> int:
    """Look at whatever is queued. May be killed and run again at will."""
    seen = 0
    while True:
        with transaction.atomic():
            sql.fetch(Q.lock)
            sql.by_index()
            causes = {
                r.order_id: Cause(r.fact_id, r.is_rerun, r.because)
                for r in sql.fetch(Q.take_due, limit=_CHUNK)
            }
            if causes:
                _work(causes)
        seen += len(causes)
        if len(causes) < _CHUNK:
            return seen


def _work(causes: Mapping[int, Cause]) -> None:
    versions = Versions.known()
    orders = crediting.orders(sorted(causes))
    credits = crediting.credits(
        orders, versions, anew={order_id for order_id, cause in causes.items() if cause.is_rerun}
    )
    changes = _changes(orders, credits, versions)
    if changes:
        _write(changes, causes)


def _changes(
    orders: Mapping[int, Order], credits: Mapping[int, Sequence[Credit]], versions: Versions
) -> list[Change]:
    """What each order is worth to each now, less what was written."""
    sold = sold_of(list(orders))
    written: dict[int, dict[Place, tuple[int, int, date]]] = defaultdict(dict)
    for r in sql.fetch(Q.written, order_ids=list(orders)):
        place = Party(r.payee_kind, r.payee_id, r.payer_id), r.kind
        written[r.order_id][place] = r.amount, r.base, r.release_on
    charged = lead_fees.due_of(sold, list(orders))
    changes = []
    for order_id, order in orders.items():
        due = worth(order, credits.get(order_id, ()), sold.get(order_id, ()), versions) | charged.get(
            order_id, {}
        )
        was = written[order_id]
        for place in {**was, **due}:
            amount, base, release_on = was.get(place, (0, 0, None))
            now = due.get(place) or Due(*place, 0, 0, 0, 0)
            if place not in was and place[1] == "commission" and not now.rule_version:
                continue  # before its first rules an employer owes nothing: no line for each order of a brand's past
            if (now.amount, now.base) != (amount, base):
                # What changes later is released with what it changes
                until = release_on or order.business_day + timedelta(days=now.release_days)
                changes.append(Change(order_id, now, now.amount - amount, now.base - base, until))
    return changes


def worth(
    order: Order, credits: Sequence[Credit], sold: Sequence[Sold], versions: Versions
) -> dict[Place, Due]:
    def employers(payer: int) -> EmployerTerms:
        return versions.employer(payer, order.position)

    def brands(version: int) -> BrandTerms:
        return versions.brand_version(version)

    return rules.worth(order, credits, sold, brand=brands, employers=employers)


def sold_of(order_ids: Sequence[int]) -> dict[int, list[Sold]]:
    rows = sql.fetch(Q.sold, order_ids=list(order_ids))
    codes = {sku: code for sku, (code, _) in brand.product_names(sorted({r.sku_id for r in rows})).items()}
    paths = brand.product_categories(sorted(set(codes.values())))
    found: dict[int, list[Sold]] = defaultdict(list)
    for r in rows:
        code = codes.get(r.sku_id, "")
        path = paths.get(code, "")
        found[r.order_id].append(Sold(code, tuple(path.split("/")) if path else (), r.amount))
    return found


def _write(changes: Sequence[Change], causes: Mapping[int, Cause]) -> None:
    ids = parties.ids_of({c.due.party for c in changes})
    named, corrected = _facts(changes, causes)
    through = sql.fetch_one(Q.released_through).through
    frozen = [c.release_on > through for c in changes]
    sql.run(
        Q.add_entries,
        parties=[ids[c.due.party] for c in changes],
        order_ids=[c.order_id for c in changes],
        fact_ids=[named[c.order_id] for c in changes],
        kinds=[c.due.kind for c in changes],
        amounts=[c.amount for c in changes],
        bases=[c.base for c in changes],
        corrections=[c.order_id in corrected for c in changes],
        versions=[c.due.rule_version for c in changes],
        releases=[c.release_on for c in changes],
        frozens=frozen,
        booked_on=clock.today(),
    )
    ledger.post(
        [
            parties.moved(ids[c.due.party], c.amount, named[c.order_id], c.due.kind, is_frozen=is_frozen)
            for c, is_frozen in zip(changes, frozen, strict=True)
            if c.amount
        ]
    )


def _facts(changes: Sequence[Change], causes: Mapping[int, Cause]) -> tuple[dict[int, int], set[int]]:
    """The fact that each order's movements name: what caused them; where that has moved money before, or nothing but a second
    look did, a fact that says so. And the orders of those."""
    orders = sorted({c.order_id for c in changes})
    own = [causes[o].fact_id for o in orders if not causes[o].is_rerun]
    used = {r.fact_id for r in sql.fetch(Q.used_facts, fact_ids=own)} if own else set()
    corrected = {o for o in orders if causes[o].is_rerun or causes[o].fact_id in used}
    now = clock.now()
    notes = {
        o: Note(
            CORRECTED,
            f"commission {o} {uuid.uuid4()}",
            None,
            now,
            {"order": o, "because": causes[o].because or "settled"},
        )
        for o in sorted(corrected)
    }
    made = facts.note(list(notes.values()), actor=SYSTEM)
    named = {o: made[notes[o].key] if o in notes else causes[o].fact_id for o in orders}
    return named, corrected


def release(today: date) -> int:
    """What is past its return period is posted. Returns to how many payees; the same day again, to none."""
    with transaction.atomic():
        sql.fetch(Q.lock)
        sums = sql.fetch(Q.release_sums, today=today)
        due = [r for r in sums if r.amount]
        now = clock.now()
        notes = [
            Note(
                "Commission Released",
                f"commission released {r.party_id} {uuid.uuid4()}",
                None,
                now,
                {"party": r.party_id},
            )
            for r in due
        ]
        made = facts.note(notes, actor=SYSTEM)
        sql.run(Q.mark_released, today=today)
        sql.run(Q.put_released, today=today)
        ledger.post(
            [parties.released(r.party_id, r.amount, made[n.key]) for r, n in zip(due, notes, strict=True)]
        )
        return len(due)
