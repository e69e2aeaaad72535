"""Two dealers with two stores each, head office's own shop, and customers who buy there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.facts import api as facts
from huoshui.core.facts import reads as fact_reads
from huoshui.core.tests.ground import NOON, Line, Told, a_source, number, receive, sale, texts
from huoshui.people import api as people
from huoshui.trade.bonds import fold

Carried = tuple[str, str]

BOSS = Actor("staff", 901, "老板", frozenset({"boss"}))


_NEXT = sql.Statement("next", "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as xid")


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that writes on one connection has committed whatever it reads; others' transactions hold it up for nothing."""
    monkeypatch.setattr(fact_reads, "horizon", lambda: int(sql.fetch_one(_NEXT).xid))


def day(n: float) -> datetime:
    return NOON + timedelta(days=n)


@dataclass
class Shops:
    """Ids of dealers 0 and 1; of each one's two stores; and of the shop that is head office's."""

    dealers: list[int] = field(default_factory=list)
    stores: list[list[int]] = field(default_factory=list)
    own: int = 0
    guides: list[int] = field(default_factory=list)

    def owner(self, place: int) -> Actor:
        return Actor("staff", 910 + place, "经销商", frozenset({"dealer"}), frozenset({self.dealers[place]}))


def open_shops() -> Shops:
    brand.ensure_headquarters("总部")
    tag = number()
    dealers, stores = [f"东店行{tag}", f"西店行{tag}"], [f"S{tag}-{n}" for n in range(5)]
    brand.upsert_stores(
        pa.table(
            {
                "store_code": stores,
                "name": ["东一店", "东二店", "西一店", "西二店", "总部店"],
                "dealer": [dealers[0], dealers[0], dealers[1], dealers[1], None],
            }
        ),
        actor=SYSTEM,
    )
    numbers = [f"G{tag}-{n}" for n in range(4)]
    brand.upsert_staff(
        pa.table(
            {
                "number": numbers,
                "name": ["小王", "小李", "小赵", "小周"],
                "store_code": [*stores[:2], *stores[2:4]],
            }
        ),
        actor=SYSTEM,
    )
    units, staff = brand.find_units([*(f"dealer:{d}" for d in dealers), *stores]), brand.find_staff(numbers)
    return Shops(
        dealers=[units[f"dealer:{d}"] for d in dealers],
        stores=[[units[s] for s in stores[:2]], [units[s] for s in stores[2:4]]],
        own=units[stores[4]],
        guides=[staff[n] for n in numbers],
    )


def settle(*told: Told, source: Any = None) -> list[int]:
    with transaction.atomic():
        fact_ids = receive(list(told), source or a_source()).fact_ids
        facts.mark_settled(fact_ids, people.resolve(fact_ids, actor=SYSTEM))
    return list(fact_ids)


def buy(carried: Carried, store: int, at: float, *, amount: int = 1_000, **more: Any) -> int:
    (fact_id,) = settle(
        sale(f"o{number()}", Line(amount=amount), at=day(at), identifiers=(carried,), store=store), **more
    )
    return fact_id


def read(now: float = 30) -> int:
    return fold.read(now=day(now))


def live(*person_ids: int) -> list[int | str | None]:
    """The owner of each: a dealer's id, None for head office, '' for nobody."""
    canonical = people.canonical_ids(list(person_ids))
    rows = {r.person_id: r for r in fold.owners_now(sorted(set(canonical.values())))}
    return [
        "" if (r := rows.get(canonical[p])) is None or r.made_by is None else r.dealer_id for p in person_ids
    ]


def sent(work: Callable[[], object]) -> int:
    """How many statements the work sends, but those that tell of stores: these are remembered for a second."""
    return sum("org_unit" not in text for text in texts(work))


_SAID = sql.Statement(
    "said_all",
    "select person_id, made_by, how, dealer_id, store_id, guide_id, owned_since, since, protected_until, until, state,"
    " suspended_by, rule_version, ended_by, end_reason, actor, reason from bond where superseded_at is null order by 1, 2",
)
_NOW = sql.Statement(
    "now_all",
    "select person_id, made_by, dealer_id, store_id, guide_id from bond_now where made_by is not null order by 1",
)


def said() -> list[Any]:
    return [*sql.fetch(_SAID), *sql.fetch(_NOW)]
