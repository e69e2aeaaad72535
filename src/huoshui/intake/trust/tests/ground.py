"""What the measures are tried on: sales told to the river, and a lake that has them."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection
from sqlalchemy import URL

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.tests.ground import clean_tables
from huoshui.intake.river.tests.world import Shop
from huoshui.intake.trust import api as trust

__all__ = ["clean_tables", "open_shop"]

_LAKE = sql.Statement(
    "lake",
    "insert into watermark (reader, xid, read_at)"
    " values ('lake', (pg_current_xact_id()::text::bigint + 1)::text::xid8, %(at)s::timestamptz)"
    " on conflict (reader) do update set xid = excluded.xid, read_at = excluded.read_at",
)
_RECEIVED = sql.Statement(
    "received", "update fact set received_at = %(at)s::timestamptz where id = any(%(ids)s::bigint[])"
)
_SETTLED = sql.Statement(
    "settled", "update settlement set settled_at = %(at)s::timestamptz where fact_id = any(%(ids)s::bigint[])"
)


def lake_has_all(at: datetime) -> None:
    """As if the lake had taken in, at that time, all that this test has told so far."""
    sql.run(_LAKE, at=at)


def folded(at: datetime) -> trust.FoldReport:
    lake_has_all(at)
    return trust.fold()


def taken_at(fact_ids: list[int], *, received: datetime, settled: datetime) -> None:
    sql.run(_RECEIVED, at=received, ids=fact_ids)
    sql.run(_SETTLED, at=settled, ids=fact_ids)


_CONTENT = (
    "select day, source_id, feed, org_unit_id, facts, by_file, sales, known_sales, amount, known_amount from trust_day"
    " where facts <> 0 or sales <> 0 or amount <> 0 order by 1, 2, 3, 4",
    "select * from trust_field order by 1, 2, 3, 4",
    "select business_day, fact_id, of_fact_id, org_unit_id, is_sale, is_known, amount from trust_effect order by 1, 2, 3",
)


def content() -> list[list[tuple[object, ...]]]:
    """Everything that was folded but times, which depend on when the lake was asked."""
    return [sql.fetch_as(tuple, sql.Statement("content", text)) for text in _CONTENT]


@pytest.fixture
def open_shop(clean_tables: None) -> Shop:
    """One whose tellings are committed, each with a transaction of its own."""
    brand.ensure_headquarters("总部")
    return Shop()


def database_url() -> str:
    """Of the database the test runs on, as the lake's libraries want it."""
    to = connection.settings_dict
    host, port = str(to["HOST"]), int(to["PORT"]) if to["PORT"] else None
    url = URL.create("postgresql", to["USER"] or None, to["PASSWORD"] or None, None, port, to["NAME"])
    return url.update_query_dict({"host": host}).render_as_string(hide_password=False)
