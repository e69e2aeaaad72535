-- name: tracking_sources
select source_id from tracking_source

-- name: count_old_bodies
select count(*) as bodies from fact f
where f.occurred_at < %(before)s::timestamptz and f.body is not null
    and f.source_id in (select source_id from tracking_source) and f.name <> all(%(others)s::text[])
    and exists (select from settlement s where s.fact_id = f.id and s.state = 'settled')
    and not exists (select from fact_order o where o.fact_id = f.id)

-- name: old_bodies
-- Behaviour that has had all its consequences: an order's body, and what still waits, is not among it.
select f.id from fact f
where f.occurred_at < %(before)s::timestamptz and f.body is not null
    and f.source_id in (select source_id from tracking_source) and f.name <> all(%(others)s::text[])
    and exists (select from settlement s where s.fact_id = f.id and s.state = 'settled')
    and not exists (select from fact_order o where o.fact_id = f.id)
order by f.occurred_at, f.id limit %(limit)s

-- name: count_old_asides
select count(*) as asides from tracked_aside where received_at < %(before)s::timestamptz

-- name: drop_old_asides
delete from tracked_aside where received_at < %(before)s::timestamptz
