-- name: device_list
select d.id, d.code, d.kind, d.name, d.store_code, d.org_unit_id, d.rate_per_minute, d.is_on, d.created_at, d.key_made_at,
    s.last_seen_at, s.offset_ms, s.offset_at, s.taken, s.repeated, s.aside, s.dropped, s.dropped_at,
    b.persons::int as persons
from device d join device_state s on s.device_id = d.id
cross join lateral (select count(*) as persons from device_person where device_id = d.id and until is null offset 0) b
where %(device_id)s::int = 0 or d.id = %(device_id)s::int
order by d.kind, d.name, d.id

-- name: bindings
select p.id, p.device_id, d.name as device, p.member, p.person_id, p.since, p.until, p.consent_at,
    l.at as last_at, u.readings::int as readings
from device_person p
join device d on d.id = p.device_id
left join lateral (
    select at from body_reading r where r.person_id = p.person_id and r.metric = 'weight_kg' and r.device_id = p.device_id
    order by at desc limit 1 offset 0) l on true
cross join lateral (
    select count(*) as readings from body_reading r
    where r.person_id = p.person_id and r.metric = 'weight_kg' and r.device_id = p.device_id and r.at > %(since)s::timestamptz
    offset 0) u
where (%(device_id)s::int = 0 or p.device_id = %(device_id)s::int) and (p.until is null or not %(is_now)s::boolean)
order by l.at nulls first, p.id
limit %(limit)s::int

-- name: asides
select id, device_id, message_id, code, detail, pointer, times, received_at from device_aside
where device_id = %(device_id)s::int and state = 'open' order by received_at desc, id desc limit %(limit)s::int

-- name: drop_asides
delete from device_aside where device_id = %(device_id)s::int

-- name: notices
select n.fact_id, n.kind, n.rule_id, n.person_id, n.at, n.is_for_guides, n.said, n.state, n.done_at
from device_notice n
where n.state = %(state)s and (n.is_for_guides or %(is_all)s::boolean) and n.fact_id < %(before)s::bigint
order by n.fact_id desc limit %(limit)s::int

-- name: one_notice
select fact_id, kind, rule_id, person_id, at, is_for_guides, said, state, done_at from device_notice
where fact_id = %(fact_id)s::bigint and (is_for_guides or %(is_all)s::boolean)

-- name: person_facts
-- What devices told of a person and nobody took back, newest first.
select s.fact_id, s.name, s.occurred_at, f.body
from settlement s
cross join lateral (select body from fact where id = s.fact_id and occurred_at = s.occurred_at offset 0) f
where s.person_id = any(%(person_ids)s::bigint[]) and s.name = any(%(names)s::text[])
    and not exists (select from fact_withdrawn w where w.fact_id = s.fact_id)
order by s.occurred_at desc, s.fact_id desc limit %(limit)s::int

-- name: counted
-- People in and out by store and hour; what was counted belongs to the hour in which its interval began.
select org_unit_id, date_trunc('hour', from_at, %(zone)s::text) as hour, sum(ins)::int as ins, sum(outs)::int as outs
from visitor_count
where org_unit_id = any(%(store_ids)s::int[]) and from_at >= %(start)s::timestamptz and from_at < %(end)s::timestamptz
group by 1, 2 order by 1, 2

-- name: broker_users
select code, broker_hash from device where is_on order by code

-- name: repeated
select d.kind, sum(s.repeated)::bigint as times from device_state s join device d on d.id = s.device_id group by d.kind
