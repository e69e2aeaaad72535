-- name: lock
-- Who gives leads out does so alone: two at once would each give the same dealer its last place.
select pg_advisory_xact_lock(hashtext('huoshui leads'))

-- name: add
-- Leads not known by their key yet.
insert into lead (key, source, person_id, wants, district, org_unit_id, brought_kind, brought_by, batch_id, fact_id, made_at, changed_at)
select key, source, person_id, wants, district, org_unit_id, brought_kind, brought_by, batch_id, fact_id, made_at, %(now)s::timestamptz
from unnest(%(keys)s::text[], %(sources)s::text[], %(persons)s::bigint[], %(wants)s::text[], %(districts)s::text[], %(units)s::int[],
    %(brought_kinds)s::text[], %(broughts)s::bigint[], %(batches)s::bigint[], %(facts)s::bigint[], %(mades)s::timestamptz[])
    as n (key, source, person_id, wants, district, org_unit_id, brought_kind, brought_by, batch_id, fact_id, made_at)
order by made_at, key
on conflict (key) do nothing
returning id, key

-- name: by_keys
select key, id from lead where key = any(%(keys)s::text[])

-- name: open_of
-- The open lead of each of these born ids, the oldest, that is none of `but`.
select n.person_id, l.id
from unnest(%(person_ids)s::bigint[]) as n (person_id)
cross join lateral (
    select id from lead
    where person_id = n.person_id and state in ('new', 'offered', 'held', 'escalated') and not id = any(%(but)s::bigint[])
    order by id limit 1) l

-- name: say_same
update lead set same_as_id = n.same
from unnest(%(ids)s::bigint[], %(sames)s::bigint[]) as n (id, same) where lead.id = n.id

-- name: locked
select id, source, person_id, wants, district, org_unit_id, brought_kind, brought_by, batch_id, fact_id, same_as_id, made_at,
    state, dealer_id, store_id, desk_id, stage, until, held_at, tries, order_id, no
from lead where id = any(%(ids)s::bigint[]) order by id for update

-- name: lock_new
-- The oldest to be given out.
select id, source, person_id, wants, district, org_unit_id, brought_kind, brought_by, batch_id, fact_id, same_as_id, made_at,
    state, dealer_id, store_id, desk_id, stage, until, held_at, tries, order_id, no
from lead where state = 'new' order by id limit %(limit)s for update

-- name: lock_late
select id, source, person_id, wants, district, org_unit_id, brought_kind, brought_by, batch_id, fact_id, same_as_id, made_at,
    state, dealer_id, store_id, desk_id, stage, until, held_at, tries, order_id, no
from lead where state = 'offered' and until < %(now)s::timestamptz order by until, id limit %(limit)s for update

-- name: add_events
insert into lead_event (lead_id, no, kind, dealer_id, store_id, desk_id, stage, until, order_id, reason, rule_version, actor, at)
select * from unnest(%(lead_ids)s::bigint[], %(nos)s::int[], %(kinds)s::text[], %(dealers)s::int[], %(stores)s::int[],
    %(desks)s::int[], %(stages)s::text[], %(untils)s::timestamptz[], %(orders)s::bigint[], %(reasons)s::text[], %(versions)s::int[],
    %(actors)s::text[], %(ats)s::timestamptz[])

-- name: put_states
update lead set state = n.state, dealer_id = n.dealer_id, store_id = n.store_id, desk_id = n.desk_id, stage = n.stage, until = n.until,
    held_at = n.held_at, tries = n.tries, order_id = n.order_id, no = n.no, changed_at = %(now)s::timestamptz
from unnest(%(lead_ids)s::bigint[], %(states)s::text[], %(dealers)s::int[], %(stores)s::int[], %(desks)s::int[], %(stages)s::text[],
    %(untils)s::timestamptz[], %(helds)s::timestamptz[], %(tries)s::int[], %(orders)s::bigint[], %(nos)s::int[])
    as n (id, state, dealer_id, store_id, desk_id, stage, until, held_at, tries, order_id, no)
where lead.id = n.id

