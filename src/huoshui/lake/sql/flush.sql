-- name: bound
-- Every transaction below `bound` that can have settled a fact has ended. A snapshot is of the whole server, so those of
-- its other databases are left out: a long night of theirs must not stop our lake. (One that ends before its activity is
-- looked up counts as ours: the bound is then lower than need be, never higher.) `open`: one of ours is under way.
-- `is_foreign`: facts were settled by transactions this server has not begun yet; they came with another one's backup.
with seen as (
    select pg_current_snapshot() as snapshot
),
elsewhere as (
    select backend_xid::text::bigint as xid
    from pg_stat_activity
    where backend_xid is not null
        and datid is distinct from (select oid from pg_database where datname = current_database())
),
ours as (
    select min(running::text::bigint) as xid
    from seen, pg_snapshot_xip(snapshot) as running
    where mod(running::text::bigint, 4294967296) not in (select xid from elsewhere)
)
select coalesce(ours.xid, pg_snapshot_xmax(snapshot)::text::bigint) as bound,
    ours.xid is not null as open,
    exists (select from settlement where xid >= pg_snapshot_xmax(snapshot)) as is_foreign
from seen, ours;

-- name: adopt
-- Give facts of another server a transaction of this one. The lake must be rebuilt in the same breath.
update settlement
set xid = pg_current_xact_id()
where xid >= pg_snapshot_xmax(pg_current_snapshot());

-- name: settled_ids
-- The facts settled by transactions `low <= xid < high`.
select fact_id
from settlement
where state = 'settled' and xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8
order by fact_id;

-- name: withdrawn_ids
-- The facts, other than orders, that were taken back by transactions `low <= xid < high`, and when they had happened. An order is
-- taken back by its lines.
select order_id as fact_id, occurred_at
from settlement
where state = 'settled' and name = %(name)s and xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8
    and order_id <> fact_id;

-- name: heads
-- What all lines of a fact share. A fact that is no order has a business day too, the brand's day it happened on.
select s.fact_id, case when o.fact_id is null then s.order_id else coalesce(s.order_id, s.fact_id) end as order_id,
    s.name, s.person_id, o.org_unit_id, s.source_id, s.occurred_at,
    coalesce(o.business_day, (s.occurred_at at time zone %(zone)s)::date) as business_day,
    coalesce(o.channel, '') as channel, s.seq, o.fact_id is not null as is_order
from settlement s
left join fact_order o using (fact_id)
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
where catalog_name = %(catalog)s and table_namespace = %(namespace)s;
