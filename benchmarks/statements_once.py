"""Sales of a month put where the river puts them, followed by commission, and the month closed. Prints JSON, for the proof
`statements`. `python -m benchmarks.statements_once ORDERS SEED`, in a home of its own."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from time import perf_counter, process_time
from typing import Any

from benchmarks.processes import cpu_seconds
from huoshui.project import boot

STORES, GUIDES = 200, 600
_DEALERS = 40

# Every ninth is a refund of the one before; each has a guide, and one in three a customer with a name
_FILL = """
insert into fact_order (fact_id, name, source_id, order_key, parent_key, occurred_at, business_day, org_unit_id, staff_id,
    channel, status, amount, line_count)
select n.id, case when n.is_back then 'Order Refunded' else 'Order Completed' end, 1, 'o' || n.id,
    case when n.is_back then 'o' || n.id - 1 end, n.at, (n.at at time zone 'Asia/Shanghai')::date, n.store, n.guide,
    'store', '', n.amount, 1
from filled n;
insert into fact_line (fact_id, line_no, sku_id, quantity_milli, amount)
select id, 1, sku, case when is_back then -1000 else 1000 end, amount from filled;
insert into settlement (fact_id, source_id, name, occurred_at, person_id, state, order_id, seq, xid, settled_at)
select id, 1, case when is_back then 'Order Refunded' else 'Order Completed' end, at, person, 'settled',
    case when is_back then id - 1 end, nextval('settlement_seq'), pg_current_xact_id(), now()
from filled order by id;
select setval('fact_id_seq', max(id)) from filled;
"""


def main() -> None:
    orders, _seed = int(sys.argv[1]), int(sys.argv[2])
    boot.boot("river", with_owner=True)
    boot.migrate_if_needed()
    from django.db import transaction

    from huoshui.core import clock, sql
    from huoshui.trade.commission import api as commission

    last_month = clock.today().replace(day=1) - timedelta(days=1)
    with transaction.atomic():
        _places(orders, last_month)
    server = sql.raw().info.backend_pid

    def timed(work: Any) -> dict[str, Any]:
        cpu, server_cpu, started = process_time(), cpu_seconds(server), perf_counter()
        done = work()
        return {
            "done": done,
            "python": round(process_time() - cpu, 2),
            "postgres": round(cpu_seconds(server) - server_cpu, 2),
            "wall": round(perf_counter() - started, 2),
        }

    # What is followed is booked on the day it is followed: for the proof that day lies in last month
    today = clock.now
    clock.now = lambda: datetime.combine(last_month, datetime.min.time(), UTC)
    followed = timed(commission.read)
    clock.now = today
    period = f"{last_month:%Y-%m}"

    def close() -> int:
        from huoshui.core.actor import SYSTEM

        with transaction.atomic():
            return commission.close(period, actor=SYSTEM)

    closed, again = timed(close), timed(close)
    print(json.dumps({"followed": followed, "closed": closed, "closed again": again}))


def _places(orders: int, last_month: Any) -> None:
    import pyarrow as pa

    from huoshui.brand import api as brand
    from huoshui.core import sql
    from huoshui.core.actor import SYSTEM, Actor
    from huoshui.trade.commission import api as commission

    brand.ensure_headquarters("总部")
    codes = [f"S{n}" for n in range(STORES)]
    dealers = [f"经销商{n % _DEALERS}" for n in range(STORES)]
    brand.upsert_stores(pa.table({"store_code": codes, "name": codes, "dealer": dealers}), actor=SYSTEM)
    numbers = [f"G{n}" for n in range(GUIDES)]
    brand.upsert_staff(
        pa.table(
            {"number": numbers, "name": numbers, "store_code": [codes[n % STORES] for n in range(GUIDES)]}
        ),
        actor=SYSTEM,
    )
    units, staff = brand.find_units(codes), brand.find_staff(numbers)
    skus = [s.id for s in brand.find_or_add_skus({f"P{n}": "" for n in range(80)}).values()]
    for name in sorted(set(dealers)):
        dealer = brand.find_units([f"dealer:{name}"])[f"dealer:{name}"]
        owner = Actor("staff", 1, "经销商", frozenset({"dealer"}), frozenset({dealer}))
        rules = {"rates": [{"permille": 30, "skus": ["P1"]}, {"permille": 45}], "ladder": [[1_000_00, 10]]}
        commission.set_employer_rules(dealer, rules, reason="定", actor=owner)
    filled = sql.Statement(
        "filled",
        "create temp table filled on commit drop as"
        " select i::bigint as id, i % 9 = 8 as is_back,"
        " ('{day}'::timestamptz - (i % 1000000) * interval '1 second') as at,"
        " (array[{stores}])[1 + o % {n}] as store, (array[{guides}])[1 + o % {g}] as guide,"
        " (array[{skus}])[1 + o % {k}] as sku, case when o % 3 = 0 then 1000000 + o % 50000 end as person,"
        " (case when i % 9 = 8 then -1 else 1 end) * (1990 + o::bigint * 7919 % 30000) as amount"
        " from (select i, i - (i % 9 = 8)::int as o from generate_series(1, {orders}) i) x".format(
            day=last_month.isoformat(),
            stores=",".join(str(units[c]) for c in codes),
            n=STORES,
            guides=",".join(str(staff[n]) for n in numbers),
            g=GUIDES,
            skus=",".join(map(str, skus)),
            k=len(skus),
            orders=orders,
        ),
    )
    sql.run(filled)
    for number, text in enumerate(_FILL.strip().split(";\n")):
        if text.strip(" ;\n"):
            sql.run(sql.Statement(f"fill {number}", text.strip(" ;\n")))


if __name__ == "__main__":
    main()
