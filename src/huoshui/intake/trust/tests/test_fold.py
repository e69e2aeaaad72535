"""Folding: each fact once, whatever came when; the same as if all had been read at once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.tests.ground import NOON, statements
from huoshui.intake.river.tests.world import Shop, anonymous, given_back, line, shop
from huoshui.intake.trust import api as trust
from huoshui.intake.trust.tests.ground import (
    clean_tables,
    content,
    folded,
    lake_has_all,
    open_shop,
    taken_at,
)

__all__ = ["clean_tables", "open_shop", "shop"]

DAY = date(2026, 3, 10)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def row(table: str, **where: object) -> sql.Row:
    conditions = " and ".join(f"{name} = %({name})s" for name in where)
    found = sql.fetch(sql.Statement("row", f"select * from {table} where {conditions}"), **where)
    assert len(found) == 1
    return found[0]


def test_a_day_tells_what_stands_and_whose_it_is(shop: Shop) -> None:
    shop.tell(shop.order(line(10_000), key="O1"), anonymous(shop.order(line(2_500), key="O2")))
    shop.tell(shop.refund(given_back(1_500), key="R1", of="O1"))
    folded(NOON + HOUR)
    day = row("trust_day", source_id=shop.source.id, feed="orders")
    assert (day.facts, day.sales, day.known_sales) == (3, 2, 1)
    assert (day.amount, day.known_amount) == (11_000, 8_500)


def test_a_revision_counts_once_and_each_effect_is_there(open_shop: Shop) -> None:
    shop = open_shop
    shop.tell(shop.order(line(10_000), key="O1"))
    folded(NOON + HOUR)
    shop.tell(shop.order(line(7_777), key="O1"))
    folded(NOON + 2 * HOUR)
    day = row("trust_day", source_id=shop.source.id, feed="orders")
    assert (day.facts, day.sales, day.amount) == (2, 1, 7_777)
    effects = sql.fetch(sql.Statement("e", "select amount from trust_effect order by fact_id, of_fact_id"))
    assert sorted(e.amount for e in effects) == [-10_000, 7_777, 10_000]


def test_fold_by_fold_is_the_same_as_all_at_once_and_twice_is_once(open_shop: Shop) -> None:
    shop = open_shop
    for n in range(6):
        shop.tell(shop.order(line(1_000 + n), key=f"O{n}"), shop.member(("card_no", shop.card), name="王"))
        if n % 2:
            shop.tell(shop.refund(given_back(300), key=f"R{n}", of=f"O{n}"))
        folded(NOON + n * MINUTE)
    by_steps = content()
    assert trust.fold().facts == 0
    assert content() == by_steps
    sql.run(sql.Statement("anew", "update watermark set xid = '0' where reader = 'trust'"))
    assert trust.fold().facts == 15
    assert content() == by_steps


def test_nothing_is_counted_before_the_lake_has_it(shop: Shop) -> None:
    lake_has_all(NOON)
    sql.run(sql.Statement("back", "update watermark set xid = pg_current_xact_id() where reader = 'lake'"))
    shop.tell(shop.order())
    assert trust.fold().facts == 0
    assert folded(NOON + HOUR).facts == 1


def test_what_facts_carry(shop: Shop) -> None:
    shop.tell(
        shop.order(line(), key="O1", identifiers=(("card_no", shop.card), ("phone", "13912345678"))),
        anonymous(shop.order(line(), key="O2", store="")),
    )
    folded(NOON + HOUR)
    found = {
        (r.field): (r.facts, r.filled, r.valid)
        for r in sql.fetch(sql.Statement("f", "select * from trust_field where feed = 'orders'"))
    }
    assert found["identity"] == (2, 1, 1)
    assert found["phone"] == (2, 1, 1)
    assert found["card"] == (2, 1, 1)
    assert found["wechat"] == (2, 0, 0)
    assert found["store"] == (2, 1, 1)
    assert found["amount"] == found["quantity"] == (2, 2, 2)
    assert found["product"] == (2, 2, 0)  # nobody has described them
    assert found["time"] == (2, 2, 2)


def test_how_long_things_took(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [v.fact_id for v in shop.tell(*(shop.order(key=f"O{n}") for n in range(10)))]
    known = [i for i in ids if i is not None]
    taken_at(known, received=NOON + 30 * MINUTE, settled=NOON + 31 * MINUTE)
    folded(NOON + 40 * MINUTE)
    monkeypatch.setattr(clock, "now", lambda: NOON + 2 * HOUR)
    (source,) = (s for s in trust.overview(SYSTEM).sources if s.source_id == shop.source.id)
    took = {stage: lag.half / 60 for stage, lag in source.lags.items()}
    assert took["received"] == pytest.approx(30, rel=0.09)
    assert took["settled"] == pytest.approx(1, rel=0.09)
    assert took["lake"] == pytest.approx(9, rel=0.09)
    assert took["number"] == pytest.approx(40, rel=0.09)
    assert all(lag.facts == 10 for lag in source.lags.values())


def test_the_past_that_is_told_has_no_freshness(shop: Shop) -> None:
    shop.tell(shop.order())
    sql.run(sql.Statement("past", "update settlement set is_history = true"))
    folded(NOON + HOUR)
    assert sql.fetch(sql.Statement("lags", "select * from trust_lag")) == []


def test_twice_the_sources_and_facts_cost_no_more_statements(open_shop: Shop) -> None:
    shop = open_shop

    def cost() -> int:
        lake_has_all(NOON + HOUR)
        return statements(trust.fold) + statements(lambda: trust.overview(SYSTEM))

    shop.tell(*(shop.order(key=f"O{n}") for n in range(4)))
    cost()
    shop.tell(*(shop.order(key=f"N{n}") for n in range(4)))
    few = cost()
    for _ in range(4):
        other = Shop()
        other.tell(*(other.order(key=f"P{n}", store=f"S{n}") for n in range(8)))
    assert cost() == few


def test_a_field_that_goes_missing_shows_on_its_day(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=2))
    shop.tell(shop.order(key="O1"), anonymous(shop.order(key="O2", at=NOON + timedelta(days=1))))
    folded(NOON + timedelta(days=1))
    days = trust.fields_by_day(SYSTEM, shop.source.id)["orders", "identity"]
    assert [(day, share.facts, share.filled) for day, share in days] == [
        (DAY, 1, 1),
        (DAY + timedelta(days=1), 1, 0),
    ]
