"""Lines of sale files grouped into orders and refunds.

A row is a line; an order is all rows with its number, wherever they stand and in whichever file. If one of its rows
cannot be read, or its rows contradict each other, the whole order is set aside: part of an order staged as if it were
whole would be settled as a revision that takes the rest back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import duckdb

from huoshui.intake.files import phones, sale_money, sales_problems
from huoshui.intake.files.formats.base import Format
from huoshui.intake.files.problems import quoted
from huoshui.intake.files.rows import Layout, typed

FIRM: Final = ("store_code", "card_no", "member_no", "phone", "email", "unionid", "openid")
"""Lines of one order that differ in these are not one order."""
MORE: Final = ("account", "external_userid")
"""Firm too; of a platform's own files only, so that they count in the hash only where there are any."""
_LOOSE: Final = ("channel", "status", "guide_code")
"""These may differ: an order half refunded, or served by two guides."""
_SEEN: Final = ("phone_hint", "receiver_phone")
"""What may be seen of numbers that name nobody; kept beside the order."""
_LINE: Final = ("line_key", "sku_code", "product_name")
_NUMBERS: Final = ("quantity_milli", "amount", "discount", "coupon_discount", "refunded", "refunded_milli")
_NO_QUANTITY, _NO_AMOUNT = 2, 4
"""Flags of a line. 1, a product not in the product list, is for whoever knows the list."""
WHOLE_ORDER: Final = "整单"
"""Key of the one line that stands for all of an order whose lines another file tells."""


def stage(connection: duckdb.DuckDBPyConnection, layout: Layout) -> dict[str, int]:
    """Tables `orders` and `lines`, and the problems of the orders set aside."""
    of = layout.format
    has = layout.fields | _added(layout).keys() | ({"phone_hint"} if "phone" in layout.fields else set())
    phones.judge(connection, layout)
    # Rows carry their numbers, so they need not keep their order: with it, DuckDB reads one file after the other.
    connection.execute("set preserve_insertion_order = false")
    connection.execute(f"create temp table sale_rows as {_rows(layout, has)}")
    if of is None or not of.is_refunds:
        sale_money.tell_refunds_by_sign(connection)
    sale_money.settle_money(connection, has, of)
    connection.execute(_heads(has))
    connection.execute(_held(has, of))
    sales_problems.explain(connection, layout)
    connection.execute("set preserve_insertion_order = true")
    connection.execute(_orders(has))
    connection.execute(_lines(has))
    return _counts(connection)


def _added(layout: Layout) -> dict[str, str]:
    """What the format says of every row that no column does: field → SQL."""
    of = layout.format
    if of is None:
        return {}
    added = {"channel": quoted(of.channel)} if of.channel else {}
    added |= {"row_type": "1::tinyint"} if of.is_refunds else {}
    added |= {"line_no": quoted(WHOLE_ORDER)} if of.is_whole_order else {}
    return {name: sql for name, sql in added.items() if name not in layout.fields}


def _any(connection: duckdb.DuckDBPyConnection, rows: str) -> bool:
    return connection.execute(f"select 1 from {rows} limit 1").fetchone() is not None


def _rows(layout: Layout, has: frozenset[str]) -> str:
    """One row per line in the terms of the contract. Only columns that the files have: a million NULLs cost time."""
    columns = [
        *("file_no", "row_no", "bad", "noted", "order_no as order_key"),
        f"{_time(has, layout.format)} as ordered_at",
    ]
    texts = (
        *FIRM,
        *MORE,
        *_LOOSE,
        *_SEEN,
        "product_name",
        "after_sale",
        "paid_at",
        "unit_price",
        "line_value",
    )
    columns += [name for name in texts if name in has]
    columns += [f"{_sku(layout.format)} as sku_code"] if "sku_code" in has else []
    columns += ["original_order_no as original_key"] if "original_order_no" in has else []
    columns += ["line_no as line_key"] if "line_no" in has else []
    columns += ["row_type"] if "row_type" in has else ["null::tinyint as row_type"]
    columns += (
        ["coalesce(abs(platform_discount), 0) as platform_discount"] if "platform_discount" in has else []
    )
    columns += [f"{sql} as {name}" for name, sql in _numbers(has).items()]
    added = "".join(f", {sql} as {name}" for name, sql in _added(layout).items())
    return f"select {', '.join(columns)}, false as is_void from (select *{added} from ({typed(layout)}))"


