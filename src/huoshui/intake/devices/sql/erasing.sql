-- name: facts_of_readings
-- Facts that tell of these people's bodies now.
select distinct fact_id from body_reading where person_id = any(%(person_ids)s::bigint[]) order by 1

-- name: told_before
-- Facts in whose place these stand, and those in whose place they stood: each says the same figures.
with recursive before as (
    select w.fact_id
    from unnest(%(fact_ids)s::bigint[]) as n (id)
    cross join lateral (select fact_id from fact_withdrawn where retold_id = n.id offset 0) w
    union
    select w.fact_id from before b
    cross join lateral (select fact_id from fact_withdrawn where retold_id = b.fact_id offset 0) w)
select fact_id from before order by 1

-- name: erase_readings
delete from body_reading where person_id = any(%(person_ids)s::bigint[])

-- name: erase_bindings
delete from device_person where person_id = any(%(person_ids)s::bigint[])

-- name: erase_notices
delete from device_notice where person_id = any(%(person_ids)s::bigint[])

-- name: erase_follow_ups
-- Nobody asks them how the sample was.
update sample_code c set is_followed = true
where c.state = 'out' and not c.is_followed and exists (
    select from settlement s where s.fact_id = c.out_fact_id and s.person_id = any(%(person_ids)s::bigint[]))

-- name: own_readings
select at, metric, value from body_reading where person_id = any(%(person_ids)s::bigint[]) order by at, metric
