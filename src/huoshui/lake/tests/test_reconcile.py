from __future__ import annotations

from datetime import date

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from django.db import connection

from huoshui.lake import api, files, tables
from huoshui.lake.tests import planting
from huoshui.lake.tests.planting import NOON, Line, settle

pytestmark = pytest.mark.usefixtures("lake")

DAY = date(2026, 3, 10)


@pytest.fixture(autouse=True)
def _some_orders(lake: object) -> None:
    settle(10, [Line(5, 900), Line(6, 100, quantity_milli=333)])
    settle(11, [Line(5, 700)], order_id=10, replaces=[10])
    settle(12, [Line(5, 50)], at=NOON.replace(month=4))
    settle(13, name="Product Viewed")
    api.flush()


def rewrite(name: str, rows: pa.Table) -> None:
    """Damage: other rows in place of the table's own."""
    table = tables.ensure(name)
    parts = files.Parts(table)
    parts.add(rows)
    files.commit(table, add=parts.close(), drop=files.current_files(table))


def read(name: str) -> pa.Table:
    table = tables.ensure(name)
    return files.read(table, table.scan().plan_files())


def found() -> set[tuple[str, date | None, str, int, int]]:
    report = api.reconcile()
    assert report.agrees == (not report.differences)
    return {(d.table, d.day, d.measure, d.postgres, d.lake) for d in report.differences}


def test_a_true_lake_agrees() -> None:
    report = api.reconcile()
    assert report.agrees
    assert report.rows == {"facts": 4, "order_lines": 6}
    assert report.to_json()["agrees"] is True


def test_facts_not_yet_flushed_are_no_difference() -> None:
    settle(20, [Line(5, 1)])
    with psycopg.connect(planting.database_url()) as open_one:
        settle(21, [Line(5, 1)], on=open_one)
        assert api.reconcile().agrees


def test_a_lost_line_is_found_where_it_was() -> None:
    lines = read("order_lines")
    rewrite("order_lines", lines.filter(pc.not_equal(lines["fact_id"], 12)))
    april = date(2026, 4, 10)
    assert found() == {
        ("order_lines", april, "row_count", 1, 0),
        ("order_lines", april, "amount", 50, 0),
        ("order_lines", april, "quantity_milli", 1000, 0),
    }


def test_a_doubled_fact_is_found() -> None:
    facts = read("facts")
    rewrite("facts", pa.concat_tables([facts, facts.filter(pc.equal(facts["fact_id"], 11))]))
    assert found() == {("facts", DAY, "row_count", 3, 4), ("facts", DAY, "amount", 700, 400)}


def test_a_wrong_amount_is_found_though_the_count_is_right() -> None:
    lines = read("order_lines")
    at = lines.schema.get_field_index("amount")
    wrong = pc.if_else(pc.equal(lines["amount"], 700), 701, lines["amount"])
    rewrite("order_lines", lines.set_column(at, "amount", wrong))
    assert found() == {("order_lines", DAY, "amount", 700, 701)}


def test_a_change_in_postgres_behind_the_lakes_back_is_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute("update fact_line set amount = amount + 1 where fact_id = 12")
    assert {difference[0] for difference in found()} == {"facts", "order_lines"}


def test_a_rebuild_mends_it() -> None:
    rewrite("order_lines", read("order_lines").slice(0, 1))
    assert found()
    api.rebuild()
    assert found() == set()
