-- name: count_old_readings
select count(*) as readings from body_reading where at < %(before)s::timestamptz

-- name: old_readings
select distinct fact_id from body_reading where at < %(before)s::timestamptz order by fact_id limit %(limit)s

-- name: drop_readings
delete from body_reading where fact_id = any(%(fact_ids)s::bigint[])

-- name: count_old_asides
select count(*) as asides from device_aside where received_at < %(before)s::timestamptz

-- name: drop_old_asides
delete from device_aside where received_at < %(before)s::timestamptz
