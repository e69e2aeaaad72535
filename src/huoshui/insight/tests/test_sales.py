from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings

from huoshui.insight.given import BadQuestion
from huoshui.insight.lake import Lake
from huoshui.insight.questions import sales
from huoshui.insight.tests.lake_fixture import journey_data, small_lake
from huoshui.insight.tests.worlds import PRODUCTS, UNITS, World, standing_orders, worlds

few = settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def ask(lake: Lake, **strings: str) -> Any:
    return sales.result(lake, sales.Params.parse(strings))


def opened(lake: Lake, params: sales.Params, cell: Mapping[str, str]) -> set[int]:
    found = lake.run(sales.people(lake, params, cell)).column("person_id").to_pylist()
    assert len(found) == len(set(found))
    return set(found)


# ---- the first oracle: plain Python on random worlds ---------------------------------------------

SKU = {p["sku_id"]: p for p in PRODUCTS}
UNIT = {u["org_unit_id"]: u for u in UNITS}
PLAIN: dict[str, Any] = {
    "day": lambda line: line["business_day"].isoformat(),
    "week": lambda line: (line["business_day"] - timedelta(days=line["business_day"].weekday())).isoformat(),
    "month": lambda line: line["business_day"].isoformat()[:7],
    "store": lambda line: UNIT[line["org_unit_id"]]["code"],
    "region": lambda line: UNIT[line["org_unit_id"]].get("region"),
    "category": lambda line: SKU[line["sku_id"]]["category_2"] or None,
    "department": lambda line: SKU[line["sku_id"]]["category_1"] or None,
    "brand": lambda line: SKU[line["sku_id"]]["brand"] or None,
    "product": lambda line: SKU[line["sku_id"]]["code"],
    "channel": lambda line: line["channel"] or None,
}


def plain_figures(world: World, lines: list[Mapping[str, Any]]) -> dict[str, Any]:
    standing = standing_orders_by_person(world, lines)
    return {
        "amount": sum(line["amount"] for line in lines),
        "orders": len({order_id for order_id, _ in standing}),
        "customers": len({person for _, person in standing if person is not None}),
        "units": round(sum(line["quantity"] for line in lines), 3),
        "lines": sum(
            -1 if line.get("is_reversal") else 1 for line in lines if line.get("kind", "sale") == "sale"
        ),
        "discount": sum(line["discount"] for line in lines),
        "coupon_discount": sum(line["coupon_discount"] for line in lines),
    }


def standing_orders_by_person(world: World, lines: list[Mapping[str, Any]]) -> set[tuple[int, int | None]]:
    by_person: dict[int | None, list[Mapping[str, Any]]] = defaultdict(list)
    for line in lines:
        by_person[world.person(line)].append(line)
    return {(order_id, person) for person, own in by_person.items() for order_id in standing_orders(own)}


