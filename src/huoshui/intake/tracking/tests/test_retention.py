"""The words of old behaviour go, also from the lake; that it happened, orders and who somebody is stay."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from huoshui.core import clock, sql
from huoshui.core.subscribers import registry
from huoshui.intake.river.api import sweep
from huoshui.intake.tracking import retention
from huoshui.intake.tracking.tests.test_river import Doors, doors

__all__ = ["doors"]


def test_only_the_words_of_old_behaviour_go(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def lake(*told: Any) -> int:
        asked.append(told)
        return 7

    monkeypatch.setattr(retention, "_out_of_the_lake", lake)
    door, now = doors(), clock.now()
    old, new = ((now - timedelta(days=n)).isoformat() for n in (10, 3))
    door.identified(userId="u1", timestamp=old, traits={"name": "林"})
    door.tracked("Viewed", userId="u1", timestamp=old, properties={"q": "减肥"})
    door.tracked("Viewed", userId="u1", timestamp=new, properties={"q": "早餐"})
    kept, before = registry.expiries["tracking.bodies"], now - timedelta(days=5)
    sweep()
    facts = door.facts()
    assert kept.count(before) == {"行为记录的原文": 1}
    assert kept.take(before) == {"行为记录的原文": 1, "数据仓里的行": 7}
    assert asked == [({door.source_id}, before)]
    left = door.facts()
    assert [f.body is None for f in left] == [False, True, False]
    assert [(f.id, f.name, f.person_id, f.state) for f in left] == [
        (f.id, f.name, f.person_id, f.state) for f in facts
    ]
    assert "早餐" in str(left) and "减肥" not in str(left)
    assert kept.take(before)["行为记录的原文"] == 0


def test_what_nobody_mended_goes_after_its_time(doors: Doors) -> None:
    doors().tell({"type": "nonsense"})
    count = sql.Statement("asides", "select count(*) as n from tracked_aside")
    assert sql.fetch_one(count).n == 1
    kept, now = registry.expiries["tracking.aside"], clock.now()
    assert (
        kept.count(now - timedelta(days=1)) == kept.take(now - timedelta(days=1)) == {"没收下的行为记录": 0}
    )
    assert kept.take(now + timedelta(seconds=5)) == {"没收下的行为记录": 1}
    assert sql.fetch_one(count).n == 0
