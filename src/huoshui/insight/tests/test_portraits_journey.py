"""Segments and portraits on the real year, against a computation of their own: pyarrow and plain Python on the files."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from huoshui.core import clock
from huoshui.insight.lake import Lake
from huoshui.insight.portraits import comparing, features, kinds, measuring, typical
from huoshui.insight.portraits.types import Counted
from huoshui.insight.rules import api as rules
from huoshui.insight.tests.lake_fixture import journey_data

RULES = {
    "花得多的": "total(buy last 365 days) >= 5000元",
    "常加油的": 'count(buy[department in ("FUEL")] last 365 days) >= 10',
    "好久没来的": "count(buy last 365 days) >= 1 and absent(buy last 30 days)",
}
DEMOGRAPHICS = {"age": "age_band", "income": "income_band"} | {
    name: name
    for name in ("home_ownership", "marital_status", "household_size", "household_comp", "kids_count")
}

COLUMNS = [
    "household_id", "basket_id", "product_id", "transaction_timestamp", "sales_value", "coupon_disc", "coupon_match_disc",
]  # fmt: skip


class Basket(NamedTuple):
    household: int
    day: date
    hour: int
    has_coupon: bool


class Year(NamedTuple):
    """What the files say, by household."""

    baskets: list[Basket]
    spent: Mapping[int, Mapping[str, int]]
    fuel: Mapping[int, int]
    amount: Mapping[int, int]
    known: Mapping[int, Mapping[str, str]]
    newest: date


@pytest.fixture(scope="module")
def year() -> Year:
    data = journey_data()
    products = pq.read_table(data / "products.parquet", columns=["product_id", "department"])
    products = products.set_column(0, "product_id", products["product_id"].cast("string"))
    table = pq.read_table(data / "transactions.parquet", columns=COLUMNS)
    table = table.set_column(2, "product_id", table["product_id"].cast("string")).join(products, "product_id")
    at = table["transaction_timestamp"].cast("timestamp[us]")
    newest = pc.max(at).as_py().date()
    first = newest - timedelta(days=364)
    cents = {
        name: pc.round(pc.multiply(table[name], 100)).cast("int64")
        for name in ("sales_value", "coupon_disc", "coupon_match_disc")
    }
    table = pa.table(
        {
            "household": table["household_id"],
            "basket": table["basket_id"],
            "department": table["department"],
            "at": at,
            "amount": cents["sales_value"],
            "coupons": pc.add(cents["coupon_disc"], cents["coupon_match_disc"]),
        }
    ).filter(pc.greater_equal(at, pa.scalar(datetime.combine(first, time()))))
    made = table.group_by(["household", "basket"]).aggregate([("at", "min"), ("coupons", "sum")])
    baskets = zip(*(made[name].to_pylist() for name in ("household", "at_min", "coupons_sum")), strict=True)
    spent: dict[int, dict[str, int]] = defaultdict(dict)
    amount: Counter[int] = Counter()
    sums = table.group_by(["household", "department"]).aggregate([("amount", "sum")])
    for row in sums.to_pylist():
        amount[row["household"]] += row["amount_sum"]
        if row["department"]:
            spent[row["household"]][row["department"]] = row["amount_sum"]
    fuels = (
        table.filter(pc.equal(table["department"], "FUEL")).group_by(["household", "basket"]).aggregate([])
    )
    return Year(
        [Basket(h, at.date(), at.hour, coupons != 0) for h, at, coupons in baskets],
        spent,
        Counter(fuels["household"].to_pylist()),
        amount,
        _demographics(data),
        newest,
    )


def _demographics(data: Any) -> dict[int, dict[str, str]]:
    rows = pq.read_table(data / "demographics.parquet").to_pylist()
    return {
        row["household_id"]: {
            key: str(row[name]) for name, key in DEMOGRAPHICS.items() if row[name] is not None
        }
        for row in rows
    }


def own_segments(year: Year) -> dict[str, set[int]]:
    late = year.newest - timedelta(days=29)
    bought = {b.household for b in year.baskets}
    return {
        "花得多的": {h for h, cents in year.amount.items() if cents >= 500_000},
        "常加油的": {h for h, n in year.fuel.items() if n >= 10},
        "好久没来的": bought - {b.household for b in year.baskets if b.day >= late},
    }


def own_values(year: Year) -> set[tuple[int, str, str]]:
    """(household, attribute, value), worked out one household after another."""
    found = {(h, f"attr.{key}", value) for h, told in year.known.items() for key, value in told.items()}
    mine: dict[int, list[Basket]] = defaultdict(list)
    for basket in year.baskets:
        mine[basket.household].append(basket)
    for h, made in mine.items():
        found.add((h, "weekday", _most(Counter(str(b.day.weekday()) for b in made))))
        found.add((h, "daytime", _most(Counter(_part(b.hour) for b in made))))
        found.add((h, "weekend", _often(sum(b.day.weekday() >= 5 for b in made), len(made))))
        found.add((h, "coupon", _often(sum(b.has_coupon for b in made), len(made))))
    positive = {h: {d: n for d, n in of.items() if n > 0} for h, of in year.spent.items()}
    everyones: Counter[str] = Counter()
    for of in positive.values():
        everyones.update(of)
    whole = sum(everyones.values())
    for h, of in positive.items():
        found |= {(h, "buys", d) for d in of}
        found |= {
            (h, "prefers", d) for d, n in of.items() if n / sum(of.values()) >= 2 * (everyones[d] / whole)
        }
    return found


def _most(counted: Counter[str]) -> str:
    return min(counted, key=lambda value: (-counted[value], value))


def _part(hour: int) -> str:
    bounds = ((5, "night"), (11, "morning"), (14, "midday"), (18, "afternoon"), (22, "evening"))
    return next((name for end, name in bounds if hour < end), "night")


def _often(part: int, whole: int) -> str:
    return "mostly" if 2 * part >= whole else "sometimes" if part else "never"


@pytest.fixture(scope="module")
def segments(journey: Lake, year: Year) -> dict[str, list[int]]:
    at = datetime.combine(year.newest, time(23), clock.brand_zone())
    engine: Any = SimpleNamespace(tables=lambda: journey, run=journey.run)
    return {
        name: sorted(journey.run(rules.expression(rules.parse(text), at, engine))["person_id"].to_pylist())
        for name, text in RULES.items()
    }


def test_three_segments_of_the_real_year_are_who_the_files_say(
    segments: Mapping[str, list[int]], year: Year
) -> None:
    own = {name: sorted(h + 10_000 for h in of) for name, of in own_segments(year).items()}
    assert {name: len(of) for name, of in segments.items()} == {name: len(of) for name, of in own.items()}
    assert segments == own
    assert all(50 < len(of) < 1_500 for of in own.values()), {name: len(of) for name, of in own.items()}


def test_three_portraits_of_the_real_year_are_what_the_files_say(
    journey: Lake, segments: Mapping[str, list[int]], year: Year
) -> None:
    values = own_values(year)
    everyone = {b.household for b in year.baskets} | {h for h, *_ in own_everyone(journey)}
    for name, other in (("花得多的", None), ("常加油的", None), ("好久没来的", "花得多的")):
        group = {h - 10_000 for h in segments[name]}
        base = {h - 10_000 for h in segments[other]} if other else everyone
        sides = measuring.Sides(segments[name], segments[other] if other else None)
        heads, cells = measuring.measured(journey, sides, year.newest)
        assert tuple(heads) == (len(group), len(base), len(group & base))
        compared_attributes = {attribute for _h, attribute, _value in values}
        told = {(c.attribute, c.value): c for c in cells if c.attribute in compared_attributes}
        assert told == own_cells(values, group, base)
        check_significance(cells)


def own_everyone(journey: Lake) -> list[tuple[int]]:
    return [(row["person_id"] - 10_000,) for row in journey.rows(journey.persons.select("person_id"))]


def own_cells(
    values: set[tuple[int, str, str]], group: set[int], base: set[int]
) -> dict[tuple[str, str], Counted]:
    has: dict[tuple[str, str], set[int]] = defaultdict(set)
    known: dict[str, set[int]] = defaultdict(set)
    for household, attribute, value in values:
        if household in group or household in base:
            has[attribute, value].add(household)
            known[attribute].add(household)
    cells = {}
    for (attribute, value), who in has.items():
        of = known[attribute]
        pairs = [(len(who & side), len(of & side)) for side in (group, base, group & base)]
        cells[attribute, value] = Counted(attribute, value, *(n for pair in pairs for n in pair))
    return cells


def check_significance(cells: list[Counted]) -> None:
    """By scipy: a z test or Fisher's, and Benjamini and Hochberg over all that is told."""
    from scipy.stats import chi2_contingency, false_discovery_control, fisher_exact

    traits = comparing.compared(cells)
    by_value = {(c.attribute, c.value): c for c in cells}
    chances = []
    for trait in traits:
        c = by_value[trait.attribute, trait.value]
        rest_has, rest = c.base_has - c.both_has, c.base - c.both
        table = [[c.group_has, c.group - c.group_has], [rest_has, rest - rest_has]]
        has = c.group_has + rest_has
        least = min(c.group, rest) * min(has, c.group + rest - has) / (c.group + rest)
        exact = fisher_exact if least < 5 else lambda t: chi2_contingency(t, correction=False)
        chances.append(exact(table).pvalue)
        assert trait.p_value == pytest.approx(chances[-1], abs=1e-9)
        usual = c.base_has / c.base
        assert trait.lift == (pytest.approx(c.group_has / c.group / usual) if usual else None)
    adjusted = false_discovery_control(chances)
    assert [t.is_significant for t in traits] == [bool(p <= 0.05) for p in adjusted]
    assert 0 < sum(t.is_significant for t in traits) < len(traits)


