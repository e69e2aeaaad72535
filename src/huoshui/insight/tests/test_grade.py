from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings

from huoshui.insight.given import BadQuestion
from huoshui.insight.lake import Lake
from huoshui.insight.questions import grade
from huoshui.insight.tests.lake_fixture import journey_data, small_lake
from huoshui.insight.tests.test_groups import lines_of, plain_people
from huoshui.insight.tests.worlds import World, worlds

few = settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
AS_OF = date(2025, 2, 5)
A_MONTH_BEFORE = date(2025, 1, 5)


def opened(lake: Lake, cell: Mapping[str, str], as_of: date = AS_OF) -> set[int]:
    found = lake.run(grade.people(lake, grade.Params(as_of=as_of), cell)).column("person_id").to_pylist()
    assert len(found) == len(set(found))
    return set(found)


def plain_grades(people: Mapping[int, Mapping[str, Any]]) -> dict[int, str]:
    found = {}
    for person, p in people.items():
        above = sum(other["amount"] > p["amount"] for other in people.values())
        top_fifth, top_half = above < 0.2 * len(people), above < 0.5 * len(people)
        found[person] = (
            "growing" if p["amount"] <= 0 else "high" if top_fifth else "mid" if top_half else "growing"
        )
    return found


@few
@given(world=worlds(people=9))
def test_grades_and_moves_equal_plain_python(world: World) -> None:
    lake = world.lake()
    now = plain_grades(plain_people(world, AS_OF))
    before = plain_grades(plain_people(world, A_MONTH_BEFORE))

    answer = grade.result(lake, grade.Params(as_of=AS_OF))

    told = lake.run(grade.person_grades(lake, AS_OF)).to_pylist()
    assert {row["person_id"]: row["grade"] for row in told} == now
    for row in answer.rows:
        members = {person for person, name in now.items() if name == row["grade"]}
        assert row["people"] == len(members)
        assert opened(lake, answer.cell(row)) == members
        assert row["arrived"] == len(members - before.keys())
    moves = answer.extra["moves"]
    for row in moves.rows:
        expected = {
            person
            for person in now.keys() | before.keys()
            if now.get(person) == row["grade"] and before.get(person) == row["from"]
        }
        met = {
            person
            for other in moves.rows
            if (other["grade"], other["from"]) == (row["grade"], row["from"])
            for person in opened(lake, moves.cell(other))
        }
        assert met == expected
        assert len(opened(lake, moves.cell(row))) == row["people"]
    assert sum(row["people"] for row in moves.rows) == len(now.keys() | before.keys())


def test_why_somebody_moved() -> None:
    early, late = date(2025, 1, 2), date(2025, 2, 1)
    ranks = [
        line
        for person, amount in ((1, 90_000), (2, 50_000), (3, 40_000))
        for line in lines_of(person, [early], amount)
    ]
    rest = [line for person in range(4, 11) for line in lines_of(person, [early], 1_000 * person)]
    oftener = lines_of(13, [late, late, late], 20_000)
    dearer = lines_of(12, [late], 400_000)
    lake = small_lake(
        order_lines=[*ranks, *rest, *oftener, *dearer],
        persons=[{"person_id": 13, "canonical_id": 3}, {"person_id": 12, "canonical_id": 2}],
    )
    moves = grade.result(lake, grade.Params(as_of=AS_OF)).extra["moves"].rows
    told = {
        (row["from"], row["grade"], row["why"]): row["people"] for row in moves if row["from"] != row["grade"]
    }
    # of ten people two are high: 2 by dearer orders; 3 by more orders; who stood above them fell without changing
    assert told == {("mid", "high", "orders"): 1, ("high", "mid", "others"): 1}
    assert opened(lake, {"from": "mid", "grade": "high", "why": "orders"}) == {3}
    assert opened(lake, {"from": "high", "grade": "mid"}) == {1}


def test_new_customers_brought_by_the_grade_of_who_brought_them() -> None:
    day = date(2025, 2, 1)
    lines = [line for person in range(1, 11) for line in lines_of(person, [day], 1_000 * person)]
    said = {"key": "referred_by", "at": datetime(2025, 1, 1, tzinfo=UTC)}
    state = [{"person_id": person, "number": 10.0} | said for person in (1, 2, 3)]
    lake = small_lake(order_lines=lines, state_now=state)
    rows = grade.result(lake, grade.Params(as_of=AS_OF)).rows
    assert [row["brought_per_person"] for row in rows] == [1.5, 0, 0]
    unknown = grade.result(small_lake(order_lines=lines), grade.Params(as_of=AS_OF))
    assert [row["brought_per_person"] for row in unknown.rows] == [None, None, None]
    assert unknown.extra["brought_unknown"] == "还没有老带新的记录，算不出来"


def test_nobody_yet_and_cells_that_cannot_be() -> None:
    answer = grade.result(small_lake(), grade.Params())
    assert answer.rows == answer.extra["moves"].rows == ()
    for cell in ({"grade": "whale"}, {"store": "1"}):
        with pytest.raises(BadQuestion):
            opened(small_lake(), cell)


GRADES_IN_SQL = """
with spent as (
    select household_id + 10000 as person_id, sum(round(sales_value * 100)::bigint) as amount
    from '{data}/transactions.parquet'
    where transaction_timestamp::date between date '2017-01-02' and date '2018-01-01'
    group by 1
), placed as (select *, rank() over (order by amount desc) - 1 as above, count(*) over () as everyone from spent)
select person_id, case when amount > 0 and above < everyone / 5.0 then 'high'
    when amount > 0 and above < everyone / 2.0 then 'mid' else 'growing' end
from placed
"""


def test_grades_of_the_real_year_equal_hand_written_sql(journey: Lake) -> None:
    expected = dict(duckdb.sql(GRADES_IN_SQL.format(data=journey_data())).fetchall())
    told = journey.run(grade.person_grades(journey, date(2018, 1, 1))).to_pylist()
    assert {row["person_id"]: row["grade"] for row in told} == expected
