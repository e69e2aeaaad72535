"""Who walked in: by counter and span, corrected and never doubled, and not zero where nobody counted."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from huoshui.brand import api as brand
from huoshui.core import clock
from huoshui.core.actor import SYSTEM
from huoshui.intake.imports import api as imports
from huoshui.intake.visitors import api as visitors
from huoshui.intake.visitors.tests.shop import Shop, clean_tables, shop

__all__ = ["clean_tables", "shop"]

FAR = (date(2000, 1, 1), date(2100, 1, 1))


def came(shop: Shop, actor: Any = SYSTEM, **more: Any) -> dict[int, int | None]:
    out: dict[int, int | None] = {}
    for row in visitors.overview(actor, *FAR, **more).days:
        out[row.org_unit_id] = (out.get(row.org_unit_id) or 0) + row.came if row.came is not None else None
    return out


def test_counters_add_up_and_a_correction_replaces(shop: Shop) -> None:
    shop.count("S1", 5, 10, device="door-a")
    shop.count("S1", 5, 7, device="door-b")
    shop.count("S1", 4, 3, device="door-a")
    shop.count("S2", 5, 100)
    shop.read()
    assert came(shop) == {shop.units["S1"]: 20, shop.units["S2"]: 100}
    shop.count("S1", 5, 12, device="door-a")
    shop.count("S1", 5, 11, device="door-a")
    shop.read()
    shop.read()
    assert came(shop)[shop.units["S1"]] == 21


def test_days_and_hours_are_the_brands(shop: Shop) -> None:
    body = {"store": "S1", "from": "2026-03-09T16:30:00+00:00", "to": "2026-03-09T17:30:00+00:00", "in": 4}
    shop.fact("Visitors Counted", body)
    naive = {"store": "S1", "from": "2026-03-10 09:00", "to": "2026-03-10 10:00", "in": "6", "out": "2"}
    shop.fact("Visitors Counted", naive)
    shop.read()
    found = visitors.overview(SYSTEM, *FAR)
    assert [(row.day, row.came) for row in found.days] == [(date(2026, 3, 10), 10)]
    assert [(row.hour, row.came) for row in found.hours] == [(0, 4), (9, 6)]


def test_a_whole_day_counts_for_the_day_and_says_nothing_of_hours(shop: Shop) -> None:
    whole = {"store": "S1", "from": "2026-03-10T00:00:00+08:00", "to": "2026-03-11T00:00:00+08:00", "in": 50}
    shop.fact("Visitors Counted", whole)
    shop.read()
    found = visitors.overview(SYSTEM, *FAR)
    assert [row.came for row in found.days] == [50] and found.hours == ()


@pytest.mark.parametrize(
    "change",
    [
        {"store": None},
        {"in": -3},
        {"in": "many"},
        {"in": None},
        {"in": 10**12},
        {"from": "yesterday"},
        {"to": "2026-03-10T00:00:00+08:00"},
        {"to": "2027-03-10T00:00:00+08:00"},
    ],
)
def test_nonsense_counts_nobody(shop: Shop, change: dict[str, Any]) -> None:
    body = {"store": "S1", "from": "2026-03-10T09:00:00+08:00", "to": "2026-03-10T10:00:00+08:00", "in": 4}
    shop.fact("Visitors Counted", body | change)
    shop.read()
    assert visitors.overview(SYSTEM, *FAR).days == ()
    shop.fact("Visitors Counted", body)
    shop.read()
    assert came(shop) == {shop.units["S1"]: 4}


def test_a_store_that_only_its_counter_names_is_not_lost(shop: Shop) -> None:
    shop.count("S-new", 5, 10)
    shop.read()
    assert came(shop) == {brand.find_units(["S-new"])["S-new"]: 10}


def test_a_store_without_a_counter_is_not_known_rather_than_zero(shop: Shop) -> None:
    shop.count("S1", 5, 10)
    shop.read()
    day = clock.business_day(shop.now - timedelta(hours=5))
    orders = {(shop.units["S1"], day): 2, (shop.units["S2"], day): 9}
    found = visitors.overview(SYSTEM, *FAR, orders=orders)
    assert {row.org_unit_id: row.came for row in found.days} == {shop.units["S1"]: 10, shop.units["S2"]: None}
    assert found.counted == {shop.units["S1"]}
    assert visitors.rate(found.days) == visitors.Rate(10, 2)


def test_others_stores_are_not_counted_for_a_guide(shop: Shop) -> None:
    shop.count("S1", 5, 10)
    shop.count("S2", 5, 20)
    shop.read()
    assert came(shop, shop.guide("S2")) == {shop.units["S2"]: 20}
    day = clock.business_day(shop.now)
    found = visitors.overview(shop.guide("S2"), *FAR, orders={(shop.units["S1"], day): 5})
    assert all(row.org_unit_id == shop.units["S2"] for row in found.days)


FILE = """门店编码,日期,小时,进店客流,离店人数
S1,2026-03-10,10,36,30
S1,2026-03-10,11:00-12:00,20,
S1,2026-03-10,25,5,
S2,2026-03-10 14:00:00,,8,
S9,2026-03-11,,120,
S9,2026-03-12,,-3,
"""


def test_a_file_of_hours_or_days_comes_in_once_and_is_corrected(shop: Shop, tmp_path: Path) -> None:
    def bring(text: str) -> imports.RunView:
        file = tmp_path / f"{len(text)}.csv"
        file.write_text(text, encoding="utf-8-sig")
        run_id = imports.add_run([file], actor=SYSTEM)
        imports.execute(run_id, actor=SYSTEM)
        view = imports.run_for(SYSTEM, run_id)
        assert (view.state, view.kind) == ("done", "footfall"), view.message
        shop.read()
        return view

    first = bring(FILE)
    assert first.counts["new"] == 4 and first.problems == 2
    assert bring(FILE).counts["new"] == 0
    s9 = brand.find_units(["S9"])["S9"]
    expected = {shop.units["S1"]: 56, shop.units["S2"]: 8, s9: 120}
    assert came(shop) == expected
    found = visitors.overview(SYSTEM, *FAR)
    assert [(row.hour, row.came) for row in found.hours] == [(10, 36), (11, 20), (14, 8)]
    bring(FILE.replace("10,36,30", "10,40,30"))
    assert came(shop) == expected | {shop.units["S1"]: 60}
