-- name: lives_of
-- When these facts happened that carry values which live for some days, and until when each of them lives as far as is known.
select f.fact_id, f.kind, f.scope, f.key, s.occurred_at, i.ends_at
from fact_identifier f
join settlement s on s.fact_id = f.fact_id
left join lateral (
    select ends_at from identifier where kind = f.kind and scope = f.scope and key = f.key offset 0) i on true
where f.fact_id = any(%(fact_ids)s::bigint[]) and f.kind = any(%(kinds)s::text[])

-- name: give_life
update identifier i set ends_at = n.ends_at
from (
    select x.kind, x.scope, x.key, s.occurred_at + x.days * interval '1 day' as ends_at
    from unnest(%(kinds)s::text[], %(scopes)s::text[], %(keys)s::text[], %(fact_ids)s::bigint[], %(days)s::int[])
        as x (kind, scope, key, fact_id, days)
    join settlement s on s.fact_id = x.fact_id) n
where i.kind = n.kind and i.scope = n.scope and i.key = n.key

-- name: end_sooner
update identifier i set ends_at = least(i.ends_at, n.ends_at)
from unnest(%(kinds)s::text[], %(scopes)s::text[], %(keys)s::text[], %(ends)s::timestamptz[]) as n (kind, scope, key, ends_at)
where i.kind = n.kind and i.scope = n.scope and i.key = n.key
