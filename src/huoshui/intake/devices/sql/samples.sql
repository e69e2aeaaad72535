-- name: add_codes
insert into sample_code (code, sample_id) select c, %(sample_id)s::int from unnest(%(codes)s::text[]) as c
on conflict do nothing

-- name: claim_codes
-- Whoever is second waits for the first, and then finds it claimed.
update sample_code c set state = 'claimed', device_id = n.device_id, message = n.message
from (select * from unnest(%(codes)s::text[], %(device_ids)s::int[], %(messages)s::uuid[]) as n (code, device_id, message)
    order by code) n
where c.code = n.code and c.state = 'made'
    and exists (select from sample s where s.id = c.sample_id and s.is_on)
returning c.code

-- name: codes_as_they_are
select c.code, c.state, c.device_id, c.message::text as message, s.is_on, s.id as sample_id, s.name as sample, s.sku_code
from unnest(%(codes)s::text[]) as n (code)
cross join lateral (select * from sample_code where code = n.code offset 0) c
join sample s on s.id = c.sample_id

-- name: claimed_by
update sample_code c set claim_fact_id = n.fact_id
from unnest(%(codes)s::text[], %(fact_ids)s::bigint[]) as n (code, fact_id) where c.code = n.code

-- name: lock_claims
-- Claims that await their sample on these devices, and of whom they are: the person, once the river has said so, and the
-- identifier that was shown.
select c.code, s.person_id, i.kind, i.scope, i.key, encode(i.sealed, 'hex') as sealed, i.tail4
from (select c.code, c.claim_fact_id from sample_code c
    join unnest(%(codes)s::text[], %(device_ids)s::int[]) as n (code, device_id)
        on n.code = c.code and n.device_id = c.device_id
    where c.state = 'claimed' order by c.code for update of c) c
left join lateral (select person_id from settlement where fact_id = c.claim_fact_id and state = 'settled' offset 0) s on true
left join lateral (
    select kind, scope, key, sealed, tail4 from fact_identifier where fact_id = c.claim_fact_id limit 1) i on true

-- name: came_out
update sample_code c
set state = case when n.is_out then 'out' else 'made' end,
    device_id = case when n.is_out then c.device_id end,
    message = case when n.is_out then c.message end,
    out_fact_id = case when n.is_out then n.fact_id end,
    out_at = case when n.is_out then n.at end
from unnest(%(codes)s::text[], %(outs)s::boolean[], %(fact_ids)s::bigint[], %(times)s::timestamptz[])
    as n (code, is_out, fact_id, at)
where c.code = n.code

-- name: due_follow_ups
-- Samples that came out so many days ago, with the person who has them; locked, so that two workers do not both tell.
select c.code, c.out_fact_id, c.out_at + make_interval(days => s.follow_up_days) as due_at, s.id as sample_id,
    s.name as sample, p.person_id, again.times::int as times,
    exists (select from fact_withdrawn w where w.retold_id = c.out_fact_id) as is_retold
from sample_code c
join sample s on s.id = c.sample_id
cross join lateral (
    select person_id from settlement where fact_id = c.out_fact_id and state = 'settled' and person_id is not null offset 0) p
cross join lateral (
    select count(*) as times from device_notice where (said ->> 'cause')::bigint = c.out_fact_id and state = 'void' offset 0) again
where c.state = 'out' and not c.is_followed and c.out_at <= %(now)s::timestamptz - make_interval(days => s.follow_up_days)
order by c.out_at limit %(limit)s::int
for update of c skip locked

-- name: followed
update sample_code set is_followed = true where code = any(%(codes)s::text[])

-- name: sample_counts
select s.id, s.name, s.sku_code, s.follow_up_days, s.is_on, count(c.code) as codes,
    count(c.code) filter (where c.state = 'claimed') as claimed, count(c.code) filter (where c.state = 'out') as out
from sample s left join sample_code c on c.sample_id = s.id
group by s.id order by s.id desc

-- name: free_codes
select code from sample_code where sample_id = %(sample_id)s::int and state = 'made' order by code limit %(limit)s::int
