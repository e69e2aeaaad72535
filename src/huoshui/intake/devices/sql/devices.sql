-- name: lock_devices
-- In one order, so that nobody waits in a ring. One device's readings are taken in one after another, devices beside each other.
select device_id from device_state where device_id = any(%(device_ids)s::int[]) order by device_id for update

-- name: take_messages
insert into device_message (device_id, message)
select d, m from unnest(%(device_ids)s::int[], %(messages)s::uuid[]) as n (d, m)
on conflict do nothing
returning device_id, message::text as message

-- name: release_messages
-- What was not taken in takes no id: it may come again, mended.
delete from device_message m using unnest(%(device_ids)s::int[], %(messages)s::uuid[]) as n (device_id, message)
where m.device_id = n.device_id and m.message = n.message

-- name: bound
-- Whose readings these are, by device, household member and time.
select t.place::int - 1 as place, p.person_id
from unnest(%(device_ids)s::int[], %(members)s::text[], %(times)s::timestamptz[]) with ordinality
    as t (device_id, member, at, place)
cross join lateral (
    select person_id from device_person
    where device_id = t.device_id and member = t.member and since <= t.at and (until is null or until > t.at) offset 0) p

-- name: bound_devices
select distinct device_id from device_person where device_id = any(%(device_ids)s::int[]) and until is null

-- name: counted_over
-- Intervals already counted that lie over the span of those asked for. None is longer than an hour.
select v.device_id, v.from_at, v.to_at
from unnest(%(device_ids)s::int[], %(froms)s::timestamptz[], %(tos)s::timestamptz[]) as n (device_id, from_at, to_at)
cross join lateral (
    select device_id, from_at, to_at from visitor_count
    where device_id = n.device_id and from_at > n.from_at - interval '1 hour' and from_at < n.to_at
        and to_at > n.from_at offset 0) v

-- name: add_counts
insert into visitor_count (device_id, from_at, to_at, org_unit_id, ins, outs, fact_id)
select * from unnest(%(device_ids)s::int[], %(froms)s::timestamptz[], %(tos)s::timestamptz[], %(units)s::int[],
    %(ins)s::int[], %(outs)s::int[], %(fact_ids)s::bigint[])

-- name: add_readings
insert into body_reading (fact_id, metric, value, at, device_id, person_id, is_noticed)
select * from unnest(%(fact_ids)s::bigint[], %(metrics)s::text[], %(amounts)s::float8[], %(times)s::timestamptz[],
    %(device_ids)s::int[], %(person_ids)s::bigint[], %(noticed)s::boolean[])

-- name: tell_state
-- What was taken in and known again, and how far each clock is off.
update device_state s
set last_seen_at = greatest(s.last_seen_at, n.seen_at), taken = s.taken + n.taken, repeated = s.repeated + n.repeated,
    offset_ms = coalesce(n.offset_ms, s.offset_ms),
    offset_at = case when n.offset_ms is null then s.offset_at else n.seen_at end
from unnest(%(device_ids)s::int[], %(seen)s::timestamptz[], %(taken)s::int[], %(repeated)s::int[], %(offsets)s::bigint[])
    as n (device_id, seen_at, taken, repeated, offset_ms)
where s.device_id = n.device_id

-- name: tell_dropped
update device_state s set dropped = s.dropped + n.dropped, dropped_at = %(at)s::timestamptz,
    last_seen_at = greatest(s.last_seen_at, %(at)s::timestamptz)
from (select * from unnest(%(device_ids)s::int[], %(dropped)s::bigint[]) as n (device_id, dropped) order by 1) n
where s.device_id = n.device_id

-- name: set_aside
-- A device keeps so many reasons at once; what is beyond is counted only.
with told as (
    select * from unnest(%(device_ids)s::int[], %(digests)s::uuid[], %(message_ids)s::text[], %(codes)s::text[],
        %(details)s::jsonb[], %(pointers)s::text[], %(bodies)s::text[])
        as n (device_id, digest, message_id, code, detail, pointer, body)),
kept as (
    insert into device_aside (device_id, digest, message_id, code, detail, pointer, body, received_at)
    select t.device_id, t.digest, t.message_id, t.code, t.detail, t.pointer, decode(t.body, 'hex'), %(at)s::timestamptz
    from told t
    cross join lateral (
        select count(*) as held from (
            select 1 from device_aside where device_id = t.device_id and state = 'open' limit %(most)s::int) a offset 0) h
    where h.held < %(most)s::int
    order by t.device_id, t.digest
    on conflict (device_id, digest) do update set times = device_aside.times + 1, received_at = excluded.received_at)
update device_state s set aside = s.aside + n.items, last_seen_at = greatest(s.last_seen_at, %(at)s::timestamptz)
from (select device_id, count(*) as items from told group by device_id order by device_id) n
where s.device_id = n.device_id

-- name: known_devices
select d.id, d.code, d.kind, d.name, d.store_code, d.org_unit_id, d.rate_per_minute, d.is_on, s.offset_ms, d.secret_hash
from device d join device_state s on s.device_id = d.id
where d.code = any(%(codes)s::text[])

-- name: add_state
insert into device_state (device_id) values (%(device_id)s::int)

-- name: bind
insert into device_person (device_id, member, person_id, since, consent_at, given_by)
values (%(device_id)s::int, %(member)s, %(person_id)s::bigint, %(since)s::timestamptz, %(consent_at)s::timestamptz, %(by)s)
returning id

-- name: lock_device
select device_id from device_state where device_id = %(device_id)s::int for update
