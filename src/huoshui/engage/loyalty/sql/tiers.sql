-- name: lock_progress
-- These persons and all other ids of theirs, in order, so that two batches never wait for each other in a ring.
select person_id, spend, rank, members, keep_until, check_on from tier_progress
where person_id = any(%(person_ids)s::bigint[] || array(
    select member from tier_progress p cross join lateral unnest(p.members) as member
    where p.person_id = any(%(person_ids)s::bigint[])))
order by person_id for update

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

-- name: put_ranks
-- Readers of the lake hear of a rank only when it is another.
update tier_progress p
set rank = n.rank, keep_until = n.keep_until, check_on = n.check_on,
    ranked_by_fact_id = case when p.rank = n.rank then p.ranked_by_fact_id else n.fact_id end,
    ranked_at = case when p.rank = n.rank then p.ranked_at else now() end,
    rank_xid = case when p.rank = n.rank then p.rank_xid else pg_current_xact_id() end
from unnest(%(person_ids)s::bigint[], %(ranks)s::int[], %(fact_ids)s::bigint[], %(keep_untils)s::date[], %(check_ons)s::date[])
    as n (person_id, rank, fact_id, keep_until, check_on)
where p.person_id = n.person_id

-- name: put_members
update tier_progress p set members = case when n.members = '' then null else string_to_array(n.members, ',')::bigint[] end
from unnest(%(person_ids)s::bigint[], %(members)s::text[]) as n (person_id, members)
where p.person_id = n.person_id

-- name: spend_events
-- Everything these persons spent and everything taken back from them again, on the day it was told of.
select s.person_id, s.fact_id, s.seq, o.business_day as day, o.amount - o.refunded as amount
from settlement s
cross join lateral (select business_day, amount, refunded from fact_order where fact_id = s.fact_id offset 0) o
where s.person_id = any(%(person_ids)s::bigint[]) and s.state = 'settled'
union all
select was.person_id, s.fact_id, s.seq, r.business_day, r.refunded - r.amount
from settlement was
cross join lateral (select business_day, amount, refunded from fact_order where fact_id = was.fact_id offset 0) r
cross join lateral (
    select fact_id, seq from settlement
    where order_id = coalesce(was.order_id, was.fact_id) and state = 'settled' and was.fact_id = any(replaces)
    offset 0) s
where was.person_id = any(%(person_ids)s::bigint[]) and was.state = 'settled'

-- name: of_the_present
select fact_id from settlement where fact_id = any(%(fact_ids)s::bigint[]) and not is_history

-- name: rank_of
select coalesce(max(rank), 0) as rank from tier_progress where person_id = any(%(person_ids)s::bigint[])

-- name: due_checks
select person_id from tier_progress where check_on <= %(day)s::date order by check_on, person_id limit %(limit)s

-- name: check_all
update tier_progress set check_on = %(day)s::date

-- name: all_ranked
select person_id from tier_progress where person_id > %(after)s order by person_id limit %(limit)s

-- name: card_figures
-- Tier and points of each canonical person: his ids have one rank, and all their points. `is_stale`: which ids are his has
-- changed since his tier was decided.
select m.canonical_id, coalesce((array_agg(t.name order by p.rank desc nulls last))[1], '') as tier,
    coalesce(sum(a.points), 0)::bigint as points,
    bool_or(case when m.members = '' then p.members is not null
        else p.members is distinct from string_to_array(m.members, ',')::bigint[] end) as is_stale
from unnest(%(person_ids)s::bigint[], %(canonical_ids)s::bigint[], %(members)s::text[]) as m (person_id, canonical_id, members)
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
select rank, name, spend_at_least, counts, months, grace_days, benefits from tier order by rank

-- name: lock_tiers
select pg_advisory_xact_lock(hashtext('huoshui tiers'))

-- name: set_tier
update tier set name = %(name)s, spend_at_least = %(spend_at_least)s, counts = %(counts)s, months = %(months)s,
    grace_days = %(grace_days)s, benefits = %(benefits)s::text[]
where rank = %(rank)s
