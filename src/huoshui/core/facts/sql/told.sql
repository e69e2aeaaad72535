-- name: take_in
-- Facts in columns, their bodies as one JSON array: it is read once, and no quote is doubled on the way. What is settled
-- already has its place in the order of settling; the rest awaits its turn.
with told as materialized (
    select nextval('fact_id_seq') as id, t.*
    from rows from (
        unnest(%(names)s::text[]), unnest(%(keys)s::text[]), unnest(%(hashes)s::uuid[]), unnest(%(times)s::timestamptz[]),
        unnest(%(person_ids)s::bigint[]), unnest(%(settled)s::boolean[]), jsonb_array_elements(%(bodies)s::jsonb))
        with ordinality as t (name, key, hash, occurred_at, person_id, is_settled, body, place)),
stored as (
    insert into fact (id, occurred_at, source_id, client_key, content_hash, name, received_at, actor, body)
    select id, occurred_at, %(source_id)s::int, key, hash, name, %(received_at)s::timestamptz, %(actor)s::text, body
    from told),
begun as (
    insert into settlement (fact_id, source_id, name, occurred_at, is_history, person_id, state, seq, xid, settled_at)
    select id, %(source_id)s::int, name, occurred_at, %(is_history)s::boolean, person_id,
        case when is_settled then 'settled' else 'received' end,
        case when is_settled then nextval('settlement_seq') end,
        case when is_settled then pg_current_xact_id() end,
        case when is_settled then now() end
    from told)
select id from told order by place

-- name: add_fact_identifiers
insert into fact_identifier (fact_id, kind, scope, key, sealed, tail4)
select * from unnest(%(fact_ids)s::bigint[], %(kinds)s::text[], %(scopes)s::text[], %(keys)s::text[],
    %(sealed)s::bytea[], %(tails)s::text[])

-- name: add_fact_traits
insert into fact_trait (fact_id, name, value)
select * from unnest(%(fact_ids)s::bigint[], %(names)s::text[], %(values)s::text[])
