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
