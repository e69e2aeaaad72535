-- name: living_keys
-- The keys of these prefixes, but for those that were revoked.
select prefix, id, source_id, name, secret_hash, scopes, store_codes, org_unit_ids, rate_per_minute,
    last_used_at is null or last_used_at < now() - interval '1 minute' as is_use_unnoted
from api_key
where prefix = any(%(prefixes)s::text[]) and revoked_at is null

-- name: note_use
-- Once a minute is enough to see which of two keys a till still uses, and spares each sale a write.
update api_key set last_used_at = now()
where id = any(%(ids)s::int[]) and (last_used_at is null or last_used_at < now() - interval '1 minute')

-- name: lock_keys
-- Who makes a key waits for whoever makes another: there are two places, and neither may count without the other.
select pg_advisory_xact_lock(hashtext('huoshui api keys'))
