-- name: contacts_kept
-- A stretch of all contacts, by id.
select id as key, kind, scope, key as hash, sealed from identifier
where id > %(after)s::bigint and kind = any(%(kinds)s::text[]) order by id limit %(limit)s::int

-- name: add_twins
-- The same identifiers under another hash. Whoever has been met under that already stays as he is.
insert into identifier (kind, scope, key, sealed, tail4, person_id, fact_id, links_made, is_guarded, created_at, ends_at)
select i.kind, i.scope, n.hash, n.sealed::bytea, i.tail4, i.person_id, i.fact_id, i.links_made, i.is_guarded, i.created_at, i.ends_at
from unnest(%(ids)s::bigint[], %(hashes)s::text[], %(sealed)s::text[]) as n (id, hash, sealed)
join identifier i on i.id = n.id
on conflict (kind, scope, key) do nothing

-- name: twins
-- Each of these identifiers that still has its old hash, with its twin and whose both are.
select o.id, n.hash, n.sealed, o.person_id, t.id as twin_id, t.person_id as twin_person_id,
    coalesce(oc.canonical_id, o.person_id) is distinct from coalesce(tc.canonical_id, t.person_id) as is_anothers,
    coalesce(t.links_made > o.links_made, false) as has_linked
from unnest(%(ids)s::bigint[], %(olds)s::text[], %(hashes)s::text[], %(sealed)s::text[]) as n (id, old, hash, sealed)
join identifier o on o.id = n.id and o.key = n.old
left join identifier t on t.kind = o.kind and t.scope = o.scope and t.key = n.hash
left join person_cluster oc on oc.person_id = o.person_id
left join person_cluster tc on tc.person_id = t.person_id

-- name: hand_links_over
-- Links that were made by a twin are by the identifier itself.
update link l set identifier_id = n.id
from unnest(%(twin_ids)s::bigint[], %(ids)s::bigint[]) as n (twin_id, id) where l.identifier_id = n.twin_id

-- name: take_in_twins
-- What happened to a twin has happened to the identifier; then it goes, so that its hash is free.
with gone as (
    delete from identifier where id = any(%(twin_ids)s::bigint[])
    returning id, links_made, is_guarded, person_id)
update identifier i
set links_made = greatest(i.links_made, g.links_made), is_guarded = i.is_guarded or g.is_guarded,
    person_id = coalesce(i.person_id, g.person_id)
from gone g
join (select unnest(%(twin_ids)s::bigint[]) as twin_id, unnest(%(ids)s::bigint[]) as id) n on n.twin_id = g.id
where i.id = n.id

-- name: rekey
update identifier i set key = n.hash, sealed = n.sealed::bytea
from unnest(%(ids)s::bigint[], %(hashes)s::text[], %(sealed)s::text[]) as n (id, hash, sealed) where i.id = n.id
