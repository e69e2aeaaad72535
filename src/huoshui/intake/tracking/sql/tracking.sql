-- name: take_messages
-- Whoever is second waits for the first, in one order so that nobody waits in a ring, and then finds it taken. Null: all are
-- new, as they nearly always are.
with taken as (
    insert into tracked_message (message, source_id, taken_on)
    select m, %(source_id)s::int, %(today)s::date from unnest(%(messages)s::uuid[]) as m order by m
    on conflict (message) do nothing
    returning message)
select case when count(*) < cardinality(%(messages)s::uuid[]) then coalesce(array_agg(message)::text[], '{}') end as messages
from taken

-- name: sources_of_messages
select m.message::text as message, t.source_id
from unnest(%(messages)s::uuid[]) as m (message)
cross join lateral (select source_id from tracked_message where message = m.message offset 0) t

-- name: forget_messages
-- A slice of those that have been remembered long enough.
delete from tracked_message where ctid = any(array(
    select ctid from tracked_message where taken_on < %(before)s::date limit %(limit)s))

-- name: set_aside
insert into tracked_aside
    (source_id, digest, kind, name, message_id, code, detail, pointer, body, frame, received_at)
select %(source_id)s::int, n.digest, n.kind, n.name, n.message_id, n.code, n.detail, n.pointer, decode(n.body, 'hex'),
    n.frame, (n.frame->>'receivedAt')::timestamptz
from unnest(%(digests)s::uuid[], %(kinds)s::text[], %(names)s::text[], %(message_ids)s::text[], %(codes)s::text[],
    %(details)s::jsonb[], %(pointers)s::text[], %(bodies)s::text[], %(frames)s::jsonb[])
    as n (digest, kind, name, message_id, code, detail, pointer, body, frame)
order by n.digest
on conflict (source_id, digest) do update set times = tracked_aside.times + 1, received_at = excluded.received_at

-- name: count_seen
-- No source may fill the table: beyond so many names its new ones are counted under '…'.
insert into seen_property (source_id, fact, property, times, sample_type, first_at, last_at)
select n.source_id, n.fact, n.property, n.times, n.sample_type, %(at)s::timestamptz, %(at)s::timestamptz
from unnest(%(source_ids)s::int[], %(facts)s::text[], %(properties)s::text[], %(times)s::bigint[], %(types)s::text[])
    as n (source_id, fact, property, times, sample_type)
order by n.source_id, n.fact, n.property
on conflict (source_id, fact, property) do update
set times = seen_property.times + excluded.times, last_at = excluded.last_at,
    sample_type = case when excluded.sample_type = '' then seen_property.sample_type else excluded.sample_type end

-- name: count_repeated
insert into tracked_repeated (source_id, times, last_at)
select n.source_id, n.times, %(at)s::timestamptz
from unnest(%(source_ids)s::int[], %(times)s::bigint[]) as n (source_id, times) order by n.source_id
on conflict (source_id) do update set times = tracked_repeated.times + excluded.times, last_at = excluded.last_at

-- name: repeated
select source_id, times from tracked_repeated

-- name: seen_names
select fact, property from seen_property where source_id = %(source_id)s limit %(limit)s

-- name: plan_rows
select f.name as fact, coalesce(p.name, '') as property, coalesce(p.type, '') as type, coalesce(p.class, 'none') as klass,
    coalesce(p.is_required, false) as is_required
from planned_fact f left join planned_property p on p.fact_id = f.id

-- name: living_keys
select k.prefix, k.id, k.secret_hash, k.scopes, s.source_id, s.name, s.user_scope, s.user_id_kind, s.store_code, s.origins,
    s.rate_per_minute, s.is_enabled, src.label, src.mode,
    k.last_used_at is null or k.last_used_at < now() - interval '1 minute' as is_use_unnoted
from tracking_key k
join tracking_source s on s.source_id = k.source_id
join source src on src.id = s.source_id
where k.prefix = any(%(prefixes)s::text[]) and (k.ends_at is null or k.ends_at > clock_timestamp())

-- name: note_use
update tracking_key set last_used_at = now()
where id = any(%(ids)s::int[]) and (last_used_at is null or last_used_at < now() - interval '1 minute')

