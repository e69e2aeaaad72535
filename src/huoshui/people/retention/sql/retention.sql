-- name: rules
select name, days, is_on, changed_by, changed_at, counted, counted_days, counted_at from retention_rule

-- name: lock_rule
select days, is_on, counted_days from retention_rule where name = %(name)s for update

-- name: put_rule
insert into retention_rule (name, days, is_on, changed_by, changed_at)
values (%(name)s, %(days)s::int, %(is_on)s::boolean, %(actor)s, %(at)s::timestamptz)
on conflict (name) do update
set days = excluded.days, is_on = excluded.is_on, changed_by = excluded.changed_by, changed_at = excluded.changed_at

-- name: put_counts
insert into retention_rule (name, days, counted, counted_days, counted_at)
select n.name, n.days, n.counted::jsonb, n.days, %(at)s::timestamptz
from unnest(%(names)s::text[], %(days)s::int[], %(counted)s::text[]) as n (name, days, counted)
on conflict (name) do update
set counted = excluded.counted, counted_days = excluded.counted_days, counted_at = excluded.counted_at

-- name: begin_run
insert into retention_run (actor) values (%(actor)s) returning id

-- name: note_run
update retention_run
set taken = taken || %(taken)s::jsonb, failed = failed || %(failed)s::jsonb
where id = %(run_id)s and ended_at is null

-- name: end_run
update retention_run set ended_at = %(at)s::timestamptz where id = %(run_id)s and ended_at is null

-- name: last_taken
-- Of each class, when something of it went last, and what.
select distinct on (t.key) t.key as name, r.ended_at, t.value as taken
from retention_run r cross join lateral jsonb_each(r.taken) t
where r.ended_at is not null and t.value <> '{}'
order by t.key, r.id desc

-- name: runs
select id, actor, started_at, ended_at, taken, failed from retention_run order by id desc limit %(limit)s

-- name: busy
-- Those of these persons (born ids) who have been heard of since, or whom we owe something: not whom only a list repeats, nor
-- what the house itself noted of them.
select p as person_id from unnest(%(person_ids)s::bigint[]) as p
where exists (
        select from settlement s join source src on src.id = s.source_id
        where s.person_id = p and s.occurred_at >= %(since)s::timestamptz and s.depth = 0
            and s.name <> 'Identify' and src.name <> %(house)s)
    or exists (select from account a where a.owner_kind = 'person' and a.owner_id = p and a.balance <> 0)
