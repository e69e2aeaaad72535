"""本月目标 on 今日: each sees the targets of his own stores, and every number opens."""

from __future__ import annotations

from datetime import date
from html import unescape

import pytest

from huoshui.insight.context.goals import Goal, Goals
from huoshui.web.console.contexts import rooms
from tests.console.desk import Desk
from tests.console.test_own_figures import BELOW, BOSS, DEALER

TOLD = Goals(
    date(2026, 3, 10),
    10 / 31,
    (
        Goal("S11", "店11", 100_000_00, 20_000_00, 50_000_00),
        Goal("S12", "店12", 50_000_00, 25_000_00, 40_000_00),
    ),
)


@pytest.mark.django_db
def test_the_month_beside_its_target(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def month_goals(at: object = None) -> Goals:
        asked.append(at)
        return TOLD

    monkeypatch.setattr(rooms.insight, "month_goals", month_goals)
    desk = Desk(monkeypatch, BOSS)
    monkeypatch.setattr(rooms.brand, "units_below", lambda ids: set().union(*(BELOW[u] for u in ids)))
    html = unescape(desk.client.get("/goals/").content.decode())
    assert "30.0%" in html and "32.3%" in html and "90.0%" in html
    assert html.index("店11") < html.index("店12"), "the furthest behind first"
    assert "cell.store=S11" in html and "from=2026-03-01" in html
    desk.actor = DEALER
    desk.client.get("/goals/")
    assert asked == [None, (10, 11, 12)]


@pytest.mark.django_db
def test_without_targets_it_says_how_to_have_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms.insight, "month_goals", lambda at=None: Goals(date(2026, 3, 10), 0.3, ()))
    html = Desk(monkeypatch, BOSS).client.get("/goals/").content.decode()
    assert "还没有本月的目标" in html
