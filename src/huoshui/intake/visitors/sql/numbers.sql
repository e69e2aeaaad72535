-- name: counted_days
select org_unit_id, day, sum(came)::bigint as came from footfall
where day >= %(first)s::date and day <= %(last)s::date and org_unit_id = any(%(org_unit_ids)s::int[])
group by org_unit_id, day order by day, org_unit_id

-- name: counted_hours
-- Spans longer than an hour say nothing of hours.
select hour, sum(came)::bigint as came from footfall
where day >= %(first)s::date and day <= %(last)s::date and org_unit_id = any(%(org_unit_ids)s::int[]) and hour is not null
group by hour

-- name: told_reasons
select reason, count(*) as visits, count(person_id) as known,
    count(*) filter (where bought_at is not null) as back
from visit
where day >= %(first)s::date and day <= %(last)s::date and org_unit_id = any(%(org_unit_ids)s::int[])
    and taken_back_by is null
group by reason order by visits desc, reason

-- name: told_days
select day, count(*) as visits from visit
where day >= %(first)s::date and day <= %(last)s::date and org_unit_id = any(%(org_unit_ids)s::int[])
    and taken_back_by is null
group by day

-- name: told_hours
select hour, count(*) as visits from visit
where day >= %(first)s::date and day <= %(last)s::date and org_unit_id = any(%(org_unit_ids)s::int[])
    and taken_back_by is null
group by hour

-- name: told_stores
select org_unit_id, count(*) as visits from visit
where day >= %(first)s::date and day <= %(last)s::date and org_unit_id = any(%(org_unit_ids)s::int[])
    and taken_back_by is null
group by org_unit_id

-- name: told_products
select p.sku_id, v.reason, count(*) as visits
from visit v join visit_product p on p.visit_id = v.id
where v.day >= %(first)s::date and v.day <= %(last)s::date and v.org_unit_id = any(%(org_unit_ids)s::int[])
    and v.taken_back_by is null
group by p.sku_id, v.reason

-- name: left_baskets
-- Those of no store are the brand's own: only whoever sees all of it counts them.
select kind, count(*) as baskets, count(distinct person_id) as people, count(*) filter (where bought_at is not null) as back,
    coalesce(sum(amount), 0)::bigint as amount
from basket
where state = 'left' and day >= %(first)s::date and day <= %(last)s::date
    and (org_unit_id = any(%(org_unit_ids)s::int[]) or (%(with_online)s::boolean and org_unit_id is null))
group by kind

-- name: visit_people
-- Who is behind a number of visits told.
select distinct person_id from visit
where day >= %(first)s::date and day <= %(last)s::date and org_unit_id = any(%(org_unit_ids)s::int[])
    and taken_back_by is null and person_id is not null
    and (%(reason)s::text = '' or reason = %(reason)s::text)
    and (not %(back)s::boolean or bought_at is not null)
    and (%(sku_id)s::int = 0 or exists (select from visit_product p where p.visit_id = visit.id and p.sku_id = %(sku_id)s::int))

-- name: basket_people
select distinct person_id from basket
where state = 'left' and person_id is not null and kind = %(kind)s and day >= %(first)s::date and day <= %(last)s::date
    and (org_unit_id = any(%(org_unit_ids)s::int[]) or (%(with_online)s::boolean and org_unit_id is null))
    and (not %(back)s::boolean or bought_at is not null)

-- name: came_by_day
-- Who came through counted doors, store by store and day by day.
select day as business_day, org_unit_id::int, sum(came)::bigint as came from footfall
where (%(first)s::date is null or day >= %(first)s::date) and (%(last)s::date is null or day <= %(last)s::date)
group by day, org_unit_id
