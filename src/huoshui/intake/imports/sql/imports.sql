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

-- name: told_orders
-- What this source has told of these orders: when, and whether as one row for all, by lines, or both.
select n.key, min(o.occurred_at) as occurred_at,
    coalesce(bool_or(l.line_key = %(whole)s), false) as has_whole,
    coalesce(bool_or(l.line_key is distinct from %(whole)s and l.line_key is distinct from %(head)s), false) as has_lines
from unnest(%(keys)s::text[]) as n (key)
cross join lateral (
    select fact_id, occurred_at from fact_order f
    where source_id = %(source_id)s::int and order_key = n.key and name = 'Order Completed'
        and not exists (select from fact_withdrawn w where w.fact_id = f.fact_id) offset 0) o
cross join lateral (select line_key from fact_line where fact_id = o.fact_id offset 0) l
group by n.key
