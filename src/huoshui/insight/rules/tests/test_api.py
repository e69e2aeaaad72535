"""The doors of the room: who is a member, who may become one, and until when."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from huoshui.core import clock
from huoshui.insight.rules import api
from huoshui.insight.rules.tests.fixture import TEXTS, SmallEngine, connect, noon, small_engine

TODAY = date(2026, 3, 10)
AT = noon(TODAY)


def fact(fact_id: int, person_id: int, days_ago: int, name: str = "Scan") -> dict[str, Any]:
    day = TODAY - timedelta(days=days_ago)
    return {
        "fact_id": fact_id,
        "name": name,
        "person_id": person_id,
        "org_unit_id": 2,
        "source_id": 1,
        "occurred_at": noon(day),
        "business_day": day,
        "seq": fact_id,
    }


@pytest.fixture(scope="module")
def engine() -> SmallEngine:
    """1 scanned today and, as 3, ten days ago; 2 forty days ago."""
    cluster = {"person_id": 3, "key": "cluster", "number": 1.0, "at": AT, "seq": 1, "source_id": 1}
    return small_engine(
        connect(), {"facts": [fact(1, 1, 0), fact(2, 3, 10), fact(3, 2, 40)], "state_now": [cluster]}
    )


def start(days: int) -> datetime:
    """The beginning of the business day so many days from today."""
    return clock.from_local(datetime(2026, 3, 10) + timedelta(days=days))


def test_members_know_until_when(engine: SmallEngine) -> None:
    table = api.members(api.parse('count("Scan" last 30 days) >= 2'), AT, engine=engine)
    assert table.to_pylist() == [{"person_id": 1, "recheck_at": start(20)}]


def test_absence_comes_true_on_the_day_it_does(engine: SmallEngine) -> None:
    rule = api.parse('absent("Scan" last 30 days)')
    assert api.judged(rule, AT, engine=engine).to_pylist() == [
        {"person_id": 1, "is_member": False, "recheck_at": start(30)},
        {"person_id": 2, "is_member": True, "recheck_at": None},
    ]
    before, then = start(30) - timedelta(microseconds=1), start(30)
    assert api.members(rule, before, engine=engine)["person_id"].to_pylist() == [2]
    assert api.members(rule, then, engine=engine)["person_id"].to_pylist() == [1, 2]


def test_among_judges_these_and_no_others(engine: SmallEngine) -> None:
    rule = api.parse('count("Scan" last 30 days) >= 2')
    assert api.judged(rule, AT, [2, 1, 99], engine=engine)["is_member"].to_pylist() == [True, False, False]
    assert api.members(rule, AT, engine=engine, among=[2]).num_rows == 0
    assert api.members(rule, AT, engine=engine, among=[]).num_rows == 0


def test_another_segment_is_told_by_the_caller(engine: SmallEngine) -> None:
    rule = api.parse('member("甲") and not member("乙")')
    told = {"甲": [1, 2], "乙": [2]}
    assert api.members(rule, AT, engine=engine, segments=told.__getitem__)["person_id"].to_pylist() == [1]
    with pytest.raises(api.BadRule, match="甲"):
        api.members(rule, AT, engine=engine)


def test_a_rule_written_down_in_one_lake_is_asked_of_another(engine: SmallEngine) -> None:
    """By the same text: only the names of tables, and who is asked for, differ."""
    rule = api.parse('count(buy) >= 1 or absent("Scan" last 5 days)')
    before, written = api.judged(rule, AT, [1, 2], engine=engine), len(TEXTS)
    nowhere = small_engine(engine.backend, {}, name="nowhere")
    assert before["is_member"].to_pylist() != [False, False]
    assert api.judged(rule, AT, engine=nowhere).num_rows == 0
    assert api.judged(rule, AT, [1, 2], engine=nowhere)["is_member"].to_pylist() == [True, True]
    assert (
        api.judged(rule, AT, [2], engine=engine)["is_member"].to_pylist()
        == before["is_member"].to_pylist()[1:]
    )
    assert len(TEXTS) == written + 1  # of everyone
    api.judged(rule, AT + timedelta(days=1), [2], engine=engine)
    assert len(TEXTS) == written + 2


def test_an_expression_can_be_counted(engine: SmallEngine) -> None:
    table = api.expression(api.parse('absent("Scan" last 5 days)'), AT, engine)
    assert engine.run(table.agg(people=table.count())).to_pylist() == [{"people": 1}]
