-- name: joins_among
-- Living links between these persons, who are whole clusters.
select person_a, person_b, linked_at from link
where unlinked_at is null and person_a = any(%(person_ids)s::bigint[])
order by id
