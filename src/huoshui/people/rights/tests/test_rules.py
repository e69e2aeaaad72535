"""The clock, without a database."""

from __future__ import annotations

from datetime import date

import pytest

from huoshui.people.rights import rules

FRIDAY, MONDAY = date(2026, 3, 6), date(2026, 3, 9)


def test_fifteen_working_days_are_three_weeks() -> None:
    assert rules.due(FRIDAY) == date(2026, 3, 27)


def test_holidays_do_not_count() -> None:
    assert rules.due(FRIDAY, days=1) == MONDAY
    assert rules.due(FRIDAY, days=1, free={MONDAY}) == date(2026, 3, 10)


@pytest.mark.parametrize(
    ("due_on", "today", "left"),
    [
        (MONDAY, FRIDAY, 1),
        (MONDAY, MONDAY, 0),
        (FRIDAY, date(2026, 3, 7), 0),  # late since Saturday, and no working day has passed
        (FRIDAY, date(2026, 3, 10), -2),
        (date(2026, 3, 27), FRIDAY, 15),
    ],
)
def test_days_left(due_on: date, today: date, left: int) -> None:
    assert rules.days_left(due_on, today) == left


def test_a_certificate_names_what_is_kept_and_why() -> None:
    told = rules.certificate({"数据库": {"资料": 3}}, persons=2)
    assert told["erased"] == [{"where": "数据库", "what": "资料", "count": 3}]
    assert all(row["what"] and row["why"] for row in told["kept"])
