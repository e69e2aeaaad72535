"""How fast settled lines reach the lake, against a bare COPY and Parquet write of the same rows in one run.

    python -m benchmarks.bench_lake [--orders 156000]

Prints JSON. Twenty months of orders with five to fourteen lines each, on a server of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import django
import pyarrow.parquet as pq
from django.conf import settings

_ORDERS = """
insert into fact_order (fact_id, name, source_id, order_key, occurred_at, business_day, org_unit_id, channel,
    amount, line_count)
select n, 'Order Completed', 1, 'K' || n, at, (at at time zone 'Asia/Shanghai')::date, n %% 40, 'pos', 0,
    5 + n %% 10
from generate_series(1, %(orders)s) as n,
    lateral (select timestamptz '2024-01-01' + n * interval '600 days' / %(orders)s as at) as placed
"""
_LINES = """
insert into fact_line (fact_id, line_no, sku_id, quantity_milli, amount, discount)
select n, line_no, hashint8(n * 31 + line_no) & 4095, 1000, 100 + abs(hashint8(n * 7 + line_no)) %% 9900, 10
from generate_series(1, %(orders)s) as n, generate_series(1, 5 + n %% 10) as line_no
"""
_SETTLE = """
insert into settlement (fact_id, source_id, name, occurred_at, person_id, state, seq, xid, settled_at)
select fact_id, source_id, name, occurred_at, 1 + abs(hashint8(fact_id)) %% 20000, 'settled', fact_id,
    pg_current_xact_id(), now()
from fact_order
"""
_BARE = """
select s.fact_id, coalesce(s.order_id, s.fact_id) as order_id, l.line_no, s.person_id, o.org_unit_id,
    l.sku_id, s.source_id, o.occurred_at, o.business_day, o.channel,
    l.quantity_milli - l.refunded_milli as quantity_milli, l.amount - l.refunded as amount,
    l.discount, l.coupon_discount, l.flags, s.seq
from settlement s join fact_order o using (fact_id) join fact_line l using (fact_id)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=156_000)
    orders = parser.parse_args().orders
    with tempfile.TemporaryDirectory() as folder:
        _configure(Path(folder))
        print(json.dumps(_measure(orders, Path(folder)), indent=2))


def _configure(home: Path) -> None:
    from huoshui.core.postgres.api import OWNER
    from huoshui.core.postgres.config import django_database
    from huoshui.core.postgres.testing import test_server

    server = test_server()
    name = f"bench_lake_{os.getpid()}"
    apps = ["core", "brand.org", "brand.catalog", "brand.staff", "lake"]
    settings.configure(
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.sessions",
            *(f"huoshui.{app}" for app in apps),
        ],
        DATABASES={"default": django_database(server.url(OWNER, "postgres"), "owner")},
        USE_TZ=True,
        HUOSHUI_HOME=home,
        HUOSHUI_LAKE=str(home / "lake"),
        HUOSHUI_ENGINE="duckdb",
        HUOSHUI_ZONE="Asia/Shanghai",
        HUOSHUI_DATABASE_URL=server.url(OWNER, name),
    )
    django.setup()
    _new_database(name)


def _new_database(name: str) -> None:
    import atexit

    from django.core.management import call_command
    from django.db import connection

    def run_there(statement: str) -> None:
        connection.close()
        connection.settings_dict["NAME"] = "postgres"
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    run_there(f"create database {name}")
    atexit.register(run_there, f"drop database {name} with (force)")
    connection.settings_dict["NAME"] = name
    call_command("migrate", verbosity=0)


def _measure(orders: int, folder: Path) -> dict[str, Any]:
    from django.db import connection

    from huoshui.core import sql
    from huoshui.core.sql import Statement
    from huoshui.lake import api

    with connection.cursor() as cursor:
        for statement in (_ORDERS, _LINES, _SETTLE):
            cursor.execute(statement, {"orders": orders})
        cursor.execute("vacuum analyze")
    before = _peak_mb()
    report = api.flush()
    peak = _peak_mb()
    lines = report.rows["order_lines"]

    started = perf_counter()
    rows = sql.copy_out(Statement("bare", _BARE))
    pq.write_table(rows, folder / "bare.parquet", compression="zstd")
    bare = perf_counter() - started
    assert rows.num_rows == lines

    started = perf_counter()
    reconciled = api.reconcile()
    assert reconciled.agrees
    return {
        "lines": lines,
        "orders": report.rows["facts"],
        "flush_seconds": round(report.seconds, 2),
        "lines_per_second": round(lines / report.seconds),
        "bare_seconds": round(bare, 2),
        "times_the_bare_copy": round(report.seconds / bare, 2),
        "peak_rss_mb": peak,
        "rss_before_mb": before,
        "reconcile_seconds": round(perf_counter() - started, 2),
        "cores": os.cpu_count(),
    }


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
