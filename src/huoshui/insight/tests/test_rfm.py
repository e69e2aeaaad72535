from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from huoshui.insight.given import BadQuestion
from huoshui.insight.lake import Lake
from huoshui.insight.questions import rfm
from huoshui.insight.tests.lake_fixture import small_lake
from huoshui.insight.tests.test_groups import lines_of, plain_people
from huoshui.insight.tests.worlds import World, worlds

few = settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
AS_OF = date(2025, 1, 31)


def opened(lake: Lake, cell: Mapping[str, str]) -> set[int]:
    found = lake.run(rfm.people(lake, rfm.Params(as_of=AS_OF), cell)).column("person_id").to_pylist()
    assert len(found) == len(set(found))
    return set(found)


def plain_score(value: Any, values: list[Any]) -> int:
    below: int = sum(other < value for other in values)
    return 5 * below // len(values) + 1


@few
@given(world=worlds(people=10))
def test_scores_equal_plain_python(world: World) -> None:
    lake, people = world.lake(), plain_people(world, AS_OF)
    lasts = {person: p["days"][-1] for person, p in people.items()}
    expected = {
        person: (
            plain_score(lasts[person], list(lasts.values())),
            plain_score(p["orders"], [q["orders"] for q in people.values()]),
            plain_score(p["amount"], [q["amount"] for q in people.values()]),
        )
        for person, p in people.items()
    }

    by = ("recency", "frequency", "monetary")
    answer = rfm.result(lake, rfm.Params(by=by, as_of=AS_OF))

    assert {tuple(row[name] for name in by): row["people"] for row in answer.rows} == Counter(
        expected.values()
    )
    for row in answer.rows:
        members = {person for person, scores in expected.items() if scores == tuple(row[name] for name in by)}
        assert opened(lake, answer.cell(row)) == members
        assert row["amount"] == sum(people[person]["amount"] for person in members)
    segments = answer.extra["segments"]
    assert sum(row["people"] for row in segments.rows) == len(people)
    for row in segments.rows:
        assert len(opened(lake, segments.cell(row))) == row["people"]


def test_edges_say_what_a_score_means() -> None:
    lines = [
        line for person in range(1, 11) for line in lines_of(person, [date(2025, 1, person)], 100 * person)
    ]
    edges = rfm.result(small_lake(order_lines=lines), rfm.Params(as_of=AS_OF)).extra["edges"].rows
    assert [edge["score"] for edge in edges] == [5, 4, 3, 2, 1]
    assert (edges[0]["days_least"], edges[0]["days_most"]) == (21, 22)
    assert (edges[0]["amount_least"], edges[4]["amount_most"]) == (900, 200)
    assert (edges[4]["orders_least"], edges[0]["orders_least"]) == (1, None)


@pytest.mark.parametrize("cell", [{"recency": "6"}, {"segment": "vip"}, {"store": "1"}])
def test_a_cell_that_cannot_be_is_refused(cell: dict[str, str]) -> None:
    with pytest.raises(BadQuestion):
        opened(small_lake(), cell)


def test_nobody_yet() -> None:
    answer = rfm.result(small_lake(), rfm.Params.parse({}))
    assert answer.rows == ()
    assert answer.sentence == "近 12 个月还没有认得出的顾客买过。"
