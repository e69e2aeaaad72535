-- name: forget_tiers
delete from tier_progress where person_id = any(%(person_ids)s::bigint[])

-- name: forget_tier_days
delete from tier_day where head = any(%(person_ids)s::bigint[])

-- name: forget_offline
delete from offline_taken where person_id = any(%(person_ids)s::bigint[])
