"""Staged orders into facts: batches in time order, each a few Arrow tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.facts.types import ORDER_COMPLETED, ORDER_REFUNDED, UNLISTED_PRODUCT, Batch, Source
from huoshui.intake.files.formats.base import Format
from huoshui.intake.imports import siblings
from huoshui.intake.imports.identifiers import identifier_table
from huoshui.intake.imports.lanes import LANES

# A line without a code goes by its product's name; one that has neither is a product of its own, unlisted.
_CODE = "coalesce(nullif(l.sku_code, ''), nullif(l.product_name, ''), '无编码')"
_NAMED = f"case when is_refund then '{ORDER_REFUNDED}' else '{ORDER_COMPLETED}' end"


@dataclass(frozen=True)
class Chunk:
    batch: Batch
    orders: int
    lines: int


def prepare(staged: duckdb.DuckDBPyConnection, *, source: Source, of: Format | None = None) -> None:
    """Heed what is known of these orders. Give every store and product of the file its id; those nobody has described
    become unlisted ones.
    """
    siblings.heed(staged, source=source, of=of)
    staged.execute(
        "create or replace temp table account_scope as select ? as scope", [of.scope if of else source.name]
    )
    stores = [
        c
        for (c,) in staged.execute("select distinct store_code from orders where store_code <> ''").fetchall()
    ]
    guides = [
        c
        for (c,) in staged.execute("select distinct guide_code from orders where guide_code <> ''").fetchall()
    ]
    products = dict(
        staged.execute(
            f"select {_CODE} as code, coalesce(max(product_name), '') from lines as l group by code"
        ).fetchall()
    )
    with transaction.atomic():
        sql.by_index()
        units = brand.unit_ids(sorted(stores))
        skus = brand.find_or_add_skus(products)
        staff = brand.find_staff(sorted(guides)) if guides else {}
    unit_of = pa.table(
        {"store_code": pa.array(units, pa.string()), "id": pa.array(units.values(), pa.int32())}
    )
    sku_of = pa.table(
        {
            "sku_code": pa.array(skus, pa.string()),
            "id": pa.array([sku.id for sku in skus.values()], pa.int32()),
            "flag": pa.array([0 if sku.is_listed else UNLISTED_PRODUCT for sku in skus.values()], pa.int16()),
        }
    )
    # A number that is on no staff list serves nobody: the order says it, and nobody is credited
    staff_of = pa.table(
        {"guide_code": pa.array(staff, pa.string()), "id": pa.array(staff.values(), pa.int32())}
    )
    staged.register("staff_of", staff_of)
    staged.register("unit_of", unit_of)
    staged.register("sku_of", sku_of)


def chunks(staged: duckdb.DuckDBPyConnection, *, size: int, start: int = 1) -> Iterator[Chunk]:
    """The orders of the file in time order, `size` at a time."""
    (last,) = staged.execute("select coalesce(max(order_no), 0) from orders").fetchone() or (0,)
    for low in range(start, last + 1, size):
        yield _chunk(staged, low, low + size)


def _chunk(staged: duckdb.DuckDBPyConnection, low: int, high: int) -> Chunk:
    span = [low, high]
    heads = staged.execute(_HEADS, span).to_arrow_table()
    lines = staged.execute(_LINES, span).to_arrow_table()
    occurred_at = pc.assume_timezone(
        heads.column("ordered_at").cast(pa.timestamp("us")),
        settings.HUOSHUI_ZONE,
        ambiguous="earliest",
        nonexistent="latest",
    ).cast(pa.timestamp("us", tz="UTC"))
    told = ["ref", "name", "client_key", "content_hash", "lane"]
    if heads.column("body").null_count < heads.num_rows:
        told.append("body")
    facts = heads.select(told).append_column("occurred_at", occurred_at)
    orders = heads.select(_ORDER_COLUMNS)
    batch = Batch(facts=facts, identifiers=identifier_table(heads), orders=orders, lines=lines)
    return Chunk(batch, heads.num_rows, lines.num_rows)


_ORDER_COLUMNS = [
    *(
        "ref",
        "order_key",
        "parent_key",
        "business_day",
        "org_unit_id",
        "staff_id",
        "channel",
        "status",
        "amount",
        "discount",
    ),
    *("coupon_discount", "refunded", "line_count"),
]

_HEADS = f"""
select o.order_no::bigint as ref, {_NAMED} as name, o.order_key as client_key, o.content_hash, o.ordered_at,
    o.order_key,
    case when o.is_refund then coalesce(o.parent_key, o.order_key) end as parent_key,
    o.ordered_at::date as business_day, u.id as org_unit_id, g.id as staff_id,
    coalesce(o.channel, '') as channel, coalesce(o.status, '') as status, o.amount, o.discount, o.coupon_discount,
    o.refunded, o.line_count::int as line_count,
    case when o.account is not null then (select scope from account_scope) end as account_scope,
    case when o.phone_hint is not null or o.receiver_phone is not null or o.platform_discount > 0 then
        to_json(map_from_entries(list_filter([
            row('phone_hint', o.phone_hint), row('receiver_phone_hint', o.receiver_phone),
            row('platform_discount', nullif(o.platform_discount, 0)::varchar)], e -> e[2] is not null)))::varchar
    end as body,
    (hash(coalesce(o.card_no, o.member_no, o.phone, o.unionid, o.openid, o.email,
        o.account, o.external_userid, o.order_key)) % {LANES})::int as lane,
    columns(c -> c in (
        'card_no', 'member_no', 'phone', 'email', 'unionid', 'openid', 'external_userid', 'account'))
from orders o left join unit_of u on u.store_code = o.store_code left join staff_of g on g.guide_code = o.guide_code
where o.order_no >= ? and o.order_no < ?
order by o.order_no
"""

_LINES = f"""
select l.order_no::bigint as ref, l.line_no::int as line_no, l.line_key, s.id as sku_id, l.quantity_milli, l.amount,
    l.discount, l.coupon_discount, l.refunded, l.refunded_milli, (l.flags | s.flag)::smallint as flags
from lines l join sku_of s on s.sku_code = {_CODE}
where l.order_no >= ? and l.order_no < ?
order by l.order_no, l.line_no
"""
