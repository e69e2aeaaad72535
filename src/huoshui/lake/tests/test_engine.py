from __future__ import annotations

import shutil
import threading
from datetime import timedelta
from pathlib import Path

import ibis
import pyarrow as pa
import pytest
from django.db import connection
from pyiceberg.types import StringType
from pytest_django import Settings

from huoshui.lake import api, tables
from huoshui.lake.engines.base import ibis_schema
from huoshui.lake.tests.planting import NOON, Line, settle

pytestmark = pytest.mark.usefixtures("lake")


def amount(lake: api.LakeTables) -> int | None:
    found: int | None = (
        api.engine().run(lake.order_lines.agg(s=lake.order_lines.amount.sum()))["s"][0].as_py()
    )
    return found


def test_an_empty_lake_gives_empty_tables(each_engine: str) -> None:
    engine = api.engine()
    lake = engine.tables()
    for name in ("facts", "order_lines", "state_now", "products", "org_units", "persons"):
        table = getattr(lake, name)
        assert table.schema() == ibis_schema(name)
        assert engine.run(table).num_rows == 0
    assert engine.fresh_at() is None
    assert amount(lake) is None


def test_tables_are_those_of_the_moment_they_were_asked_for(each_engine: str) -> None:
    settle(10, [Line(5, 900)])
    api.flush()
    engine = api.engine()
    before = engine.tables()
    assert engine.tables() is before
    settle(11, [Line(5, 100)])
    api.flush()
    after = engine.tables()
    assert (amount(before), amount(after)) == (900, 1000)
    api.rebuild()
    api.compact()
    assert (amount(before), amount(after), amount(engine.tables())) == (900, 1000, 1000)


def test_what_no_one_asks_about_any_more_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huoshui.lake.engines.views._KEPT_FOR", timedelta(0))
    engine = api.engine()
    for n in range(1, 5):
        settle(n, [Line(5, 1)], person_id=n)
        api.flush()
        assert amount(engine.tables()) == n
        lake = engine.tables()
        assert engine.run(lake.persons).num_rows == n
    views = engine.run(lake.facts).num_rows, len(_views(engine))
    assert views == (4, 7)


def _views(engine: api.Engine) -> list[str]:
    database = engine._database  # type: ignore[attr-defined]
    return [
        row[0]
        for row in database.execute("select view_name from duckdb_views() where not internal").fetchall()
    ]


def test_a_join_over_all_tables_and_an_hour_in_the_brands_zone(each_engine: str) -> None:
    settle(10, [Line(5, 900)], at=NOON)
    api.flush()
    lake = api.engine().tables()
    joined = (
        lake.order_lines.join(lake.products, "sku_id")
        .join(lake.org_units, "org_unit_id")
        .select("amount", product="name", store="name_right", hour=lake.order_lines.occurred_at.hour())
    )
    assert api.engine().run(joined).to_pylist() == [
        {"amount": 900, "product": "雪花酥", "store": "人民路店", "hour": 12}
    ]


def test_many_threads_ask_while_the_writer_writes() -> None:
    settle(1, [Line(5, 1)])
    api.flush()
    api.engine()
    wrong: list[object] = []
    stop = threading.Event()

    def ask() -> None:
        try:
            while not stop.is_set():
                lake = api.engine().tables()
                lines, facts = lake.order_lines, lake.facts
                by_line = api.engine().run(lines.agg(s=lines.amount.sum()))["s"][0].as_py()
                by_fact = api.engine().run(facts.agg(s=facts.amount.sum()))["s"][0].as_py()
                # the writer commits one table after the other; a reader may see the first alone
                if by_fact - by_line not in (0, 1):
                    wrong.append((by_fact, by_line))
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(2, 14):
        settle(n, [Line(5, 1)], person_id=n)
        api.flush()
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert amount(api.engine().tables()) == 13


def test_files_from_before_a_column_was_added_still_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    settle(10, [Line(5, 900)])
    api.flush()
    with tables.ensure("facts").update_schema() as change:
        change.add_column("weather", StringType())
    monkeypatch.setitem(tables.SCHEMAS, "facts", tables.ensure("facts").schema())
    lake = api.engine().tables()
    assert api.engine().run(lake.facts)["weather"].to_pylist() == [None]


def test_what_comes_back_has_the_promised_types(each_engine: str) -> None:
    settle(10, [Line(5, 900)])
    api.flush()
    engine = api.engine()
    for name in ("facts", "order_lines", "products"):
        schema = engine.run(getattr(engine.tables(), name)).schema
        for field in tables.arrow_schema(name):
            expected = pa.string() if field.type == pa.large_string() else field.type
            assert schema.field(field.name).type == expected, (name, field.name)


def test_a_lake_whose_files_are_gone_says_so_and_can_be_rebuilt(lake: Path) -> None:
    settle(10, [Line(5, 900)])
    api.flush()
    shutil.rmtree(lake)
    with pytest.raises(api.LakeUnreadable, match="rebuild"):
        api.engine().tables()
    api.rebuild()
    assert amount(api.engine().tables()) == 900


def test_a_lake_that_moved_can_be_rebuilt_at_the_new_place(settings: Settings, tmp_path: Path) -> None:
    settle(10, [Line(5, 900)])
    api.flush()
    settings.HUOSHUI_LAKE = str(tmp_path / "elsewhere")
    api.rebuild()
    assert tables.ensure("facts").location() == str(tmp_path / "elsewhere" / "facts")
    assert amount(api.engine().tables()) == 900


def test_an_engine_nobody_knows_is_refused(settings: Settings) -> None:
    settings.HUOSHUI_ENGINE = "abacus"
    with pytest.raises(api.UnknownEngine, match="HUOSHUI_ENGINE"):
        api.engine()


def test_a_question_is_called_off_while_it_runs(lake: Path) -> None:
    """A billion pairs take many seconds; nobody waits for them."""
    engine = api.engine()
    endless = ibis.range(1_000_000).unnest().name("n").as_table()
    pairs = endless.cross_join(endless.rename(m="n")).filter(ibis._.n * ibis._.m % 7 == 3).count()
    asked = iter([False, True])
    with pytest.raises(api.CalledOff):
        engine.run_unless(pairs, lambda: next(asked, True))
    assert engine.run_unless(ibis.literal(5).name("n").as_table(), lambda: False).to_pylist() == [{"n": 5}]
