"""Cells into values: one property against Python's own decimals, and the forms that files are known to carry."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from decimal import Decimal

import duckdb
import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.core.phone import normalise
from huoshui.intake.files import clean


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        clean.prepare(connection)
        yield connection


def cleaned(engine: duckdb.DuckDBPyConnection, field_type: str, cells: list[str | None]) -> list[object]:
    expression = clean.value(field_type, "cell")
    rows = engine.execute(
        f"select {expression} from (select unnest($cells::varchar[]) as cell)", {"cells": cells}
    ).fetchall()
    return [row[0] for row in rows]


def unreadable(engine: duckdb.DuckDBPyConnection, field_type: str, cell: str) -> bool:
    query = f"select {clean.unreadable(field_type, 'cell', 'value')} from (select $cell as cell, {clean.value(field_type, '$cell')} as value)"
    row = engine.execute(query, {"cell": cell}).fetchone()
    assert row is not None
    return bool(row[0])


FORMS = (
    "{}", "{}元", "¥{}", "￥ {}", "{:,}", "{} 元", "RMB {}", " {}\t", "'{}", "`{}", '="{}"', "{}（系统计算中）", "+{}",
)  # fmt: skip


def stepped(number: float, steps: int) -> float:
    """The float so many steps away."""
    for _ in range(abs(steps)):
        number = math.nextafter(number, math.inf if steps > 0 else -math.inf)
    return number


class TestMoney:
    @settings(max_examples=15, deadline=None)
    @given(
        st.lists(st.tuples(st.integers(-(10**13), 10**13), st.sampled_from(FORMS)), min_size=20, max_size=60)
    )
    def test_every_way_to_write_an_amount_gives_its_cents(
        self, engine: duckdb.DuckDBPyConnection, written: list[tuple[int, str]]
    ) -> None:
        amounts = [abs(fen) if form.startswith("+") else fen for fen, form in written]
        cells = [
            form.format(Decimal(fen).scaleb(-2)) for fen, (_, form) in zip(amounts, written, strict=True)
        ]

        assert cleaned(engine, "money", list(cells)) == amounts

    @settings(max_examples=15, deadline=None)
    @given(st.lists(st.tuples(st.integers(-(10**9), 10**9), st.integers(-3, 3)), min_size=20, max_size=60))
    def test_a_floats_noise_is_no_money(
        self, engine: duckdb.DuckDBPyConnection, noised: list[tuple[int, int]]
    ) -> None:
        cells = [repr(stepped(fen / 100, steps)) for fen, steps in noised]

        assert cleaned(engine, "money", list(cells)) == [fen for fen, _ in noised]

    @settings(max_examples=15, deadline=None)
    @given(st.lists(st.integers(-(10**9), 10**9).filter(lambda n: n % 10 != 0), min_size=20, max_size=60))
    def test_a_third_decimal_is_never_rounded_away(
        self, engine: duckdb.DuckDBPyConnection, thousandths: list[int]
    ) -> None:
        cells = [str(Decimal(each).scaleb(-3)) for each in thousandths]

        assert cleaned(engine, "money", list(cells)) == [None] * len(cells)
        assert unreadable(engine, "money", cells[0])

    @pytest.mark.parametrize("cell", ["", "-", "--", "——", "null", "NULL", "None", "nan", "无退款申请", "  "])
    def test_blank(self, engine: duckdb.DuckDBPyConnection, cell: str) -> None:
        assert cleaned(engine, "money", [cell]) == [None]
        assert not unreadable(engine, "money", cell)

    @pytest.mark.parametrize(
        "cell", ["abc", "1,5", "12,34.5", "1.2.3", "95%", "1.38E+10", "1 2", "五元", "1-2", "0x10", "1_000"]
    )
    def test_unreadable(self, engine: duckdb.DuckDBPyConnection, cell: str) -> None:
        assert cleaned(engine, "money", [cell]) == [None]
        assert unreadable(engine, "money", cell)

    def test_full_width(self, engine: duckdb.DuckDBPyConnection) -> None:
        assert cleaned(engine, "money", ["１２．５０", "－３", "￥１,２３４.５"]) == [1250, -300, 123450]

    def test_tiny_exponents_are_zero(self, engine: duckdb.DuckDBPyConnection) -> None:
        assert cleaned(engine, "money", ["5.684341886080802e-14", "-1E-15"]) == [0, 0]


def test_quantities(engine: duckdb.DuckDBPyConnection) -> None:
    cells: list[str | None] = [
        "1",
        "2件",
        "0.5",
        "1,200",
        "-3",
        "１２",
        "0.1235",
        "两",
        "1.0",
        ".25",
        "3 盒",
        None,
    ]

    assert cleaned(engine, "quantity", cells) == [
        1000,
        2000,
        500,
        1200000,
        -3000,
        12000,
        None,
        None,
        1000,
        250,
        3000,
        None,
    ]
    assert unreadable(engine, "quantity", "两")
    assert unreadable(engine, "quantity", "0.1235")


NOON = datetime.datetime(2025, 3, 8, 14, 5)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2025-03-08 14:05:00", NOON),
        ("2025-3-8 14:05", NOON),
        ("2025/3/8 14:05", NOON),
        ("2025/03/08 14:05:00", NOON),
        ("2025.3.8 14:05", NOON),
        ("2025-03-08T14:05:00", NOON),
        ("2025年03月08日 14:05", NOON),
        ("2025年3月8日14时05分", NOON),
        ("2025年3月8日 14时5分0秒", NOON),
        ("2025-03-08 14:05:00 +0800", NOON),
        ("2025-03-08 14:05:00+08:00", NOON),
        ("45724.586805555555", NOON),
        ("20250308140500", NOON),
        ("202503081405", NOON),
        ("\t2025-03-08 14:05\t", NOON),
        ("'2025-03-08 14:05", NOON),
        ("２０２５-０３-０８ １４:０５", NOON),
        ("2025-03-08", datetime.datetime(2025, 3, 8)),
        ("20250308", datetime.datetime(2025, 3, 8)),
        ("45724", datetime.datetime(2025, 3, 8)),
        ("2025年3月8日", datetime.datetime(2025, 3, 8)),
    ],
)
def test_times(engine: duckdb.DuckDBPyConnection, cell: str, value: datetime.datetime) -> None:
    assert cleaned(engine, "datetime", [cell]) == [value]
    assert not unreadable(engine, "datetime", cell)


@pytest.mark.parametrize(
    ("cell", "here"),
    [
        ("2025-03-08 14:05:00 -0500", (2025, 3, 9, 3, 5)),
        ("2025-03-08T14:05:00Z", (2025, 3, 8, 22, 5)),
        ("2025-03-08 14:05:00+08:00", (2025, 3, 8, 14, 5)),
        ("2025-03-08 14:05", (2025, 3, 8, 14, 5)),
    ],
)
def test_a_time_that_tells_its_zone_is_moved_to_the_brands(
    engine: duckdb.DuckDBPyConnection, cell: str, here: tuple[int, ...]
) -> None:
    assert cleaned(engine, "datetime", [cell]) == [datetime.datetime(*here)]  # type: ignore[arg-type]  # year to minute


@pytest.mark.parametrize(
    "cell",
    [
        "2025-02-30",
        "2025/13/01",
        "2025年2月30日",
        "昨天",
        "3月8日",
        "12025-01-01",
        "2025-03-08 25:00",
        "20251301",
        "1741413900",
        "8/3/2025",
        "0.5",
        "99999",
        "infinity",
    ],
)
def test_times_that_are_none(engine: duckdb.DuckDBPyConnection, cell: str) -> None:
    assert cleaned(engine, "datetime", [cell]) == [None]
    assert unreadable(engine, "datetime", cell)


@pytest.mark.parametrize("cell", ["", "-", "0000-00-00", "0000-00-00 00:00:00", "1900-01-00", "0", "NULL"])
def test_times_that_are_blank(engine: duckdb.DuckDBPyConnection, cell: str) -> None:
    assert cleaned(engine, "datetime", [cell]) == [None]
    assert not unreadable(engine, "datetime", cell)


def test_ids(engine: duckdb.DuckDBPyConnection) -> None:
    cells: list[str | None] = [
        "20250308000123",
        '="00123"',
        "'6901234567892",
        "`1234",
        "\t6917\t",
        "ＡＢ１２",
        "330.0",
        "0",
        "00",
        "null",
        "-",
        "SY-0001",
        "A 1",
        "0012",
        "1E5",
        "100000000000000.0",
        None,
    ]

    assert cleaned(engine, "id", cells) == [
        "20250308000123",
        "00123",
        "6901234567892",
        "1234",
        "6917",
        "AB12",
        "330",
        None,
        None,
        None,
        None,
        "SY-0001",
        "A 1",
        "0012",
        "1E5",
        "100000000000000",
        None,
    ]


@pytest.mark.parametrize("cell", ["4.2E+18", "4.20123E+18", "4200000000000000000.0", "1.38E+10", "4E+18"])
def test_damaged_ids(engine: duckdb.DuckDBPyConnection, cell: str) -> None:
    assert cleaned(engine, "id", [cell]) == [None]
    assert unreadable(engine, "id", cell)


def test_a_store_name_serves_as_a_code_unchanged(engine: duckdb.DuckDBPyConnection) -> None:
    assert cleaned(engine, "id", ["稻香路店（杭州）", "粟屿轻养·桂子里店"]) == [
        "稻香路店（杭州）",
        "粟屿轻养·桂子里店",
    ]


def test_masked_identifiers_are_nobodys(engine: duckdb.DuckDBPyConnection) -> None:
    assert cleaned(engine, "identifier", ["8000****12", "##密文", "$$abc", "M1"]) == [None, None, None, "M1"]
    assert not unreadable(engine, "identifier", "8000****12")


def test_texts(engine: duckdb.DuckDBPyConnection) -> None:
    cells: list[str | None] = [
        " 坚果\n30 包 ",
        "'90后",
        "None",
        "（礼盒）",
        "——",
        '="A"',
        "林\u3000小雨",
        None,
    ]

    assert cleaned(engine, "text", cells) == [
        "坚果 30 包",
        "90后",
        None,
        "（礼盒）",
        None,
        "A",
        "林 小雨",
        None,
    ]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.from_regex(r"1[0-9]{10}", fullmatch=True), min_size=20, max_size=60))
def test_plain_mobiles_are_judged_as_phonenumbers_does(
    engine: duckdb.DuckDBPyConnection, numbers: list[str]
) -> None:
    # whatever is no mobile goes to core.phone itself
    assert cleaned(engine, "phone", list(numbers)) == [
        normalise(number) if is_mobile(number) else None for number in numbers
    ]


def is_mobile(number: str) -> bool:
    try:
        parsed = phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE


@pytest.mark.parametrize(
    "cell",
    [
        "138 0013 8000",
        "138-0013-8000",
        "+86 13800138000",
        "8613800138000",
        "008613800138000",
        "１３８００１３８０００",
        "'13800138000",
    ],
)
def test_a_mobile_however_it_is_spaced(engine: duckdb.DuckDBPyConnection, cell: str) -> None:
    assert cleaned(engine, "phone", [cell]) == ["+8613800138000"]


def test_emails_and_genders(engine: duckdb.DuckDBPyConnection) -> None:
    assert cleaned(engine, "email", [" Lin@Example.COM ", "lin@", "无"]) == ["lin@example.com", None, None]
    assert cleaned(engine, "gender", ["男", "女士", "F", "保密", "1", None]) == [
        "男",
        "女",
        "女",
        None,
        "1",
        None,
    ]


def test_row_types(engine: duckdb.DuckDBPyConnection) -> None:
    cells: list[str | None] = [
        "销售",
        "退货",
        "销售退货",
        "零售退款单",
        "正常",
        "未退款",
        "换货",
        "Refund",
        "SALE",
        "退",
        None,
    ]

    assert cleaned(engine, "row_type", cells) == [0, 1, 1, 1, 0, 0, None, 1, 0, 1, None]
