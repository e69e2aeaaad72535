"""Facts as the river leaves them, put straight into the tables of core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.db import connection
from sqlalchemy import URL

NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)  # noon in Shanghai


@dataclass(frozen=True)
class Line:
    sku_id: int
    amount: int
    quantity_milli: int = 1000
    refunded: int = 0
    refunded_milli: int = 0
    flags: int = 0


def database_url() -> str:
    """Of the database the test runs on."""
    to = connection.settings_dict
    host = str(to["HOST"])
    at: dict[str, Any] = {"query": {"host": host}} if host.startswith("/") else {"host": host}
    url = URL.create(
        "postgresql",
        username=to["USER"] or None,
        password=to["PASSWORD"] or None,
        port=int(to["PORT"]) if to["PORT"] else None,
        database=to["NAME"],
        **at,
    )
    return url.render_as_string(hide_password=False)


def clean() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "truncate fact_order, fact_line, settlement, stock, watermark,"
            " lake.iceberg_tables, lake.iceberg_namespace_properties"
        )


def settle(
    fact_id: int,
    lines: Sequence[Line] = (),
    *,
    name: str = "Order Completed",
    person_id: int = 1,
    org_unit_id: int = 7,
    at: datetime = NOON,
    order_id: int | None = None,
    replaces: Sequence[int] = (),
    on: psycopg.Connection[Any] | None = None,
) -> None:
    """One settled fact, and its order when the name says it is one; `on` another connection than Django's."""
    with on.cursor() if on else connection.cursor() as cursor:
        _settle(cursor, fact_id, lines, name, person_id, org_unit_id, at, order_id, replaces)


def _settle(
    cursor: Any,
    fact_id: int,
    lines: Sequence[Line],
    name: str,
    person_id: int,
    org_unit_id: int,
    at: datetime,
    order_id: int | None,
    replaces: Sequence[int],
) -> None:
    if name.startswith("Order"):
        cursor.execute(
            "insert into fact_order (fact_id, name, source_id, order_key, occurred_at, business_day,"
            " org_unit_id, channel, amount, line_count)"
            " values (%s, %s, 1, %s, %s, (%s at time zone 'Asia/Shanghai')::date, %s, 'pos', %s, %s)",
            (fact_id, name, f"K{fact_id}", at, at, org_unit_id, sum(li.amount for li in lines), len(lines)),
        )
        cursor.executemany(
            "insert into fact_line (fact_id, line_no, sku_id, quantity_milli, amount, refunded,"
            " refunded_milli, flags) values (%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                (
                    fact_id,
                    n,
                    li.sku_id,
                    li.quantity_milli,
                    li.amount,
                    li.refunded,
                    li.refunded_milli,
                    li.flags,
                )
                for n, li in enumerate(lines, 1)
            ],
        )
    cursor.execute(
        "insert into settlement (fact_id, source_id, name, occurred_at, person_id, state, order_id, replaces,"
        " seq, xid, settled_at) values (%s, 1, %s, %s, %s, 'settled', %s, %s, nextval('settlement_seq'),"
        " pg_current_xact_id(), now())",
        (fact_id, name, at, person_id, order_id, list(replaces) or None),
    )
