-- name: put_holders
-- That these were known on these devices when the facts happened.
insert into device_holder (identifier_id, since, person_id, fact_id)
select i.id, s.occurred_at, n.person_id, n.fact_id
from unnest(%(kinds)s::text[], %(scopes)s::text[], %(keys)s::text[], %(person_ids)s::bigint[], %(fact_ids)s::bigint[])
    as n (kind, scope, key, person_id, fact_id)
cross join lateral (
    select id from identifier where kind = n.kind and scope = n.scope and key = n.key offset 0) i
join settlement s on s.fact_id = n.fact_id
on conflict do nothing

-- name: forget_holders
delete from device_holder where person_id = any(%(person_ids)s::bigint[])

-- name: known_then
-- `known_names`, and of devices who was known there last at these times (`at` is null for whatever is no device).
-- `place`, from 1, is whose of those asked for a row is: the asker has them.
select n.place, i.id as identifier_id, i.person_id, coalesce(c.canonical_id, i.person_id) as canonical_id, i.links_made,
    i.is_guarded or coalesce(i.ends_at < now(), false) as is_guarded,
    coalesce((select max(version) from identity_rules), 1) as rules_version,
    case when i.is_guarded then (select s.person_id from staff_identifier s where s.identifier_id = i.id) end as own_person_id,
    h.person_id as holder_id, h.since as held_since
from unnest(%(kinds)s::text[], %(scopes)s::text[], %(keys)s::text[], %(ats)s::timestamptz[])
    with ordinality as n (kind, scope, key, at, place)
cross join lateral (
    select * from identifier where kind = n.kind and scope = n.scope and key = n.key offset 0) i
left join lateral (select canonical_id from person_cluster where person_id = i.person_id offset 0) c on true
left join lateral (
    select person_id, since from device_holder d
    where d.identifier_id = i.id and d.since <= n.at
        and not exists (select from fact_withdrawn w where w.fact_id = d.fact_id offset 0)
    order by since desc, fact_id desc limit 1) h on true

-- name: holders_beside
-- All who were known on the devices on which any of these persons was, in order; a device that many share is nobody's.
select i.id as identifier_id, i.kind, i.key, d.since, coalesce(c.canonical_id, d.person_id) as canonical_id
from identifier i
join device_holder d on d.identifier_id = i.id
left join person_cluster c on c.person_id = d.person_id
where i.id in (select identifier_id from device_holder where person_id = any(%(person_ids)s::bigint[]))
    and not i.is_guarded and not exists (select from fact_withdrawn w where w.fact_id = d.fact_id)
order by i.id, d.since, d.fact_id

-- name: count_ended_holders
-- Rows that say of no moment from then on who has a device: a later one from before then does.
select count(*) as ended from device_holder d
where d.since < %(before)s::timestamptz and exists (
    select from device_holder n
    where n.identifier_id = d.identifier_id and (n.since, n.fact_id) > (d.since, d.fact_id)
        and n.since < %(before)s::timestamptz
        and not exists (select from fact_withdrawn w where w.fact_id = n.fact_id))

-- name: drop_ended_holders
delete from device_holder d
where d.since < %(before)s::timestamptz and exists (
    select from device_holder n
    where n.identifier_id = d.identifier_id and (n.since, n.fact_id) > (d.since, d.fact_id)
        and n.since < %(before)s::timestamptz
        and not exists (select from fact_withdrawn w where w.fact_id = n.fact_id))
