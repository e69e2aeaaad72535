"""A lake of any size, drawn from a seed, in the lake's own tables: what segments and engines are measured on.

    python -m benchmarks.generate_lake FOLDER [--facts 10000000] [--seed N]

A person for every twenty facts, twenty months, visits of five facts each (looked, searched, put in the basket, redeemed a
coupon; about one fact in seven is an order of one to three lines, one order in fifty is refunded in part, one in two hundred
taken back). Few people come often. One id in fifty is another person's today. Rows are made a million at a time, in SQL, so
memory does not grow with the size. A folder that has such a lake already is taken as it is.
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from benchmarks import scratch_lake

MONTHS = 20
FIRST = date(2024, 11, 1)
LAST_DAY = date(2026, 6, 30)
"""The business day that is asked about: the last one that has facts of a whole day."""
_CHUNK = 1_000_000

_SETTINGS = """
create macro draw(what, n) as hash(n * 1000003 + {seed}, what);
create macro part(what, n) as (draw(what, n) % 1000000007)::double / 1000000007
"""

_FACTS = """
create or replace temp table made as
with told as (
    select i, i // 5 as visit from generate_series({start}::bigint, {end}::bigint - 1) as g(i)
), placed as (
    select i, 1 + ((({people} * pow(part('who', visit), 1.6))::bigint * 15485863) % {people}) as person_id,
        1 + (draw('where', visit) % {stores})::int as org_unit_id,
        timestamptz '{month} 00:00:00+00'
            + to_seconds((draw('when', visit) % {seconds})::bigint + (i % 5) * 90) as occurred_at,
        (draw('what', i) % 100)::int as what
    from told
)
select i as fact_id, person_id, org_unit_id, occurred_at,
    (occurred_at at time zone 'Asia/Shanghai')::date as business_day,
    case when what < 52 then 'Product Viewed' when what < 67 then 'Products Searched'
        when what < 82 then 'Product Added' when what < 85 then 'Coupon Redeemed' else 'Order Completed' end as name,
    1 + (draw('many', i) % 3)::int as many, (draw('back', i) % 200)::int as back
from placed
"""
_LINES = """
create or replace temp table lines as
with sold as (
    select *, unnest(range(1, many + 1))::int as line_no from made where name = 'Order Completed'
), priced as (
    select *, 1 + (draw('sku', fact_id * 4 + line_no) % {products})::int as sku_id,
        1 + (draw('quantity', fact_id * 4 + line_no) % 3)::double as quantity,
        100 + (draw('amount', fact_id * 4 + line_no) % 9900)::bigint as amount
    from sold
)
select fact_id, fact_id as order_id, line_no, 'sale' as kind, false as is_reversal, occurred_at, 1 as sign, * exclude (
    fact_id, line_no, occurred_at) from priced
union all by name
select fact_id + {facts} as fact_id, fact_id as order_id, line_no, 'refund' as kind, false as is_reversal,
    occurred_at + interval 1 hour as occurred_at, -1 as sign, * exclude (fact_id, line_no, occurred_at)
from priced where line_no = 1 and back < 4
union all by name
select fact_id + 2 * {facts} as fact_id, fact_id as order_id, line_no, 'sale' as kind, true as is_reversal, occurred_at,
    -1 as sign, * exclude (fact_id, line_no, occurred_at) from priced where back = 4
"""
_LINE_ROWS = """
select fact_id, order_id, line_no, kind, is_reversal, person_id, org_unit_id, sku_id, 1 as source_id, occurred_at,
    (occurred_at at time zone 'Asia/Shanghai')::date as business_day, 'pos' as channel, sign * quantity as quantity,
    sign * amount as amount, 0 as discount, 0 as coupon_discount, 0 as flags, fact_id as seq
from lines
"""
_FACT_ROWS = """
with worth as (select fact_id, any_value(order_id) as order_id, sum(sign * amount)::bigint as amount from lines group by all),
told as (
    select fact_id, name, person_id, org_unit_id, occurred_at, business_day from made
    union all
    select fact_id, case when any_value(is_reversal) then 'Order Completed' else 'Order Refunded' end, any_value(person_id),
        any_value(org_unit_id), any_value(occurred_at), (any_value(occurred_at) at time zone 'Asia/Shanghai')::date
    from lines where sign < 0 group by fact_id
)
select fact_id, order_id, name, person_id, org_unit_id, 1 as source_id, occurred_at, business_day, amount, fact_id as seq
from told left join worth using (fact_id)
"""
_PRODUCTS = """
select i::int as sku_id, 'P' || i as code, '商品' || i as name, '品牌' || i % 40 as brand,
    '类' || i % 12 || '/' || '小类' || i % 60 as category, '部门' || i % 5 as department,
    '类' || i % 12 as category_1, '小类' || i % 60 as category_2, '' as category_3, true as is_listed
