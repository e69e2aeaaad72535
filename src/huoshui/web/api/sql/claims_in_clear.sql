-- name: claims_in_clear
-- Receipt claims that an earlier version kept as they were sent, with the customer's number and the receipt's code in clear.
select f.id, f.occurred_at, f.source_id, f.client_key, f.name, f.body::text as body, f.content_hash::text as content_hash
from fact f
where f.id > %(after)s::bigint and f.body -> 'bind_code' is not null and f.body -> 'customer' is not null
    and f.body -> 'claims' is not null
order by f.id limit 5000

-- name: cover_claims
with covered as (
    select * from unnest(%(ids)s::bigint[], %(times)s::timestamptz[], %(bodies)s::text[], %(hashes)s::uuid[])
        as n (id, occurred_at, body, content_hash)),
keys as (
    update fact_key k set content_hash = n.content_hash
    from covered n where k.fact_id = n.id and exists (
        select from fact f where f.id = n.id and f.occurred_at = n.occurred_at and f.source_id = k.source_id
            and f.client_key = k.client_key))
update fact f set body = n.body::jsonb, content_hash = n.content_hash
from covered n where f.id = n.id and f.occurred_at = n.occurred_at
