"""Named statements, array literals and COPY, against PostgreSQL itself."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pyarrow as pa
import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from huoshui.core import arrays, sql
from huoshui.core.sql import Statement

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))
INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))
REPEATED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_ECHO = {
    "text": Statement("echo_text", "select %(values)s::text[] as values"),
    "bigint": Statement("echo_bigint", "select %(values)s::bigint[] as values"),
    "int": Statement("echo_int", "select %(values)s::int[] as values"),
    "float8": Statement("echo_float8", "select %(values)s::float8[] as values"),
    "date": Statement("echo_date", "select %(values)s::date[] as values"),
    "timestamptz": Statement("echo_timestamptz", "select %(values)s::timestamptz[] as values"),
    "bool": Statement("echo_bool", "select %(values)s::bool[] as values"),
}


def echo(type_name: str, values: list[Any]) -> list[Any]:
    """What PostgreSQL makes of a Python list."""
    return list(sql.fetch_one(_ECHO[type_name], values=values).values)


@pytest.mark.django_db
class TestArrays:
    @REPEATED
    @given(st.lists(st.none() | TEXTS))
    @example(["NULL", "null", "", " ", '"', "\\", '\\"', "{}", "a,b", "\n", "\r", "\t", "活水", "🐟", None])
    def test_texts(self, values: list[str | None]) -> None:
        assert echo("text", values) == values

    @REPEATED
    @given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)))
    def test_integers(self, values: list[int | None]) -> None:
        assert echo("bigint", values) == values

    @REPEATED
    @given(st.lists(st.none() | st.integers(-(2**31), 2**31 - 1)))
    def test_small_integers(self, values: list[int | None]) -> None:
        assert echo("int", values) == values

    @pytest.mark.parametrize(
        ("type_name", "value"), [("int", 2**31), ("bigint", 2**63), ("bigint", -(2**70))]
    )
    def test_what_is_too_large_is_refused(self, type_name: str, value: int) -> None:
        with pytest.raises(psycopg.errors.NumericValueOutOfRange):
            echo(type_name, [1, value])

    @pytest.mark.parametrize("value", [1.5, True])
    def test_what_is_no_whole_number_is_not_cut(self, value: float) -> None:
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            echo("bigint", [1, value])

    def test_a_time_without_a_zone_is_of_the_connection_s(self) -> None:
        noon = datetime(2026, 3, 1, 12)
        (found,) = echo("timestamptz", [noon])
        assert found.utcoffset() is not None and found.replace(tzinfo=None) == noon

    def test_one_list_for_two_types_goes_as_text(self) -> None:
        both = Statement("both", "select %(values)s::bigint[] as big, %(values)s::text[] as written")
        assert sql.fetch_one(both, values=[1, 2]) == ([1, 2], ["1", "2"])

    def test_whatever_its_form_a_list_has_one_plan(self) -> None:
        wire = sql._wire()
        for values in ([1, 2], [1, None], [], [2**40]):
            assert echo("bigint", values) == values
        assert len([key for key in wire._names if key[0] == _ECHO["bigint"].text]) == 1

    @REPEATED
    @given(st.lists(st.none() | st.floats(allow_nan=False)))
    @example([math.inf, -math.inf, -0.0, 5e-324, 1e308, 0.1])
    def test_floats(self, values: list[float | None]) -> None:
        assert echo("float8", values) == values

    def test_not_a_number(self) -> None:
        assert math.isnan(echo("float8", [math.nan])[0])

    @REPEATED
    @given(st.lists(st.none() | DAYS))
    def test_days(self, values: list[date | None]) -> None:
        assert echo("date", values) == values

    @REPEATED
    @given(st.lists(st.none() | INSTANTS))
    def test_instants(self, values: list[datetime | None]) -> None:
        assert echo("timestamptz", values) == values

    @REPEATED
    @given(st.lists(st.none() | st.booleans()))
    def test_booleans(self, values: list[bool | None]) -> None:
        assert echo("bool", values) == values

    def test_numbers_and_uuids(self) -> None:
        statement = Statement("mixed", "select %(d)s::numeric[] as d, %(u)s::uuid[] as u")
        numbers, ids = [Decimal("1.20"), None], [UUID(int=7)]
        assert sql.fetch_one(statement, d=numbers, u=ids) == (numbers, ids)

    @pytest.mark.parametrize("value", [b"raw", [1], {"a": 1}, object()])
    def test_what_has_no_literal_is_refused(self, value: object) -> None:
        with pytest.raises(TypeError, match="has no literal"):
            arrays.literal([value])


class TestStatements:
    def test_a_file_is_split_by_name(self) -> None:
        found = list(sql.parse("-- a title\n-- name: one\nselect 1;\n\n-- name: two\n-- why\nselect 2\n"))
        assert found == [Statement("one", "select 1"), Statement("two", "-- why\nselect 2")]

    def test_an_unknown_name_is_told(self) -> None:
        with pytest.raises(AttributeError, match=r"facts/sql has no statement named 'nobody'"):
            _ = sql.load("huoshui.core.facts").nobody

    def test_two_of_one_name_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            sql, "_read_folder", lambda package: iter([Statement("one", "1"), Statement("one", "2")])
        )
        with pytest.raises(ValueError, match="two statements named 'one'"):
            sql.load("huoshui.core.facts")

    @pytest.mark.django_db
    def test_nothing_found_is_none_and_rows_are_counted(self) -> None:
        assert sql.fetch_one(Statement("none", "select 1 where false")) is None
        assert sql.run(Statement("three", "select generate_series(1, 3)")) == 3

    @pytest.mark.django_db(transaction=True)
    def test_a_batch_by_index_keeps_its_plans_and_leaves_none_of_it_behind(self) -> None:
        shown = Statement(
            "shown",
            "select current_setting('plan_cache_mode') as plans, current_setting('enable_seqscan') as scans",
        )
        sql.run(Statement("as_the_web", "set plan_cache_mode = 'auto'"))
        with transaction.atomic():
            sql.by_index()
            assert tuple(sql.fetch_one(shown)) == ("force_generic_plan", "off")
        assert tuple(sql.fetch_one(shown)) == ("auto", "on")
        sql.run(Statement("as_it_was", "reset plan_cache_mode"))


PLACE = """create temp table place (
    n bigint, i int, small smallint, f float8, flag bool, note text, day date, at timestamptz, at_wall timestamp)"""
PLACE_SCHEMA = pa.schema(
    [
        ("n", pa.int64()),
        ("i", pa.int32()),
        ("small", pa.int16()),
        ("f", pa.float64()),
        ("flag", pa.bool_()),
        ("note", pa.string()),
        ("day", pa.date32()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("at_wall", pa.timestamp("us")),
    ]
)
NAIVE = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "n": st.none() | st.integers(-(2**63), 2**63 - 1),
            "i": st.none() | st.integers(-(2**31), 2**31 - 1),
            "small": st.none() | st.integers(-(2**15), 2**15 - 1),
            "f": st.none() | st.floats(allow_nan=False),
            "flag": st.none() | st.booleans(),
            "note": st.none() | TEXTS,
            "day": st.none() | st.dates(date(1900, 1, 1), date(2200, 1, 1)),
            "at": st.none() | NAIVE.map(lambda at: at.replace(tzinfo=UTC)),
            "at_wall": st.none() | NAIVE,
        }
    ),
    max_size=6,
)
ALL = Statement("all", "select * from place")


@pytest.mark.django_db
class TestCopy:
    @REPEATED
    @given(ROWS)
    @example([dict.fromkeys(PLACE_SCHEMA.names)])
    def test_what_goes_in_comes_out(self, rows: list[dict[str, Any]]) -> None:
        sql.run(Statement("drop", "drop table if exists place"))
        sql.run(Statement("make", PLACE))
        table = pa.Table.from_pylist(rows, schema=PLACE_SCHEMA)
        sql.copy_in("place", table)
        assert sql.copy_out(ALL).to_pylist() == table.to_pylist()

    @pytest.mark.parametrize(
        "note", ["", "\\.", "\\N", "a\nb", "a\r\nb", '"', '""', ",", " ", "NULL", "\n", "\\"]
    )
    def test_awkward_texts_stay_apart_from_null(self, note: str) -> None:
        sql.run(Statement("make", "create temp table notes (id int, note text)"))
        sql.copy_in("notes", pa.table({"id": [1, 2], "note": [note, None]}))
        found = sql.fetch(Statement("notes", "select note from notes order by id"))
        assert [r.note for r in found] == [note, None]
        out = sql.copy_out(Statement("out", "select note from notes order by id"))
        assert out["note"].to_pylist() == [note, None]

    def test_microseconds_survive(self) -> None:
        at = datetime(2026, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC)
        out = sql.copy_out(Statement("at", "select %(at)s::timestamptz as at"), at=at)
        assert out["at"].to_pylist() == [at]

    def test_no_rows_keep_their_types(self) -> None:
        out = sql.copy_out(Statement("none", "select 1::bigint as n, ''::text as t where false"))
        assert out.schema == pa.schema([("n", pa.int64()), ("t", pa.string())])
        assert out.num_rows == 0

    def test_a_percent_sign_and_a_list_in_a_query(self) -> None:
        query = Statement("like", "select x from unnest(%(all)s::text[]) x where x like 'a%%' order by x")
        assert sql.copy_out(query, all=["ab", "b%", "a'c"])["x"].to_pylist() == ["a'c", "ab"]
        assert sql.copy_out(Statement("plain", "select '100%%' as x"))["x"].to_pylist() == ["100%"]
