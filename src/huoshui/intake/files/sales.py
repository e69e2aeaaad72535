"""Lines of sale files grouped into orders and refunds.

A row is a line; an order is all rows with its number, wherever they stand and in whichever file. If one of its rows
cannot be read, or its rows contradict each other, the whole order is set aside: part of an order staged as if it were
whole would be settled as a revision that takes the rest back.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from huoshui.intake.files import phones, sales_problems
from huoshui.intake.files.rows import Layout, typed

IDENTIFIERS = ("card_no", "member_no", "phone", "email", "unionid", "openid")
_FIRM = ("store_code", *IDENTIFIERS)
"""Lines of one order that differ in these are not one order."""
_LOOSE = ("channel", "status", "guide_code")
"""These may differ: an order half refunded, or served by two guides."""

NO_QUANTITY, NO_AMOUNT = 2, 4
"""Flags of a line. 1, a product not in the product list, is for whoever knows the list."""


def stage(connection: duckdb.DuckDBPyConnection, layout: Layout) -> dict[str, int]:
    """Tables `orders` and `lines`, and the problems of the orders set aside."""
    phones.judge(connection, layout)
    connection.execute(f"create temp table sale_rows as {_rows(layout)}")
    _tell_refunds_by_sign(connection)
    if "amount" not in layout.fields:
        _share_order_amounts(connection)
    connection.execute(_heads(layout.fields))
    connection.execute(_held(layout.fields))
    sales_problems.explain(connection, layout)
    connection.execute(_orders(layout.fields))
    connection.execute(_lines())
    return _counts(connection)


def _rows(layout: Layout) -> str:
    """One row per line in the terms of the contract; refunds that say so are negative."""
    has = layout.fields
    texts = (*_FIRM, *_LOOSE)
    back = "row_type is not distinct from 1"
    return f"""
select file_no, row_no, bad, noted, order_key, ordered_at, {", ".join(texts)}, original_key, row_type,
    line_key, sku_code, product_name,
    case when {back} then -abs(coalesce(counted, came_back, 0)) else coalesce(counted, 0) end as quantity_milli,
    case when {back} then -abs(coalesce(paid, paid_back, 0)) else coalesce(paid, 0) end as amount,
    case when {back} then -discount else discount end as discount,
    case when {back} then -coupon_discount else coupon_discount end as coupon_discount,
    case when {back} then 0 else coalesce(abs(paid_back), 0) end as refunded,
    case when {back} then 0 else coalesce(abs(came_back), 0) end as refunded_milli,
    (case when coalesce(counted, case when {back} then came_back end) is null then {NO_QUANTITY} else 0 end
    + case when coalesce(paid, case when {back} then paid_back end) is null then {NO_AMOUNT} else 0 end
    )::smallint as flags