@pytest.mark.parametrize(
    "by",
    [("day",), ("week", "store"), ("month", "category"), ("region", "product"), ("brand", "channel"), ()],
)
@few
@given(world=worlds())
def test_figures_equal_plain_python(by: tuple[str, ...], world: World) -> None:
    lake = world.lake()
    cells: dict[tuple[Any, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for line in world.lines:
        cells[tuple(PLAIN[name](line) for name in by)].append(line)

    answer = ask(lake, by=",".join(by))

    told = {tuple(row[name] for name in by): row for row in answer.rows}
    assert told.keys() == cells.keys()
    for key, lines in cells.items():
        expected = plain_figures(world, lines)
        assert {name: told[key][name] for name in expected} == expected
    assert sum(row["amount"] for row in answer.rows) == answer.extra["total"].rows[0]["amount"]


@few
@given(world=worlds())
def test_every_number_opens_into_as_many_people(world: World) -> None:
    lake = world.lake()
    for by in ("store,category", "week"):
        params = sales.Params.parse({"by": by})
        answer = sales.result(lake, params)
        for row in answer.rows:
            assert len(opened(lake, params, answer.cell(row))) == row["customers"]
        total = answer.extra["total"].rows[0]
        assert len(opened(lake, params, {})) == total["customers"]


@few
@given(world=worlds())
def test_a_filter_and_its_complement_make_the_whole(world: World) -> None:
    lake = world.lake()
    whole = ask(lake).rows[0]["amount"]
    parts = [ask(lake, store=code).rows[0]["amount"] for code in ("HQ", "S1", "S2")]
    assert sum(parts) == whole
    assert ask(lake, store="一店").rows == ask(lake, store="S1").rows


# ---- the second oracle: SQL on the raw files, to the cent ----------------------------------------

RAW = """
select {key} as key, sum(sales_value::decimal(18, 2)) as amount, count(distinct basket_id) as orders,
    count(distinct household_id) as customers, sum(quantity) as units, count(*) as lines,
    sum((retail_disc + coupon_disc + coupon_match_disc)::decimal(18, 2)) as discount
from '{data}/transactions.parquet' left join '{data}/products.parquet' using (product_id)
group by 1
"""


@pytest.mark.parametrize(
    ("by", "key"),
    [
        ("day", "strftime(transaction_timestamp, '%Y-%m-%d')"),
        ("month", "strftime(transaction_timestamp, '%Y-%m')"),
        ("store", "store_id::varchar"),
        ("category", "product_category"),
        ("department", "department"),
        ("category_3", "product_type"),
        ("brand", "brand"),
        ("product", "product_id::varchar"),
        ("total", "'all'"),
    ],
)
def test_real_sums_equal_the_raw_files_to_the_cent(journey: Lake, by: str, key: str) -> None:
    raw = duckdb.sql(RAW.format(key=key, data=journey_data())).fetchall()
    expected = {r[0]: (r[1] * 100, *r[2:6], r[6] * 100) for r in raw}

    answer = ask(journey, by=by)

    figures = ("amount", "orders", "customers", "units", "lines", "discount")
    told = {row.get(by, "all"): tuple(row[name] for name in figures) for row in answer.rows}
    assert told == expected


def test_the_whole_truth_of_the_real_year(journey: Lake) -> None:
    row = ask(journey).rows[0]
    assert (row["lines"], row["orders"], row["customers"]) == (1_469_307, 155_848, 2_469)
    assert ask(journey).to_json()["rows"][0]["amount"] == 4_596_039.58


# ---- what is said, and what is refused -----------------------------------------------------------


def tiny(**line: Any) -> Lake:
    first = {"order_id": 1, "fact_id": 1, "person_id": 7, "org_unit_id": 2, "sku_id": 1, "amount": 1230}
    first |= {"business_day": date(2025, 3, 8)} | line
    return small_lake(order_lines=[first], products=PRODUCTS, org_units=UNITS)


def test_sentence_in_both_languages() -> None:
    lake = tiny()
    assert ask(lake, **{"from": "2025-03-08", "to": "2025-03-08"}).sentence == (
        "2025-03-08 卖了 ¥12.30，1 单，1 位顾客，客单价 ¥12.30。"
    )
    assert ask(lake, lang="en").sentence == "So far: ¥12.30 in 1 orders from 1 customers, ¥12.30 an order."
    assert ask(lake, to="2024-01-01").sentence == "这段时间没有成交。"


def test_an_empty_lake_answers_zero() -> None:
    answer = ask(small_lake())
    assert (answer.rows[0]["amount"], answer.rows[0]["customers"]) == (0, 0)
    assert ask(small_lake(), by="day").rows == ()


def test_lines_without_a_person_are_sales_of_no_customer() -> None:
    row = ask(tiny(person_id=None)).rows[0]
    assert (row["amount"], row["orders"], row["customers"]) == (1230, 1, 0)


def test_a_missing_value_is_a_cell_of_its_own() -> None:
    lake, params = tiny(sku_id=4), sales.Params.parse({"by": "category"})
    answer = sales.result(lake, params)
    assert answer.rows[0]["category"] is None
    assert answer.cell(answer.rows[0]) == {"category": ""}
    assert opened(lake, params, {"category": ""}) == {7}
    assert opened(lake, params, {"category": "坚果果干"}) == set()


def test_category_is_the_top_level_where_the_list_has_no_other() -> None:
    flat = [p | {"category_2": ""} for p in PRODUCTS]
    line = {
        "order_id": 1,
        "fact_id": 1,
        "person_id": 7,
        "sku_id": 3,
        "amount": 5,
        "business_day": date(2025, 1, 1),
    }
    assert ask(small_lake(order_lines=[line], products=flat), by="category").rows[0]["category"] == "滋补"


def test_limit_keeps_what_sold_most_and_the_whole_total() -> None:
    lines = [
        {
            "order_id": n,
            "fact_id": n,
            "person_id": n,
            "sku_id": 1 + n % 3,
            "amount": n,
            "business_day": date(2025, 1, n),
        }
        for n in range(1, 9)
    ]
    answer = ask(small_lake(order_lines=lines, products=PRODUCTS), by="product", limit="1")
    assert [row["amount"] for row in answer.rows] == [15]
    assert answer.extra["total"].rows[0]["amount"] == 36


@pytest.mark.parametrize(
    ("strings", "said"),
    [
        ({"by": "shop"}, "不认识维度“shop”"),
        ({"from": "2017-13-01"}, "日期“2017-13-01”看不懂，请写成 2017-12-31 这样。"),
        ({"from": "2017-02-01", "to": "2017-01-01"}, "请对调"),
        ({"shop": "330"}, "不认识的参数“shop”"),
        ({"by": "category", "level": "9"}, "1 到 3 之间的整数"),
        ({"level": "2"}, "按品类"),
        ({"lang": "fr"}, "不认识参数 lang 的值“fr”"),
        ({"limit": "-1"}, "参数 limit"),
    ],
)
def test_what_cannot_be_understood_is_refused(strings: dict[str, str], said: str) -> None:
    with pytest.raises(BadQuestion, match=said):
        sales.Params.parse(strings)


@pytest.mark.parametrize("cell", [{"shop": "1"}, {"day": "yesterday"}, {"month": "2017-1"}])
def test_a_cell_that_cannot_be_is_refused(cell: dict[str, str]) -> None:
    with pytest.raises(BadQuestion):
        opened(tiny(), sales.Params(), cell)
