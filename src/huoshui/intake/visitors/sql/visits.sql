-- name: reasons
select code, label, is_listed, is_about_stock from visit_reason order by place, code

-- name: add_reason
-- At the end. Its code is made here: it stands in facts, and a label may change.
insert into visit_reason (code, label, is_about_stock)
select 'reason_' || count(*) + 1, %(label)s, %(is_about_stock)s::boolean from visit_reason
returning code, place

-- name: lock_reasons
select code, label, is_listed, is_about_stock from visit_reason order by place for update

-- name: change_reason
update visit_reason set label = coalesce(%(label)s::text, label), is_listed = coalesce(%(is_listed)s::boolean, is_listed)
where code = %(code)s returning place, label, is_listed

-- name: patience
select basket_hours, scan_hours, return_days from visit_patience where id = 1

-- name: change_patience
update visit_patience
set basket_hours = %(basket_hours)s::int, scan_hours = %(scan_hours)s::int, return_days = %(return_days)s::int where id = 1

-- name: add_visit
-- Unless its teller has used the key before: whoever is second waits for the first, and then finds it taken.
insert into visit (source_id, client_key, digest, org_unit_id, reason, person_id, note, staff_code, actor, ended_at, day, hour,
    told_at)
values (%(source_id)s::int, %(key)s, %(digest)s::uuid, %(org_unit_id)s::int, %(reason)s, %(person_id)s::bigint, %(note)s,
    %(staff_code)s, %(actor)s, %(ended_at)s::timestamptz, %(day)s::date, %(hour)s::smallint, %(told_at)s::timestamptz)
on conflict (source_id, client_key) do nothing
returning id

-- name: told_before
select fact_id, person_id, digest::text as digest from visit where source_id = %(source_id)s::int and client_key = %(key)s

-- name: set_visit_fact
update visit set fact_id = %(fact_id)s::bigint where id = %(id)s::bigint

-- name: add_visit_products
insert into visit_product (visit_id, sku_id)
select %(visit_id)s::bigint, unnest(%(sku_ids)s::int[]) on conflict do nothing

-- name: lock_visit
select id, org_unit_id, person_id, reason, actor, ended_at, told_at, taken_back_by, source_id from visit
where fact_id = %(fact_id)s::bigint for update

-- name: take_visit_back
update visit set taken_back_by = %(by)s::bigint where id = %(id)s::bigint

-- name: told_by
-- What this actor told at a store since a time, newest first.
select v.fact_id, v.org_unit_id, v.reason, v.person_id, v.note, v.ended_at, v.told_at,
    v.taken_back_by is not null as is_taken_back,
    array(select sku_id from visit_product p where p.visit_id = v.id order by sku_id) as product_ids
from visit v
where v.day >= %(since)s::date and v.org_unit_id = %(org_unit_id)s::int and v.actor = %(actor)s and v.fact_id is not null
order by v.id desc limit %(limit)s

-- name: visits_of
-- What stands of these persons' visits at these stores between two days, newest first.
select v.fact_id, v.org_unit_id, v.reason, v.person_id, v.note, v.ended_at, v.told_at, false as is_taken_back,
    array(select sku_id from visit_product p where p.visit_id = v.id order by sku_id) as product_ids
from visit v
where v.person_id = any(%(person_ids)s::bigint[]) and v.day between %(first)s::date and %(last)s::date
    and v.org_unit_id = any(%(org_unit_ids)s::int[]) and v.taken_back_by is null and v.fact_id is not null
order by v.ended_at desc limit %(limit)s

-- name: awaited_visits
-- Visits of these persons that no return is known of.
select v.id, v.person_id, v.ended_at
from unnest(%(person_ids)s::bigint[]) as p (person_id)
cross join lateral (
    select id, person_id, ended_at from visit
    where person_id = p.person_id and ended_at >= %(since)s::timestamptz and bought_at is null and taken_back_by is null
    offset 0) v

-- name: awaited_of_all
select id, person_id, ended_at from visit
where person_id is not null and ended_at >= %(since)s::timestamptz and bought_at is null and taken_back_by is null

-- name: set_returns
update visit set bought_at = n.bought_at, bought_fact_id = n.fact_id
from unnest(%(ids)s::bigint[], %(times)s::timestamptz[], %(fact_ids)s::bigint[]) as n (id, bought_at, fact_id)
where visit.id = n.id

-- name: first_orders
-- The earliest order of any of these persons within the span of each thing that waits for one. One row per thing that has.
select distinct on (b.id) b.id, o.fact_id, o.occurred_at
from unnest(%(ids)s::bigint[], %(person_ids)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
    as b (id, person_id, since, until)
cross join lateral (
    select fact_id, occurred_at from settlement
    where person_id = b.person_id and occurred_at >= b.since and occurred_at <= b.until
        and name = 'Order Completed' and state = 'settled'
    order by occurred_at limit 1 offset 0) o
order by b.id, o.occurred_at, o.fact_id
