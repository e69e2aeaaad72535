-- name: aside_one
select a.id, a.device_id, d.code as device, a.message_id, a.code, a.detail, a.pointer, encode(a.body, 'hex') as body, a.times,
    a.state, a.fact_id, a.received_at
from device_aside a join device d on d.id = a.device_id
where a.id = %(id)s::bigint

-- name: lock_aside
select a.id, a.device_id, d.code as device, a.message_id, a.code, a.detail, a.pointer, encode(a.body, 'hex') as body, a.times,
    a.state, a.fact_id, a.received_at
from device_aside a join device d on d.id = a.device_id
where a.id = %(id)s::bigint for update of a

-- name: aside_counts
-- What waits to be mended: messages by device and reason, and since when.
select a.device_id, d.name as device, a.code, count(*)::int as items, min(a.received_at) as since
from device_aside a join device d on d.id = a.device_id
where a.state = 'open' group by a.device_id, d.name, a.code order by items desc, a.device_id, a.code

-- name: retell_aside
-- Still wrong: as it now stands, and why.
update device_aside set code = %(code)s, detail = %(detail)s::jsonb, pointer = %(pointer)s, body = decode(%(body)s, 'hex')
where id = %(id)s::bigint and state = 'open'

-- name: close_aside
with closed as (
    update device_aside
    set state = %(state)s, fact_id = %(fact_id)s::bigint, closed_by = %(by)s, closed_at = %(at)s::timestamptz
    where id = %(id)s::bigint and state = 'open' returning device_id, times)
update device_state s set aside = greatest(s.aside - c.times, 0) from closed c where s.device_id = c.device_id

-- name: aside_bodies
-- All that was ever set aside, a stretch at a time.
select id, body, concat_ws(' ', message_id, detail::text, pointer) as told from device_aside
where id > %(after)s::bigint order by id limit %(limit)s

-- name: drop_asides_of
with gone as (delete from device_aside where id = any(%(ids)s::bigint[]) returning device_id, times, state),
counted as (
    update device_state s set aside = greatest(s.aside - g.times, 0)
    from (select device_id, sum(times) as times from gone where state = 'open' group by device_id) g
    where s.device_id = g.device_id)
select count(*)::int as gone from gone
