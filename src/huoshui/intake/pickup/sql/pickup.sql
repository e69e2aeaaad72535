-- name: all
-- Every pickup that was not removed.
select id, name, kind, place, host_key, what, every_minutes, daily_at, source_name, form, mode, tolerance, is_enabled, cursor,
    digest, next_at, failures, fault, said, looked_at, trial_asked_at, created_at
from pickup where not is_removed order by name

-- name: one
select id, name, kind, place, host_key, what, every_minutes, daily_at, source_name, form, mode, tolerance, is_enabled, cursor,
    digest, next_at, failures, fault, said, looked_at, trial_asked_at, created_at
from pickup where id = %(pickup_id)s::int and not is_removed

-- name: lock
-- Until the end of the transaction; whoever changes a pickup takes it.
select id from pickup where id = %(pickup_id)s::int and not is_removed for update

-- name: name_taken
select exists (
    select from pickup where name = %(name)s and not is_removed and id <> %(pickup_id)s::int) as taken

-- name: add
insert into pickup (name, kind, place, what, every_minutes, daily_at, source_name, form, mode, tolerance, next_at, actor)
values (%(name)s, %(kind)s, %(place)s::jsonb, %(what)s::jsonb, %(every_minutes)s::int, %(daily_at)s::time, %(source_name)s,
    %(form)s, %(mode)s, %(tolerance)s::int, %(now)s::timestamptz, %(actor)s)
returning id

-- name: change
-- Another place or another query begins anew: who answers there, and how far one has come.
update pickup set name = %(name)s, place = %(place)s::jsonb, what = %(what)s::jsonb, every_minutes = %(every_minutes)s::int,
    daily_at = %(daily_at)s::time, source_name = %(source_name)s, form = %(form)s, mode = %(mode)s, tolerance = %(tolerance)s::int,
    host_key = case when %(is_elsewhere)s::boolean then '' else host_key end,
    cursor = case when %(is_other_query)s::boolean then null else cursor end,
    digest = case when %(is_other_query)s::boolean then '' else digest end,
    is_enabled = is_enabled and not %(is_elsewhere)s::boolean,
    next_at = %(now)s::timestamptz, failures = 0, fault = '', said = '', trial = null
where id = %(pickup_id)s::int

-- name: add_secret
insert into pickup_secret (pickup_id, sealed) values (%(pickup_id)s::int, %(sealed)s::bytea)

-- name: secret
-- For workers.
select sealed from pickup_secret where pickup_id = %(pickup_id)s::int order by id desc limit 1

-- name: drop_old_secrets
delete from pickup_secret s using pickup_secret newer
where s.pickup_id = %(pickup_id)s::int and newer.pickup_id = s.pickup_id and newer.id > s.id

-- name: drop_secrets_of_removed
delete from pickup_secret where pickup_id in (select id from pickup where is_removed)

-- name: switch
update pickup set is_enabled = %(is_enabled)s::boolean, next_at = %(now)s::timestamptz, failures = 0, fault = '', said = ''
where id = %(pickup_id)s::int

-- name: remove
update pickup set is_enabled = false, is_removed = true, trial = null where id = %(pickup_id)s::int

-- name: look_now
update pickup set next_at = %(now)s::timestamptz where id = %(pickup_id)s::int

-- name: ask_trial
update pickup set trial_asked_at = %(now)s::timestamptz, trial = null where id = %(pickup_id)s::int

-- name: answer_trial
-- Unless it was asked anew meanwhile.
update pickup set trial = %(trial)s::bytea, trial_asked_at = null
where id = %(pickup_id)s::int and trial_asked_at = %(asked_at)s::timestamptz

-- name: trial
select trial from pickup where id = %(pickup_id)s::int

-- name: forget_trials
update pickup set trial = null where trial is not null and is_enabled and looked_at > %(now)s::timestamptz - interval '1 day'

-- name: pin
-- The key of a server that was met for the first time. Never in the place of another.
update pickup set host_key = %(host_key)s where id = %(pickup_id)s::int and host_key = ''

-- name: forget_host_key
update pickup set host_key = '', next_at = %(now)s::timestamptz, failures = 0, fault = '', said = '' where id = %(pickup_id)s::int

-- name: looked
-- How a look ended, and when the next one is.
update pickup set looked_at = %(now)s::timestamptz, next_at = %(next_at)s::timestamptz, failures = %(failures)s::int,
    fault = %(fault)s, said = %(said)s
where id = %(pickup_id)s::int

-- name: due
-- Those that a worker has something to do for.
select id from pickup p
where not is_removed and (trial_asked_at is not null or is_enabled and (next_at <= %(now)s::timestamptz or exists (
    select from pickup_item i where i.pickup_id = p.id and i.state in ('fetching', 'trying'))))
order by next_at

-- name: try_lock
-- One worker a pickup; the lock goes with the connection, so a killed worker leaves none behind.
select pg_try_advisory_lock(hashtext('pickup'), %(pickup_id)s::int) as taken

-- name: unlock
select pg_advisory_unlock(hashtext('pickup'), %(pickup_id)s::int)

