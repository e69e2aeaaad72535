from __future__ import annotations

from datetime import date

from huoshui.insight.rhythm import person_summary
from huoshui.insight.tests.lake_fixture import small_lake
from huoshui.insight.tests.test_groups import lines_of
from huoshui.insight.tests.worlds import PRODUCTS


def test_a_rhythm_by_category_and_when_it_is_due() -> None:
    nuts = lines_of(1, [date(2025, 1, 1), date(2025, 1, 31), date(2025, 3, 2)], 8_900)
    tonic = lines_of(2, [date(2025, 2, 1)], 29_800, sku_id=3)
    other = lines_of(9, [date(2025, 2, 1)], 100)
    lake = small_lake(
        order_lines=[*nuts, *tonic, *other], products=PRODUCTS, persons=[{"person_id": 2, "canonical_id": 1}]
    )
    for asked in (1, 2):
        first, second = person_summary(lake, [asked])
        assert {first.category, second.category} == {"坚果果干", ""}
        told = {rhythm.category: rhythm for rhythm in (first, second)}
        assert (told["坚果果干"].gap_days, told["坚果果干"].due_day) == (30, date(2025, 4, 1))
        assert (told["坚果果干"].amount, told["坚果果干"].last_day) == (26_700, date(2025, 3, 2))
        assert (told[""].gap_days, told[""].due_day, told[""].bought) == (
            None,
            None,
            ((date(2025, 2, 1), 29_800),),
        )
        assert {rhythm.person_id for rhythm in (first, second)} == {1}


def test_what_was_taken_back_was_not_bought() -> None:
    line = lines_of(1, [date(2025, 1, 1)], 500)[0]
    lake = small_lake(
        order_lines=[line, line | {"amount": -500, "quantity": -1.0, "is_reversal": True}], products=PRODUCTS
    )
    assert person_summary(lake, [1]) == []
