-- name: live_version
select coalesce(max(version), 1) as version from identity_rules

-- name: rules_of
select version, body::text as body from identity_rules where version = any(%(versions)s::int[])