from generate_series(1, {products}) as g(i)
"""
_UNITS = """
select i::int as org_unit_id, 'S' || i as code, i || '号店' as name, 'store' as kind, '大区' || i % 6 as region,
    '经销商' || i % 30 as dealer, i || '号店' as store
from generate_series(1, {stores}) as g(i)
"""
_STATES = {
    "attr.city": "select i as person_id, '城市' || draw('city', i) % 20 as value, null::double as number "
    "from generate_series({start}, {end} - 1) as g(i)",
    "tier": "select i as person_id, '等级' || draw('tier', i) % 4 as value, (draw('tier', i) % 4)::double as number "
    "from generate_series({start}, {end} - 1) as g(i)",
    "cluster": "select i as person_id, null::varchar as value, (i - 1)::double as number "
    "from generate_series({start}, {end} - 1) as g(i) where i % 50 = 2",
}


@dataclass(frozen=True)
class Size:
    facts: int
    seed: int

    @property
    def people(self) -> int:
        return max(self.facts // 20, 1)

    def words(self) -> dict[str, Any]:
        return {
            "facts": self.facts,
            "seed": self.seed,
            "people": self.people,
            "products": 3000,
            "stores": 200,
        }


def generate(size: Size) -> None:
    """Into the lake of the settings, whose tables must be new."""
    from huoshui.lake import tables
    from huoshui.lake.files import XID, commit, write_rows

    con = duckdb.connect(config={"memory_limit": "1GB", "threads": 2})
    con.execute("set timezone = 'UTC'")
    for statement in _SETTINGS.format(**size.words()).split(";"):
        con.execute(statement)
    lake = {name: tables.ensure(name) for name in tables.COLUMNS}
    files: dict[str, list[Any]] = {name: [] for name in lake}

    def write(name: str, rows: pa.Table, part: Any) -> None:
        schema = tables.arrow_schema(name)
        files[name] += write_rows(lake[name], rows.select(schema.names).cast(schema), part)

    for month in range(MONTHS):
        low, high = (size.facts * n // MONTHS for n in (month, month + 1))
        first = _month(month)
        place = (first.year - 1970) * 12 + first.month - 1
        words = size.words() | {"month": first, "seconds": ((_month(month + 1) - first).days * 86_400 - 7200)}
        for start in range(low, high, _CHUNK):
            words |= {"start": start, "end": min(start + _CHUNK, high)}
            con.execute(_FACTS.format(**words))
            con.execute(_LINES.format(**words))
            write("order_lines", con.execute(_LINE_ROWS).to_arrow_table(), place)
            write("facts", con.execute(_FACT_ROWS).to_arrow_table(), place)
    for key, select in _STATES.items():
        for start in range(1, size.people + 1, _CHUNK):
            words = size.words() | {"start": start, "end": min(start + _CHUNK, size.people + 1)}
            said = f"select *, '{key}' as key, timestamptz '{FIRST}' as at, person_id as seq, 1 as source_id from ({{}})"
            write("state_now", con.execute(said.format(select.format(**words))).to_arrow_table(), key)
    write("products", con.execute(_PRODUCTS.format(**size.words())).to_arrow_table(), None)
    write("org_units", con.execute(_UNITS.format(**size.words())).to_arrow_table(), None)
    for name, table in lake.items():
        commit(table, add=files[name], new_marks={XID: "1"})


def _month(number: int) -> date:
    months = FIRST.year * 12 + FIRST.month - 1 + number
    return date(months // 12, months % 12 + 1, 1)


def open_lake(folder: Path, size: Size) -> None:
    """Settings, a catalog on a server of its own, and the lake in the folder: as it lies there, or made now."""
    told = folder / "size.json"
    is_there = told.exists()
    if is_there and json.loads(told.read_text()) != asdict(size):
        raise SystemExit(f"{folder} holds another lake: {told.read_text()}")
    scratch_lake.configure(folder)
    if is_there:
        scratch_lake.register(folder)
        return
    generate(size)
    told.write_text(json.dumps(asdict(size)))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--facts", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=20170101)
    given = parser.parse_args()
    open_lake(given.folder, Size(given.facts, given.seed))
    used = os.times()
    print(
        json.dumps(
            {"facts": given.facts, "cpu_seconds": round(used.user + used.system, 1), **scratch_lake.sizes()},
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
