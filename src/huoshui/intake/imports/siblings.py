"""What this source has told before of the orders of a file: of those never paid, of orders in two reports, of their time.

A platform tells an order in two files: one row with all its money, and its lines. Whichever comes first stands until the
lines are there; then only the lines count, and the one row is the order's head beside them, without money.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa
from django.conf import settings

from huoshui.core import sql
from huoshui.core.facts.types import Source
from huoshui.intake.files.formats.base import Format
from huoshui.intake.files.problems import TEXTS
from huoshui.intake.files.sales import WHOLE_ORDER

Q = sql.load("huoshui.intake.imports")

HEAD = "单头"
"""Key of the line without money that an order's head is, where other facts tell its lines."""
_SLICE = 20_000


def heed(staged: duckdb.DuckDBPyConnection, *, source: Source, of: Format | None) -> None:
    """Change the staged orders by what is known of them."""
    _name_the_shop(staged, source, of)
    has_voids = staged.execute("select 1 from orders where is_void limit 1").fetchone() is not None
    has_sister = of is not None and bool(of.shop) and not of.is_refunds
    if not has_voids and not has_sister:
        return
    _look_up(staged, source, only_voids=not has_sister)
    if of is not None and of.borrows_time:
        _borrow_times(staged, of)
    if of is not None and of.is_whole_order:
        _become_heads(staged)
    elif has_sister:
        _take_the_place(staged)
    # Never paid and never told of: no sale, and nothing to take back
    _forget(staged, "is_void and order_key not in (select order_key from told)")


def _name_the_shop(staged: duckdb.DuckDBPyConnection, source: Source, of: Format | None) -> None:
    """Where the file names no store, sales of an online shop are the shop's: it goes by the source's name."""
    if of and of.shop:
        staged.execute("update orders set store_code = ? where coalesce(store_code, '') = ''", [source.label])


def _look_up(staged: duckdb.DuckDBPyConnection, source: Source, *, only_voids: bool) -> None:
    where = "where is_void" if only_voids else ""
    keys = [key for (key,) in staged.execute(f"select distinct order_key from orders {where}").fetchall()]
    told = []
    for start in range(0, len(keys), _SLICE):
        told += sql.fetch(
            Q.told_orders,
            source_id=source.id,
            keys=keys[start : start + _SLICE],
            whole=WHOLE_ORDER,
            head=HEAD,
        )
    known = pa.table(
        {
            "order_key": pa.array([t.key for t in told], pa.string()),
            "ordered_at": pa.array([t.occurred_at for t in told], pa.timestamp("us", tz="UTC")),
            "has_whole": pa.array([t.has_whole for t in told], pa.bool_()),
            "has_lines": pa.array([t.has_lines for t in told], pa.bool_()),
        }
    )
    staged.register("told_rows", known)
    staged.execute(
        f"""create or replace temp table told as
        select order_key, timezone('{settings.HUOSHUI_ZONE}', ordered_at) as ordered_at, has_whole, has_lines from told_rows"""
    )
    staged.unregister("told_rows")


def _borrow_times(staged: duckdb.DuckDBPyConnection, of: Format) -> None:
    """The sister file told when; without it an order that tells no time itself cannot be placed, and is set aside."""
    staged.execute(
        "update orders o set ordered_at = t.ordered_at from told t where t.order_key = o.order_key"
    )
    reason, remedy = TEXTS["sibling_first"]
    staged.execute(
        """insert into problems
        select distinct l.file_no, f.name, l.row_no, null, l.order_key, 'sibling_first', ?, ?, false
        from lines l join orders o using (order_no) join files f on f.file_no = l.file_no
        where o.ordered_at is null and not o.is_void""",
        [reason, remedy],
    )
    staged.execute(
        """insert into set_aside select u.file_no, u.row_no, u.cells from untimed u
        where (u.file_no, u.row_no) in (select (file_no, row_no) from problems where code = 'sibling_first')"""
    )
    _forget(staged, "ordered_at is null")


def _become_heads(staged: duckdb.DuckDBPyConnection) -> None:
    """Orders whose lines are known: this row is their head beside them."""
    beside = "order_key in (select order_key from told where has_lines)"
    zeros = ", ".join(f"{name} = 0" for name in ("amount", "discount", "coupon_discount", "refunded"))
    staged.execute(f"update orders set {zeros}, is_void = false where {beside}")
    staged.execute(
        f"""update lines set {zeros}, quantity_milli = 0, refunded_milli = 0, line_key = ?, sku_code = ?, flags = 6
        where {beside}""",
        [HEAD, WHOLE_ORDER],
    )


def _take_the_place(staged: duckdb.DuckDBPyConnection) -> None:
    """Orders known by one row for all: these lines take its place, which a line of its key without money says."""
    staged.execute(
        """insert into lines by name
        select o.order_no, o.order_key, o.is_refund, (o.line_count + 1)::integer as line_no, ? as line_key, ? as sku_code,
            0::bigint as quantity_milli, 0::bigint as amount, 0::bigint as discount, 0::bigint as coupon_discount,
            0::bigint as refunded, 0::bigint as refunded_milli, 6::smallint as flags
        from orders o join told t using (order_key) where t.has_whole""",
        [WHOLE_ORDER, WHOLE_ORDER],
    )
    staged.execute(
        "update orders o set line_count = line_count + 1 from told t where t.order_key = o.order_key and t.has_whole"
    )


def _forget(staged: duckdb.DuckDBPyConnection, where: str) -> None:
    staged.execute(f"delete from lines where order_no in (select order_no from orders where {where})")
    staged.execute(f"delete from orders where {where}")
