"""What the rows of sales come to: by their signs, by the order's own money, and by what has become of the order."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from huoshui.intake.files.formats.base import Format
from huoshui.intake.files.states import state_of

_SHARED = {"order_amount": "amount", "refund_amount": "refunded", "retail_discount": "discount"}


def tell_refunds_by_sign(connection: duckdb.DuckDBPyConnection) -> None:
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


def settle_money(connection: duckdb.DuckDBPyConnection, has: frozenset[str], of: Format | None) -> None:
    """Share out the order's own money, then take back that of orders which were closed or given back."""
    if of and of.paid_may_be_net:
        connection.execute(
            "update sale_rows set amount = amount + refunded where refunded > amount and amount >= 0 and row_type is null"
        )
    if of and of.shared and "amount" not in has:
        columns = [ours for theirs, ours in _SHARED.items() if theirs in of.shared and theirs in has]
        _share(connection, columns, has, amounts_agree="count(distinct nullif(amount, 0)) <= 1")
    elif "amount" not in has and not (of and of.is_whole_order):
        _share_if_order_money(connection, has)
    if "status" in has or "after_sale" in has:
        _apply_states(connection, has, of)


def _any(connection: duckdb.DuckDBPyConnection, rows: str) -> bool:
    return connection.execute(f"select 1 from {rows} limit 1").fetchone() is not None


def _share_if_order_money(connection: duckdb.DuckDBPyConnection, has: frozenset[str]) -> None:
    """Order money that stands on every row is shared out; else it counts twice.

    The files tell which it is: where the amounts of any order's rows differ, they are the lines' own.
    """
    if not _any(connection, "sale_rows group by order_key, row_type having min(amount) <> max(amount)"):
        _share(connection, ["amount", "refunded"], has, amounts_agree="true")


def _share(
    connection: duckdb.DuckDBPyConnection, columns: list[str], has: frozenset[str], *, amounts_agree: str
) -> None:
    """To the cent, by what each line came to, else by price, else by quantity. Only orders whose rows agree."""
    place = [name for name in ("sku_code", "product_name") if name in has]
    running = ", ".join([*place, "w", "file_no", "row_no"])
    shares = ", ".join(
        f"(t_{c} * upto // total - t_{c} * (upto - w) // total)::bigint as {c}" for c in columns
    )
    totals = ", ".join(f"max({c}) over whole as t_{c}" for c in columns)
    connection.execute(
        f"""create temp table shared as
        with agreeing as (select order_key, row_type from sale_rows where order_key is not null group by all
            having {amounts_agree}),
        weighed as (
            select *, sum(w) over whole as total,
                sum(w) over (whole order by {running} rows unbounded preceding) as upto
            from (select s.*, {totals}, ({_weight(has)})::hugeint as w
                from sale_rows s join agreeing a on a.order_key = s.order_key and a.row_type is not distinct from s.row_type
                window whole as (partition by s.order_key, s.row_type))
            window whole as (partition by order_key, row_type))
        select file_no, row_no, {shares} from weighed"""
    )
    connection.execute(
        f"""update sale_rows set {", ".join(f"{c} = s.{c}" for c in columns)}
        from shared s where s.file_no = sale_rows.file_no and s.row_no = sale_rows.row_no"""
    )
    if "amount" in columns:
        # A share of nothing is no missing amount; a share of something is one no more
        connection.execute(
            "update sale_rows set flags = (flags & ~4) | case when amount = 0 then 4 else 0 end"
        )


def _weight(has: frozenset[str]) -> str:
    ways = []
    if "line_value" in has:
        ways.append("coalesce(abs(s.line_value), 0)")
    if "unit_price" in has:
        ways.append("coalesce(abs(s.unit_price), 0)::hugeint * abs(s.quantity_milli)")
    cases = "".join(f"when sum({way}) over whole > 0 then {way} " for way in ways)
    return (
        f"case {cases} when min(abs(s.quantity_milli)) over whole > 0 then abs(s.quantity_milli) else 1 end"
    )


def _apply_states(connection: duckdb.DuckDBPyConnection, has: frozenset[str], of: Format | None) -> None:
    """By each distinct pair of words: an order closed or given back has nothing left, one never paid is no sale."""
    status = "status" if "status" in has else "null::varchar"
    after_sale = "after_sale" if "after_sale" in has else "null::varchar"
    pairs = connection.execute(f"select distinct {status}, {after_sale} from sale_rows").fetchall()
    states = [state_of(pair[0], pair[1], of.states if of else ()) for pair in pairs]
    if set(states) <= {"paid"}:
        return
    told = pa.table(
        {
            "status": pa.array([pair[0] for pair in pairs], pa.string()),
            "after_sale": pa.array([pair[1] for pair in pairs], pa.string()),
            "state": pa.array(states, pa.string()),
        }
    )
    connection.register("told_states", told)
    connection.execute("create temp table states as select * from told_states")
    connection.unregister("told_states")
    same = " and ".join(
        f"s.{name} is not distinct from t.{name}" for name in ("status", "after_sale") if name in has
    )
    if of and of.is_refunds:
        connection.execute(
            f"update sale_rows s set is_void = true from states t where t.state <> 'paid' and {same}"
        )
        return
    paid = "s.paid_at is not null" if "paid_at" in has else "false"
    connection.execute(
        f"""update sale_rows s set
            is_void = t.state = 'unpaid' or t.state = 'closed' and s.refunded = 0 and not ({paid}),
            refunded = case when t.state = 'refunded' and s.refunded > 0 then s.refunded else s.amount end,
            refunded_milli = case when t.state = 'refunded' and s.refunded between 1 and s.amount - 1
                then s.refunded_milli else s.quantity_milli end
        from states t
        where t.state in ('unpaid', 'closed', 'refunded') and coalesce(s.row_type, 0) = 0 and {same}"""
    )