from (
    select file_no, row_no, bad, noted, order_no as order_key, {_time(has)} as ordered_at,
        {", ".join(f"{_text(name, has)} as {name}" for name in texts)},
        {_text("original_order_no", has)} as original_key, {_field("row_type", has, "tinyint")} as row_type,
        {_text("line_no", has)} as line_key, {_text("sku_code", has)} as sku_code,
        {_text("product_name", has)} as product_name,
        {_field("quantity", has, "bigint")} as counted, {_paid(has)} as paid,
        {_field("refund_quantity", has, "bigint")} as came_back, {_field("refund_amount", has, "bigint")} as paid_back,
        {_discount(has)} as discount, {_coupons(has)} as coupon_discount
    from ({typed(layout)})
)"""


def _field(name: str, has: frozenset[str], sql_type: str) -> str:
    return name if name in has else f"null::{sql_type}"


def _text(name: str, has: frozenset[str]) -> str:
    return _field(name, has, "varchar")


def _time(has: frozenset[str]) -> str:
    if "order_time" not in has:
        return "ordered_at"
    return "case when order_time is null then ordered_at else date_trunc('day', ordered_at) + order_time end"


def _paid(has: frozenset[str]) -> str:
    return "amount" if "amount" in has else _field("order_amount", has, "bigint")


def _sum_of(names: Iterable[str], has: frozenset[str]) -> str:
    return " + ".join(f"coalesce(abs({name}), 0)" for name in names if name in has) or "0::bigint"


def _coupons(has: frozenset[str]) -> str:
    return _sum_of(("coupon_discount", "coupon_match_discount"), has)


def _discount(has: frozenset[str]) -> str:
    """All that was taken off, however a file signs it; without such a column, what the list price says."""
    named = ("retail_discount", "coupon_discount", "coupon_match_discount")
    if "list_amount" in has and not has & set(named):
        return f"coalesce(abs(list_amount) - abs({_paid(has)}), 0)"
    return _sum_of(named, has)


def _share_order_amounts(connection: duckdb.DuckDBPyConnection) -> None:
    """Order money repeated on each row (京东, 有赞) is shared out by quantity, to the cent; else it would count twice.

    The file tells which it is: where the amounts of any order's rows differ, they are the lines' own.
    """
    own = connection.execute(
        "select 1 from sale_rows where order_key is not null group by order_key having min(amount) <> max(amount) limit 1"
    ).fetchone()
    if own:
        return
    connection.execute(
        """create temp table shared as
        with weighed as (
            select file_no, row_no, amount, refunded, w, sum(w) over whole as total,
                sum(w) over (partition by order_key, row_type order by line_key, sku_code, w, file_no, row_no) as upto
            from (select *, case when min(abs(quantity_milli)) over whole > 0 then abs(quantity_milli) else 1 end as w
                from sale_rows where order_key is not null window whole as (partition by order_key, row_type))
            window whole as (partition by order_key, row_type))
        select file_no, row_no, (amount * upto // total - amount * (upto - w) // total)::bigint as amount,
            (refunded * upto // total - refunded * (upto - w) // total)::bigint as refunded
        from weighed"""
    )
    connection.execute(
        """update sale_rows r set amount = s.amount, refunded = s.refunded
        from shared s where s.file_no = r.file_no and s.row_no = r.row_no"""
    )


def _tell_refunds_by_sign(connection: duckdb.DuckDBPyConnection) -> None:
    """Where no column says so, an order of negative lines only is a refund; one of both kinds is an exchange."""
    connection.execute(
        """update sale_rows set row_type = 1, discount = -abs(discount), coupon_discount = -abs(coupon_discount)
        where row_type is null and order_key in (
            select order_key from sale_rows where row_type is null and order_key is not null
                and order_key in (select order_key from sale_rows where amount < 0 or quantity_milli < 0)
            group by order_key
            having max(amount) <= 0 and max(quantity_milli) <= 0)"""
    )


def _heads(has: frozenset[str]) -> str:
    """Temp table `heads`: a row per order and per refund, with what shows whether its lines agree."""
    firm = [name for name in _FIRM if name in has]
    loose = [name for name in _LOOSE if name in has]
    line = ("line_key", "sku_code", "product_name", *loose)
    numbers = ("quantity_milli", "amount", "discount", "coupon_discount", "refunded", "refunded_milli", "flags")
    content = ", chr(31), ".join([*(f"coalesce({name}, '')" for name in line), *numbers])
    return f"""
create temp table heads as
select order_key, coalesce(row_type = 1, false) as is_refund,
    min(ordered_at) as ordered_at, max(ordered_at) as last_at, max(original_key) as original_key,
    {"".join(f"min({name}) as {name}, max({name}) as last_{name}, " for name in (*firm, *loose))}
    sum(amount)::bigint as amount, sum(discount)::bigint as discount,
    sum(coupon_discount)::bigint as coupon_discount, sum(refunded)::bigint as refunded,
    count(*)::integer as line_count, count(ordered_at) < 1 as has_no_time, bit_or(bad) as bad,
    sum(md5_number_lower(concat({content}))::hugeint) as lines_hash
from sale_rows where order_key is not null
group by all"""


def _held(has: frozenset[str]) -> str:
    """Temp table `held`: orders that are set aside whole, and the field in which their rows contradict each other."""
    firm = [name for name in _FIRM if name in has]
    days_apart = "last_at - ordered_at > interval 1 day"
    differs = "".join(f"when {name} <> last_{name} then '{name}' " for name in firm)
    return f"""create temp table held as
        select order_key, is_refund, case when bad > 0 or has_no_time then null
            {differs} when {days_apart} then 'ordered_at' end as differs_in
        from heads where bad > 0 or has_no_time or {days_apart} {"".join(f" or {name} <> last_{name}" for name in firm)}"""


def _orders(has: frozenset[str]) -> str:
    firm = ", ".join(f"{_text(name, has)} as {name}" for name in _FIRM)
    loose = ", ".join(f"{_loose(name) if name in has else 'null::varchar'} as {name}" for name in _LOOSE)
    fields = ("order_key", "is_refund", "parent_key", "epoch_us(ordered_at)", *_FIRM, "line_count", "lines_hash")
    content = ", chr(31), ".join(f"coalesce({name}::varchar, '')" for name in fields)
    return f"""
create table orders as
select (row_number() over (order by ordered_at, order_key, is_refund))::integer as order_no, *,
    md5(concat({content})) as content_hash
from (
    select order_key, is_refund, {_parent()} as parent_key, ordered_at, {firm}, {loose},
        amount, discount, coupon_discount, refunded, line_count, lines_hash
    from heads where (order_key, is_refund) not in (select (order_key, is_refund) from held)
)
order by order_no"""


def _loose(name: str) -> str:
    return f"case when {name} <> last_{name} then {name} || '/' || last_{name} else {name} end"


def _parent() -> str:
    """The sale a refund takes back: the number it names, or its own where these files hold a sale under it."""
    return """case when is_refund then coalesce(nullif(original_key, order_key),
        case when order_key in (select order_key from heads where not is_refund) then order_key end) end"""


def _lines() -> str:
    """Numbered by content first, so that the same lines in another row order get the same numbers."""
    return """
create table lines as
select o.order_no, r.order_key, o.is_refund, (row_number() over (partition by o.order_no order by r.line_key, r.sku_code,
        r.quantity_milli, r.amount, r.discount, r.coupon_discount, r.product_name, r.file_no, r.row_no))::integer as line_no,
    r.line_key, r.sku_code, r.product_name, r.quantity_milli, r.amount, r.discount, r.coupon_discount,
    r.refunded, r.refunded_milli, r.flags, r.file_no, r.row_no
from sale_rows r join orders o on o.order_key = r.order_key and o.is_refund = coalesce(r.row_type = 1, false)
order by o.order_no, line_no"""


def _counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    row = connection.execute(
        """select count(*) filter (not is_refund), count(*) filter (is_refund), sum(line_count),
            (select count(*) from held) from orders"""
    ).fetchone()
    assert row is not None
    return dict(zip(("orders", "refunds", "lines", "orders_set_aside"), (int(each or 0) for each in row), strict=True))
