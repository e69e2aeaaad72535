-- name: unparted
-- Values that many share, and by which people were recognised before that was known; nothing has been decided anew yet. The
-- number of a withdrawal is an import's; that of a value is its own, below zero.
-- So are numbers that changed hands; their numbers lie below those of all values.
select id, person_ids from (
    (select id, array[person_id] as person_ids from identifier i
     where is_guarded and person_id is not null
         and not exists (select from run_withdrawn w where w.run_id = -i.id)
     order by id limit %(limit)s::int)
    union all
    (select h.id + (1::bigint << 40), h.person_ids from identifier_handover h
     where not exists (select from run_withdrawn w where w.run_id = -(h.id + (1::bigint << 40)))
     order by h.id limit %(limit)s::int)) waiting
order by id limit %(limit)s::int

-- name: say_shared
update identifier set is_guarded = true
where id = %(identifier_id)s and person_id = any(%(person_ids)s::bigint[]) and not is_guarded
returning kind

-- name: part_again
-- It was said before, and taken back since: what it has joined in between is decided anew as well.
delete from run_withdrawn where run_id = %(number)s

-- name: say_own
update identifier set is_guarded = false, links_made = 0
where id = %(identifier_id)s and person_id = any(%(person_ids)s::bigint[]) and is_guarded and not is_guarded_by_rule
    and not exists (select from staff_identifier s where s.identifier_id = identifier.id)
returning kind

-- name: said_shared
-- With what was said of it by hand, the latest.
select i.id as identifier_id, i.is_guarded_by_rule as is_by_rule, coalesce(a.actor, '') as actor, a.at,
    coalesce(a.detail->>'reason', '') as reason
from identifier i
left join lateral (
    select actor, at, detail from audit_entry
    where object_kind = 'person' and object_id = any(%(person_ids)s::bigint[]) and action = 'identifier.shared'
        and (detail->>'identifier_id')::bigint = i.id and not i.is_guarded_by_rule
    order by id desc limit 1) a on true
where i.person_id = any(%(person_ids)s::bigint[]) and i.is_guarded
order by i.id

-- name: has_joined_enough
-- A value under which somebody was first known beside another, and by which alone they were one: whoever parts them says that it is
-- several people's. The next it would join, it names nobody. (One that stands on a record by mistake bore nobody.)
update identifier i set links_made = greatest(links_made, %(enough)s)
from link l
where l.id = %(link_id)s and i.id = l.identifier_id
    and exists (select from person p where p.id in (l.person_a, l.person_b) and p.born_fact_id = l.fact_id)
