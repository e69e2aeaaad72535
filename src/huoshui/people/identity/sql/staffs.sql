-- name: lock_staffs
-- Lists of the staff, and what is said of customers who work here, one at a time.
select pg_advisory_xact_lock(hashtext('huoshui staff identifiers'))

-- name: guard_staffs
-- These values name no customer from now on. One that was shared already stays so for its own reason too.
insert into identifier (kind, scope, key, sealed, tail4, person_id, fact_id, is_guarded, is_staffs)
select n.kind, '', n.key, n.sealed::bytea, n.tail4, null, 0, true, true
from unnest(%(kinds)s::text[], %(keys)s::text[], %(sealed)s::text[], %(tails)s::text[]) as n (kind, key, sealed, tail4)
order by n.kind, n.key
on conflict (kind, scope, key) do update
set is_guarded = true, is_guarded_by_rule = false, is_staffs = identifier.is_staffs or not identifier.is_guarded

-- name: add_staffs
-- The newest list has the word: a number handed on is the next one's.
insert into staff_identifier (identifier_id, staff_id)
select i.id, n.staff_id
from unnest(%(kinds)s::text[], %(keys)s::text[], %(staff_ids)s::int[]) as n (kind, key, staff_id)
join identifier i on i.kind = n.kind and i.scope = '' and i.key = n.key
order by i.id
on conflict (identifier_id) do update set staff_id = excluded.staff_id, person_id = null
    where staff_identifier.staff_id <> excluded.staff_id

-- name: bind_staffs
-- Whose customer each member of the staff is, for all of them.
update staff_identifier s set person_id = n.person_id
from staff_identifier o
left join unnest(%(staff_ids)s::int[], %(person_ids)s::bigint[]) as n (staff_id, person_id) on n.staff_id = o.staff_id
where s.identifier_id = o.identifier_id and s.person_id is distinct from n.person_id

-- name: release_strays
-- What stands on no list any more, since its import was taken back, names people again; what nobody was known by goes.
with stray as (
    select i.id, i.person_id from identifier i
    where i.is_staffs and not exists (select from staff_identifier s where s.identifier_id = i.id)),
again as (  -- should it come onto a list once more, what it joined in between is decided anew as well
    delete from run_withdrawn w using stray where w.run_id = -stray.id),
gone as (
    delete from identifier i using stray where i.id = stray.id and stray.person_id is null)
update identifier i set is_guarded = false, is_staffs = false
from stray where i.id = stray.id and stray.person_id is not null

-- name: staff_of
-- Whose of the staff an account is.
select s.staff_id
from identifier i join staff_identifier s on s.identifier_id = i.id
where i.kind = %(kind)s and i.scope = '' and i.key = %(key)s
