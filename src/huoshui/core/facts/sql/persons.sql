-- name: facts_of_persons
-- What these persons did and nobody took back, the newest first, but for facts of these names. Bodies of the few that are
-- shown only.
select s.fact_id, s.name, s.occurred_at, src.label as source, f.body
from (
    select n.* from unnest(%(person_ids)s::bigint[]) as p (id)
    cross join lateral (
        select fact_id, name, occurred_at, source_id from settlement s
        where person_id = p.id and name <> all(%(but)s::text[])
            and not exists (select from fact_withdrawn w where w.fact_id = s.fact_id)
            and occurred_at <= %(before_at)s::timestamptz
            and (occurred_at, fact_id) < (%(before_at)s::timestamptz, %(before_id)s::bigint)
        order by occurred_at desc, fact_id desc limit %(limit)s::int offset 0) n
    order by n.occurred_at desc, n.fact_id desc limit %(limit)s::int) s
join source src on src.id = s.source_id
cross join lateral (select body from fact where id = s.fact_id and occurred_at = s.occurred_at offset 0) f
order by s.occurred_at desc, s.fact_id desc
