-- name: lock
-- Whoever works out roles does so alone: two at once would each write what the other has just taken out.
select pg_advisory_xact_lock(hashtext('huoshui roles'))

-- name: of_persons
select person_id, name, since, until, rule_version, why::text as why from person_role
where person_id = any(%(person_ids)s::bigint[])
order by person_id, since, name

-- name: drop
delete from person_role r
using unnest(%(person_ids)s::bigint[], %(names)s::text[], %(sinces)s::timestamptz[]) as n (person_id, name, since)
where r.person_id = n.person_id and r.name = n.name and r.since = n.since

-- name: add
insert into person_role (person_id, name, since, until, rule_version, why)
select * from unnest(%(person_ids)s::bigint[], %(names)s::text[], %(sinces)s::timestamptz[], %(untils)s::timestamptz[],
    %(versions)s::int[], %(whys)s::jsonb[])

-- name: note_changes
insert into role_change (person_id, name, since)
select * from unnest(%(person_ids)s::bigint[], %(names)s::text[], %(sinces)s::timestamptz[])

-- name: drop_rechecks
delete from role_recheck where person_id = any(%(person_ids)s::bigint[])

-- name: add_rechecks
insert into role_recheck (person_id, at)
select * from unnest(%(person_ids)s::bigint[], %(times)s::timestamptz[])

-- name: due
select person_id from role_recheck where at <= %(now)s::timestamptz order by at limit %(limit)s

-- name: everyone
-- Whoever has settled facts, or roles that may have to go: born ids, page by page.
select person_id from (
    select distinct person_id from settlement
    where person_id > %(after)s::bigint and state = 'settled'
    union
    select person_id from person_role where person_id > %(after)s::bigint
    union
    select person_id from role_declared where person_id > %(after)s::bigint) x
order by person_id limit %(limit)s

-- name: changed_declared
select distinct person_id from role_declared where xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8

-- name: staff_said
-- Which customer each member of the staff is said to be; of several, the first.
select distinct on (staff_id) staff_id, person_id from role_declared
where name = 'staff' and until is null order by staff_id, id

-- name: declared_staff
select distinct person_id from role_declared where name = 'staff' and until is null

-- name: rules
-- The rules in force: of each name the latest version.
select distinct on (name) name, version, params::text as params from role_rule order by name, version desc

-- name: rule_history
select version, params::text as params, actor, reason, set_at from role_rule where name = %(name)s order by version desc

-- name: add_rule
insert into role_rule (name, params, actor, reason) values (%(name)s, %(params)s::jsonb, %(actor)s, %(reason)s)
returning version

-- name: declare
insert into role_declared (person_id, name, detail, staff_id, since, actor, reason)
values (%(person_id)s, %(name)s, %(detail)s, %(staff_id)s, %(since)s::timestamptz, %(actor)s, %(reason)s)
returning id

-- name: one_declared
select id, person_id, name, detail, since, until from role_declared where id = %(declared_id)s

-- name: end_declared
update role_declared
set until = %(until)s::timestamptz, ended_by = %(actor)s, ended_reason = %(reason)s, xid = pg_current_xact_id()
where id = %(declared_id)s and until is null
returning person_id

-- name: counts
select name, count(*) as people from person_role where until is null group by name

-- name: wearing
-- Who wears a role now (ids as they were when it was worked out).
select person_id from person_role where name = %(name)s and until is null order by person_id limit %(limit)s

-- name: state_changes
-- For the lake: the latest word on each person's role. Not worn any more: no number.
select person_id, 'role.' || name as key, case when since is not null then '1' end as value,
    case when since is not null then 1::float8 end as number, at, id as seq, 0 as source_id
from role_change
where xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8

-- name: erase_roles
delete from person_role where person_id = any(%(person_ids)s::bigint[])

-- name: erase_declared
delete from role_declared where person_id = any(%(person_ids)s::bigint[])
