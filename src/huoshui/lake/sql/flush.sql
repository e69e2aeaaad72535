-- name: bound
-- Every transaction below `bound` has ended; `open` says whether one at or above it is still under way.
select pg_snapshot_xmin(now_seen)::text::bigint as bound,
    pg_snapshot_xmin(now_seen) < pg_snapshot_xmax(now_seen) as open
from pg_current_snapshot() as now_seen;

-- name: settled_ids
-- The facts settled by transactions `low <= xid < high`.
select fact_id
from settlement
where state = 'settled' and xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8
order by fact_id;

-- name: order_heads
-- What all lines of an order share. `fact` itself is not touched: its partitions are by time, which an id does not tell.
select s.fact_id, coalesce(s.order_id, s.fact_id) as order_id, o.name, s.person_id, o.org_unit_id, s.source_id,
    o.occurred_at, o.business_day, o.channel, s.seq, true as is_order
from settlement s
join fact_order o using (fact_id)
where s.fact_id = any(%(fact_ids)s);

-- name: other_heads
-- The same for facts that are no orders.
select s.fact_id, s.order_id, f.name, s.person_id, null::int as org_unit_id, s.source_id,
    f.occurred_at, (f.occurred_at at time zone %(zone)s)::date as business_day, ''::text as channel, s.seq, false as is_order
from settlement s
join fact f on f.id = s.fact_id
where s.fact_id = any(%(fact_ids)s);

-- name: lines
-- The effect of each line: what is left after refunds.
select fact_id, line_no, sku_id, quantity_milli - refunded_milli as quantity_milli, amount - refunded as amount,
    discount, coupon_discount, flags
from fact_line
where fact_id = any(%(fact_ids)s);

-- name: replacements
-- Whose effect these facts take back.
select fact_id, unnest(replaces) as replaced_id
from settlement
where fact_id = any(%(fact_ids)s) and replaces is not null;

-- name: note_read
-- The lake is complete up to `read_at`. It stands still while a slow transaction holds the bound back.
insert into watermark as w (reader, xid, read_at)
values ('lake', %(bound)s::text::xid8, now())
on conflict (reader) do update
set xid = excluded.xid,
    read_at = case when %(open)s and w.xid = excluded.xid then w.read_at else excluded.read_at end;

-- name: last_read
select read_at, xid::text::bigint as bound, extract(epoch from now() - read_at)::float8 as age_seconds
from watermark
where reader = 'lake';

-- name: waiting
-- How many settled facts the lake has not got yet, counted no further than `enough`.
select count(*)::int as facts
from (
    select 1 from settlement where state = 'settled' and xid >= %(low)s::text::xid8 limit %(enough)s
) as unread;

-- name: places
-- Where the current metadata of each table lies; it moves with every commit.
select table_name, metadata_location
from lake.iceberg_tables
where catalog_name = 'huoshui' and table_namespace = %(namespace)s;