-- name: see
-- Tellings that were not known. One that had vanished or could not be used, and is here as it was, is seen anew.
insert into pickup_item (pickup_id, path, mark, size, state, reason, said, seen_at, settled_at)
select %(pickup_id)s::int, n.path, n.mark, n.size, n.state, n.reason, n.said, %(now)s::timestamptz,
    case when n.state = 'refused' then %(now)s::timestamptz end
from unnest(%(paths)s::text[], %(marks)s::text[], %(sizes)s::bigint[], %(states)s::text[], %(reasons)s::text[],
    %(saids)s::text[]) as n (path, mark, size, state, reason, said)
on conflict (pickup_id, path, mark) do update
set state = 'seen', reason = '', said = '', seen_at = excluded.seen_at, settled_at = null where pickup_item.state = 'gone'

-- name: forget_unseen
-- What was seen and is not there any more, or is another by now, before anything was fetched of it.
delete from pickup_item i
where i.pickup_id = %(pickup_id)s::int and i.state = 'seen' and not exists (
    select from unnest(%(paths)s::text[], %(marks)s::text[]) as n (path, mark) where n.path = i.path and n.mark = i.mark)

-- name: open_items
select id, pickup_id, path, mark, size, state, content_hash, run_id, rows, problems, reason, said, cursor, has_more,
    put_away, seen_at, settled_at
from pickup_item where pickup_id = %(pickup_id)s::int and state in ('seen', 'fetching', 'trying', 'importing', 'waiting')
order by id

-- name: newest_items
select id, pickup_id, path, mark, size, state, content_hash, run_id, rows, problems, reason, said, cursor, has_more,
    put_away, seen_at, settled_at
from pickup_item where pickup_id = %(pickup_id)s::int
order by state = 'waiting' desc, id desc limit %(most)s::int

-- name: item
select id, pickup_id, path, mark, size, state, content_hash, run_id, rows, problems, reason, said, cursor, has_more,
    put_away, seen_at, settled_at
from pickup_item where id = %(item_id)s::bigint and pickup_id = %(pickup_id)s::int

-- name: latest
-- Of each pickup: what it brought last, and how many wait.
select p.id as pickup_id, coalesce(w.waiting, 0) as waiting, l.path, l.state, l.rows, l.problems, l.run_id, l.settled_at
from pickup p
left join lateral (
    select count(*) as waiting from pickup_item where pickup_id = p.id and state = 'waiting') w on true
left join lateral (
    select path, state, rows, problems, run_id, settled_at from pickup_item
    where pickup_id = p.id and state = 'done' order by settled_at desc limit 1) l on true
where not p.is_removed

-- name: waiting
select count(*) as items from pickup_item where state = 'waiting'

-- name: last_hash
-- Of this path's newest telling that was imported.
select content_hash from pickup_item
where pickup_id = %(pickup_id)s::int and path = %(path)s and state in ('done', 'known') order by id desc limit 1

-- name: begin_reading
insert into pickup_item (pickup_id, path, mark, state, seen_at)
values (%(pickup_id)s::int, %(path)s, %(mark)s, 'fetching', %(now)s::timestamptz)
returning id

-- name: forget_item
delete from pickup_item where id = %(item_id)s::bigint and run_id is null

-- name: fetched
update pickup_item set state = %(state)s, content_hash = %(content_hash)s, run_id = %(run_id)s::bigint,
    rows = %(rows)s::bigint, cursor = %(cursor)s::jsonb, has_more = %(has_more)s::boolean
where id = %(item_id)s::bigint

-- name: set_state
update pickup_item set state = %(state)s, reason = %(reason)s, said = %(said)s,
    settled_at = case when %(is_settled)s::boolean then %(now)s::timestamptz end
where id = %(item_id)s::bigint

-- name: counted
update pickup_item set rows = %(rows)s::bigint, problems = %(problems)s::bigint where id = %(item_id)s::bigint

-- name: reached
-- What was imported tells how far the query has come; a file's look may follow at once.
update pickup p set
    cursor = coalesce(i.cursor, p.cursor),
    digest = case when p.kind = 'sql' then i.content_hash else p.digest end,
    next_at = case when i.has_more or p.kind <> 'sql' and coalesce(p.what->>'done_folder', '') <> '' then %(now)s::timestamptz else p.next_at end
from pickup_item i where i.id = %(item_id)s::bigint and p.id = i.pickup_id

-- name: followed
-- Items whose import somebody else carries out.
select i.id, i.pickup_id, i.path, i.mark, i.size, i.state, i.content_hash, i.run_id, i.rows, i.problems, i.reason, i.said,
    i.cursor, i.has_more, i.put_away, i.seen_at, i.settled_at
from pickup_item i where i.state in ('importing', 'waiting') and i.run_id is not null order by i.id limit 500

-- name: to_put_away
select id, pickup_id, path, mark, size, state, content_hash, run_id, rows, problems, reason, said, cursor, has_more,
    put_away, seen_at, settled_at
from pickup_item where pickup_id = %(pickup_id)s::int and state in ('done', 'known') and put_away = '' order by id

-- name: put_away
update pickup_item set put_away = %(to)s where id = %(item_id)s::bigint
