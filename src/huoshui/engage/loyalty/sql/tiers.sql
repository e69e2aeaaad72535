-- name: lock_progress
-- These persons and all other ids of theirs, in order, so that two batches never wait for each other in a ring.
select person_id, spend, rank, members, keep_until, check_on, era from tier_progress
where person_id = any(%(person_ids)s::bigint[] || array(
    select member from tier_progress p cross join lateral unnest(p.members) as member
    where p.person_id = any(%(person_ids)s::bigint[])))
order by person_id for update

-- name: members_kept
select members from tier_progress where person_id = any(%(person_ids)s::bigint[]) and members is not null

-- name: open_progress
insert into tier_progress (person_id, spend, rank, ranked_by_fact_id, ranked_at, era)
select person_id, 0, 0, fact_id, now(), %(era)s
from unnest(%(person_ids)s::bigint[], %(fact_ids)s::bigint[]) as n (person_id, fact_id)
order by person_id
on conflict (person_id) do nothing

-- name: add_spend
-- Put down what these persons spent, which locks them and all other ids of theirs, in order as `lock_progress` does. How far
-- each had come before it.
update tier_progress p set spend = p.spend + n.amount, xid = pg_current_xact_id()
from (
    select person_id, sum(amount)::bigint as amount
    from (
        select * from unnest(%(person_ids)s::bigint[], %(amounts)s::bigint[]) as told (person_id, amount)
        union all
        select member, 0 from tier_progress q cross join lateral unnest(q.members) as member
        where q.person_id = any(%(person_ids)s::bigint[]) and q.members is not null) each
    group by person_id order by person_id) n
where p.person_id = n.person_id
returning p.person_id, p.spend - n.amount as spend, p.rank, p.members, p.keep_until, p.check_on, p.era

-- name: open_spend
-- Those who are new to it, unless somebody was faster. How far they have come with it.
insert into tier_progress (person_id, spend, rank, ranked_by_fact_id, ranked_at, era)
select person_id, amount, 0, fact_id, now(), %(era)s
from unnest(%(person_ids)s::bigint[], %(amounts)s::bigint[], %(fact_ids)s::bigint[]) as n (person_id, amount, fact_id)
order by person_id
on conflict (person_id) do update set spend = tier_progress.spend + excluded.spend, xid = excluded.xid
returning person_id, spend, rank, members, keep_until, check_on, era

-- name: put_ranks
-- Readers of the lake hear of a rank only when it is another.
update tier_progress p
set rank = n.rank, keep_until = n.keep_until, check_on = n.check_on, era = n.era,
    ranked_by_fact_id = case when p.rank = n.rank then p.ranked_by_fact_id else n.fact_id end,
    ranked_at = case when p.rank = n.rank then p.ranked_at else now() end,
    rank_xid = case when p.rank = n.rank then p.rank_xid else pg_current_xact_id() end
from unnest(%(person_ids)s::bigint[], %(ranks)s::int[], %(fact_ids)s::bigint[], %(keep_untils)s::date[], %(check_ons)s::date[],
    %(eras)s::int[]) as n (person_id, rank, fact_id, keep_until, check_on, era)
where p.person_id = n.person_id

-- name: put_members
update tier_progress p set members = case when n.members = '' then null else string_to_array(n.members, ',')::bigint[] end
from unnest(%(person_ids)s::bigint[], %(members)s::text[]) as n (person_id, members)
where p.person_id = n.person_id

-- name: spend_events
-- What these persons spent from a day to a day and what was taken back from them again, on the day it was told of. The time
-- of a fact is of its business day or, by a zone, of one beside it.
select s.person_id, x.fact_id, x.seq, o.business_day as day, x.sign * (o.amount - o.refunded) as amount
from unnest(%(person_ids)s::bigint[], %(firsts)s::date[], %(lasts)s::date[]) as n (person_id, first, last)
cross join lateral (
    select person_id, fact_id, order_id, seq from settlement
    where person_id = n.person_id and state = 'settled' and occurred_at between n.first - 2 and n.last + 3
        and not exists (select from fact_withdrawn w where w.fact_id = settlement.fact_id) offset 0) s
cross join lateral (
    select business_day, amount, refunded from fact_order
    where fact_id = s.fact_id and business_day between n.first and n.last offset 0) o
cross join lateral (
    select s.fact_id, s.seq, 1 as sign
    union all
    select fact_id, seq, -1 from settlement
    where order_id = coalesce(s.order_id, s.fact_id) and state = 'settled' and s.fact_id = any(replaces)
    offset 0) x

