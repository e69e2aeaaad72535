"""Orders out of sale lines."""

from __future__ import annotations

import datetime
import random

import pytest

from huoshui.intake.files.tests.bench import SALES, Bench, ask, problems, tables

ROWS = [
    "A1,2025-03-08 14:30:00,S1,M1,P1,2,19.80",
    "A1,2025-03-08 14:30:00,S1,M1,P2,1,5.00",
    "A2,2025-03-07 09:00:00,S2,,P1,1,9.90",
    "A3,2025-03-09 20:15:30,S1,M2,P3,0.5,12.34",
]


def test_lines_become_orders_in_time_order(bench: Bench) -> None:
    staged = bench.sales(*ROWS)

    assert staged.kind == "sales"
    assert staged.confidence == 1.0
    assert ask(staged, "select order_no, order_key, store_code, card_no, amount, line_count from orders") == [
        (1, "A2", "S2", None, 990, 1),
        (2, "A1", "S1", "M1", 2480, 2),
        (3, "A3", "S1", "M2", 1234, 1),
    ]
    assert ask(staged, "select order_no, line_no, sku_code, quantity_milli, amount from lines") == [
        (1, 1, "P1", 1000, 990),
        (2, 1, "P1", 2000, 1980),
        (2, 2, "P2", 1000, 500),
        (3, 1, "P3", 500, 1234),
    ]
    assert ask(staged, "select ordered_at from orders where order_key = 'A3'") == [
        (datetime.datetime(2025, 3, 9, 20, 15, 30),)
    ]
    assert staged.counts["rows"] == 4
    assert staged.problems == 0


def test_lines_of_an_order_may_stand_in_several_files(bench: Bench) -> None:
    first = bench.write("\n".join([SALES, ROWS[0], ROWS[2]]), "一.csv")
    second = bench.write("\n".join([SALES, ROWS[3], ROWS[1]]), "二.csv")

    apart = bench.stage(first, second)
    together = bench.sales(*ROWS)

    hashes = "select order_key, content_hash, line_count from orders order by order_key"
    assert ask(apart, hashes) == ask(together, hashes)
    assert ask(apart, "select file_no, row_no from lines where order_key = 'A1' order by line_no") == [
        (0, 2),
        (1, 3),
    ]


@pytest.mark.parametrize("seed", range(5))
def test_the_hash_knows_no_row_order(bench: Bench, seed: int) -> None:
    rows = [f"A{n % 7},2025-03-08 14:30:00,S1,M{n % 7},P{n % 3},{n % 4},{n}.5{n % 2}" for n in range(60)]
    rows += rows[:9]  # the same line twice is two lines
    shuffled = rows[:]
    random.Random(seed).shuffle(shuffled)
    content = (
        "select l.order_key, line_no, sku_code, quantity_milli, l.amount, content_hash "
        "from lines l join orders using (order_no) order by l.order_key, line_no"
    )

    assert ask(bench.sales(*rows), content) == ask(bench.sales(*shuffled), content)


def test_the_hash_knows_every_change(bench: Bench) -> None:
    header = SALES + ",订单状态,退款金额,优惠券,导购工号,渠道,商品名称"
    base = "A1,2025-03-08 14:30:00,S1,M1,P1,2,19.80,已付款,0,0,G1,门店,坚果"
    changes = [
        base,
        base.replace("14:30:00", "14:30:01"),
        base.replace("S1", "S2"),
        base.replace("M1", "M2"),
        base.replace("P1", "P2"),
        base.replace(",2,19", ",3,19"),
        base.replace("19.80", "19.81"),
        base.replace("已付款", "已发货"),
        base.replace("已付款,0", "已付款,5"),
        base.replace("已付款,0,0", "已付款,0,1"),
        base.replace("G1", "G2"),
        base.replace("门店", "小程序"),
        base.replace("坚果", "果干"),
    ]
    hashes = {
        ask(bench.sales(row, header=header), "select content_hash from orders")[0][0] for row in changes
    }

    assert len(hashes) == len(changes)