-- name: all_origins
select distinct unnest(origins) as origin from tracking_source where is_enabled

-- name: stream
-- The latest facts of these sources, newest first, looked for among the last so many.
select f.id, f.name, f.source_id, f.client_key, f.occurred_at, f.received_at, f.body, s.state, s.person_id,
    o.order_key, o.amount
from fact f join settlement s on s.fact_id = f.id
left join lateral (select order_key, amount from fact_order where fact_id = f.id offset 0) o on true
where f.id > greatest(%(after)s::bigint, %(floor)s::bigint) and f.id < %(before)s::bigint
    and f.source_id = any(%(source_ids)s::int[])
    and (%(name)s::text = '' or f.name = %(name)s::text)
    and (%(text)s::text = '' or position(%(text)s::text in f.body::text) > 0)
    and (%(person_ids)s::bigint[] is null or s.person_id = any(%(person_ids)s::bigint[]))
    and (not %(is_open)s::boolean or s.state <> 'settled')
order by f.id desc
limit %(limit)s

-- name: last_fact
select last_value as id from fact_id_seq

-- name: aside_list
select id, source_id, kind, name, message_id, code, detail, pointer, times, state, fact_id, received_at, length(body) as size
from tracked_aside
where state = %(state)s and (%(source_id)s::int = 0 or source_id = %(source_id)s::int)
    and (%(code)s::text = '' or code = %(code)s::text) and id < %(before)s::bigint
order by id desc limit %(limit)s

-- name: aside_counts
select source_id, code, count(*) as items, sum(times) as times from tracked_aside where state = 'open'
group by source_id, code order by items desc

-- name: aside_one
select id, source_id, kind, name, message_id, code, detail, pointer, times, state, fact_id, received_at, body, frame
from tracked_aside where id = %(id)s::bigint

-- name: lock_aside
select id, source_id, kind, body, frame, state, received_at from tracked_aside where id = %(id)s::bigint for update

-- name: close_aside
update tracked_aside set state = %(state)s, fact_id = %(fact_id)s::bigint, settled_by = %(by)s, settled_at = now()
where id = %(id)s::bigint

-- name: retell_aside
update tracked_aside set code = %(code)s, detail = %(detail)s::jsonb, pointer = %(pointer)s, body = decode(%(body)s, 'hex')
where id = %(id)s::bigint

-- name: seen_list
select source_id, fact, property, times, sample_type, first_at, last_at from seen_property
where %(source_id)s::int = 0 or source_id = %(source_id)s::int
order by fact, property

-- name: activity
-- How many each source has told of late, and when it last did.
select source_id, sum(times)::bigint as times, max(last_at) as last_at from seen_property where property = '' group by source_id

-- name: is_lake_declared
select exists (select from planned_property where class in ('plain', 'behaviour')) as is_any

-- name: lake_properties
-- Declared values of these facts, one a row. A contact is sealed, an object, and so never among them.
select s.fact_id, s.name, p.name as property, v.value #>> '{}' as value,
    case when jsonb_typeof(v.value) = 'number' and abs((v.value #>> '{}')::numeric) < 1e300 then (v.value #>> '{}')::float8 end
        as number,
    s.person_id, s.source_id, s.occurred_at, s.seq
from settlement s
join tracking_source t on t.source_id = s.source_id
join planned_fact of_name on of_name.name = s.name
join planned_property p on p.fact_id = of_name.id and p.class in ('plain', 'behaviour')
cross join lateral (
    select coalesce(body->'properties', body->'traits') -> p.name as value from fact
    where id = s.fact_id and occurred_at = s.occurred_at offset 0) v
where s.fact_id = any(%(fact_ids)s) and jsonb_typeof(v.value) in ('string', 'number', 'boolean')

-- name: aside_bodies
-- All that was ever set aside, a stretch at a time.
select id, body, concat_ws(' ', message_id, name, detail::text, pointer, frame::text) as told from tracked_aside
where id > %(after)s::bigint order by id limit %(limit)s

-- name: drop_asides
delete from tracked_aside where id = any(%(ids)s::bigint[])
