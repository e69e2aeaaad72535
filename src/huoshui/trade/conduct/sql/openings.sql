-- name: openings
-- Cards of lists that say when, where and on which device each was opened. One row per card as last told, of living people.
select distinct on (s.person_id, t.device, t.opened) s.person_id, t.device, t.opened, coalesce(t.store, '') as store
from (
    select fact_id, max(value) filter (where name = any(%(devices)s::text[])) as device,
        max(value) filter (where name = 'joined_at') as opened, max(value) filter (where name = 'home_store') as store
    from fact_trait
    where name = 'joined_at' or name = 'home_store' or name = any(%(devices)s::text[])
    group by fact_id) t
join settlement s on s.fact_id = t.fact_id and s.state = 'settled' and s.person_id is not null
where t.device is not null and t.opened is not null
    and not exists (select from fact_withdrawn w where w.fact_id = t.fact_id)
order by s.person_id, t.device, t.opened, t.fact_id desc

-- name: bought
-- Orders of these (born ids): once each, at the brand's wall clock.
select distinct on (coalesce(s.order_id, s.fact_id)) s.person_id, coalesce(s.order_id, s.fact_id) as order_id,
    (o.occurred_at at time zone %(zone)s) as at, o.org_unit_id
from settlement s join fact_order o on o.fact_id = s.fact_id
where s.person_id = any(%(person_ids)s::bigint[]) and s.state = 'settled' and s.name = 'Order Completed'
    and not exists (select from fact_withdrawn w where w.fact_id = s.fact_id)
order by coalesce(s.order_id, s.fact_id), s.fact_id

-- name: coupons
-- Coupons that these used, as told by a list of coupons or by the order itself.
select s.person_id, (s.occurred_at at time zone %(zone)s) as at, coalesce(f.body->>'title', '') as title
from settlement s join fact f on f.id = s.fact_id and f.occurred_at = s.occurred_at
where s.person_id = any(%(person_ids)s::bigint[]) and s.state = 'settled' and s.name = 'Coupon Used'
union all
select s.person_id, (s.occurred_at at time zone %(zone)s), c.code
from settlement s join fact_coupon c on c.fact_id = s.fact_id
where s.person_id = any(%(person_ids)s::bigint[]) and s.state = 'settled'

-- name: shared_phones
-- Phones that lists gave for people of different names and birthdays. Only keyed hashes are looked at.
select array_agg(distinct s.person_id order by s.person_id) as person_ids, count(distinct (n.value, b.value))::int as cards
from fact_identifier i
join settlement s on s.fact_id = i.fact_id and s.name = 'Identify' and s.state = 'settled' and s.person_id is not null
join fact_trait n on n.fact_id = i.fact_id and n.name = 'name'
join fact_trait b on b.fact_id = i.fact_id and b.name = 'birthday'
where i.kind = 'phone' and not exists (select from fact_withdrawn w where w.fact_id = i.fact_id)
group by i.scope, i.key
having count(distinct (n.value, b.value)) > 1
order by 1
