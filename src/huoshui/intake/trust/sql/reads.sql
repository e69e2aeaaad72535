-- name: sources
select id, name, label, mode, created_at from source where name <> 'huoshui' order by id

-- name: own_source
select id from source where name = 'huoshui'

-- name: newest_day
-- Of what was sold; what lies in the future is somebody's wrong clock.
select max(day) as day from trust_day where feed = 'orders' and facts > 0 and day <= %(today)s::date

-- name: read_at
select read_at from watermark where reader = 'trust'

-- name: units_of_sources
-- Where each source has told sales of; `0` for those at no known store.
select source_id, array_agg(distinct org_unit_id) as units from trust_day where feed = 'orders' group by source_id

-- name: days_of_sources
select source_id, day, feed, sum(facts)::bigint as facts, sum(by_file)::bigint as by_file
from trust_day where day between %(first)s::date and %(last)s::date and source_id = any(%(source_ids)s::int[])
group by source_id, day, feed

-- name: day_of_sales
-- How much of a day's sales and refunds has been told, and when the last of it was in the lake.
select coalesce(sum(facts), 0)::bigint as facts, max(arrived_at) as arrived_at from trust_day
where day = %(day)s::date and feed = 'orders' and facts > 0
    and (%(unit_ids)s::int[] is null or org_unit_id = any(%(unit_ids)s::int[]))

-- name: last_told
-- When each last told anything, and of which day its first was.
select source_id, max(last_at) as last_at, min(day) as first_day, sum(facts)::bigint as facts
from trust_day where source_id = any(%(source_ids)s::int[]) and facts > 0 group by source_id

-- name: lags
select source_id, feed, stage, bucket, sum(facts)::bigint as facts from trust_lag
where day between %(first)s::date and %(last)s::date and source_id = any(%(source_ids)s::int[])
group by source_id, feed, stage, bucket

-- name: fields
select source_id, feed, field, sum(facts)::bigint as facts, sum(filled)::bigint as filled, sum(valid)::bigint as valid
from trust_field where day between %(first)s::date and %(last)s::date and source_id = any(%(source_ids)s::int[])
group by source_id, feed, field

-- name: field_days
select feed, field, day, facts, filled, valid from trust_field
where day between %(first)s::date and %(last)s::date and source_id = %(source_id)s::int and facts > 0
order by feed, field, day

-- name: coverage
select org_unit_id, sum(sales)::bigint as sales, sum(known_sales)::bigint as known_sales, sum(amount)::bigint as amount,
    sum(known_amount)::bigint as known_amount
from trust_day
where day between %(first)s::date and %(last)s::date and feed = 'orders'
    and (%(unit_ids)s::int[] is null or org_unit_id = any(%(unit_ids)s::int[]))
group by org_unit_id having sum(sales) <> 0

-- name: units_by_day
-- How much each store was told of on these days.
select org_unit_id, day, sum(facts)::bigint as facts from trust_day
where day = any(%(days)s::date[]) and feed = 'orders' and org_unit_id <> 0
    and (%(unit_ids)s::int[] is null or org_unit_id = any(%(unit_ids)s::int[]))
group by org_unit_id, day

-- name: waiting
-- Received, and no number yet.
select source_id, state, count(*)::bigint as facts, min(occurred_at) as since from settlement
where state <> 'settled' group by source_id, state

-- name: lineage_sum
with effect as (
    select * from trust_effect where business_day between %(first)s::date and %(last)s::date
    union all
    select * from trust_pending(%(first)s::date, %(last)s::date))
select e.source_id, e.run_id, e.actor, count(*)::bigint as effects, sum(m.amount)::bigint as amount,
    count(*) filter (where e.fact_id <> e.of_fact_id)::bigint as taken_back
from effect e
cross join lateral (
    select case when %(sku_ids)s::int[] is null then e.amount else (
        select sum(case when e.fact_id = e.of_fact_id then l.amount - l.refunded else l.refunded - l.amount end)
        from fact_line l where l.fact_id = e.of_fact_id and l.sku_id = any(%(sku_ids)s::int[])) end as amount offset 0) m
