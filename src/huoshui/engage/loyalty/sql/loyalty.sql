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

-- name: progress
-- Spend and tier of the persons of a batch; a tier once reached is kept. Returns who has just reached one.
with spent as (
    select person_id, sum(effect)::bigint as spend, max(fact_id) as fact_id
    from unnest(%(person_ids)s::bigint[], %(effects)s::bigint[], %(fact_ids)s::bigint[]) as e (person_id, effect, fact_id)
    group by person_id),
put as (
    insert into tier_progress as p (person_id, spend, rank, ranked_by_fact_id, ranked_at)
    select person_id, spend, (select max(rank) from tier where spend_at_least <= greatest(spend, 0)), fact_id, now()
    from spent order by person_id
    on conflict (person_id) do update set
        spend = p.spend + excluded.spend,
        rank = greatest(p.rank, (select max(rank) from tier where spend_at_least <= greatest(p.spend + excluded.spend, 0))),
        ranked_by_fact_id = case when p.spend + excluded.spend >= (
            select coalesce(min(spend_at_least), 9223372036854775807) from tier where rank > p.rank)
            then excluded.ranked_by_fact_id else p.ranked_by_fact_id end,
        ranked_at = case when p.spend + excluded.spend >= (
            select coalesce(min(spend_at_least), 9223372036854775807) from tier where rank > p.rank)
            then now() else p.ranked_at end,
        rank_xid = case when p.spend + excluded.spend >= (
            select coalesce(min(spend_at_least), 9223372036854775807) from tier where rank > p.rank)
            then pg_current_xact_id() else p.rank_xid end,
        xid = pg_current_xact_id()
    returning p.person_id, p.rank, p.ranked_by_fact_id, p.rank_xid)
select put.person_id, put.rank, put.ranked_by_fact_id as fact_id, tier.name
from put join tier on tier.rank = put.rank
where put.rank > 0 and put.rank_xid = pg_current_xact_id()

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
