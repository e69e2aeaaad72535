-- name: take_in
-- Facts in columns, their bodies as one JSON array: it is read once, and no quote is doubled on the way. What is settled
-- already has its place in the order of settling; the rest awaits its turn. Identifiers find their fact by its place.
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
    from told),
ids as (select array_agg(id order by place) as of_place from told),
carried as (
    insert into fact_identifier (fact_id, kind, scope, key, sealed, tail4)
    select ids.of_place[c.place + 1], c.kind, c.scope, c.key, c.sealed, c.tail4
    from ids cross join unnest(%(places)s::int[], %(kinds)s::text[], %(scopes)s::text[], %(carried_keys)s::text[],
        %(sealed)s::bytea[], %(tails)s::text[]) as c (place, kind, scope, key, sealed, tail4))
select of_place from ids

-- name: add_fact_traits
insert into fact_trait (fact_id, name, value)
select * from unnest(%(fact_ids)s::bigint[], %(names)s::text[], %(values)s::text[])