def _sku(of: Format | None) -> str:
    return (
        f"case when contains(sku_code, {quoted(of.joined_by)}) then null else sku_code end"
        if of and of.joined_by
        else "sku_code"
    )


def _time(has: frozenset[str], of: Format | None) -> str:
    time = "ordered_at"
    if "order_time" in has:
        time = "case when order_time is null then ordered_at else ordered_at::date + order_time end"
    if "paid_at" in has:
        time = f"coalesce({time}, paid_at)"
    if of and of.day_in_order_no:
        day = f"nullif(regexp_extract(order_no, {quoted(of.day_in_order_no)}, 1), '')"
        time = f"coalesce({time}, try_strptime({day}, '%y%m%d'))"
    return time


def _numbers(has: frozenset[str]) -> dict[str, str]:
    """Of a sale as they stand, of a row that says it is a refund negative, whichever sign the file gives them."""
    paid = "amount" if "amount" in has else "order_amount"
    # What came from a balance or a card of the shop's is the buyer's money like the rest
    paid = f"({paid} + coalesce(abs(also_paid), 0))" if "also_paid" in has else paid
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
    named = ("retail_discount", "coupon_discount", "coupon_match_discount", "platform_discount")
    if "list_amount" in has and not has & set(named):
        return f"coalesce(abs(list_amount) - abs({paid}), 0)"
    return _sum_of(named, has)


def _sum_of(names: Iterable[str], has: frozenset[str]) -> str:
    return " + ".join(f"coalesce(abs({name}), 0)" for name in names if name in has) or "0::bigint"


def _heads(has: frozenset[str]) -> str:
    """Temp table `heads`: a row per order and per refund, with what shows whether its lines agree.

    `lines_hash` is a sum, so it knows no order of lines, but counts a line that stands twice as two.
    """
    texts = [name for name in (*FIRM, *MORE, *_LOOSE) if name in has]
    seen = "".join(f"min({name}) as {name}, " for name in _SEEN if name in has)
    seen += "sum(platform_discount)::bigint as platform_discount, " if "platform_discount" in has else ""
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
    {"".join(f"min({name}) as {name}, max({name}) as last_{name}, " for name in texts)} {seen} {sums},
    bool_and(is_void) as is_void, count(*)::integer as line_count, count(ordered_at) = 0 as has_no_time, bit_or(bad) as bad,
    sum(('0x' || left(md5(concat({content})), 15))::bigint) as lines_hash
from sale_rows where order_key is not null
group by all"""


def _or_null(name: str, has: frozenset[str]) -> str:
    return name if name in has or (name == "line_key" and "line_no" in has) else "null::varchar"


def _held(has: frozenset[str], of: Format | None) -> str:
    """Temp table `held`: orders that are set aside whole, and the field in which their rows contradict each other."""
    firm = [name for name in (*FIRM, *MORE) if name in has]
    # What is not yet a sale may have no time either, and no harm done
    no_time = "false" if of and of.borrows_time else "(has_no_time and not is_void)"
    days_apart = "last_at - ordered_at > interval 1 day"
    differs = "".join(f"when {name} <> last_{name} then '{name}' " for name in firm)
    return f"""
create temp table held as
select order_key, is_refund, case when bad > 0 or {no_time} then null
    {differs} when {days_apart} then 'ordered_at' end as differs_in
from heads where bad > 0 or {no_time} or {days_apart} {"".join(f" or {name} <> last_{name}" for name in firm)}"""


def _orders(has: frozenset[str]) -> str:
    firm = ", ".join(f"{_or_null(name, has)} as {name}" for name in (*FIRM, *MORE, *_SEEN))
    platform = "platform_discount" if "platform_discount" in has else "null::bigint"
    loose = ", ".join(f"{_loose(name, has)} as {name}" for name in _LOOSE)
    fields = (
        "order_key",
        "is_refund",
        "parent_key",
        "epoch_us(ordered_at)",
        *FIRM,
        "line_count",
        "lines_hash",
        *(name for name in MORE if name in has),
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
        amount, discount, coupon_discount, refunded, {platform} as platform_discount, line_count, lines_hash, is_void
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
        """select count(*) filter (not is_refund and not is_void), count(*) filter (is_refund and not is_void),
            sum(line_count) filter (not is_void),
            (select count(*) from held), count(*) filter (is_void) from orders"""
    ).fetchone()
    assert row is not None
    names = ("orders", "refunds", "lines", "orders_set_aside", "no_sales")
    return dict(zip(names, (int(each or 0) for each in row), strict=True))
