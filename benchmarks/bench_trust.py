"""What the measures of data trust cost, against one plain scan of the same sales in the same run.

    python -m benchmarks.bench_trust [--orders 150000] [--more 1000]

Prints JSON. Twenty months of orders with five to fourteen lines each and a buyer for two in three, on a server of its own.
Times are of processors: this process's and its server process's, so that others on the machine do not count.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from benchmarks import machine
from benchmarks.scratch import Home, scratch_home

_SOURCE = "insert into source (name, label, mode) values ('till', 'till', 'live') on conflict do nothing"
_MONTHS = """
select ensure_fact_months(array(select generate_series(date '2024-01-01', date '2025-12-01', interval '1 month')::date))
"""
_FACTS = """
insert into fact (id, occurred_at, source_id, client_key, content_hash, name, received_at, actor, run_id)
select n, timestamptz '2024-01-01' + n * interval '600 days' / {whole}, (select id from source where name = 'till'), 'K' || n,
    md5(n::text)::uuid, 'Order Completed', timestamptz '2024-01-01' + n * interval '600 days' / {whole} + interval '9 minutes',
    'source:1', null
from generate_series({first}, {last}) n
"""
_ORDERS = """
insert into fact_order
    (fact_id, name, source_id, order_key, occurred_at, business_day, org_unit_id, channel, amount, line_count)
select id, name, source_id, client_key, occurred_at, (occurred_at at time zone 'Asia/Shanghai')::date, id % 400, 'pos', 0,
    5 + id % 10
from fact where id between {first} and {last}
"""
_LINES = """
insert into fact_line (fact_id, line_no, sku_id, quantity_milli, amount, discount)
select n, line_no, hashint8(n::bigint * 31 + line_no) & 4095, 1000, 100 + abs(hashint8(n::bigint * 7 + line_no)) % 9900, 10
from generate_series({first}, {last}) n, generate_series(1, 5 + n % 10) as line_no
"""
_IDENTIFIERS = """
insert into fact_identifier (fact_id, kind, key)
select n, 'card_no', (n % 20000)::text from generate_series({first}, {last}) n where n % 3 > 0
"""
_SETTLE = """
insert into settlement (fact_id, source_id, name, occurred_at, person_id, state, seq, xid, settled_at)
select id, source_id, name, occurred_at, case when id % 3 > 0 then 1 + id % 20000 end, 'settled', id, pg_current_xact_id(),
    received_at + interval '2 seconds'
from fact where id between {first} and {last}
"""
_LAKE = """
insert into watermark (reader, xid) values ('lake', (pg_current_xact_id()::text::bigint + 1)::text::xid8)
on conflict (reader) do update set xid = excluded.xid, read_at = now()
"""
_SCAN = """
select o.source_id, o.business_day, o.org_unit_id, count(distinct o.fact_id), sum(l.amount - l.refunded)
from settlement s join fact_order o on o.fact_id = s.fact_id join fact_line l on l.fact_id = s.fact_id
where s.state = 'settled' group by 1, 2, 3
"""
_BATCH = 2_000  # facts a transaction settles, as an import's lanes do it


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, default=150_000)
    parser.add_argument("--more", type=int, default=1_000, help="facts that come in afterwards")
    given = parser.parse_args()
    found = measure(orders=given.orders, more=given.more)
    print(json.dumps({"machine": machine.described(), **found}, ensure_ascii=False, indent=2))


def measure(*, orders: int = 150_000, more: int = 1_000) -> dict[str, Any]:
    with scratch_home("trust") as home:
        home.empty()
        home.migrate()
        with home.connect() as connection:
            connection.execute(_SOURCE)
            connection.execute(_MONTHS)
        _plant(home, 1, orders, orders)
        with home.connect() as connection:
            connection.execute("vacuum analyze")
        return _measured(home, orders, more)


def _plant(home: Home, first: int, last: int, whole: int) -> None:
    with home.connect() as connection:
        for text in (_FACTS, _ORDERS, _LINES, _IDENTIFIERS):
            connection.execute(text.format(first=first, last=last, whole=whole).encode())
        for start in range(first, last + 1, _BATCH):
            connection.execute(_SETTLE.format(first=start, last=min(start + _BATCH - 1, last)).encode())
        connection.execute(_LAKE)


def _measured(home: Home, orders: int, more: int) -> dict[str, Any]:
    home.adopt_process()
    from huoshui.project import boot

    boot.boot("river")
    from datetime import date

    from huoshui.core import sql
    from huoshui.core.actor import SYSTEM
    from huoshui.intake.trust import api as trust

    scan = sql.Statement("scan", _SCAN)
    scans = [_seconds(lambda: sql.fetch(scan)) for _ in range(3)]
    whole = _seconds(trust.fold)
    again = [_seconds(trust.fold) for _ in range(3)]
    _plant(home, orders + 1, orders + more, orders)
    latest = _seconds(trust.fold)
    day = date(2025, 3, 3)
    month = trust.Asked(date(2025, 3, 1), date(2025, 3, 31))
    with_product = trust.Asked(day, day, sku_ids=(7,))
    reads: dict[str, Callable[[], object]] = {
        "overview": lambda: trust.overview(SYSTEM),
        "lineage of a day": lambda: trust.lineage(SYSTEM, trust.Asked(day, day)),
        "lineage of a day and a product": lambda: trust.lineage(SYSTEM, with_product),
        "lineage of a month": lambda: trust.lineage(SYSTEM, month),
    }
    plain = median(scans)
    pages = {name: median([_seconds(read) for _ in range(5)]) for name, read in reads.items()}
    lines = int(sql.fetch_one(sql.Statement("lines", "select count(*) as n from fact_line")).n)
    return {
        "facts": orders + more,
        "lines": lines,
        "plain_scan_cpu_seconds": round(plain, 3),
        "fold_all": {"cpu_seconds": round(whole, 3), "times_scan": round(whole / plain, 2)},
        "fold_nothing_new": {"times_scan": round(median(again) / plain, 4)},
        f"fold_{more}_more": {"cpu_seconds": round(latest, 3), "times_scan": round(latest / plain, 3)},
        "pages": {
            name: {"cpu_ms": round(seconds * 1000, 1), "times_scan": round(seconds / plain, 4)}
            for name, seconds in pages.items()
        },
    }


def _seconds(work: Callable[[], object]) -> float:
    """Of processors: ours, and that of the one server process that answers us."""
    from huoshui.core import sql

    server = sql.raw().info.backend_pid
    before, ours = _used(server), process_time()
    work()
    return _used(server) - before + process_time() - ours


def _used(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    main()
