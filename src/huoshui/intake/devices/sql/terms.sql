-- name: one_term
select id, device_id, member, person_id, since, until from device_person
where id = %(binding_id)s::bigint and device_id = %(device_id)s::int

-- name: terms_beside
-- Who else had it as this member, in any part of the time.
select id, person_id, since, until from device_person
where device_id = %(device_id)s::int and member = %(member)s and id <> %(but)s::bigint
    and (until is null or until > %(since)s::timestamptz)
    and (%(until)s::timestamptz is null or since < %(until)s::timestamptz)
order by since limit 1

-- name: change_term
update device_person set since = %(since)s::timestamptz, until = %(until)s::timestamptz, reason = %(reason)s,
    ended_by = case when %(until)s::timestamptz is null then '' else %(by)s end
where id = %(binding_id)s::bigint

-- name: drop_term
delete from device_person where id = %(binding_id)s::bigint

-- name: misplaced
-- Readings of a device and member, in a span of time, that name nobody themselves and are not of whoever had it then.
select r.fact_id, r.at, r.person_id as was, p.person_id
from (
    select distinct fact_id, at, person_id from body_reading
    where device_id = %(device_id)s::int and at >= %(since)s::timestamptz
        and (%(until)s::timestamptz is null or at < %(until)s::timestamptz)) r
cross join lateral (select body from fact where id = r.fact_id and occurred_at = r.at offset 0) f
left join lateral (
    select person_id from device_person
    where device_id = %(device_id)s::int and member = %(member)s and since <= r.at and (until is null or until > r.at)
    offset 0) p on true
where coalesce(f.body ->> 'member', '') = %(member)s and p.person_id is distinct from r.person_id
    and not exists (select from fact_identifier i where i.fact_id = r.fact_id)
order by r.at, r.fact_id

-- name: next_correction
select nextval('device_correction_seq')::bigint as id

-- name: move_readings
-- Figures go over to the facts that tell of them now, and to whom these are of; of what counts no more nothing stays.
with moved as (
    delete from body_reading r using unnest(%(fact_ids)s::bigint[], %(retold_ids)s::bigint[]) as n (fact_id, retold_id)
    where r.fact_id = n.fact_id
    returning r.metric, r.value, r.at, r.device_id, n.retold_id)
insert into body_reading (fact_id, metric, value, at, device_id, person_id, is_noticed)
select m.retold_id, m.metric, m.value, m.at, m.device_id, s.person_id, s.state = 'settled' and s.person_id is null
from moved m
cross join lateral (select person_id, state from settlement where fact_id = m.retold_id offset 0) s

-- name: notices_of_readings
-- What was noticed of these people in a window that one of these readings lay in, or because of it.
with moved as materialized (
    select * from unnest(%(of)s::bigint[], %(fact_ids)s::bigint[], %(times)s::timestamptz[]) as m (person_id, fact_id, at)),
cluster as materialized (
    select * from unnest(%(whose)s::bigint[], %(members)s::bigint[]) as c (person_id, member_id))
select distinct n.fact_id
from cluster c
cross join lateral (
    select fact_id, kind, at, said from device_notice
    where person_id = c.member_id and kind in ('trend', 'silence') and state <> 'void' offset 0) n
join moved m on m.person_id = c.person_id and (
    (n.said ->> 'cause')::bigint = m.fact_id
    or n.kind = 'trend' and m.at <= n.at and m.at >= (n.said ->> 'first_at')::timestamptz)
order by 1

-- name: void_notices
update device_notice set state = 'void', done_at = %(now)s::timestamptz where fact_id = any(%(fact_ids)s::bigint[])

-- name: voids_of
select n.rule_id, c.person_id, n.at
from unnest(%(of)s::bigint[], %(members)s::bigint[]) as c (person_id, member_id)
cross join lateral (
    select rule_id, at from device_notice
    where person_id = c.member_id and rule_id is not null and state = 'void' offset 0) n

-- name: look_again
-- What these people's other readings say is looked at anew: as far on as a rule may look back.
update body_reading r set is_noticed = false
from unnest(%(members)s::bigint[], %(firsts)s::timestamptz[], %(lasts)s::timestamptz[]) as n (person_id, first_at, last_at)
where r.person_id = n.person_id and r.at >= n.first_at and r.at <= n.last_at + make_interval(days => %(days)s::int)

-- name: terms_of_person
-- Devices that these people had, the latest first.
select p.id, p.device_id, d.name as device, p.member, p.person_id, p.since, p.until, p.reason, u.readings::int as readings, u.last_at
from unnest(%(person_ids)s::bigint[]) as n (id)
join device_person p on p.person_id = n.id
join device d on d.id = p.device_id
cross join lateral (
    select count(distinct r.fact_id) as readings, max(r.at) as last_at from body_reading r
    where r.device_id = p.device_id and r.person_id = p.person_id and r.at >= p.since and (p.until is null or r.at < p.until)
    offset 0) u
order by p.since desc, p.id desc limit %(limit)s::int

-- name: terms_of_device
-- Who had this device, the latest first.
select p.id, p.device_id, d.name as device, p.member, p.person_id, p.since, p.until, p.reason, u.readings::int as readings, u.last_at
from device_person p
join device d on d.id = p.device_id
cross join lateral (
    select count(distinct r.fact_id) as readings, max(r.at) as last_at from body_reading r
    where r.device_id = p.device_id and r.person_id = p.person_id and r.at >= p.since and (p.until is null or r.at < p.until)
    offset 0) u
where p.device_id = %(device_id)s::int and (not %(is_over)s::boolean or p.until is not null)
    and (%(binding_id)s::bigint = 0 or p.id = %(binding_id)s::bigint)
order by p.until desc nulls first, p.id desc limit %(limit)s::int