-- name: add_candidates
insert into lead_candidate (lead_id, no, dealer_id, is_chosen, points, said)
select lead_id, no, dealer_id, is_chosen, points, said
from unnest(%(lead_ids)s::bigint[], %(nos)s::int[], %(dealers)s::int[], %(chosens)s::bool[], %(points)s::int[], %(saids)s::jsonb[])
    as n (lead_id, no, dealer_id, is_chosen, points, said)

-- name: houses
-- What each dealer has in hand, and what it was offered, won and closed since.
select n.dealer_id,
    (select count(*)::int from lead where dealer_id = n.dealer_id and state in ('offered', 'held')) as in_hand,
    coalesce(e.offered, 0) as offered, coalesce(e.won, 0) as won, coalesce(e.closed, 0) as closed
from unnest(%(dealers)s::int[]) as n (dealer_id)
left join (
    select dealer_id, count(*) filter (where kind = 'offered')::int as offered, count(*) filter (where kind = 'won')::int as won,
        count(*) filter (where kind in ('won', 'lost'))::int as closed
    from lead_event where at >= %(since)s::timestamptz and kind in ('offered', 'won', 'lost') group by 1) e using (dealer_id)

-- name: tried
-- Who had the offer of each of these before.
select lead_id, array_agg(distinct dealer_id) as dealers
from lead_event where lead_id = any(%(ids)s::bigint[]) and kind = 'offered' group by 1

-- name: last_offered
-- The dealer each of these was offered to last, for whoever bounces or holds it.
select lead_id, max(no) as no from lead_event where lead_id = any(%(ids)s::bigint[]) and kind = 'offered' group by 1

-- name: versions
select version, params::text as params, actor, reason, set_at from lead_rules order by version

-- name: latest_version
select version, params::text as params from lead_rules order by version desc limit 1

-- name: add_version
insert into lead_rules (params, actor, reason) values (%(params)s::jsonb, %(actor)s, %(reason)s) returning version

-- name: add_batch
insert into lead_batch (title, cost, made_by) values (%(title)s, %(cost)s, %(actor)s)
on conflict (title) do nothing returning id

-- name: add_shares
insert into lead_batch_share (batch_id, dealer_id, permille, amount)
select %(batch_id)s::bigint, * from unnest(%(dealers)s::int[], %(permilles)s::int[], %(amounts)s::bigint[])

-- name: batch_ids
select title, id from lead_batch where title = any(%(titles)s::text[])

-- name: submitted
-- What these transactions told of people who want something, and scans of codes.
select s.fact_id, s.name, s.person_id, s.occurred_at, f.told::text as told, f.actor
from settlement s
cross join lateral (
    select coalesce(body->'properties', body) as told, actor from fact
    where id = s.fact_id and occurred_at = s.occurred_at offset 0) f
where s.xid >= %(low)s::text::xid8 and s.xid < %(high)s::text::xid8 and s.state = 'settled' and not s.is_history
    and s.name in ('Lead Submitted', 'Code Scanned') and s.person_id is not null
    and not exists (select from fact_withdrawn w where w.fact_id = s.fact_id)
order by s.fact_id

-- name: submitted_by
select s.fact_id, s.name, s.person_id, s.occurred_at, f.told::text as told, f.actor
from unnest(%(fact_ids)s::bigint[]) as n (fact_id)
cross join lateral (
    select * from settlement where fact_id = n.fact_id and state = 'settled' and person_id is not null offset 0) s
cross join lateral (
    select coalesce(body->'properties', body) as told, actor from fact
    where id = s.fact_id and occurred_at = s.occurred_at offset 0) f

-- name: by_source_key
select fact_id from fact_key where source_id = %(source_id)s and client_key = %(client_key)s

-- name: sold
-- Orders these transactions settled, of people whom we know.
select coalesce(order_id, fact_id) as order_id, person_id, min(occurred_at) as at
from settlement
where xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8 and state = 'settled' and not is_history and person_id is not null
    and name = 'Order Completed'
group by 1, 2 order by 1, 2

