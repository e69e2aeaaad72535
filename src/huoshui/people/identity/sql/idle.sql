-- name: known_heads
-- A stretch of persons born before then who bear something of their own, by id, each with the head of the cluster.
select p.id as person_id, coalesce(c.canonical_id, p.id) as head_id
from person p left join person_cluster c on c.person_id = p.id
where p.id > %(after)s::bigint and p.born_at < %(before)s::timestamptz
    and exists (select from identifier i where i.person_id = p.id and not i.is_guarded)
order by p.id limit %(limit)s

-- name: born_since
select id from person where id = any(%(person_ids)s::bigint[]) and born_at >= %(since)s::timestamptz
