from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from huoshui.insight.given import BadQuestion
from huoshui.insight.lake import Lake
from huoshui.insight.questions import groups
from huoshui.insight.questions.groups.cells import Cuts, cuts
from huoshui.insight.tests.lake_fixture import small_lake
from huoshui.insight.tests.worlds import PRODUCTS, World, standing_orders, worlds

few = settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
AS_OF = date(2025, 1, 31)


def opened(lake: Lake, params: groups.Params, cell: Mapping[str, str]) -> set[int]:
    found = lake.run(groups.people(lake, params, cell)).column("person_id").to_pylist()
    assert len(found) == len(set(found))
    return set(found)


def plain_people(world: World, last: date) -> dict[int, dict[str, Any]]:
    """Orders, amount and days of everyone with an order that stands, up to `last`."""
    by_person: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for line in world.lines:
        person = world.person(line)
        if person is not None and line["business_day"] <= last:
            by_person[person].append(line)
    found = {}
    for person, lines in by_person.items():
        standing = standing_orders(lines)
        days = {line["business_day"] for line in lines if line["order_id"] in standing and "kind" not in line}
        if standing:
            amount = sum(line["amount"] for line in lines)
            found[person] = {"orders": len(standing), "amount": amount, "days": sorted(days)}
    return found


@few
@given(world=worlds(people=8))
def test_cells_equal_plain_python(world: World) -> None:
    lake, params = world.lake(), groups.Params(as_of=AS_OF, frequency_cut=2, ticket_cut=20_000)
    plain = plain_people(world, AS_OF)
    expected: dict[tuple[str, str], set[int]] = defaultdict(set)
    for person, p in plain.items():
        level = ("low", "high")
        group = level[p["orders"] >= 2], level[p["amount"] >= 20_000 * p["orders"]]
        expected[group].add(person)

    answer = groups.result(lake, params)

    assert {(row["frequency"], row["ticket"]): row["people"] for row in answer.rows} == {
        group: len(people) for group, people in expected.items()
    }
    for row in answer.rows:
        members = expected[row["frequency"], row["ticket"]]
        mine = [plain[person] for person in members]
        gaps = [median(_gaps(p["days"])) for p in mine if len(p["days"]) > 1]
        assert opened(lake, params, answer.cell(row)) == members
        assert row["amount"] == sum(p["amount"] for p in mine)
        assert row["orders_per_person"] == round(sum(p["orders"] for p in mine) / len(mine), 2)
        assert row["gap_days"] == (median(gaps) if gaps else None)


def _gaps(days: list[date]) -> list[int]:
    return [(b - a).days for a, b in pairwise(days)]


@few
@given(world=worlds(people=8))
def test_kinds_and_the_map_share_out_all_people(world: World) -> None:
    lake, params = world.lake(), groups.Params(as_of=AS_OF)
    answer = groups.result(lake, params)
    everyone = sum(row["people"] for row in answer.rows)
    for name in ("kinds", "map"):
        grid = answer.extra[name]
        assert sum(row["people"] for row in grid.rows) == everyone
        met: set[int] = set()
        for row in grid.rows:
            people = opened(lake, params, grid.cell(row))
            assert len(people) == row["people"]
            assert not people & met
            met |= people


@few
@given(world=worlds(people=8))
def test_at_most_three_in_ten_are_above_a_cut_that_nobody_chose(world: World) -> None:
    plain = plain_people(world, AS_OF)
    found = cuts(world.lake(), AS_OF)
    often = [p for p in plain.values() if p["orders"] >= found.orders]
    large = [p for p in plain.values() if p["amount"] >= found.ticket * p["orders"]]
    assert len(often) * 10 <= len(plain) * 3
    assert len(large) * 10 <= len(plain) * 3


def lines_of(person: int, days: list[date], amount: int = 10_000, **more: Any) -> list[dict[str, Any]]:
    return [
        {"order_id": person * 100 + n, "fact_id": person * 100 + n, "person_id": person, "amount": amount}
        | {"business_day": day, "sku_id": 1, "org_unit_id": 2}
        | more
        for n, day in enumerate(days)
    ]


