-- name: rules
-- Every version, oldest first.
select version, points, per_minor, valid_years, from_day, points_per_yuan, notice_days, adjust_alone_upto
from earn_rule order by version

-- name: earnings
-- What each settled order fact adds to the money that stays with us, and how much of it was paid with points.
select s.fact_id, s.person_id, s.order_id, o.business_day,
    o.amount - o.refunded - case when s.replaces is null then 0 else coalesce((
        select sum(r.amount - r.refunded) from fact_order r where r.fact_id = any(s.replaces)), 0)::bigint end as effect,
    (coalesce((select sum(amount) from fact_tender where fact_id = s.fact_id and kind = 'points'), 0)
        - case when s.replaces is null then 0 else coalesce((
            select sum(amount) from fact_tender where fact_id = any(s.replaces) and kind = 'points'), 0) end)::bigint
        as by_points,
    o.org_unit_id
from settlement s
cross join lateral (select * from fact_order where fact_id = s.fact_id offset 0) o
where s.fact_id = any(%(fact_ids)s::bigint[]) and s.state = 'settled'
order by s.fact_id

-- name: order_facts
-- All settled facts of orders that changed, each with its effect.
select coalesce(s.order_id, s.fact_id) as order_id,
    o.amount - o.refunded - coalesce((
        select sum(r.amount - r.refunded) from fact_order r where r.fact_id = any(s.replaces)), 0)::bigint as effect,
    s.is_history, s.order_id is null as is_first,
    (coalesce((select sum(amount) from fact_tender where fact_id = s.fact_id and kind = 'points'), 0) - coalesce((
        select sum(amount) from fact_tender where fact_id = any(s.replaces) and kind = 'points'), 0))::bigint as by_points,
    o.business_day
from settlement s join fact_order o on o.fact_id = s.fact_id
where (s.order_id = any(%(order_ids)s::bigint[]) or s.fact_id = any(%(order_ids)s::bigint[])) and s.state = 'settled'

-- name: taken_back
-- What these facts take back from the persons of the facts they replace.
select s.fact_id, was.person_id, -sum(r.amount - r.refunded)::bigint as amount
from settlement s
cross join unnest(s.replaces) as replaced
join settlement was on was.fact_id = replaced
join fact_order r on r.fact_id = replaced
where s.fact_id = any(%(fact_ids)s::bigint[])
group by 1, 2

-- name: given
-- Points that the facts of these orders have earned and taken back so far, by person and bucket. What was earned against a
-- debt stands in the bucket `debt`; points that paid for the order are no part of it.
select coalesce(s.order_id, s.fact_id) as order_id, a.owner_id, a.bucket,
    sum(case when a.id = t.to_account_id then t.amount else -t.amount end)::bigint as points
from settlement s
join transfer t on t.fact_id = s.fact_id and t.unit = 'points' and t.reason in ('earn', 'take_back')
join account a on a.id in (t.to_account_id, t.from_account_id) and a.owner_kind = 'person'
where s.order_id = any(%(order_ids)s::bigint[]) or s.fact_id = any(%(order_ids)s::bigint[])
group by 1, 2, 3
order by 1, 3

-- name: lock_progress
-- In order of persons, so that two batches never wait for each other in a ring.
select person_id, spend, rank from tier_progress
where person_id = any(%(person_ids)s::bigint[]) order by person_id for update

-- name: open_progress
insert into tier_progress (person_id, spend, rank, ranked_by_fact_id, ranked_at)
select person_id, 0, 0, fact_id, now()
from unnest(%(person_ids)s::bigint[], %(fact_ids)s::bigint[]) as n (person_id, fact_id)
order by person_id
on conflict (person_id) do nothing

-- name: move_progress
update tier_progress p set spend = n.spend, xid = pg_current_xact_id()
from unnest(%(person_ids)s::bigint[], %(spends)s::bigint[]) as n (person_id, spend)
where p.person_id = n.person_id

-- name: raise_tiers
update tier_progress p
set rank = n.rank, ranked_by_fact_id = n.fact_id, ranked_at = now(), rank_xid = pg_current_xact_id()
from unnest(%(person_ids)s::bigint[], %(ranks)s::int[], %(fact_ids)s::bigint[]) as n (person_id, rank, fact_id)
where p.person_id = n.person_id

-- name: card_figures
-- Tier and points of each canonical person; a cluster has its highest tier and all its points.
select m.canonical_id, coalesce((array_agg(t.name order by p.rank desc nulls last))[1], '') as tier,
    coalesce(sum(a.points), 0)::bigint as points
from unnest(%(person_ids)s::bigint[], %(canonical_ids)s::bigint[]) as m (person_id, canonical_id)
left join tier_progress p on p.person_id = m.person_id
left join tier t on t.rank = p.rank
left join lateral (
    select sum(balance) as points from account
    where unit = 'points' and owner_kind = 'person' and owner_id = m.person_id) a on true
group by m.canonical_id

-- name: tier_changes
select p.person_id, 'tier'::text as key, t.name as value, p.rank::float8 as number, p.ranked_at as at,
    p.ranked_by_fact_id as seq, 0 as source_id
from tier_progress p join tier t on t.rank = p.rank
where p.rank_xid >= %(low)s::text::xid8 and p.rank_xid < %(high)s::text::xid8

-- name: tiers_reached_by
select t.name from tier_progress p join tier t on t.rank = p.rank
where p.ranked_by_fact_id = any(%(fact_ids)s::bigint[]) and p.rank > 0
order by p.ranked_by_fact_id

-- name: tiers
select rank, name, spend_at_least from tier order by rank
