"""The same questions on DuckDB and on Spark, of one town in which everything happens."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import ibis
import pytest

from huoshui.insight import api
from huoshui.insight.lake import Lake
from huoshui.insight.tests.lake_fixture import FRESH_AT, small_lake
from huoshui.insight.tests.test_api import PARAMS
from huoshui.insight.tests.test_groups import lines_of
from huoshui.insight.tests.worlds import PRODUCTS, UNITS

DAY = date(2025, 6, 30)


def town() -> Lake:
    """Sixty people and half a year of orders, some taken back or refunded, some of nobody; two people are one."""
    draw = random.Random(11)
    lines: list[dict[str, Any]] = []
    for person in range(1, 61):
        days = [DAY - timedelta(days=draw.randrange(0, 400)) for _ in range(draw.randrange(1, 9))]
        for line in lines_of(person, days, draw.randrange(500, 90_000)):
            line |= {"sku_id": draw.choice([1, 2, 3, 4]), "org_unit_id": draw.choice([1, 2, 3])}
            line |= {"discount": draw.choice([0, 0, 300]), "coupon_discount": draw.choice([0, 0, 100])}
            lines.append(line | ({"person_id": None} if draw.random() < 0.1 else {}))
    back = [line | {"amount": -line["amount"], "quantity": -1.0} for line in draw.sample(lines, 20)]
    lines += [line | {"is_reversal": True} for line in back[:10]]
    lines += [line | {"kind": "refund", "fact_id": line["fact_id"] + 10_000} for line in back[10:]]
    said = {"at": datetime(2025, 1, 1, tzinfo=UTC), "seq": 1}
    state = [
        {"person_id": p, "key": "attr.gender", "value": "女" if p % 3 else "男"} | said for p in range(1, 51)
    ]
    state += [
        {"person_id": p, "key": "attr.birthday", "value": f"{1960 + p % 40}-01-01"} | said
        for p in range(1, 61)
    ]
    state += [{"person_id": 5, "key": "attr.birthday", "value": "不详", "at": FRESH_AT, "seq": 2}]
    state += [{"person_id": p, "key": "referred_by", "number": 9.0} | said for p in (2, 3)]
    return small_lake(
        order_lines=lines, products=PRODUCTS, org_units=UNITS, state_now=state,
        persons=[{"person_id": 12, "canonical_id": 4}],
    )  # fmt: skip


@pytest.fixture(scope="module")
def twins() -> Iterator[dict[str, Lake]]:
    spark = pytest.importorskip("pyspark.sql")
    duck = town()
    session = (
        spark.SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    backend = ibis.pyspark.connect(session)
    session.conf.set("spark.sql.session.timeZone", "Asia/Shanghai")
    tables = {}
    for name in ("facts", "order_lines", "state_now", "products", "org_units", "persons"):
        rows = duck.run(getattr(duck, name))
        session.createDataFrame(rows).createOrReplaceTempView(name)
        tables[name] = backend.table(name)
    yield {
        "duckdb": duck,
        "spark": replace(duck, **tables, run=lambda expr: backend.to_pyarrow(expr.as_table())),
    }
    session.stop()


QUESTIONS = [
    # of days away from home there are none in a random small world
    *((name, params) for name, params in PARAMS.items() if name != "away"),
    ("sales", {}),
    ("portrait", {"of": "sales", "cell": "channel="}),
    ("portrait", {"attribute": "gender=女"}),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "params"), QUESTIONS)
def test_spark_answers_what_duckdb_answers(
    twins: dict[str, Lake], monkeypatch: pytest.MonkeyPatch, name: str, params: dict[str, Any]
) -> None:
    told, people = {}, {}
    for engine, lake in twins.items():
        monkeypatch.setattr(api, "open_lake", lambda lake=lake: lake)
        answer = api.ask(name, **params)
        told[engine] = answer.to_json()
        people[engine] = api.people(name, params, answer.cell(answer.rows[0]), limit=1000)
    assert told["spark"] == told["duckdb"]
    assert people["spark"] == people["duckdb"]


@pytest.mark.slow
def test_spark_says_the_same_of_each_person(twins: dict[str, Lake], monkeypatch: pytest.MonkeyPatch) -> None:
    told = {}
    for engine, lake in twins.items():
        monkeypatch.setattr(api, "open_lake", lambda lake=lake: lake)
        told[engine] = (api.person_labels().to_pylist(), api.person_rhythm(4))
    assert told["spark"] == told["duckdb"]
