-- name: is_clean
select exists (select from watermark where reader = %(reader)s) as is_done

-- name: stored_bodies
-- A stretch of what was tracked, and whether its source knows users by a contact.
select f.id, f.occurred_at, f.body::text as body, t.user_id_kind
from fact f join tracking_source t on t.source_id = f.source_id
where f.id > %(after)s::bigint and f.body is not null
order by f.id limit %(limit)s