-- name: days_known
-- Each human's days from a first one on, and of those before it what windows may look back on from the last of them.
select n.head, d.day, d.last_fact_id, d.amount, d.peak, d.rank, d.keep_until, d.grace_until
from unnest(%(heads)s::bigint[], %(firsts)s::date[]) as n (head, first)
left join lateral (
    select day from tier_day where head = n.head and day < n.first order by day desc limit 1) last on true
cross join lateral (
    select * from tier_day
    where head = n.head and day >= coalesce(last.day, n.first) - %(reach)s::int order by day offset 0) d

-- name: put_days
insert into tier_day (head, day, last_fact_id, amount, peak, rank, keep_until, grace_until)
select * from unnest(%(heads)s::bigint[], %(days)s::date[], %(last_fact_ids)s::bigint[], %(amounts)s::bigint[],
    %(peaks)s::bigint[], %(ranks)s::int[], %(keep_untils)s::date[], %(grace_untils)s::date[])
on conflict (head, day) do update
set last_fact_id = excluded.last_fact_id, amount = excluded.amount, peak = excluded.peak, rank = excluded.rank,
    keep_until = excluded.keep_until, grace_until = excluded.grace_until

-- name: with_standing
select person_id from tier_progress where person_id = any(%(person_ids)s::bigint[]) order by person_id

-- name: drop_days
delete from tier_day where head = any(%(heads)s::bigint[])

-- name: of_the_present
select fact_id from settlement where fact_id = any(%(fact_ids)s::bigint[]) and not is_history

-- name: ranks_of
select person_id, rank from tier_progress where person_id = any(%(person_ids)s::bigint[]) and rank > 0

-- name: due_checks
-- Those whose time is over, and those decided by settings that are no more.
(select person_id from tier_progress where check_on <= %(day)s::date order by check_on, person_id limit %(limit)s)
union
(select person_id from tier_progress where era < (select max(era) from tier) order by era, person_id limit %(limit)s)
limit %(limit)s

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
-- No value: what his tier was worked out from is taken back, all of it.
select p.person_id, 'tier'::text as key, t.name as value, p.rank::float8 as number, p.ranked_at as at,
    p.ranked_by_fact_id as seq, 0 as source_id
from tier_progress p join tier t on t.rank = p.rank
where p.rank_xid >= %(low)s::text::xid8 and p.rank_xid < %(high)s::text::xid8
union all
select u.person_id, 'tier', null, null, max(u.at), max(u.by_fact_id), 0
from tier_unsaid u
where u.xid >= %(low)s::text::xid8 and u.xid < %(high)s::text::xid8
    and not exists (select from tier_progress p where p.person_id = u.person_id)
group by u.person_id

-- name: unsay
-- Those of these persons who never bought anything, as far as facts are left that say so, stand nowhere. All ids of one human
-- stand together, or none.
with gone as (
    delete from tier_progress p
    where person_id = any(%(person_ids)s::bigint[]) and rank = 0 and spend = 0
        and not exists (
            select from settlement s join fact_order o on o.fact_id = s.fact_id
            where s.person_id = any(coalesce(p.members, array[p.person_id])) and s.state = 'settled'
                and not exists (select from fact_withdrawn w where w.fact_id = s.fact_id))
    returning person_id),
days as (delete from tier_day where head in (select person_id from gone))
insert into tier_unsaid (person_id, at, by_fact_id)
select person_id, %(at)s::timestamptz, %(by_fact_id)s::bigint from gone

-- name: tiers_reached_by
select t.name from tier_progress p join tier t on t.rank = p.rank
where p.ranked_by_fact_id = any(%(fact_ids)s::bigint[]) and p.rank > 0
order by p.ranked_by_fact_id

-- name: tiers
select rank, name, spend_at_least, counts, months, grace_days, benefits, era, gift_template_id, gift_again_days from tier order by rank

-- name: lock_tiers
select pg_advisory_xact_lock(hashtext('huoshui tiers'))

-- name: set_tier
-- What decides who has it begins an era: everybody's tier is decided anew, from all facts, when he is next looked at.
update tier set era = case
        when (spend_at_least, counts, months, grace_days) = (%(spend_at_least)s, %(counts)s, %(months)s, %(grace_days)s) then era
        else (select max(era) + 1 from tier) end,
    name = %(name)s, spend_at_least = %(spend_at_least)s, counts = %(counts)s, months = %(months)s,
    grace_days = %(grace_days)s, benefits = %(benefits)s::text[],
    gift_template_id = %(gift_template_id)s::bigint, gift_again_days = %(gift_again_days)s::int
where rank = %(rank)s