-- name: is_any_held
select exists (select from lead where state = 'held') as is_held

-- name: held_of
-- Leads held of these born ids.
select n.place, l.id, l.dealer_id, l.held_at
from unnest(%(places)s::int[], %(person_ids)s::bigint[]) as n (place, person_id)
cross join lateral (
    select id, dealer_id, held_at from lead where person_id = n.person_id and state = 'held' offset 0) l
order by l.id

-- name: erase
-- Of who is erased it stays that there was a lead, and nothing of whom.
update lead set person_id = null, wants = '', district = ''
where person_id = any(%(person_ids)s::bigint[]) returning id

-- name: may_erase
select set_config('huoshui.erasing', %(what)s, true) as erasing

-- name: erase_said
-- What was written about these leads, wherever: it may name her.
with events as (update lead_event set reason = %(gone)s where lead_id = any(%(ids)s::bigint[]) and reason not in ('', %(gone)s)),
bills as (
    update lead_bill set said = case said when '' then '' else %(gone)s end, decision = case decision when '' then '' else %(gone)s end
    where lead_id = any(%(ids)s::bigint[]) and (said <> '' or decision <> ''))
update lead_claim set said = %(gone)s, decision = case decision when '' then '' else %(gone)s end
where lead_id = any(%(ids)s::bigint[])

-- name: erase_brought
update lead set brought_kind = '', brought_by = null where brought_kind = 'person' and brought_by = any(%(person_ids)s::bigint[])

-- name: leads_of
select made_at, wants, district, stage, dealer_id from lead where person_id = any(%(person_ids)s::bigint[]) order by made_at

-- name: events
select kind, actor, at, rule_version, dealer_id, store_id, desk_id, stage, until, order_id, reason
from lead_event where lead_id = %(lead_id)s::bigint order by no

-- name: candidates
select no, dealer_id, is_chosen, points, said::text as said from lead_candidate where lead_id = %(lead_id)s::bigint
order by no, points desc, dealer_id

-- name: listed
-- Row-level security leaves what the actor may see. The most urgent first for whoever has to act, else the newest.
select id, source, person_id, wants, district, org_unit_id, brought_kind, brought_by, batch_id, fact_id, same_as_id, made_at,
    state, dealer_id, store_id, desk_id, stage, until, held_at, tries, order_id, no
from lead
where (%(states)s::text[] is null or state = any(%(states)s::text[]))
    and (%(stage)s::text is null or stage = %(stage)s) and (%(dealer_id)s::int is null or dealer_id = %(dealer_id)s::int)
    and (%(ids)s::bigint[] is null or id = any(%(ids)s::bigint[])) and id < %(before)s::bigint
order by case when state = 'offered' then until end, id desc limit %(limit)s

-- name: funnel
-- How many of each state and stage each dealer has, of leads made since.
select coalesce(dealer_id, 0) as dealer_id, state, stage, count(*)::int as leads from lead
where made_at >= %(since)s::timestamptz group by 1, 2, 3 order by 1, 2, 3

-- name: brought
-- What became of those somebody brought: no person, no dealer.
select id, made_at, state, stage, changed_at from lead
where brought_kind = %(kind)s and brought_by = any(%(ids)s::bigint[]) order by id desc limit %(limit)s

-- name: batches
-- What each costs, and what came of it.
select b.id, b.title, b.cost, count(l.id)::int as leads, count(l.id) filter (where l.state in ('held', 'won', 'lost'))::int as taken,
    count(l.id) filter (where l.state = 'won')::int as won
from lead_batch b left join lead l on l.batch_id = b.id group by 1, 2, 3 order by b.id desc limit %(limit)s

-- name: shares
select batch_id, dealer_id, permille, amount from lead_batch_share where batch_id = any(%(ids)s::bigint[]) order by 1, 2

-- name: own_shares
select b.id, b.title, s.permille, s.amount from lead_batch_share s join lead_batch b on b.id = s.batch_id
where s.dealer_id = any(%(dealers)s::int[]) order by b.id desc limit %(limit)s