def test_who_came_in_and_who_left_within_thirty_days() -> None:
    day = date(2025, 6, 30)
    steady = lines_of(1, [day - timedelta(days=60), day - timedelta(days=50)])
    risen = lines_of(2, [day - timedelta(days=60), day - timedelta(days=5)])
    gone = lines_of(3, [day - timedelta(days=370), day - timedelta(days=369)])
    lake = small_lake(order_lines=[*steady, *risen, *gone], products=PRODUCTS)
    params = groups.Params(as_of=day, frequency_cut=2, ticket_cut=10_000)
    top = groups.result(lake, params).rows[0]
    assert (top["people"], top["moved_in"], top["moved_out"]) == (2, 1, 1)
    cell = {"frequency": "high", "ticket": "high"}
    assert opened(lake, params, cell | {"moved": "in"}) == {2}
    assert opened(lake, params, cell | {"moved": "out"}) == {3}


def test_kinds_say_what_was_measured() -> None:
    day = date(2025, 12, 31)
    monthly = [date(2025, month, 5) for month in range(1, 13)]
    loyal = lines_of(1, monthly, org_unit_id=2)
    bargain = lines_of(2, monthly[::2], discount=500, sku_id=2) + lines_of(12, [day])
    small = lines_of(3, [day], amount=10)
    lake = small_lake(
        order_lines=[*loyal, *bargain, *small],
        products=PRODUCTS,
        persons=[{"person_id": 12, "canonical_id": 2}],
    )
    params = groups.Params(as_of=day, frequency_cut=5, ticket_cut=100)
    kinds = groups.result(lake, params).extra["kinds"]
    assert {row["kind"]: row["people"] for row in kinds.rows} == {"loyal": 1, "slow": 1, "once": 1}
    assert kinds.rows[0]["says"] == "几乎月月来，100% 的单在同一家店"
    assert kinds.rows[1]["discounted"] == round(60_000 / 70_000, 4)
    assert opened(lake, params, {"frequency": "high", "ticket": "high", "kind": "slow"}) == {2}


def test_cut_lines_are_stated_and_may_be_given() -> None:
    lake = small_lake(order_lines=lines_of(1, [AS_OF]), products=PRODUCTS)
    answer = groups.result(lake, groups.Params.parse({"frequency_cut": "3", "ticket_cut": "99.50"}))
    assert answer.extra["cuts"] == {"frequency": 3, "ticket": 9950}
    assert answer.to_json()["extra"]["cuts"] == {"frequency": 3, "ticket": 99.5}
    assert (answer.rows[0]["frequency"], answer.rows[0]["ticket"]) == ("low", "high")


def test_nobody_yet() -> None:
    lake = small_lake()
    answer = groups.result(lake, groups.Params())
    assert answer.rows == ()
    assert answer.extra["kinds"].rows == answer.extra["map"].rows == ()
    assert answer.sentence == "近 12 个月还没有认得出的顾客买过。"
    assert cuts(lake, AS_OF) == Cuts(1, 1)


@pytest.mark.parametrize(
    "cell",
    [
        {"frequency": "often"},
        {"kind": "rich"},
        {"moved": "in"},
        {"moved": "up", "frequency": "high", "ticket": "high"},
        {"orders_band": "many"},
        {"store": "1"},
    ],
)
def test_a_cell_that_cannot_be_is_refused(cell: dict[str, str]) -> None:
    with pytest.raises(BadQuestion):
        opened(small_lake(), groups.Params(), cell)


def test_the_real_year(journey: Lake) -> None:
    answer = groups.result(journey, groups.Params())
    assert sum(row["people"] for row in answer.rows) == 2469
    assert answer.rows[0]["top_categories"]
    for grid in (answer, answer.extra["kinds"]):
        row = grid.rows[0]
        assert len(opened(journey, groups.Params(), grid.cell(row))) == row["people"]