@pytest.fixture(scope="module")
def fifth(journey: Lake) -> Lake:
    """Every fifth household, for what takes long and is the same for all."""
    table = journey.order_lines
    return replace(journey, order_lines=table.filter(table.person_id % 5 == 0))


def test_types_of_the_real_year_are_the_nearest_kind_of_each_regular(fifth: Lake, year: Year) -> None:
    model = kinds.found(fifth, year.newest)
    assert kinds.Model.from_json(json.loads(json.dumps(model.to_json()))) == model
    told = kinds.told(fifth, model, year.newest, "zh")
    assert len(told) == len(model.centres) >= kinds.FEWEST
    regulars = [h for h, n in Counter(b.household for b in year.baskets).items() if n >= 4 and h % 5 == 0]
    assert sum(t.people for t in told) == len(regulars)
    assert all(t.says and sum(share for _grade, share in t.grades) <= 1.000_001 for t in told)
    check_nearest(fifth, model, year)


def check_nearest(fifth: Lake, model: kinds.Model, year: Year) -> None:
    """What the lake assigns is the nearest centre, reckoned row by row."""
    where = features.Space(model.departments)
    rows = fifth.rows(features.features(fifth, year.newest, where))
    given = {r["person_id"]: r["type"] for r in fifth.rows(kinds.assigned(fifth, model, year.newest))}
    for row in rows[:200]:
        if row["orders"] < 4:
            assert row["person_id"] not in given
            continue
        scaled = [(row[n] - m) / s for n, m, s in zip(model.names, model.mean, model.spread, strict=True)]
        away = [sum((a - b) ** 2 for a, b in zip(scaled, centre, strict=True)) for centre in model.centres]
        assert away[given[row["person_id"]]] == pytest.approx(min(away))


def test_typical_customers_are_real_members_in_the_middle(
    fifth: Lake, segments: Mapping[str, list[int]], year: Year
) -> None:
    ids = [i for i in segments["好久没来的"] if i % 5 == 0]
    found = typical.drawn(fifth, ids, year.newest, "zh")
    assert typical.FEWEST <= len(found) <= typical.MOST
    assert {t.person_id for t in found} <= set(ids) and len({t.person_id for t in found}) == len(found)
    assert sum(t.people for t in found) == len(ids) and found[0].people == max(t.people for t in found)
    assert typical.drawn(fifth, ids[: typical.ENOUGH - 1], year.newest, "zh") == []
