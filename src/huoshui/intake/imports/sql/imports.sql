-- name: try_lock
-- One process a run; the lock goes with the connection, so a killed process leaves none behind.
select pg_try_advisory_lock(hashtext('import run'), %(run_id)s::int) as taken

-- name: unlock
select pg_advisory_unlock(hashtext('import run'), %(run_id)s::int)

-- name: is_locked
select exists (
    select from pg_locks
    where locktype = 'advisory' and classid = (hashtext('import run')::bigint & 4294967295)::oid
        and objid = %(run_id)s::oid and granted
        and database = (select oid from pg_database where datname = current_database())) as locked
