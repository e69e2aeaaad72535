"""Lines of sale files grouped into orders and refunds.

A row is a line; an order is all rows with its number, wherever they stand and in whichever file. If one of its rows
cannot be read, or its rows contradict each other, the whole order is set aside: part of an order staged as if it were
whole would be settled as a revision that takes the rest back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import duckdb

from huoshui.intake.files import phones, sales_problems
from huoshui.intake.files.rows import Layout, typed

FIRM: Final = ("store_code", "card_no", "member_no", "phone", "email", "unionid", "openid")
"""Lines of one order that differ in these are not one order."""
_LOOSE: Final = ("channel", "status", "guide_code")
"""These may differ: an order half refunded, or served by two guides."""
_LINE: Final = ("line_key", "sku_code", "product_name")
_NUMBERS: Final = ("quantity_milli", "amount", "discount", "coupon_discount", "refunded", "refunded_milli")
_NO_QUANTITY, _NO_AMOUNT = 2, 4
"""Flags of a line. 1, a product not in the product list, is for whoever knows the list."""


def stage(connection: duckdb.DuckDBPyConnection, layout: Layout) -> dict[str, int]:
    """Tables `orders` and `lines`, and the problems of the orders set aside."""
    has = layout.fields
    phones.judge(connection, layout)
    # Rows carry their numbers, so they need not keep their order: with it, DuckDB reads one file after the other.
    connection.execute("set preserve_insertion_order = false")
    connection.execute(f"create temp table sale_rows as {_rows(layout)}")
    _tell_refunds_by_sign(connection)
    if "amount" not in has:
        _share_order_amounts(connection)
    connection.execute(_heads(has))
    connection.execute(_held(has))
    sales_problems.explain(connection, layout)
    connection.execute("set preserve_insertion_order = true")
    connection.execute(_orders(has))
    connection.execute(_lines(has))
    return _counts(connection)


def _any(connection: duckdb.DuckDBPyConnection, rows: str) -> bool:
    return connection.execute(f"select 1 from {rows} limit 1").fetchone() is not None


def _rows(layout: Layout) -> str:
    """One row per line in the terms of the contract. Only columns that the files have: a million NULLs cost time."""
    has = layout.fields
    columns = ["file_no", "row_no", "bad", "noted", "order_no as order_key", f"{_time(has)} as ordered_at"]
    columns += [name for name in (*FIRM, *_LOOSE, "sku_code", "product_name") if name in has]
    columns += ["original_order_no as original_key"] if "original_order_no" in has else []
    columns += ["line_no as line_key"] if "line_no" in has else []
    columns += ["row_type"] if "row_type" in has else ["null::tinyint as row_type"]
    columns += [f"{sql} as {name}" for name, sql in _numbers(has).items()]
    return f"select {', '.join(columns)} from ({typed(layout)})"


def _time(has: frozenset[str]) -> str:
    if "order_time" not in has:
        return "ordered_at"
    return "case when order_time is null then ordered_at else ordered_at::date + order_time end"


def _numbers(has: frozenset[str]) -> dict[str, str]:
    """Of a sale as they stand, of a row that says it is a refund negative, whichever sign the file gives them."""
    paid = "amount" if "amount" in has else "order_amount"
    counted = "quantity" if "quantity" in has else "null::bigint"
    paid_back = "refund_amount" if "refund_amount" in has else "null::bigint"
    came_back = "refund_quantity" if "refund_quantity" in has else "null::bigint"
    discount, coupons = _discount(has, paid), _sum_of(("coupon_discount", "coupon_match_discount"), has)
    sale = {
        "quantity_milli": f"coalesce({counted}, 0)",
        "amount": f"coalesce({paid}, 0)",
        "discount": discount,
        "coupon_discount": coupons,
        "refunded": f"coalesce(abs({paid_back}), 0)",
        "refunded_milli": f"coalesce(abs({came_back}), 0)",
        "flags": _flags(counted, paid),
    }
    refund = {
        "quantity_milli": f"-abs(coalesce({counted}, {came_back}, 0))",
        "amount": f"-abs(coalesce({paid}, {paid_back}, 0))",
        "discount": f"-({discount})",
        "coupon_discount": f"-({coupons})",
        "refunded": "0",
        "refunded_milli": "0",
        "flags": _flags(f"coalesce({counted}, {came_back})", f"coalesce({paid}, {paid_back})"),
    }
    if "row_type" not in has:
        return sale
    return {name: f"case when row_type = 1 then {refund[name]} else {sql} end" for name, sql in sale.items()}


def _flags(counted: str, paid: str) -> str:
    # A till that does not count writes 0: as good as nothing, and its order is an order all the same
    no_quantity, no_amount = f"(coalesce({counted}, 0) = 0)::tinyint", f"(coalesce({paid}, 0) = 0)::tinyint"
    return f"({no_quantity} * {_NO_QUANTITY} + {no_amount} * {_NO_AMOUNT})::smallint"


def _discount(has: frozenset[str], paid: str) -> str:
    """All that was taken off, however a file signs it; without such a column, what the list price says."""
    named = ("retail_discount", "coupon_discount", "coupon_match_discount")
    if "list_amount" in has and not has & set(named):
        return f"coalesce(abs(list_amount) - abs({paid}), 0)"
    return _sum_of(named, has)


def _sum_of(names: Iterable[str], has: frozenset[str]) -> str:
    return " + ".join(f"coalesce(abs({name}), 0)" for name in names if name in has) or "0::bigint"


def _tell_refunds_by_sign(connection: duckdb.DuckDBPyConnection) -> None:
    """Where no column says so, an order of negative lines only is a refund; one of both kinds is an exchange."""
    if not _any(connection, "sale_rows where row_type is null and (amount < 0 or quantity_milli < 0)"):
        return
    connection.execute(
        """update sale_rows set row_type = 1, discount = -abs(discount), coupon_discount = -abs(coupon_discount)
        where row_type is null and order_key in (
            select order_key from sale_rows where row_type is null and order_key is not null
            group by order_key
            having max(amount) <= 0 and max(quantity_milli) <= 0 and min(amount + quantity_milli) < 0)"""
    )


def _share_order_amounts(connection: duckdb.DuckDBPyConnection) -> None:
    """Order money that stands on every row (京东, 有赞) is shared out by quantity, to the cent; else it counts twice.

    The files tell which it is: where the amounts of any order's rows differ, they are the lines' own.
    """
    if _any(connection, "sale_rows group by order_key, row_type having min(amount) <> max(amount)"):
        return
    connection.execute(
        """create temp table shared as
        with weighed as (
            select *, sum(w) over whole as total,
                sum(w) over (whole order by sku_code, w, file_no, row_no rows unbounded preceding) as upto
            from (select *, case when min(abs(quantity_milli)) over whole > 0 then abs(quantity_milli) else 1 end as w
                from sale_rows where order_key is not null window whole as (partition by order_key, row_type))
            window whole as (partition by order_key, row_type))
        select file_no, row_no, (amount * upto // total - amount * (upto - w) // total)::bigint as amount,
            (refunded * upto // total - refunded * (upto - w) // total)::bigint as refunded
        from weighed"""
    )
    connection.execute(
        """update sale_rows set amount = s.amount, refunded = s.refunded
        from shared s where s.file_no = sale_rows.file_no and s.row_no = sale_rows.row_no"""
    )


def _heads(has: frozenset[str]) -> str:
    """Temp table `heads`: a row per order and per refund, with what shows whether its lines agree.

    `lines_hash` is a sum, so it knows no order of lines, but counts a line that stands twice as two.
    """
    texts = [name for name in (*FIRM, *_LOOSE) if name in has]
    line = [f"coalesce({_or_null(name, has)}, '')" for name in (*_LINE, *_LOOSE)]
    content = ", chr(31), ".join([*line, *_NUMBERS, "flags"])
    original = "max(original_key)" if "original_order_no" in has else "null::varchar"
    sums = ", ".join(
        f"sum({name})::bigint as {name}" for name in ("amount", "discount", "coupon_discount", "refunded")
    )
    return f"""
create temp table heads as
select order_key, coalesce(row_type = 1, false) as is_refund, min(ordered_at) as ordered_at,
    max(ordered_at) as last_at, {original} as original_key,
    {"".join(f"min({name}) as {name}, max({name}) as last_{name}, " for name in texts)} {sums},
    count(*)::integer as line_count, count(ordered_at) = 0 as has_no_time, bit_or(bad) as bad,
    sum(('0x' || left(md5(concat({content})), 15))::bigint) as lines_hash
from sale_rows where order_key is not null
group by all"""


def _or_null(name: str, has: frozenset[str]) -> str:
    return name if name in has or (name == "line_key" and "line_no" in has) else "null::varchar"


def _held(has: frozenset[str]) -> str:
    """Temp table `held`: orders that are set aside whole, and the field in which their rows contradict each other."""
    firm = [name for name in FIRM if name in has]
    days_apart = "last_at - ordered_at > interval 1 day"
    differs = "".join(f"when {name} <> last_{name} then '{name}' " for name in firm)
    return f"""
create temp table held as
select order_key, is_refund, case when bad > 0 or has_no_time then null
    {differs} when {days_apart} then 'ordered_at' end as differs_in
from heads where bad > 0 or has_no_time or {days_apart} {"".join(f" or {name} <> last_{name}" for name in firm)}"""


def _orders(has: frozenset[str]) -> str:
    firm = ", ".join(f"{_or_null(name, has)} as {name}" for name in FIRM)
    loose = ", ".join(f"{_loose(name, has)} as {name}" for name in _LOOSE)
    fields = (
        "order_key",
        "is_refund",
        "parent_key",
        "epoch_us(ordered_at)",
        *FIRM,
        "line_count",
        "lines_hash",
    )
    content = ", chr(31), ".join(f"coalesce({name}::varchar, '')" for name in fields)
    # The sale a refund takes back: the number it names, or its own where these files hold a sale under it.
    parent = """case when is_refund then coalesce(nullif(original_key, order_key),
        case when order_key in (select order_key from heads where not is_refund) then order_key end) end"""
    return f"""
create table orders as
select (row_number() over (order by ordered_at, order_key, is_refund))::integer as order_no,
    * exclude (lines_hash), md5(concat({content})) as content_hash
from (
    select order_key, is_refund, {parent} as parent_key, ordered_at, {firm}, {loose},
        amount, discount, coupon_discount, refunded, line_count, lines_hash
    from heads where (order_key, is_refund) not in (select (order_key, is_refund) from held)
)
order by order_no"""


def _loose(name: str, has: frozenset[str]) -> str:
    if name not in has:
        return "null::varchar"
    return f"case when {name} <> last_{name} then {name} || '/' || last_{name} else {name} end"


def _lines(has: frozenset[str]) -> str:
    """Numbered by content first, so that the same lines in another row order get the same numbers."""
    texts = ", ".join(f"{_or_null(name, has)} as {name}" for name in _LINE)
    present = [name for name in ("line_key", "sku_code") if _or_null(name, has) == name]
    numbered = ", ".join(
        [*present, *_NUMBERS, *(["product_name"] if "product_name" in has else []), "file_no", "row_no"]
    )
    return f"""
create table lines as
select o.order_no, order_key, is_refund,
    (row_number() over (partition by o.order_no order by {numbered}))::integer as line_no,
    {texts}, {", ".join(f"r.{name}" for name in _NUMBERS)}, flags, file_no, row_no
from (select *, coalesce(row_type = 1, false) as is_refund from sale_rows) r
    join (select order_no, order_key, is_refund from orders) o using (order_key, is_refund)
order by order_no, line_no"""


def _counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    row = connection.execute(
        """select count(*) filter (not is_refund), count(*) filter (is_refund), sum(line_count),
            (select count(*) from held) from orders"""
    ).fetchone()
    assert row is not None
    return dict(
        zip(("orders", "refunds", "lines", "orders_set_aside"), (int(each or 0) for each in row), strict=True)
    )