def test_a_column_that_is_not_there_and_one_that_is_blank_are_the_same(bench: Bench) -> None:
    with_blank = bench.sales(ROWS[0] + ",,", header=SALES + ",订单状态,退款金额")

    assert ask(with_blank, "select content_hash from orders") == ask(
        bench.sales(ROWS[0]), "select content_hash from orders"
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_any_encoding_gives_the_same_tables(bench: Bench, encoding: str) -> None:
    text = "\n".join([SALES + ",商品名称", *(row + ",每日坚果（三十包）龘" for row in ROWS)])

    assert tables(bench.text(text.encode(encoding))) == tables(bench.text(text))


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_any_line_end_gives_the_same_tables(bench: Bench, newline: str) -> None:
    assert tables(bench.text(newline.join([SALES, *ROWS]))) == tables(bench.sales(*ROWS))


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_the_delimiter_is_found(bench: Bench, delimiter: str) -> None:
    text = "\n".join([SALES, *ROWS]).replace(",", delimiter)

    assert tables(bench.text(text)) == tables(bench.sales(*ROWS))


def test_the_header_may_stand_below_a_title(bench: Bench) -> None:
    staged = bench.text("\n".join(["销售明细表", "导出时间：2025-03-10,,,,,,", "", SALES, *ROWS]))

    assert ask(staged, "select count(*), min(row_no), max(row_no) from lines") == [(4, 5, 8)]


def test_blank_lines_do_not_shift_row_numbers(bench: Bench) -> None:
    staged = bench.text("\n".join([SALES, ROWS[0], "", ",,,,,,", ROWS[3], "", ""]))

    assert ask(staged, "select row_no from lines order by row_no") == [(2,), (5,)]
    assert staged.counts["blank"] == 2


def test_line_ends_and_quotes_within_cells(bench: Bench) -> None:
    header = SALES + ",商品名称"
    rows = [f'{ROWS[0]},"两行\n的名字"', f'{ROWS[1]},5" 管', f'{ROWS[2]},"他说""好"""', f'{ROWS[3]},="A"']
    staged = bench.sales(*rows, header=header)

    assert ask(staged, "select row_no, product_name from lines order by row_no") == [
        (2, "两行 的名字"),
        (3, '5" 管'),
        (4, '他说"好"'),
        (5, "A"),
    ]


def test_a_file_name_is_no_pattern(bench: Bench) -> None:
    path = bench.write("\n".join([SALES, *ROWS]), "销售[1]*?(2).csv")
    bench.write("\n".join([SALES, *ROWS]), "销售1xx(2).csv")

    assert bench.stage(path).counts["lines"] == 4


def test_totals_are_dropped_and_counted(bench: Bench) -> None:
    staged = bench.text("\n".join([SALES, *ROWS, "合计,,,,,4.5,47.04", ",,总计,,,,47.04", "小计：,,", ""]))

    assert ask(staged, "select sum(amount) from orders") == [(4704,)]
    assert staged.counts["totals"] == 3
    assert staged.problems == 0


def test_date_and_time_may_be_apart(bench: Bench) -> None:
    staged = bench.text("小票号,日期,时间,门店,货号,数量,金额\nA1,2025/3/8,14:30,S1,P1,1,9.9\n")

    assert ask(staged, "select ordered_at from orders") == [(datetime.datetime(2025, 3, 8, 14, 30),)]


def test_discounts_add_up(bench: Bench) -> None:
    staged = bench.sales(
        "A1,2025-03-08,S1,M1,P1,1,80,10.5,5,2,3",
        "A2,2025-03-08,S1,M1,P1,1,80,-10.5,,,",
        header=SALES + ",会员折扣,店铺优惠,优惠券抵扣,券匹配",
    )

    assert ask(staged, "select discount, coupon_discount from orders order by order_key") == [
        (2050, 500),
        (1050, 0),
    ]


def test_a_list_price_tells_the_discount_where_no_column_does(bench: Bench) -> None:
    staged = bench.sales("A1,2025-03-08,S1,M1,P1,1,80,99", header=SALES + ",原价金额")

    assert ask(staged, "select discount from orders") == [(1900,)]


def test_blank_numbers_are_kept_as_zero_and_flagged(bench: Bench) -> None:
    staged = bench.sales(
        "A1,2025-03-08,S1,M1,P1,,9.90",
        "A2,2025-03-08,S1,M1,P1,1,",
        "A3,2025-03-08,S1,M1,P1,-,--",
        "A4,2025-03-08,S1,M1,P1,0,0",
    )

    assert ask(staged, "select order_key, quantity_milli, amount, flags from lines order by order_key") == [
        ("A1", 0, 990, 2),
        ("A2", 1000, 0, 4),
        ("A3", 0, 0, 6),
        ("A4", 0, 0, 6),
    ]
    assert staged.problems == 0


class TestRefunds:
    def test_a_row_that_says_so(self, bench: Bench) -> None:
        staged = bench.sales(
            "A1,2025-03-08,S1,M1,P1,2,20,销售,",
            "R1,2025-03-09,S1,M1,P1,1,10,退货,A1",
            "R2,2025-03-09,S1,M1,P1,-1,-10,退货,A9",
            header=SALES + ",销售类型,原单号",
        )

        assert ask(staged, "select order_key, is_refund, parent_key, amount from orders") == [
            ("A1", False, None, 2000),
            ("R1", True, "A1", -1000),
            ("R2", True, "A9", -1000),
        ]
        assert ask(staged, "select quantity_milli from lines where is_refund") == [(-1000,), (-1000,)]
        assert staged.counts["refunds"] == 2

    def test_under_the_number_of_its_sale(self, bench: Bench) -> None:
        staged = bench.sales(
            "A1,2025-03-08,S1,M1,P1,2,20,销售", "A1,2025-03-12,S1,M1,P1,1,10,退货", header=SALES + ",类型"
        )

        assert ask(staged, "select order_key, is_refund, parent_key, amount from orders") == [
            ("A1", False, None, 2000),
            ("A1", True, "A1", -1000),
        ]

    def test_by_sign_alone(self, bench: Bench) -> None:
        staged = bench.sales(
            "A1,2025-03-08,S1,M1,P1,-2,-20", "A2,2025-03-08,S1,M1,P1,1,20", "A2,2025-03-08,S1,M1,P2,-1,-5"
        )

        assert ask(staged, "select order_key, is_refund, amount from orders order by order_key") == [
            ("A1", True, -2000),
            ("A2", False, 1500),  # an exchange
        ]

    def test_on_the_row_of_the_sale(self, bench: Bench) -> None:
        staged = bench.sales(
            "A1,2025-03-08,S1,M1,P1,2,20,10,1",
            "A2,2025-03-08,S1,M1,P1,2,20,无退款申请,",
            header=SALES + ",退款金额,退货数量",
        )

        assert ask(staged, "select order_key, amount, refunded from orders order by order_key") == [
            ("A1", 2000, 1000),
            ("A2", 2000, 0),
        ]
        assert ask(staged, "select refunded_milli from lines order by order_key") == [(1000,), (0,)]


class TestOrderMoney:
    HEADER = "订单号,下单时间,商家SKUID,订购数量,应付金额"

    def test_repeated_on_each_row_counts_once(self, bench: Bench) -> None:
        staged = bench.text(
            f"{self.HEADER}\nA1,2025-03-08,P1,1,100.00\nA1,2025-03-08,P2,2,100.00\nA2,2025-03-08,P1,1,30\n"
        )

        assert ask(staged, "select order_key, amount from orders order by order_key") == [
            ("A1", 10000),
            ("A2", 3000),
        ]
        assert ask(staged, "select sku_code, amount from lines where order_key = 'A1' order by sku_code") == [
            ("P1", 3333),
            ("P2", 6667),
        ]

    def test_that_differs_within_an_order_is_the_lines_own(self, bench: Bench) -> None:
        staged = bench.text(
            f"{self.HEADER}\nA1,2025-03-08,P1,1,60\nA1,2025-03-08,P2,2,40\nA2,2025-03-08,P1,1,30\nA2,2025-03-08,P2,1,30\n"
        )

        assert ask(staged, "select order_key, amount from orders order by order_key") == [
            ("A1", 10000),
            ("A2", 6000),
        ]


class TestSetAside:
    def test_one_bad_row_holds_its_whole_order(self, bench: Bench) -> None:
        staged = bench.sales(
            "A1,2025-03-08,S1,M1,P1,1,9.90",
            "A2,2025-03-08,S1,M1,P1,1,9.90",
            "A1,2025-03-08,S1,M1,P2,abc,5.00",
            "A1,2025-03-08,S1,M1,P3,1,3.00",
        )

        assert ask(staged, "select order_key from orders") == [("A2",)]
        assert problems(staged) == [
            (2, None, None, "held"),
            (4, "数量", "abc", "bad_quantity"),
            (5, None, None, "held"),
        ]
        assert "第 4 行" in ask(staged, "select reason from problems where row_no = 2")[0][0]
        assert staged.counts["orders_set_aside"] == 1
        assert staged.counts["set_aside"] == 3

    @pytest.mark.parametrize(
        ("row", "column", "value", "code"),
        [
            ("A1,2025-02-30 10:00,S1,M1,P1,1,9", "交易时间", "2025-02-30 10:00", "no_such_day"),
            ("A1,2025年13月1日,S1,M1,P1,1,9", "交易时间", "2025年13月1日", "no_such_day"),
            ("A1,昨天,S1,M1,P1,1,9", "交易时间", "昨天", "bad_date"),
            ("A1,,S1,M1,P1,1,9", "交易时间", None, "missing"),
            (",2025-03-08,S1,M1,P1,1,9", "销售单号", None, "missing"),
            ("A1,2025-03-08,S1,M1,P1,两,9", "数量", "两", "bad_quantity"),
            ("A1,2025-03-08,S1,M1,P1,1,abc", "实付金额", "abc", "bad_money"),
            ("A1,2025-03-08,S1,M1,P1,1,9.995", "实付金额", "9.995", "money_fraction"),
            ('A1,2025-03-08,S1,M1,P1,1,"1,5"', "实付金额", "1,5", "bad_money"),
            ("4.2E+18,2025-03-08,S1,M1,P1,1,9", "销售单号", "4.2E+18", "damaged"),
            ("A1,2025-03-08,S1,4200000000000000000.0,P1,1,9", "会员卡号", "4200000000000000000.0", "damaged"),
            ("A1,2025-03-08,S1,M1,6.90123E+12,1,9", "商品编码", "6.90123E+12", "damaged"),
            ("A1,2025-03-08,S1,M1,P1,1,9,多,余", None, "多，余", "long_row"),
            ("A1,2025-03-08,S1", None, None, "short_row"),
        ],
    )
    def test_what_cannot_be_read(
        self, bench: Bench, row: str, column: str | None, value: str | None, code: str
    ) -> None:
        staged = bench.sales(ROWS[2], row)

        assert problems(staged) == [(3, column, value, code)]
        assert ask(staged, "select order_key from orders") == [("A2",)]
        assert staged.counts["rows"] == 2
        assert staged.counts["set_aside"] == 1

    def test_a_refund_without_a_time_does_not_hold_its_sale(self, bench: Bench) -> None:
        staged = bench.sales(
            "A1,2025-03-08,S1,M1,P1,1,9,销售", "A1,,S1,M1,P1,1,9,退货", header=SALES + ",销售类型"
        )

        assert ask(staged, "select order_key, is_refund from orders") == [("A1", False)]
        assert problems(staged) == [(3, "交易时间", None, "missing")]

    def test_rows_that_contradict_each_other(self, bench: Bench) -> None:
        staged = bench.sales(
            "A1,2025-03-08,S1,M1,P1,1,9",
            "A1,2025-03-08,S2,M1,P1,1,9",
            "A2,2025-03-08,S1,M1,P1,1,9",
            "A2,2025-03-08,S1,M2,P1,1,9",
            "A3,2025-03-08 23:59,S1,M1,P1,1,9",
            "A3,2025-03-12 10:00,S1,M1,P1,1,9",
            "A4,2025-03-08 23:59,S1,M1,P1,1,9",
            "A4,2025-03-09 00:01,S1,,P1,1,9",
        )

        assert problems(staged) == [
            (2, None, None, "held"),
            (3, "门店编码", "S2", "differs"),
            (4, None, None, "held"),
            (5, "会员卡号", "M2", "differs"),
            (6, None, None, "held"),
            (7, "交易时间", "2025-03-12 10:00:00", "differs"),
        ]
        assert "第 2 行" in ask(staged, "select reason from problems where row_no = 3")[0][0]
        assert ask(staged, "select order_key, card_no, line_count from orders") == [("A4", "M1", 2)]

    def test_rows_in_another_file_are_named_with_it(self, bench: Bench) -> None:
        first = bench.write(f"{SALES}\nA1,2025-03-08,S1,M1,P1,1,9\n", "一月.csv")
        second = bench.write(f"{SALES}\nA1,2025-03-08,S2,M1,P1,1,9\n", "二月.csv")

        reasons = ask(bench.stage(first, second), "select reason from problems order by file_no")

        assert "二月.csv 第 2 行" in reasons[0][0]
        assert "一月.csv 第 2 行" in reasons[1][0]

    def test_an_odd_phone_never_costs_a_sale(self, bench: Bench) -> None:
        staged = bench.text(
            "订单号,下单时间,手机号,货号,数量,金额\n"
            "A1,2025-03-08,12345,P1,1,9\nA2,2025-03-08,138****8888,P1,1,9\nA3,2025-03-08,138 0013 8000,P1,1,9\n"
            "A4,2025-03-08,无,P1,1,9\nA5,2025-03-08,1.38E+10,P1,1,9\n"
        )

        assert ask(staged, "select order_key, phone from orders order by order_key") == [
            ("A1", None),
            ("A2", None),
            ("A3", "+8613800138000"),
            ("A4", None),
        ]
        assert problems(staged) == [
            (2, "手机号", "12345", "invalid_phone"),
            (6, "手机号", "1.38E+10", "damaged"),
        ]
        assert ask(staged, "select kept from problems order by row_no") == [(True,), (False,)]
        assert staged.counts["masked_phones"] == 1


def test_every_row_is_somewhere(bench: Bench) -> None:
    rows = [
        *ROWS,
        "",
        "合计,,,,,,1",
        "A9,坏,S1,M1,P1,1,9",
        "A9,2025-03-08,S1,M1,P1,1,9",
        ",2025-03-08,S1,M1,P1,1,9",
        "A,b",
    ]
    counts = bench.sales(*rows).counts

    assert counts["rows"] == len(rows)
    assert counts["rows"] == counts["lines"] + counts["set_aside"] + counts["blank"] + counts["totals"]