where m.amount is not null
    and (%(unit_ids)s::int[] is null or e.org_unit_id = any(%(unit_ids)s::int[]))
    and (%(source_id)s::int = 0 or e.source_id = %(source_id)s::int)
    and (%(run_id)s::bigint = 0 or e.run_id = %(run_id)s::bigint)
    and (not %(is_unknown)s::boolean or (e.is_sale and not e.is_known))
group by e.source_id, e.run_id, e.actor order by count(*) desc, e.source_id, e.run_id, e.actor

-- name: lineage_rows
-- Newest day first; a page begins behind the place at which the last one ended.
with effect as (
    select * from trust_effect where business_day between %(first)s::date and %(last)s::date
    union all
    select * from trust_pending(%(first)s::date, %(last)s::date)),
page as (
    select e.*, m.amount as meant from effect e
    cross join lateral (
        select case when %(sku_ids)s::int[] is null then e.amount else (
            select sum(case when e.fact_id = e.of_fact_id then l.amount - l.refunded else l.refunded - l.amount end)
            from fact_line l where l.fact_id = e.of_fact_id and l.sku_id = any(%(sku_ids)s::int[])) end as amount offset 0) m
    where m.amount is not null
        and (e.business_day, e.fact_id, e.of_fact_id)
            < (%(after_day)s::date, %(after_fact_id)s::bigint, %(after_of_id)s::bigint)
        and (%(unit_ids)s::int[] is null or e.org_unit_id = any(%(unit_ids)s::int[]))
        and (%(source_id)s::int = 0 or e.source_id = %(source_id)s::int)
        and (%(run_id)s::bigint = 0 or e.run_id = %(run_id)s::bigint)
        and (not %(is_unknown)s::boolean or (e.is_sale and not e.is_known))
    order by e.business_day desc, e.fact_id desc, e.of_fact_id desc limit %(limit)s)
select p.business_day, p.fact_id, p.of_fact_id, p.source_id, p.org_unit_id, p.run_id, p.actor, p.meant::bigint as amount,
    o.name, o.order_key, o.occurred_at, f.received_at
from page p
cross join lateral (select name, order_key, occurred_at from fact_order where fact_id = p.of_fact_id offset 0) o
cross join lateral (select occurred_at from settlement where fact_id = p.fact_id offset 0) s
cross join lateral (select received_at from fact where id = p.fact_id and occurred_at = s.occurred_at offset 0) f
order by p.business_day desc, p.fact_id desc, p.of_fact_id desc

-- name: origin
select f.id as fact_id, f.name, f.client_key, f.occurred_at, f.received_at, f.actor, f.run_id, s.source_id, s.settled_at,
    s.state, s.replaces, coalesce(o.order_key, f.client_key) as order_key, coalesce(o.org_unit_id, 0) as org_unit_id,
    o.fact_id is not null as is_order, coalesce(o.amount - o.refunded, 0) as amount, coalesce(o.line_count, 0) as line_count
from settlement s
cross join lateral (select * from fact where id = s.fact_id and occurred_at = s.occurred_at offset 0) f
left join lateral (select * from fact_order where fact_id = s.fact_id offset 0) o on true
where s.fact_id = %(fact_id)s::bigint

-- name: take_rows
-- Those of these rows that nobody has mended before.
insert into trust_mend (run_id, file_no, row_no, mended_by)
select %(run_id)s::bigint, n.file_no, n.row_no, %(by)s::text
from unnest(%(file_nos)s::int[], %(row_nos)s::int[]) as n (file_no, row_no)
order by n.file_no, n.row_no
on conflict (run_id, file_no, row_no) do nothing
returning file_no, row_no

-- name: name_new_run
update trust_mend set new_run_id = %(new_run_id)s::bigint where run_id = %(run_id)s::bigint and new_run_id is null

-- name: mended_rows
select file_no, row_no, new_run_id from trust_mend where run_id = %(run_id)s::bigint

-- name: mended_counts
select run_id, count(*) as mended from trust_mend where run_id = any(%(run_ids)s::bigint[]) group by run_id
