"""Targets: what is set for a store, a dealer, a region or the brand, in a month or a year, split as last year was sold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from huoshui.insight.context import goals, reads
from huoshui.insight.context.goals import Place, month_targets
from huoshui.insight.context.types import Figure
from huoshui.insight.tests.lake_fixture import small_lake

MARCH = date(2026, 3, 1)
PLACES = [
    Place("S1", "一店", "甲", "华东"),
    Place("S2", "二店", "甲", "华东"),
    Place("S3", "三店", "乙", "华东"),
]
BEFORE = {
    ("S1", date(2025, 3, 1)): 300_00,
    ("S2", date(2025, 3, 1)): 100_00,
    ("S3", date(2025, 3, 1)): 400_00,
}


def month(subject: str, yuan: int) -> Figure:
    return Figure(subject, "销售额", MARCH, date(2026, 3, 31), Decimal(yuan))


def test_what_is_said_of_a_store_itself_comes_first_and_the_rest_is_split() -> None:
    assert month_targets(MARCH, [month("S1", 500)], PLACES, BEFORE) == {"S1": 500_00}
    assert month_targets(MARCH, [month("甲", 800)], PLACES, BEFORE) == {"S1": 600_00, "S2": 200_00}
    own = month_targets(MARCH, [month("一店", 500), month("甲", 800)], PLACES, BEFORE)
    assert own == {"S1": 500_00, "S2": 300_00}, "the dealer's is the store's own and what is left"
    brand = month_targets(MARCH, [month("S1", 500), month("全品牌", 1000)], PLACES, BEFORE)
    assert brand == {"S1": 500_00, "S2": 100_00, "S3": 400_00} and sum(brand.values()) == 1000_00


def test_a_year_is_split_by_the_months_of_last_year_or_by_days() -> None:
    year = Figure("S1", "销售额", date(2026, 1, 1), date(2026, 12, 31), Decimal(3650))
    assert month_targets(MARCH, [year], PLACES, {}) == {"S1": 310_00}
    shape = {("S1", date(2025, m, 1)): 100 if m != 3 else 900 for m in range(1, 13)}
    assert month_targets(MARCH, [year], PLACES, shape) == {"S1": round(3650_00 * 900 / 2000)}
    assert month_targets(MARCH, [year, month("S1", 7)], PLACES, shape) == {"S1": 7_00}, "the month's own word"


def test_cents_are_lost_nowhere_and_no_figure_is_no_target() -> None:
    told = month_targets(MARCH, [month("华东", 100)], PLACES, {})
    assert sum(told.values()) == 100_00 and len(told) == 3
    assert (
        month_targets(MARCH, [Figure("S1", "客流", MARCH, date(2026, 3, 31), Decimal(9))], PLACES, {}) == {}
    )


@pytest.mark.django_db
def test_a_dealer_sees_its_own_stores_against_their_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "figures", lambda kind, **days: [month("S1", 500), month("S3", 100)])
    units = [
        {
            "org_unit_id": n,
            "code": p.code,
            "name": p.name,
            "kind": "store",
            "dealer": p.dealer,
            "region": p.region,
        }
        for n, p in enumerate(PLACES, start=1)
    ]
    sold = [
        {
            "order_id": n,
            "fact_id": n,
            "org_unit_id": n,
            "business_day": MARCH,
            "amount": 50_00,
            "person_id": n,
            "sku_id": 1,
        }
        for n in (1, 2, 3)
    ]
    lake = replace(small_lake(order_lines=sold, org_units=units), fresh_at=None)
    told = goals.goals(lake, date(2026, 3, 10))
    assert [(g.code, g.sold, g.done) for g in told.stores] == [("S1", 50_00, 0.1), ("S3", 50_00, 0.5)]
    assert (told.whole.target, told.whole.ending) == (600_00, None)
    assert round(told.passed, 4) == round(10 / 31, 4)
    own = goals.goals(lake.at([3]), date(2026, 3, 31))
    assert [(g.code, g.ending) for g in own.stores] == [("S3", 50_00)], (
        "a month that is over has nothing ahead"
    )
