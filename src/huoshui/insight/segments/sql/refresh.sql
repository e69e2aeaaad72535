-- name: live
-- Segments to keep current, those that nobody has judged yet first.
select s.id, s.name, s.version_no, s.judged_version, s.is_incremental, s.read_xid::text::bigint as read_xid, s.judged_at, s.seconds, s.used_for, s.beat_minutes, s.beat_hour,
    v.rule::text as rule
from segment s join segment_version v on v.segment_id = s.id and v.version_no = s.version_no
where s.state = 'on' and (%(ids)s::bigint[] is null or s.id = any(%(ids)s::bigint[]))
order by s.judged_at is not null, s.id

-- name: touched
-- Whose facts have settled in these transactions; our own say nothing new.
select distinct person_id from settlement
where xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8 and person_id is not null and state = 'settled'
    and name <> all(%(own)s::text[])

-- name: due
select person_id from segment_recheck where segment_id = %(segment_id)s::bigint and recheck_at <= %(at)s

-- name: any_due
select s.id from segment s
where s.state = 'on' and exists (select from segment_recheck r where r.segment_id = s.id and r.recheck_at <= %(at)s)
limit 1

-- name: lock
-- Whoever takes an answer in stands in line, and sees what the one before him left.
select version_no, judged_version, read_xid::text::bigint as read_xid, state, people from segment where id = %(segment_id)s::bigint for update

-- name: entrants
-- Those judged to be in who are not in yet.
select j.person_id from segment_judged j
where j.segment_id = %(segment_id)s::bigint and j.is_member
    and not exists (select from segment_spell o where o.segment_id = j.segment_id and o.person_id = j.person_id and o.until is null)

-- name: strays
-- Those who are in and were not judged at all.
select o.person_id from segment_spell o
where o.segment_id = %(segment_id)s::bigint and o.until is null
    and not exists (select from segment_judged j where j.segment_id = o.segment_id and j.person_id = o.person_id)

-- name: shut_out
-- Who must not be in, whatever the rule says.
update segment_judged set is_member = false, recheck_at = null
where segment_id = %(segment_id)s::bigint and person_id = any(%(person_ids)s::bigint[])

-- name: leave
-- Memberships that end: not in any more, or (merged) one with another person. Told of unless the human stays in under the other id.
with ending as (
    select o.id, m.into_id, j.is_member as stays
    from segment_spell o
    left join unnest(%(merged)s::bigint[], %(into)s::bigint[]) as m (person_id, into_id) on m.person_id = o.person_id
    left join segment_judged j on j.segment_id = o.segment_id and j.person_id = coalesce(m.into_id, o.person_id)
    where o.segment_id = %(segment_id)s::bigint and o.until is null
        and (m.person_id is not null or (j.person_id is null and %(is_full)s::boolean) or not j.is_member))
update segment_spell s
set until = greatest(%(at)s, s.since), xid = pg_current_xact_id(),
    left_why = case when e.into_id is not null then 'merged' when s.person_id = any(%(refused)s::bigint[]) then 'consent'
        when %(is_changed)s::boolean then 'changed' else 'rule' end,
    is_told_out = e.into_id is not null and coalesce(e.stays, false), is_followed = %(used_for)s = ''
from ending e where s.id = e.id
returning s.id

-- name: enter
-- Memberships that begin. Whoever was in under an id that is now hers goes on, untold.
insert into segment_spell (segment_id, person_id, since, version_no, is_told_in, is_followed)
select j.segment_id, j.person_id, coalesce(was.since, %(at)s), %(version_no)s::int, was.since is not null, %(used_for)s = ''
from segment_judged j
cross join lateral (
    select min(o.since) as since
    from unnest(%(merged)s::bigint[], %(into)s::bigint[]) as m (person_id, into_id)
    join segment_spell o on o.person_id = m.person_id and o.segment_id = j.segment_id and o.left_why = 'merged' and o.until = %(at)s
    where m.into_id = j.person_id) was
where j.segment_id = %(segment_id)s::bigint and j.is_member
    and not exists (select from segment_spell o where o.segment_id = j.segment_id and o.person_id = j.person_id and o.until is null)

-- name: forget_rechecks
delete from segment_recheck r
where r.segment_id = %(segment_id)s::bigint
    and (%(is_full)s::boolean or r.person_id = any(%(merged)s::bigint[])
        or exists (select from segment_judged j where j.segment_id = r.segment_id and j.person_id = r.person_id))

-- name: put_rechecks
insert into segment_recheck (segment_id, person_id, recheck_at)
select segment_id, person_id, recheck_at from segment_judged
where segment_id = %(segment_id)s::bigint and recheck_at is not null

-- name: forget_judged
delete from segment_judged where segment_id = %(segment_id)s::bigint

-- name: put_day
insert into segment_day (segment_id, day, people, entered, gone)
values (%(segment_id)s::bigint, %(day)s::date, %(people)s::bigint, %(entered)s::bigint, %(gone)s::bigint)
on conflict (segment_id, day) do update
set people = excluded.people, entered = segment_day.entered + excluded.entered, gone = segment_day.gone + excluded.gone

-- name: mark
update segment
set read_xid = %(read_xid)s::text::xid8, judged_version = %(version_no)s::int, refreshed_at = %(at)s, people = %(people)s::bigint, error = '',
    judged_at = case when %(is_full)s::boolean then %(at)s else judged_at end,
    seconds = case when %(is_full)s::boolean then %(seconds)s::float8 else seconds end
where id = %(segment_id)s::bigint

-- name: put_error
update segment set error = %(error)s where id = %(segment_id)s::bigint

-- name: untold
-- Entries and exits no fact tells of yet. Locked, so that two who tell do not tell the same.
select s.id, s.person_id, s.since, s.until, s.left_why, s.is_told_in, s.is_told_out, s.segment_id, s.version_no, g.name
from segment_spell s join segment g on g.id = s.segment_id
where (not s.is_told_in or (s.until is not null and not s.is_told_out)) and g.used_for = ''
order by s.id limit %(limit)s::int
for update of s skip locked

-- name: mark_told
update segment_spell set is_told_in = true, is_told_out = until is not null where id = any(%(ids)s::bigint[])

-- name: unfollowed
-- Memberships kept for another room that it has not been told of as they stand.
select s.id, s.segment_id, s.person_id, s.since, s.until, s.left_why, s.version_no, s.is_told_in, s.is_told_out
from segment_spell s where not s.is_followed order by s.id limit %(limit)s::int
for update of s skip locked

-- name: mark_followed
update segment_spell set is_followed = true, is_told_in = true, is_told_out = until is not null where id = any(%(ids)s::bigint[])

-- name: judged_in
select person_id from segment_judged where segment_id = %(segment_id)s::bigint and is_member

-- name: any_segment
select id from segment limit 1
