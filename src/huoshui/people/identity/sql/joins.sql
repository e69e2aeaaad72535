-- name: joins_among
-- Living links between these persons, who are whole clusters.
select person_a, person_b, linked_at from link
where unlinked_at is null and person_a = any(%(person_ids)s::bigint[])
order by id

-- name: born_of
-- The fact that first told of a person.
select born_fact_id from person where id = %(person_id)s
