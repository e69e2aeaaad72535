-- name: exception_kinds
-- What waits for somebody's eyes, code by code.
select code, count(*) as cases, min(raised_at) as since from fact_exception where state = 'open' group by code order by 2 desc, 1

-- name: exceptions_open
-- Newest first. What they were raised about is looked up for the page only.
select e.id, e.fact_id, e.line_no, e.code, e.detail, e.state, e.raised_at, s.name, s.state as fact_state, s.occurred_at,
    s.person_id, src.label as source, o.order_key, o.parent_key, o.org_unit_id, o.amount
from (
    select * from fact_exception
    where state = 'open' and id < %(before)s::bigint and (%(code)s = '' or code = %(code)s)
    order by id desc limit %(limit)s) e
cross join lateral (select * from settlement where fact_id = e.fact_id offset 0) s
cross join lateral (select label from source where id = s.source_id offset 0) src
left join lateral (select * from fact_order where fact_id = e.fact_id offset 0) o on true
order by e.id desc

-- name: exception
select e.id, e.fact_id, e.line_no, e.code, e.detail, e.state, e.raised_at, s.name, s.state as fact_state, s.occurred_at,
    s.person_id, src.label as source, o.order_key, o.parent_key, o.org_unit_id, o.amount
from fact_exception e
cross join lateral (select * from settlement where fact_id = e.fact_id offset 0) s
cross join lateral (select label from source where id = s.source_id offset 0) src
left join lateral (select * from fact_order where fact_id = e.fact_id offset 0) o on true
where e.id = %(exception_id)s

-- name: mend_exception
-- Of two who mend at once, one finds it done.
update fact_exception set state = 'mended' where id = %(exception_id)s and state = 'open'

-- name: place_of_order
-- Where an order's goods left from, and which they were; no place for what moved nothing.
select o.org_unit_id, s.is_history, array(
    select distinct sku_id from fact_line where fact_id = o.fact_id order by sku_id) as sku_ids
from fact_order o
cross join lateral (select is_history from settlement where fact_id = o.fact_id offset 0) s
where o.fact_id = %(fact_id)s

-- name: trail_of_exception
select at, action, coalesce(detail->>'by', actor) as who, coalesce(detail->>'reason', '') as said,
    (detail->>'by_fact_id')::bigint as by_fact_id
from audit_entry where object_kind = 'fact_exception' and object_id = %(exception_id)s order by id
