-- name: every_person
-- (person, canonical) of all who were not erased.
select p.id as person_id, coalesce(c.canonical_id, p.id) as canonical_id
from person p left join person_cluster c on c.person_id = p.id
where not exists (select from erased_person e where e.person_id = p.id)

-- name: every_tail
-- Last four of the phones that name somebody.
select person_id, tail4 as tail from identifier
where kind = 'phone' and tail4 is not null and person_id is not null and not is_guarded

-- name: sealed_emails
select id, person_id, sealed from identifier
where kind = 'email' and sealed is not null and person_id is not null and not is_guarded and id > %(after)s
order by id limit %(limit)s

-- name: every_of_kinds
-- Identifiers of these kinds that are somebody's alone.
select person_id, kind, scope, key from identifier
where kind = any(%(kinds)s::text[]) and person_id is not null and not is_guarded

-- name: joined_by_evidence
-- Pairs that a fact with the identifiers of both has made one, and still does.
select person_a, person_b from link where unlinked_at is null and rule = 'same_fact'

-- name: every_parted
-- Pairs that somebody has parted and nothing has joined again.
select distinct person_a, person_b from link gone
where unlinked_at is not null and undone_by_version is null and not exists (
    select from link l where l.person_a = gone.person_a and l.person_b = gone.person_b and l.unlinked_at is null)

-- name: links_undone
-- Those of these links that somebody has taken back.
select id from link where id = any(%(ids)s::bigint[]) and unlinked_at is not null
