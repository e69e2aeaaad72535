-- name: tiers_reached
-- Facts of these transactions by which we found a tier reached; whoever else says so is owed nothing. One row per fact.
select s.fact_id, s.person_id, case when f.body->>'rank' ~ '^[0-9]{1,4}$' then (f.body->>'rank')::int else -1 end as rank,
    s.occurred_at
from settlement s
cross join lateral (
    select body from fact where id = s.fact_id and occurred_at = s.occurred_at offset 0) f
where s.xid >= %(low)s::xid8 and s.xid < %(high)s::xid8 and s.state = 'settled' and s.name = 'Tier Reached'
    and s.source_id = (select id from source where name = 'huoshui')
    and s.person_id is not null and f.body ? 'rank'
    and not exists (select from fact_withdrawn w where w.fact_id = s.fact_id)
order by s.occurred_at, s.fact_id

-- name: gifts_had
-- What these persons were given of tiers.
select g.person_id, g.rank, g.fact_id, g.reached_at, g.coupon_id is not null as is_had
from tier_gift g where g.person_id = any(%(person_ids)s::bigint[])

-- name: add_gifts
insert into tier_gift (fact_id, person_id, rank, template_id, coupon_id, reached_at)
select * from unnest(%(fact_ids)s::bigint[], %(person_ids)s::bigint[], %(ranks)s::int[], %(template_ids)s::bigint[],
    %(coupon_ids)s::bigint[], %(times)s::timestamptz[])

-- name: gifts_used_of_run
-- Coupons that a tier reached by what an import told brought with it, and that have been used since.
with mine as materialized (
    select t.fact_id, s.person_id
    from told_by_run(%(run_id)s::bigint) t
    cross join lateral (select person_id from settlement where fact_id = t.fact_id offset 0) s
    where not t.is_shared and s.person_id is not null)
select g.person_id, t.title
from tier_gift g
cross join lateral (
    select (body->>'cause')::bigint as cause_id from fact where id = g.fact_id and occurred_at = g.reached_at offset 0) f
join coupon c on c.id = g.coupon_id and c.used > 0
join coupon_template t on t.id = g.template_id
where g.person_id in (select person_id from mine) and f.cause_id in (select fact_id from mine)
order by g.fact_id
