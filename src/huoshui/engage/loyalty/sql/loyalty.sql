-- name: rule
select version, points, per_minor, valid_years from earn_rule order by version desc limit 1

-- name: earnings
-- What each settled order fact adds to the money that stays with us.
select s.fact_id, s.person_id, s.order_id, o.business_day,
    o.amount - o.refunded - coalesce((
        select sum(r.amount - r.refunded) from fact_order r where r.fact_id = any(s.replaces)), 0)::bigint as effect
from settlement s join fact_order o on o.fact_id = s.fact_id
where s.fact_id = any(%(fact_ids)s::bigint[]) and o.fact_id = any(%(fact_ids)s::bigint[]) and s.state = 'settled'
order by s.fact_id

-- name: order_facts
-- All settled facts of orders that changed, each with its effect.
select coalesce(s.order_id, s.fact_id) as order_id,
    o.amount - o.refunded - coalesce((
        select sum(r.amount - r.refunded) from fact_order r where r.fact_id = any(s.replaces)), 0)::bigint as effect,
    s.is_history, s.order_id is null as is_first
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
-- Points that the facts of these orders have moved so far, by person and bucket.
select coalesce(s.order_id, s.fact_id) as order_id, a.owner_id, a.bucket,
    sum(case when a.id = t.to_account_id then t.amount else -t.amount end)::bigint as points
from settlement s
join transfer t on t.fact_id = s.fact_id and t.unit = 'points'
join account a on a.id in (t.to_account_id, t.from_account_id) and a.owner_kind = 'person'
where s.order_id = any(%(order_ids)s::bigint[]) or s.fact_id = any(%(order_ids)s::bigint[])
group by 1, 2, 3
order by 1, 3

-- name: open_progress
-- A row for everyone who has none yet.
insert into tier_progress (person_id, spend, rank, ranked_by_fact_id, ranked_at)
select n.person_id, 0, 0, min(n.fact_id), now()
from unnest(%(person_ids)s::bigint[], %(fact_ids)s::bigint[]) as n (person_id, fact_id)
where not exists (select from tier_progress p where p.person_id = n.person_id)
group by n.person_id order by n.person_id
on conflict (person_id) do nothing

-- name: lock_progress
-- In order of persons, so that two batches never wait for each other in a ring.
select person_id from tier_progress where person_id = any(%(person_ids)s::bigint[]) order by person_id for update

-- name: progress
-- Spend and tier of the persons of a batch, fact by fact, so that it does not matter how facts were cut into batches; a
-- tier once reached is kept. Returns who reached which, and by which fact.
with spent as (
    select person_id, fact_id, sum(effect)::bigint as effect
    from unnest(%(person_ids)s::bigint[], %(effects)s::bigint[], %(fact_ids)s::bigint[]) as e (person_id, effect, fact_id)
    group by person_id, fact_id),
step as (
    select s.person_id, s.fact_id, s.effect, p.rank as rank_before,
        (select max(rank) from tier where spend_at_least <= greatest(p.spend + s.so_far, 0)) as rank
    from (select *, sum(effect) over (partition by person_id order by fact_id) as so_far from spent) s
    cross join lateral (select spend, rank from tier_progress where person_id = s.person_id offset 0) p),
told as (
    select person_id, fact_id, effect, rank, rank > greatest(rank_before, max(rank) over (
        partition by person_id order by fact_id rows between unbounded preceding and 1 preceding)) as is_reached
    from step),
put as (
    update tier_progress p set
        spend = p.spend + n.effect,
        rank = coalesce(n.rank, p.rank),
        ranked_by_fact_id = coalesce(n.fact_id, p.ranked_by_fact_id),
        ranked_at = case when n.rank is null then p.ranked_at else now() end,
        rank_xid = case when n.rank is null then p.rank_xid else pg_current_xact_id() end,
        xid = pg_current_xact_id()
    from (
        select person_id, sum(effect)::bigint as effect, max(rank) filter (where is_reached) as rank,
            max(fact_id) filter (where is_reached) as fact_id
        from told group by person_id) n
    where p.person_id = n.person_id)
select told.person_id, told.rank, told.fact_id, tier.name
from told join tier on tier.rank = told.rank
where told.is_reached
order by told.fact_id

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

-- name: tier_reached_by
select p.person_id, t.name from tier_progress p join tier t on t.rank = p.rank
where p.ranked_by_fact_id = %(fact_id)s and p.rank > 0

-- name: tier_names
select name from tier order by rank
