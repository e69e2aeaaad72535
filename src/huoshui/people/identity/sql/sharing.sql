-- name: unparted
-- Values that many share, and by which people were recognised before that was known; nothing has been decided anew yet. The
-- number of a withdrawal is an import's; that of a value is its own, below zero.
select id, person_id from identifier i
where is_guarded and person_id is not null
    and not exists (select from run_withdrawn w where w.run_id = -i.id)
order by id limit %(limit)s

-- name: say_shared
update identifier set is_guarded = true
where id = %(identifier_id)s and person_id = any(%(person_ids)s::bigint[]) and not is_guarded
returning kind

-- name: has_joined_enough
-- A value under which somebody was first known beside another, and by which alone they were one: whoever parts them says that it is
-- several people's. The next it would join, it names nobody. (One that stands on a record by mistake bore nobody.)
update identifier i set links_made = greatest(links_made, %(enough)s)
from link l
where l.id = %(link_id)s and i.id = l.identifier_id
    and exists (select from person p where p.id in (l.person_a, l.person_b) and p.born_fact_id = l.fact_id)
